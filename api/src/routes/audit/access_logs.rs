//! Who has seen a child or a user, when and why, in words (C048, C096).

use groeilijn_domain::access::{Action, Function, Part, ProcessorFunction, Role};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::access_log::{Seen, Times};
use groeilijn_domain::audit::entry::{ActorKind, Outcome};
use groeilijn_domain::audit::in_words;
use groeilijn_domain::values::ids::{ActorId, InstitutionId, PupilId, SupportSessionId, UserId};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::audit::access_log::{FoundAccess, Known, Period};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::described::counted;
use crate::http::guard::activity::{AdministerAccess, OperateService};
use crate::http::language::AcceptLanguage;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Shown};
use crate::{operations, query_params, reply_body};

/// How many lines a reply has at most: one for each entry that is counted.
const MOST_LINES: usize = 50_000;
/// How many operations one line counts at most.
const MOST_OPERATIONS: usize = 1_000;

operations! {
    /// The operations on who has seen whom.
    pub fn endpoints;

    /// Read who has seen a child
    ///
    /// For a parent who asks who has seen her child, when and why (C096): everybody who asked for something about the child, one
    /// line for each purpose and each outcome, who was there last first. What was refused is there too. `who` and `purpose` are
    /// sentences for people, in the language that `Accept-Language` asks for.
    ///
    /// It is counted from the whole audit log, which has entries of two years. What is about more than 50,000 entries is refused
    /// with `too-many-entries`: ask for a shorter period. Names of colleagues are for who may read users.
    GET "/pupils/{pupilId}/access-log" => read_pupil_access_log: "Who has seen the child."
        .refusing(&[ProblemKind::Conflict]);

    /// Read who has seen a user
    ///
    /// The same of what is known of a user of the institution.
    GET "/users/{userId}/access-log" => read_user_access_log: "Who has seen what is known of the user."
        .refusing(&[ProblemKind::Conflict]);

    /// Read who has seen oneself
    ///
    /// The same of what is known of whoever asks, at the institution where she acts; for the processor's staff in the
    /// processor's own log. Of colleagues it tells the function, not the name.
    GET "/account/access-log" => read_own_access_log: "Who has seen what is known of whoever asks."
        .refusing(&[ProblemKind::Conflict]);
}

query_params! {
    pub struct AccessLogPeriod {
        /// Only what was entered at this moment or later.
        from: Option<Timestamp>,
        /// Only what was entered before this moment.
        until: Option<Timestamp>,
    }
}

impl AccessLogPeriod {
    fn period(&self) -> Period {
        Period { from: self.from, until: self.until }
    }
}

reply_body! {
    /// How often an operation was asked for.
    pub struct OperationCount {
        /// An `operationId` of this document, or the name of a job.
        operation: String,
        /// How many times.
        count: u64,
    }
}

reply_body! {
    /// Somebody who saw, or was refused to see, for one purpose.
    pub struct AccessLine {
        /// On which side who asked stands.
        actor_kind: ActorKind,
        /// Who asked: a user, a member of the processor's staff, or a token; null for the service itself, and before login.
        actor_id: Option<ActorId>,
        /// First name of a user of the institution. To tell the parent who it was; null when it is not known any more, and for
        /// who may not read users.
        first_name: Option<NamePart>,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Option<NamePart>,
        /// What a user of the institution does there now.
        function: Option<Function>,
        /// What a member of the processor's staff did in the support session.
        staff_function: Option<ProcessorFunction>,
        /// Who it was, in words.
        who: String,
        /// The support session in which was asked, whose reason `GET /support-sessions` tells.
        support_session_id: Option<SupportSessionId>,
        /// For what purpose.
        activity: ProcessingActivity,
        /// The purpose, in words.
        purpose: String,
        /// How it ended.
        outcome: Outcome,
        /// How many times.
        count: u64,
        /// The first time, in UTC.
        first_at: Timestamp,
        /// The last time, in UTC.
        last_at: Timestamp,
        /// What was asked.
        operations: Vec<OperationCount> = counted(1..=MOST_OPERATIONS),
    }
}

reply_body! {
    /// Who has seen somebody.
    pub struct AccessLog {
        /// Only what was entered at this moment or later is counted.
        from: Option<Timestamp>,
        /// Only what was entered before this moment is counted.
        until: Option<Timestamp>,
        /// When it was counted, in UTC.
        counted_at: Timestamp,
        /// Up to which entry of the audit log it was counted: how many that log had.
        log_size: u64,
        /// Everybody, who was there last first.
        lines: Vec<AccessLine> = counted(0..=MOST_LINES),
    }
}

/// How somebody is told of: in which language, and whether by name.
#[derive(Clone, Copy)]
struct Telling {
    language: Language,
    names: bool,
}

fn line((seen, times, known): (Seen, Times, Known), telling: Telling) -> AccessLine {
    let Telling { language, names } = telling;
    let count = times.count();
    let who = match &known {
        Known::User(user) => in_words::function(user.function, language),
        Known::Staff(function) => in_words::processor_function(*function, language),
        Known::Nothing => in_words::side(seen.by_kind, seen.by.is_some(), language),
    };
    let (function, staff_function) = match &known {
        Known::User(user) => (Some(user.function), None),
        Known::Staff(function) => (None, Some(*function)),
        Known::Nothing => (None, None),
    };
    let name = match known {
        Known::User(user) if names => Some(user.name),
        _ => None,
    };
    let (first_name, infix, last_name) = match name {
        Some(name) => (Some(name.first), name.infix, Some(name.last)),
        None => (None, None, None),
    };
    let counted = |(operation, count)| OperationCount { operation, count };
    AccessLine {
        actor_kind: seen.by_kind,
        actor_id: seen.by.map(ActorId::from_uuid),
        first_name,
        infix,
        last_name,
        function,
        staff_function,
        who: who.to_owned(),
        support_session_id: seen.support_session,
        activity: seen.activity,
        purpose: in_words::purpose(seen.activity, language).to_owned(),
        outcome: seen.outcome,
        count,
        first_at: times.first_at,
        last_at: times.last_at,
        operations: times.operations.into_iter().map(counted).collect(),
    }
}

fn told(found: FoundAccess, period: Period, telling: Telling) -> Result<Shown<AccessLog>, Problem> {
    let log = AccessLog {
        from: period.from,
        until: period.until,
        counted_at: found.counted_at,
        log_size: found.size,
        lines: found.lines.into_iter().map(|found| line(found, telling)).collect(),
    };
    Ok(reply::view(&log)?.in_language(telling.language))
}

async fn read_pupil_access_log(
    access: Access<part::AuditLog, action::Read, OperateService>,
    PathId(id): PathId<PupilId>,
    query: AccessLogPeriod,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Shown<AccessLog>, Problem> {
    let period = query.period();
    let names = access.rights().scope(Part::Users, Action::Read).is_some();
    let found =
        access.tenant()?.read_log(Cost::Scan, move |reader| reader.access_to_pupil(id, period)).await?;
    told(found, period, Telling { language, names })
}

async fn read_user_access_log(
    access: Access<part::AuditLog, action::Read, OperateService>,
    PathId(id): PathId<UserId>,
    query: AccessLogPeriod,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Shown<AccessLog>, Problem> {
    let period = query.period();
    let names = access.rights().scope(Part::Users, Action::Read).is_some();
    let found =
        access.tenant()?.read_log(Cost::Scan, move |reader| reader.access_to_user(id, period)).await?;
    told(found, period, Telling { language, names })
}

async fn read_own_access_log(
    access: Access<part::Account, action::Read, AdministerAccess>,
    query: AccessLogPeriod,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Shown<AccessLog>, Problem> {
    let period = query.period();
    // Staff of the processor stay the processor's own, in a support session too.
    let own_log = match access.actor()?.role {
        Role::Processor(_) => InstitutionId::PLATFORM,
        Role::Institution(_) => access.institution().unwrap_or(InstitutionId::PLATFORM),
    };
    let found = access
        .platform()
        .read_log_in(own_log, Cost::Scan, move |reader| reader.access_to_self(period))
        .await?;
    told(found, period, Telling { language, names: false })
}
