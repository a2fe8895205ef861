//! Who and what among the children's data has a key of its own.

use groeilijn_domain::values::ids::{ImportId, PupilId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};
use uuid::Uuid;

use crate::children::schema::{import, pupil};

/// A child: everything that is written about it.
pub static PUPIL: KeyKind = KeyKind::new("pupil", |connection, institution, ids| {
    let found: Vec<PupilId> = pupil::table
        .filter(pupil::institution_id.is(institution))
        .filter(pupil::id.eq_any(ids.iter().map(|&id| OneOf(PupilId::from_uuid(id)))))
        .select(pupil::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect::<Vec<Uuid>>())
});

/// A school file: what it says.
pub static SCHOOL_FILE: KeyKind = KeyKind::new("school-file", |connection, institution, ids| {
    let found: Vec<ImportId> = import::table
        .filter(import::institution_id.is(institution))
        .filter(import::id.eq_any(ids.iter().map(|&id| OneOf(ImportId::from_uuid(id)))))
        .select(import::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect::<Vec<Uuid>>())
});

/// What became of a school file: the report and the notices, which outlive it.
pub static SCHOOL_FILE_REPORT: KeyKind =
    KeyKind::new("school-file-report", |connection, institution, ids| {
        Ok(import::table
            .filter(import::institution_id.is(institution))
            .filter(import::report_id.eq_any(ids.iter().map(|&id| OneOf(id))))
            .select(import::report_id)
            .load(connection)?)
    });

/// A child.
pub const fn pupil(id: PupilId) -> KeyOwner {
    KeyOwner::new(&PUPIL, id.as_uuid())
}

/// A school file.
pub const fn school_file(id: ImportId) -> KeyOwner {
    KeyOwner::new(&SCHOOL_FILE, id.as_uuid())
}

/// What became of a school file, by the id of its report.
pub const fn school_file_report(report: Uuid) -> KeyOwner {
    KeyOwner::new(&SCHOOL_FILE_REPORT, report)
}
