//! What a pupil shows of its departure.

use groeilijn_domain::children::departure::{Departure, DepartureKind};
use groeilijn_domain::values::text::ShortText;
use jiff::civil::Date;

use crate::reply_body;

reply_body! {
    /// That a pupil leaves the institution, or left.
    pub struct DepartureBody {
        /// The last day at the institution, in Amsterdam.
        last_day: Date,
        /// Where the child goes.
        kind: DepartureKind,
        /// Where to in particular; null when it is not known, or masked as free text.
        destination: Option<ShortText>,
    }
}

impl From<Departure> for DepartureBody {
    fn from(departure: Departure) -> Self {
        Self { last_day: departure.last_day, kind: departure.kind, destination: departure.destination }
    }
}
