//! Jobs, and in whose name they are done: what an account asked for that goes on after the reply.

use groeilijn_domain::access::Rights;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::job::{self, HeldJob, NewJob};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::{account, membership};
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Carries out the import whose id is the job's.
    ApplyImport,
}

impl JobKind {
    const fn code(self) -> &'static str {
        match self {
            Self::ApplyImport => "apply-import",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::ApplyImport].into_iter().find(|kind| kind.code() == code)
    }
}

/// A job that this process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id: that of what it works on.
    pub id: Uuid,
    /// Whose data it works on.
    pub institution: InstitutionId,
    /// Who asked for it, as what they are at the institution now.
    pub actor: Actor,
    /// What they may do now.
    pub rights: Rights,
    /// How they stand now.
    pub account: AccountState,
    /// What it does.
    pub kind: JobKind,
    held: HeldJob,
}

impl Store {
    /// Takes the job that has waited longest and that nobody holds at the moment `now`, if there is one.
    pub async fn claim_job(&self, now: Timestamp, lease: SignedDuration) -> Result<Option<Job>> {
        let Some(held) = job::claim(self.data(), now, lease).await? else { return Ok(None) };
        let kind = JobKind::from_code(&held.kind).ok_or(Error::Unreadable("job"))?;
        let (store, institution, user) = (self.clone(), held.institution, held.user);
        let (actor, rights, account) = self
            .data()
            .read(Cost::Rows, move |connection| asker(connection, &store, institution, user))
            .await?;
        Ok(Some(Job { id: held.id, institution: held.institution, actor, rights, account, kind, held }))
    }

    /// Holds a job for longer, from the moment `now`. `None` when another process has it or it is done.
    pub async fn renew_job(&self, job: Job, now: Timestamp, lease: SignedDuration) -> Result<Option<Job>> {
        let renewed = job::renew(self.data(), job.held.clone(), now, lease).await?;
        Ok(renewed.map(|held| Job { held, ..job }))
    }

    /// Gives a job back, for the next process that looks for one.
    pub async fn release_job(&self, job: Job) -> Result<()> {
        job::release(self.data(), job.held).await
    }
}

/// Who asked for a job at an institution, and what they may do there now.
fn asker(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
    user: UserId,
) -> Result<(Actor, Rights, AccountState)> {
    let membership = membership::load(connection, store, institution, user)?;
    let login = account::load(connection, store, membership.account_id)?;
    let actor = membership.actor();
    let rights = membership.rights_to_pass_on();
    Ok((actor, rights, membership.standing().as_seen(login.state)))
}

impl TenantWriter<'_> {
    /// Leaves a job to be done after this transaction, in the actor's name.
    pub(crate) fn queue_job(&mut self, id: Uuid, kind: JobKind) -> Result<()> {
        let new = NewJob {
            id,
            institution: self.institution(),
            user: self.actor()?.user,
            kind: kind.code(),
            created_at: self.now(),
        };
        job::queue(self.connection, &new)
    }

    /// Takes away a job that is done.
    pub(crate) fn remove_job(&mut self, id: Uuid) -> Result<()> {
        job::remove(self.connection, id)
    }
}
