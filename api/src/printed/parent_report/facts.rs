//! What a report says, in whatever words and places.

use groeilijn_domain::children::registration::Completeness;
use groeilijn_domain::values::language::Language;
use jiff::civil::Date;

/// How many moments the picture shows, the newest ones.
pub(crate) const DRAWN: usize = 6;

/// What a report says.
pub(crate) struct ParentReport<'a> {
    pub(crate) language: Language,
    pub(crate) institution: &'a str,
    pub(crate) name: String,
    pub(crate) birth_date: Date,
    pub(crate) group: Option<&'a str>,
    pub(crate) made_on: Date,
    pub(crate) made_by: Option<String>,
    /// Under which id it is on record.
    pub(crate) record: String,
    /// When the child was looked at, the newest first; [`DRAWN`] at most.
    pub(crate) moments: Vec<Moment>,
    /// The lines that were judged at one of these moments.
    pub(crate) lines: Vec<Line<'a>>,
    /// The names of the others.
    pub(crate) unjudged: Vec<&'a str>,
    pub(crate) scales: Vec<Scale<'a>>,
    pub(crate) notes: Vec<Note<'a>>,
}

/// When a child was looked at, and how old it was.
pub(crate) struct Moment {
    pub(crate) on: Date,
    pub(crate) age_months: u16,
    pub(crate) corrected_age_months: Option<u16>,
}

/// A development line.
pub(crate) struct Line<'a> {
    pub(crate) title: &'a str,
    /// What was judged at each moment.
    pub(crate) judged: Vec<Option<Judged>>,
    /// What the child was seen to do of its phase at the newest moment.
    pub(crate) seen: Vec<&'a str>,
}

/// What was judged of a line.
#[derive(Clone, Copy)]
pub(crate) struct Judged {
    pub(crate) place: Option<Place>,
    pub(crate) attention: bool,
}

/// How far the child is on a line.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The ages in months between which its phase is.
    pub(crate) phase: (u16, u16),
    pub(crate) completeness: Completeness,
    /// The age in months that this stands for.
    pub(crate) months: u16,
}

/// A scale of the child as a whole.
pub(crate) struct Scale<'a> {
    pub(crate) title: &'a str,
    /// The step on which the child was at each moment.
    pub(crate) steps: Vec<Option<Step<'a>>>,
}

/// A step of a scale.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) value: u8,
    pub(crate) most: u8,
    pub(crate) label: &'a str,
}

/// A note that was chosen.
pub(crate) struct Note<'a> {
    pub(crate) on: Date,
    pub(crate) text: &'a str,
    pub(crate) by: Option<String>,
}
