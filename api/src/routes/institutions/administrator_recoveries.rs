//! How institutions get an administrator who can log in when none is left (C006, C007).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::administrator_recovery::{RecoveryKind, RecoveryState};
use groeilijn_domain::support::{RequestChannel, check_received_on};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AdministratorRecoveryId, InstitutionId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::access::key_owner;
use groeilijn_persistence::institutions::administrator_recovery::{
    Asked, Candidate, NewRecovery, StoredRecovery,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::reach::require_reach;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::routes::access::invitations::invitation;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on the recovery of administrators.
    pub fn endpoints;

    /// List the requests for an administrator
    ///
    /// What the licence holder asked for when no administrator could log in any more, the oldest first. It comes whole.
    GET "/institutions/{institutionId}/administrator-recoveries" => list_administrator_recoveries: "The requests.";

    /// Record a request for an administrator
    ///
    /// The licence holder asks for another administrator because the last one is gone, or that the sole administrator sets
    /// up another second factor (C006, C007). Refused with 409 `other-administrator` when somebody at the institution can
    /// help her, and with `no-licence-holder` when none is on record.
    POST "/institutions/{institutionId}/administrator-recoveries" => record_administrator_recovery: "It was recorded.";

    /// Record the identity check
    ///
    /// What was checked to be sure that the licence holder herself asks, such as a call to her number.
    POST "/institutions/{institutionId}/administrator-recoveries/{recoveryId}/_check-identity" => check_recovery_identity:
        "The request as it is now.";

    /// Approve a request for an administrator
    ///
    /// By another member of staff than the one who checked the identity: 409 `second-person-needed`. The licence holder and
    /// the administrators who are known get a letter, and it waits for a day.
    POST "/institutions/{institutionId}/administrator-recoveries/{recoveryId}/_approve" => approve_administrator_recovery:
        "The request as it is now.";

    /// Stop a request for an administrator
    ///
    /// By an administrator of the institution, or by staff when the licence holder objects. Nothing comes of it.
    POST "/institutions/{institutionId}/administrator-recoveries/{recoveryId}/_stop" => stop_administrator_recovery:
        "The request as it is now.";

    /// Carry out a request for an administrator
    ///
    /// A day after it was approved: 409 `too-early` before. The new administrator is invited, or the second factor of the
    /// sole one is taken away and her sessions end.
    POST "/institutions/{institutionId}/administrator-recoveries/{recoveryId}/_carry-out" => carry_out_administrator_recovery:
        "The request as it is now.";
}

request_body! {
    /// What the licence holder asks for: a new administrator, or another second factor.
    pub struct AdministratorRecoveryCreation {
        /// Who is to become an administrator, when the last one is gone.
        administrator: Option<CandidateCreation>,
        /// The sole administrator, who lost her second factor.
        user_id: Option<UserId>,
        /// How the request came in.
        channel: RequestChannel,
        /// On which day, in Amsterdam.
        received_on: Date,
    }

    example {
        "administrator": {
            "firstName": "Guus", "lastName": "Verzonnen", "gender": "male", "email": "guus@school.example",
        },
        "channel": "letter",
        "receivedOn": "2026-11-20",
    }
}

request_body! {
    /// Who is to become an administrator, with exactly the fields of the contract (C022).
    pub struct CandidateCreation {
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the administrator rightly.
        gender: Gender,
        /// The address to log in with, on a domain of the institution (C054).
        email: EmailAddress,
    }
}

request_body! {
    /// How it was checked who asks.
    pub struct IdentityCheckRequest {
        /// What was checked.
        identity_check: ShortText,
    }

    example { "identityCheck": "Teruggebeld op het nummer van het bestuur." }
}

request_body! {
    /// Why it is stopped.
    pub struct RecoveryStop {
        /// Who objects, and why.
        reason: ShortText,
    }

    example { "reason": "De licentiehouder heeft er niet om gevraagd." }
}

reply_body! {
    /// What a licence holder asked for, and how far it is.
    pub struct AdministratorRecovery {
        /// Its id.
        id: AdministratorRecoveryId,
        /// What she asks for.
        kind: RecoveryKind,
        /// How far it is.
        state: RecoveryState,
        /// Who is to become an administrator.
        administrator: Option<RecoveryCandidate>,
        /// The sole administrator, who lost her second factor.
        user_id: Option<UserId>,
        /// How the request came in.
        channel: RequestChannel,
        /// On which day, in Amsterdam.
        received_on: Date,
        /// Who recorded it.
        recorded_by: UserId,
        /// When, in UTC.
        recorded_at: Timestamp,
        /// How it was checked who asks.
        identity_check: Option<String>,
        /// Who checked it.
        checked_by: Option<UserId>,
        /// When, in UTC.
        checked_at: Option<Timestamp>,
        /// The second member of staff, who approved it.
        approved_by: Option<UserId>,
        /// When, in UTC.
        approved_at: Option<Timestamp>,
        /// From when it can be carried out, in UTC.
        due_at: Option<Timestamp>,
        /// Why it was stopped.
        stop_reason: Option<String>,
        /// Who stopped it.
        stopped_by: Option<UserId>,
        /// When, in UTC.
        stopped_at: Option<Timestamp>,
        /// Who carried it out.
        carried_out_by: Option<UserId>,
        /// When, in UTC.
        carried_out_at: Option<Timestamp>,
    }
}

reply_body! {
    /// Who is to become an administrator.
    pub struct RecoveryCandidate {
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// For addressing the administrator rightly.
        gender: Gender,
        /// The address to log in with.
        email: EmailAddress,
    }
}

impl From<Candidate> for RecoveryCandidate {
    fn from(Candidate { name, gender, email }: Candidate) -> Self {
        Self { first_name: name.first, infix: name.infix, last_name: name.last, gender, email }
    }
}

impl From<StoredRecovery> for AdministratorRecovery {
    fn from(stored: StoredRecovery) -> Self {
        let (kind, steps) = (stored.kind(), stored.steps);
        let (administrator, user_id) = match stored.asked {
            Asked::NewAdministrator(candidate) => (Some(candidate.into()), None),
            Asked::SecondFactor(user) => (None, Some(user)),
        };
        Self {
            id: stored.id,
            kind,
            state: steps.state(),
            administrator,
            user_id,
            channel: stored.channel,
            received_on: stored.received_on,
            recorded_by: stored.recorded.0,
            recorded_at: stored.recorded.1,
            identity_check: stored.identity_check,
            checked_by: steps.checked.map(|step| step.0),
            checked_at: steps.checked.map(|step| step.1),
            approved_by: steps.approved.map(|step| step.0),
            approved_at: steps.approved.map(|step| step.1),
            due_at: steps.due_at(),
            stop_reason: stored.stop_reason,
            stopped_by: steps.stopped.map(|step| step.0),
            stopped_at: steps.stopped.map(|step| step.1),
            carried_out_by: steps.carried_out.map(|step| step.0),
            carried_out_at: steps.carried_out.map(|step| step.1),
        }
    }
}

async fn list_administrator_recoveries(
    access: Access<part::AdministratorRecoveries, action::Read, AdministerAccess>,
    PathId(id): PathId<InstitutionId>,
) -> Result<Listed<AdministratorRecovery>, Problem> {
    require_reach(&access, id)?;
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(id)).await?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let found = platform.read_in(id, Cost::Scan, |reader| reader.recoveries()).await?;
    whole_list(found.into_iter().map(AdministratorRecovery::from))
}

/// What a body asks for: one of the two.
fn asked(body: AdministratorRecoveryCreation) -> Result<Asked, FieldRefusals> {
    match (body.administrator, body.user_id) {
        (Some(new), None) => Ok(Asked::NewAdministrator(Candidate {
            name: PersonName { first: new.first_name, infix: new.infix, last: new.last_name },
            gender: new.gender,
            email: new.email,
        })),
        (None, Some(user)) => Ok(Asked::SecondFactor(user)),
        (None, None) => Err(FieldRefusals::one(
            "administrator",
            Refusal::new("required-for-the-kind", "or the administrator who lost her second factor"),
        )),
        (Some(_), Some(_)) => {
            let detail = "is asked for apart from a new administrator";
            Err(FieldRefusals::one("user_id", Refusal::new("not-beside-an-administrator", detail)))
        }
    }
}

async fn record_administrator_recovery(
    access: Access<part::AdministratorRecoveries, action::Create, AdministerAccess>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<AdministratorRecoveryCreation>,
) -> Result<Created<AdministratorRecovery>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    check_received_on(body.received_on, environment.now()).map_err(invalid_field("received_on"))?;
    let id = AdministratorRecoveryId::from_uuid(environment.uuid());
    let (channel, received_on) = (body.channel, body.received_on);
    let new = NewRecovery { id, asked: asked(body)?, channel, received_on };
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let recorded = writer.enter(institution, |tenant| tenant.record_recovery(&new))?;
            let location = format!("/v1/institutions/{institution}/administrator-recoveries");
            Ok(New { location, ids: (institution, id), view: View::unrevised(recorded) })
        },
        |writer, (institution, id)| {
            writer.enter(institution, |tenant| tenant.recovery(id)).map(View::unrevised)
        },
    )
    .await
}

async fn check_recovery_identity(
    access: Access<part::AdministratorRecoveries, action::Change, AdministerAccess>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AdministratorRecoveryId>,
    JsonBody(body, _): JsonBody<IdentityCheckRequest>,
) -> Result<Shown<AdministratorRecovery>, Problem> {
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let checked = platform
        .write(move |writer| {
            writer.enter(institution, |tenant| tenant.check_recovery_identity(id, &body.identity_check))
        })
        .await?;
    reply::view(&AdministratorRecovery::from(checked))
}

async fn approve_administrator_recovery(
    access: Access<part::AdministratorRecoveries, action::Change, AdministerAccess>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AdministratorRecoveryId>,
) -> Result<Shown<AdministratorRecovery>, Problem> {
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let approved =
        platform.write(move |writer| writer.enter(institution, |tenant| tenant.approve_recovery(id))).await?;
    reply::view(&AdministratorRecovery::from(approved))
}

async fn stop_administrator_recovery(
    access: Access<part::AdministratorRecoveries, action::Delete, AdministerAccess>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AdministratorRecoveryId>,
    JsonBody(body, _): JsonBody<RecoveryStop>,
) -> Result<Shown<AdministratorRecovery>, Problem> {
    require_reach(&access, institution)?;
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let stopped = platform
        .write(move |writer| writer.enter(institution, |tenant| tenant.stop_recovery(id, &body.reason)))
        .await?;
    reply::view(&AdministratorRecovery::from(stopped))
}

async fn carry_out_administrator_recovery(
    access: Access<part::AdministratorRecoveries, action::Change, AdministerAccess>,
    PathId(institution): PathId<InstitutionId>,
    PathId(id): PathId<AdministratorRecoveryId>,
) -> Result<Shown<AdministratorRecovery>, Problem> {
    let platform = access.platform();
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    let environment = platform.environment();
    let (user, invitation) = (UserId::from_uuid(environment.uuid()), invitation(environment)?);
    let platform = platform.entering(institution, vec![key_owner::user(user)]);
    let done =
        platform.write(move |writer| writer.carry_out_recovery(institution, id, (user, &invitation))).await?;
    reply::view(&AdministratorRecovery::from(done))
}
