//! The forms in which an overview is looked at beside JSON: a picture and tables.

mod child;
mod group;
mod mark;
mod paper;
mod roster;
mod svg;
mod table;
mod words;

use groeilijn_domain::values::language::Language;
use serde::Serialize;

pub(super) use self::paper::report_of_group;
use self::svg::{Element, SVG};
use self::table::{CSV, Table, XLSX};
use self::words::Words;
use super::bodies::{GroupOverview, PupilOverview};
use crate::http::problem::Problem;
use crate::http::reply::{JSON_TYPE, Presented};

/// The media types of overviews.
pub(super) const FORMS: &[&str] = &[JSON_TYPE, SVG, CSV, XLSX];

/// The overview of a child in the form that the client asks for.
///
/// # Errors
/// When it cannot be written: a mistake in the program, a 500.
pub(super) fn of_child<S>(
    overview: &PupilOverview<'_>,
    form: &str,
    language: Language,
) -> Result<Presented<S>, Problem> {
    presented(overview, form, language, child::picture, Table::of_child)
}

/// The overview of a group in the form that the client asks for.
///
/// # Errors
/// As [`of_child`].
pub(super) fn of_group<S>(
    overview: &GroupOverview<'_>,
    form: &str,
    language: Language,
) -> Result<Presented<S>, Problem> {
    presented(overview, form, language, group::picture, Table::of_group)
}

fn presented<T: Serialize, S>(
    overview: &T,
    form: &str,
    language: Language,
    picture: impl FnOnce(&T, &Words) -> Element,
    table: impl FnOnce(&T, &Words) -> Table,
) -> Result<Presented<S>, Problem> {
    let words = Words::of(language);
    let presented = match form {
        SVG => Presented::file(SVG, picture(overview, words).to_string().into_bytes()),
        CSV => Presented::file(CSV, table(overview, words).to_csv(language).map_err(Problem::internal)?),
        XLSX => Presented::file(XLSX, table(overview, words).to_xlsx().map_err(Problem::internal)?),
        _ => return Presented::json(overview),
    };
    Ok(presented.in_language(language))
}
