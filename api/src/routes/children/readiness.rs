//! What is still to be looked at before a registration becomes final.

use groeilijn_domain::access::Part;
use groeilijn_domain::children::framework::{LineCode, ScaleCode};
use groeilijn_domain::children::registration::LineReadiness;
use groeilijn_domain::values::ids::{NoteId, RegistrationId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::registration::StoredReadiness;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::{operations, reply_body};

operations! {
    /// The operation on what a registration still lacks.
    pub fn endpoints;

    /// Check what a registration lacks
    ///
    /// For looking at a draft before it is made final: the scales without a step, and the lines that have a phase at the
    /// child's age, each with whether something was judged on it and the notes about it since the child's latest final
    /// registration. Nothing has to be complete: what was not observed can stand, and a line that nobody looked at can stay
    /// out. It proposes nothing that would be a judgement (C070).
    GET "/registrations/{registrationId}/readiness" => read_registration_readiness: "What the registration has, and what it has not."
        .with_parameter("registrationId", "The registration.");
}

reply_body! {
    /// What a registration has, and what it has not.
    pub(super) struct RegistrationReadiness {
        /// The registration.
        registration_id: RegistrationId,
        /// The day of the child's latest final registration before it, in Amsterdam; notes after that day are told of. Null for
        /// a first one: then all are.
        since: Option<Date>,
        /// The scales on which the child is not placed yet.
        unjudged_scales: Vec<ScaleCode>,
        /// The lines that have a phase at the child's age.
        lines: Vec<LineReadinessBody>,
    }
}

reply_body! {
    /// A line that has a phase at the child's age.
    pub(super) struct LineReadinessBody {
        /// The line. For knowing where to look; never for scoring the child.
        line: LineCode,
        /// The phase of the child's age, by the month at which it begins.
        phase_from_month: u16,
        /// Whether a phase or a milestone of it was judged, "not observed" included.
        is_judged: bool,
        /// The notes about the line since then, the oldest first. Empty for who may not read notes.
        note_ids: Vec<NoteId>,
    }
}

impl From<StoredReadiness> for RegistrationReadiness {
    fn from(StoredReadiness { registration, since, readiness }: StoredReadiness) -> Self {
        Self {
            registration_id: registration,
            since,
            unjudged_scales: readiness.unjudged_scales,
            lines: readiness.lines.into_iter().map(LineReadinessBody::from).collect(),
        }
    }
}

impl From<LineReadiness> for LineReadinessBody {
    fn from(LineReadiness { line, phase_from_month, is_judged, notes }: LineReadiness) -> Self {
        Self { line, phase_from_month, is_judged, note_ids: notes }
    }
}

async fn read_registration_readiness(
    access: Access<part::Registrations, action::Read, FollowDevelopment>,
    PathId(id): PathId<RegistrationId>,
) -> Result<Shown<RegistrationReadiness>, Problem> {
    let with_notes = access.reads_as_far(Part::Notes);
    let found = access.tenant()?.read(Cost::Rows, move |reader| reader.readiness(id, with_notes)).await?;
    reply::view(&RegistrationReadiness::from(found))
}
