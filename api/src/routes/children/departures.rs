//! Departures: that a child leaves the institution, and where to (C105).

use groeilijn_domain::children::departure::{Departure, DepartureKind};
use groeilijn_domain::values::ids::PupilId;
use groeilijn_domain::values::text::ShortText;
use jiff::civil::Date;

use super::pupils::Pupil;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::etag::IfMatch;
use crate::http::guard::activity::AdministerPupils;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{NoContent, Shown};
use crate::http::revision::{change, delete};
use crate::{operations, request_body};

operations! {
    /// The operations on departures.
    pub fn endpoints;

    /// Record that a pupil leaves
    ///
    /// The placement that holds ends after `lastDay`, and what was planned for later does not take place. From the day after
    /// it the child is on no roster and in nobody's own groups; what is known of it stays to be read for whoever reaches the
    /// whole institution. The day and the kind decide how long that is kept (C105). What was recorded before is replaced.
    PUT "/pupils/{pupilId}/departure" => record_departure: "The pupil as it is now.";

    /// Undo that a pupil leaves
    ///
    /// The placements that the departure ended last again. A child that comes back later is placed in a group after its last
    /// day instead: the time in between then stays without one.
    DELETE "/pupils/{pupilId}/departure" => undo_departure: "The pupil does not leave.";
}

request_body! {
    /// That a pupil leaves the institution.
    pub struct DepartureRecord {
        /// The last day at the institution, in Amsterdam: at most 12 months ahead, and not before the pupil came into the
        /// group that it is in.
        last_day: Date,
        /// Where the child goes. For how long what is known of it is kept; never for following it there.
        kind: DepartureKind,
        /// Where to in particular. For handing over, if parents agree.
        destination: Option<ShortText>,
    }

    example { "lastDay": "2026-12-18", "kind": "next-education", "destination": "Basisschool De Overkant" }
}

async fn record_departure(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<DepartureRecord>,
) -> Result<Shown<Pupil>, Problem> {
    let departure = Departure { last_day: body.last_day, kind: body.kind, destination: body.destination };
    change(
        &access.tenant()?,
        known,
        move |writer| writer.pupil(id),
        move |writer, stored| {
            writer.depart(&stored, &departure)?;
            writer.pupil(id)
        },
    )
    .await
}

async fn undo_departure(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete(
        &access.tenant()?,
        known,
        move |writer| writer.pupil(id),
        move |writer, stored| writer.undo_departure(&stored),
    )
    .await
}
