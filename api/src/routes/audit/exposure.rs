//! Whom an account, a session, a token, a network or a support session touched (C035, C126).

use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::audit::entry::Outcome;
use groeilijn_domain::audit::exposure::{ExposedPerson as Exposed, Span, check_one, check_period};
use groeilijn_domain::incidents::{AffectedGroup, FromLog};
use groeilijn_domain::values::ids::{
    ActorId, ApiTokenId, InstitutionId, PupilId, SessionId, SupportSessionId, UserId,
};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_persistence::audit::exposure::{Extent, FoundExposure, Suspect};
use groeilijn_persistence::{Cost, TenantReader};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::described::counted;
use crate::http::guard::activity::OperateService;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Shown};
use crate::routes::incidents::parts::{AffectedDataBody, AffectedPeopleBody};
use crate::routes::institutions::reach::require_reach;
use crate::{operations, reply_body, request_body};

/// How many people one institution has at most, of whom one reply tells.
const MOST_PEOPLE: usize = 1_000_000;
/// How many operations there are at most.
const MOST_OPERATIONS: usize = 1_000;

operations! {
    /// The operations on whom something touched.
    pub fn endpoints;

    /// Work out whom something touched
    ///
    /// When a login, a session, a token or a support session was in the wrong hands, or a network is suspected: from the audit log
    /// of an institution in a period, of exactly which children and users something was shown or changed, with which operations, of
    /// which classes it was (C035), when and how often. What was refused is counted apart.
    ///
    /// It is exact: counted to the last entry, or refused with `too-many-entries`, and then the period has to be shorter. One request
    /// goes through a million entries at most, 250,000 for a network: of each of these the sealed address is opened. The reply says in
    /// `asOf` how many entries the log had; the same request with that gets the same answer later on, until the entries are two
    /// years old.
    ///
    /// `contents` is a draft of IV, V and VI of the contents of an incident (C126), in the fields of
    /// `POST /incidents/{incidentId}/contents`.
    ///
    /// Administrators of the institution see the children and users by id. The processor's platform administrator sees how many,
    /// which operations, classes and times, and nobody by id (C017).
    POST "/institutions/{institutionId}/_exposure" => work_out_exposure: "Whom it touched."
        .refusing(&[ProblemKind::NotFound, ProblemKind::Conflict]);
}

request_body! {
    /// What is looked for, exactly one thing, and in which period.
    pub struct ExposureSearch {
        /// Everything that this user, member of the processor's staff or token asked.
        actor_id: Option<ActorId>,
        /// What was asked in this session.
        session_id: Option<SessionId>,
        /// What was asked with this token.
        api_token_id: Option<ApiTokenId>,
        /// What was asked from this network, or this one network address.
        network: Option<Network>,
        /// What was asked in this support session.
        support_session_id: Option<SupportSessionId>,
        /// From this moment on.
        from: Timestamp,
        /// Before this moment, at most 92 days after `from`.
        until: Timestamp,
        /// Only the first so many entries of the log: `asOf` of an earlier reply, to get that again.
        as_of: Option<u64>,
    }

    example {
        "sessionId": "01999999-0000-7000-8000-000000000001",
        "from": "2026-11-01T00:00:00Z",
        "until": "2026-11-21T00:00:00Z",
    }
}

reply_body! {
    /// How often an operation was asked for, with one outcome.
    pub struct ExposedOperation {
        /// An `operationId` of this document, or the name of a job.
        operation: String,
        /// How it ended.
        outcome: Outcome,
        /// How many times.
        count: u64,
        /// The first time, in UTC.
        first_at: Timestamp,
        /// The last time, in UTC.
        last_at: Timestamp,
    }
}

reply_body! {
    /// What happened to what is kept of one person.
    pub struct ExposedData {
        /// How many times it was shown.
        shown: u64,
        /// How many times it was changed.
        changed: u64,
        /// How many times it was refused, or failed.
        refused: u64,
        /// The first time that it was asked for, in UTC.
        first_at: Timestamp,
        /// The last time, in UTC.
        last_at: Timestamp,
        /// Of which classes was what was shown or changed.
        classes: Vec<DataClass> = counted(0..=DataClass::ALL.len()),
        /// By which operations.
        operations: Vec<String> = counted(0..=MOST_OPERATIONS),
    }
}

reply_body! {
    /// A child of which something was asked.
    pub struct ExposedPupil {
        /// The child.
        pupil_id: PupilId,
        /// What happened.
        data: ExposedData,
    }
}

reply_body! {
    /// A user of whom something was asked.
    pub struct ExposedUser {
        /// The user.
        user_id: UserId,
        /// What happened.
        data: ExposedData,
    }
}

reply_body! {
    /// What the log tells of the contents of an incident, as a draft in Dutch. What is null is not known from the log: say it, or in
    /// `notYetKnown` when it will be known.
    pub struct ContentsFromLog {
        /// IV: who is affected, and in which degree.
        affected: Option<Vec<AffectedPeopleBody>> = counted(1..=AffectedGroup::ALL.len()),
        /// V: the least people that are affected.
        group_least: Option<u32>,
        /// V: the most people that are affected; null when everything was exported, or when it is not known of all entries whether
        /// they belong to it.
        group_most: Option<u32>,
        /// VI: the kinds of data.
        data: Option<Vec<AffectedDataBody>> = counted(1..=DataClass::ALL.len()),
    }
}

reply_body! {
    /// Whom something touched.
    pub struct Exposure {
        /// The institution.
        institution_id: InstitutionId,
        /// From this moment on.
        from: Timestamp,
        /// Before this moment.
        until: Timestamp,
        /// How many entries the log had. Send it along to get the same answer again.
        as_of: u64,
        /// How many entries were counted.
        entries: u64,
        /// For a network: of how many entries the address cannot be read, because its key was destroyed with the person. Whether
        /// they came from it is not known.
        unreadable_addresses: u64,
        /// Whether everything that the institution has was exported. Then everybody in it is touched, whoever is named below.
        everything: bool,
        /// How many children something was shown or changed of.
        pupils_touched: u64,
        /// How many users something was shown or changed of.
        users_touched: u64,
        /// Of which classes was what was shown or changed.
        classes: Vec<DataClass> = counted(0..=DataClass::ALL.len()),
        /// The draft of IV to VI of the contents of an incident.
        contents: ContentsFromLog,
        /// What was asked, also of what is about nobody.
        operations: Vec<ExposedOperation> = counted(0..=MOST_OPERATIONS),
        /// The children of whom something was asked, also when it was refused; null for the processor.
        pupils: Option<Vec<ExposedPupil>> = counted(0..=MOST_PEOPLE),
        /// The users of whom something was asked, also when it was refused; null for the processor.
        users: Option<Vec<ExposedUser>> = counted(0..=MOST_PEOPLE),
    }
}

impl ExposureSearch {
    fn suspect(&self) -> Option<Suspect> {
        let by_actor = self.actor_id.map(Suspect::Actor);
        by_actor
            .or(self.session_id.map(Suspect::Session))
            .or(self.api_token_id.map(Suspect::ApiToken))
            .or(self.network.map(Suspect::Network))
            .or(self.support_session_id.map(Suspect::SupportSession))
    }

    fn check(&self) -> Result<(), Problem> {
        let mut refusals = FieldRefusals::new();
        refusals.extend(check_one(&[
            ("actor_id", self.actor_id.is_some()),
            ("session_id", self.session_id.is_some()),
            ("api_token_id", self.api_token_id.is_some()),
            ("network", self.network.is_some()),
            ("support_session_id", self.support_session_id.is_some()),
        ]));
        refusals.extend(check_period(self.from, self.until));
        Ok(refusals.or(())?)
    }
}

fn data(person: Exposed) -> ExposedData {
    ExposedData {
        shown: person.shown,
        changed: person.changed,
        refused: person.refused,
        first_at: person.span.first_at,
        last_at: person.span.last_at,
        classes: person.classes().into_iter().collect(),
        operations: person.operations.into_iter().collect(),
    }
}

impl From<FromLog> for ContentsFromLog {
    fn from(draft: FromLog) -> Self {
        Self {
            affected: draft.affected.map(|people| people.into_iter().map(Into::into).collect()),
            group_least: draft.group_least,
            group_most: draft.group_most,
            data: draft.data.map(|kinds| kinds.into_iter().map(Into::into).collect()),
        }
    }
}

fn told(
    institution: InstitutionId,
    extent: Extent,
    found: FoundExposure,
    by_id: bool,
) -> Result<Exposure, Problem> {
    let FoundExposure { size, unreadable, exposure } = found;
    let contents =
        FromLog::of(&exposure, unreadable == 0).map_err(|refusal| Problem::internal(refusal.code))?.into();
    let (entries, pupils, users) =
        (exposure.entries(), exposure.pupils_touched() as u64, exposure.users_touched() as u64);
    let operation = |((operation, outcome), span): ((String, Outcome), Span)| ExposedOperation {
        operation,
        outcome,
        count: span.count,
        first_at: span.first_at,
        last_at: span.last_at,
    };
    let pupil = |(id, person)| ExposedPupil { pupil_id: PupilId::from_uuid(id), data: data(person) };
    let user = |(id, person)| ExposedUser { user_id: UserId::from_uuid(id), data: data(person) };
    Ok(Exposure {
        institution_id: institution,
        from: extent.from,
        until: extent.until,
        as_of: size,
        entries,
        unreadable_addresses: unreadable,
        everything: exposure.everything,
        pupils_touched: pupils,
        users_touched: users,
        classes: exposure.classes().into_iter().collect(),
        contents,
        operations: exposure.operations.into_iter().map(operation).collect(),
        pupils: by_id.then(|| exposure.pupils.into_iter().map(pupil).collect()),
        users: by_id.then(|| exposure.users.into_iter().map(user).collect()),
    })
}

async fn work_out_exposure(
    access: Access<part::Exposures, action::Read, OperateService>,
    PathId(institution): PathId<InstitutionId>,
    JsonBody(search, _): JsonBody<ExposureSearch>,
) -> Result<Shown<Exposure>, Problem> {
    require_reach(&access, institution)?;
    search.check()?;
    access.platform().read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let suspect = search.suspect().ok_or_else(Problem::not_found)?;
    let extent = Extent { from: search.from, until: search.until, size: search.as_of };
    let work = move |reader: &mut TenantReader<'_>| reader.exposure(suspect, extent);
    let by_id = access.institution().is_some();
    let found = access.platform().read_log_in(institution, Cost::Scan, work).await?;
    reply::view(&told(institution, extent, found, by_id)?)
}
