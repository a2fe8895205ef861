//! Sessions: the row behind every access token, and the tokens that renew it. How they begin and end is in [`change`].

mod change;

use std::sync::Arc;

use groeilijn_domain::access::access_settings::ChildrenEnteredBy;
use groeilijn_domain::access::admission::LoginStanding;
use groeilijn_domain::access::credential::PasswordExpiry;
use groeilijn_domain::access::principal::{Actor, SupportContext};
use groeilijn_domain::access::second_factor;
use groeilijn_domain::access::session::{SessionEnd, SessionFacts};
use groeilijn_domain::access::{Rights, Role};
use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::institutions::licence_state::LicenceFacts;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, SessionId, SupportSessionId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::authentic::{Authentic, Fields, SPENT};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::last_use::{self, Used};
use groeilijn_engine::remembered::Remembered;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::account::AccountRow;
use crate::access::membership::MembershipRow;
use crate::access::schema::{account, membership, refresh_token, session};
use crate::handles::store::Store;
use crate::institutions::licence::LicenceRow;
use crate::institutions::schema::{NetworkList, institution, licence};
use crate::support::support_session::in_use::{self, SupportInUse};

pub use change::Refresh;

const TABLE: &str = "session";

/// A session and whose it is.
#[derive(Debug, Clone)]
pub struct StoredSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is, with the role that the account has now.
    pub actor: Actor,
    /// Whether it still counts.
    pub facts: SessionFacts,
    /// When it began, in UTC.
    pub created_at: Timestamp,
    /// The licence of the institution that the actor acts in; none for the processor's own accounts outside a support
    /// session.
    pub licence: Option<LicenceFacts>,
    /// The networks that the institution's users work from; none is any (C065).
    pub networks: Arc<[Network]>,
    /// The last day of the account's rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
    /// What the user may do (C066).
    pub rights: Rights,
    /// What the account logs in with.
    pub login: LoginStanding,
    /// What it is for, if it is a support session: its actor acts in the institution that is looked into.
    pub support: Option<SupportInUse>,
}

impl StoredSession {
    /// Whether the session counts at the moment `now`, and its account has rights on that day.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.check_basis(now).is_ok()
    }

    /// Whether the session was not ended at the moment `now`, by anybody or by the clock. That what a support session
    /// rests on still holds is for [`Self::check_basis`] to say: one that ends with it is told so (C012, C101).
    pub fn is_open(&self, now: Timestamp) -> bool {
        let lapsed = self.facts.is_unended() && self.check_basis(now).is_err();
        (self.facts.is_live(now) || lapsed) && self.last_day.is_none_or(|last| amsterdam_date(now) <= last)
    }

    /// That what a support session rests on holds at the moment `now`; any other session rests on nothing.
    ///
    /// # Errors
    /// `no-consent` (C012), `not-coupled` (C101).
    pub fn check_basis(&self, now: Timestamp) -> Result<(), Refusal> {
        self.support.as_ref().map_or(Ok(()), |support| support.basis.check(now))
    }

    /// What the audit log says of a request in it, if it is a support session.
    pub fn support_context(&self) -> Option<SupportContext> {
        let session = SupportSessionId::from(self.id);
        self.support.as_ref().map(|support| SupportContext {
            session,
            reach: support.reach,
            free_text: support.free_text,
        })
    }
}

/// The session with this id as it is now, whether or not it still counts. One that was forged is none.
pub(crate) fn read(
    connection: &mut AnyConnection,
    store: &Store,
    id: SessionId,
) -> Result<Option<StoredSession>> {
    match load(connection, store, id) {
        Err(Error::Forged(_)) => Ok(None),
        found => Ok(found?.map(|session| store.with_last_use(session))),
    }
}

impl Store {
    /// The session with this id, whether or not it still counts.
    pub async fn session(&self, id: SessionId) -> Result<Option<StoredSession>> {
        let (kept, store) = (self.cache::<KeptSessions>(), self.clone());
        let read = move |connection: &mut AnyConnection| load(connection, &store, id);
        let found = kept.0.get_or_read(self.data(), id, read).await;
        Ok(self.unless_forged(found).await?.map(|session| self.with_last_use(session)))
    }

    /// The session that a refresh token was given for, used or not; of the token only the SHA-256 is known.
    pub async fn session_of_refresh_token(&self, hash: [u8; 32]) -> Result<Option<StoredSession>> {
        let store = self.clone();
        let found = self
            .data()
            .read(Cost::Rows, move |connection| match session_of_token(connection, &store, &hash)? {
                Some(id) => load(connection, &store, id),
                None => Ok(None),
            })
            .await;
        Ok(self.unless_forged(found).await?.map(|session| self.with_last_use(session)))
    }

    /// Sessions of an account that were not ended, the newest first; some may have ended by themselves.
    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<StoredSession>> {
        let (store, now) = (self.clone(), self.environment().now());
        let sessions = self
            .data()
            .read(Cost::Scan, move |connection| {
                let ids: Vec<SessionId> = session::table
                    .filter(session::account_id.is(account))
                    .filter(session::ended_at.is_null())
                    .filter(session::expires_at.after(now))
                    .order(session::id.desc())
                    .select(session::id)
                    .load(connection)?;
                let mut sessions = Vec::with_capacity(ids.len());
                for id in ids {
                    sessions.extend(load(connection, &store, id)?);
                }
                Ok(sessions)
            })
            .await?;
        Ok(sessions.into_iter().map(|session| self.with_last_use(session)).collect())
    }

    /// Notes that something is asked in a session at this moment (C061).
    pub fn note_session_use(&self, id: SessionId, now: Timestamp) {
        self.note_use(used(id), now);
    }

    fn with_last_use(&self, mut session: StoredSession) -> StoredSession {
        if let Some(latest) = self.last_uses().latest(used(session.id)) {
            session.facts.last_used_at = session.facts.last_used_at.max(latest);
        }
        session
    }
}

/// How many sessions are kept in memory at most.
const SESSIONS: usize = 10_000;

struct KeptSessions(Remembered<SessionId, StoredSession>);

impl Default for KeptSessions {
    fn default() -> Self {
        Self(Remembered::new(SESSIONS))
    }
}

/// When something was last asked in a session: the next request may come to another process, which has to know whether
/// the session went on (C061).
static SESSION: last_use::Kind = last_use::Kind {
    name: TABLE,
    embedded_lag: SignedDuration::from_mins(1),
    shared_lag: SignedDuration::from_secs(1),
    keep: keep_last_use,
};

fn used(id: SessionId) -> Used {
    Used { kind: &SESSION, id: id.as_uuid() }
}

fn keep_last_use(connection: &mut AnyConnection, id: Uuid, at: Timestamp) -> Result<()> {
    let earlier = session::table
        .filter(session::id.is(SessionId::from_uuid(id)))
        .filter(session::last_used_at.before(at));
    diesel::update(earlier).set(session::last_used_at.is(at)).execute(connection)?;
    Ok(())
}

/// Ends all sessions of an account at the moment `now`.
pub(crate) fn end_sessions_of(
    connection: &mut AnyConnection,
    account: AccountId,
    end: SessionEnd,
    now: Timestamp,
) -> Result<()> {
    let open = session::table.filter(session::account_id.is(account)).filter(session::ended_at.is_null());
    diesel::update(open)
        .set((session::ended_at.is(Some(now)), session::end_reason.is(Some(end)), session::proof.eq(SPENT)))
        .execute(connection)?;
    Ok(())
}

/// Ends every session of everybody at the moment `now`, and says how many were open.
pub(crate) fn end_all_sessions(
    connection: &mut AnyConnection,
    end: SessionEnd,
    now: Timestamp,
) -> Result<usize> {
    let open = session::table.filter(session::ended_at.is_null());
    Ok(diesel::update(open)
        .set((session::ended_at.is(Some(now)), session::end_reason.is(Some(end)), session::proof.eq(SPENT)))
        .execute(connection)?)
}

/// Ends the sessions of an account that act in one institution at the moment `now`.
pub(crate) fn end_sessions_in(
    connection: &mut AnyConnection,
    (institution, account): (InstitutionId, AccountId),
    end: SessionEnd,
    now: Timestamp,
) -> Result<()> {
    let open = session::table
        .filter(session::account_id.is(account))
        .filter(session::institution_id.is(Some(institution)))
        .filter(session::ended_at.is_null());
    diesel::update(open)
        .set((session::ended_at.is(Some(now)), session::end_reason.is(Some(end)), session::proof.eq(SPENT)))
        .execute(connection)?;
    Ok(())
}

/// A session, as far as its row proves that the service wrote it. One that ended has no proof.
#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
struct SessionRow {
    id: SessionId,
    account_id: AccountId,
    institution_id: Option<InstitutionId>,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    proof: Vec<u8>,
}

impl Authentic for SessionRow {
    const TABLE: &'static str = TABLE;

    fn prove(&self, fields: &mut Fields) {
        fields
            .bytes(self.id.as_bytes())
            .bytes(self.account_id.as_bytes())
            .optional(self.institution_id.as_ref().map(|id| &id.as_bytes()[..]))
            .moment(Some(self.created_at))
            .moment(Some(self.expires_at));
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

/// What the institution of an account asks of those who log in.
#[derive(Queryable, Selectable)]
#[diesel(table_name = institution)]
struct InstitutionRow {
    login_networks: NetworkList,
    contract_profile: ContractProfile,
    administrators_need_second_factor: i32,
    children_entered_by: ChildrenEnteredBy,
}

fn load(connection: &mut AnyConnection, store: &Store, id: SessionId) -> Result<Option<StoredSession>> {
    type Row = (SessionRow, AccountRow, Option<MembershipRow>, Option<LicenceRow>, Option<InstitutionRow>);
    let row: Option<Row> = session::table
        .inner_join(account::table)
        .left_join(
            membership::table.on(membership::account_id
                .eq(session::account_id)
                .and(session::institution_id.eq(membership::institution_id.nullable()))),
        )
        .left_join(licence::table.on(session::institution_id.eq(licence::institution_id.nullable())))
        .left_join(institution::table.on(session::institution_id.eq(institution::id.nullable())))
        .filter(session::id.is(id))
        .select((
            columns::<SessionRow>(),
            columns::<AccountRow>(),
            columns::<MembershipRow>().nullable(),
            columns::<LicenceRow>().nullable(),
            columns::<InstitutionRow>().nullable(),
        ))
        .first(connection)
        .optional()?;
    let Some((session, account, membership, licence, institution)) = row else { return Ok(None) };
    let proofs = store.authenticator();
    let session = if session.ended_at.is_none() { proofs.check(session)? } else { session };
    let account = proofs.check(account)?;
    let membership = membership.map(|row| proofs.check(row)).transpose()?;
    let Some(mut actor) = membership.as_ref().map(MembershipRow::actor).or_else(|| account.staff()) else {
        return Ok(None);
    };
    let terms = institution.as_ref().map(|institution| institution.contract_profile.terms());
    let administrators_need_it =
        institution.as_ref().is_some_and(|institution| institution.administrators_need_second_factor != 0)
            || terms.is_some_and(|terms| terms.administrators_need_second_factor);
    let support = match actor.role {
        Role::Processor(_) => in_use::load(connection, store, id)?,
        Role::Institution(_) => None,
    };
    let licence = match &support {
        Some(support) => Some(support.licence.clone()),
        None => licence
            .zip(institution.as_ref())
            .map(|(row, institution)| row.under(institution.contract_profile).facts()),
    };
    let address_due = membership.as_ref().and_then(|row| row.address_due);
    let rights = match &support {
        Some(support) => support.rights,
        None => {
            let entered_by = institution
                .as_ref()
                .map_or(ChildrenEnteredBy::Administrators, |institution| institution.children_entered_by);
            membership.as_ref().map_or_else(|| Rights::of(actor.role), |row| row.rights(entered_by))
        }
    };
    actor.institution = support.as_ref().map(|support| support.institution).or(actor.institution);
    let state = membership.as_ref().map_or(account.state, |row| row.standing().as_seen(account.state));
    Ok(Some(StoredSession {
        id,
        actor,
        facts: SessionFacts {
            expires_at: session.expires_at,
            last_used_at: session.last_used_at,
            ended: session.ended_at.is_some(),
            account: state,
        },
        created_at: session.created_at,
        licence,
        networks: institution.map(|institution| institution.login_networks.0).unwrap_or_default().into(),
        last_day: membership.and_then(|row| row.last_day),
        rights,
        login: LoginStanding {
            password_set_at: account.password_set_at.unwrap_or(Timestamp::UNIX_EPOCH),
            password_expiry: terms.map_or(PasswordExpiry::Always, |terms| terms.password_expiry),
            has_second_factor: account.second_factor_at.is_some(),
            needs_second_factor: second_factor::is_required(actor.role, administrators_need_it),
            address_is_due: address_due.is_some(),
        },
        support,
    }))
}

/// A refresh token, as far as its row proves that the service wrote it. One that was used has no proof.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_token)]
struct TokenRow {
    token_hash: Vec<u8>,
    session_id: SessionId,
    used_at: Option<Timestamp>,
    proof: Vec<u8>,
}

impl Authentic for TokenRow {
    const TABLE: &'static str = "refresh_token";

    fn prove(&self, fields: &mut Fields) {
        fields.bytes(&self.token_hash).bytes(self.session_id.as_bytes());
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

fn session_of_token(
    connection: &mut AnyConnection,
    store: &Store,
    hash: &[u8; 32],
) -> Result<Option<SessionId>> {
    let row: Option<TokenRow> = refresh_token::table
        .filter(refresh_token::token_hash.eq(hash.as_slice()))
        .select(columns::<TokenRow>())
        .first(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let row = if row.used_at.is_none() { store.authenticator().check(row)? } else { row };
    Ok(Some(row.session_id))
}
