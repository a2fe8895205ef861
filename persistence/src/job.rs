//! Work that goes on after its request was answered.
//!
//! A job is a row that whichever process takes it holds for a while: it renews the lease as long as it works,
//! and when it dies another takes over. So a job has to be such that doing it twice is doing it once.

use groeilijn_domain::access::Rights;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::InstitutionId;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::account::{read_actor, read_rights};
use crate::audit::Actor;
use crate::convert::{code, micros, uuid};
use crate::database::Cost;
use crate::database::query::prelude::*;
use crate::error::Result;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::schema::{account, job};

const TABLE: &str = "job";

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
    /// Who asked for it, as what the account is now.
    pub actor: Actor,
    /// What that account may do now.
    pub rights: Rights,
    /// How that account stands now.
    pub account: AccountState,
    /// What it does.
    pub kind: JobKind,
    /// Until when it is held, in microseconds since 1970 in UTC: also the proof of holding it.
    lease_until: i64,
}

type JobRow = (Vec<u8>, Vec<u8>, String, i64, Vec<u8>, Option<Vec<u8>>, String, Option<String>, String);

fn read(
    (id, institution, kind, lease_until, account, member_of, role, rights, state): JobRow,
) -> Result<Job> {
    let actor = read_actor(&account, member_of.as_deref(), &role)?;
    Ok(Job {
        id: uuid(&id, TABLE)?,
        institution: InstitutionId::from_uuid(uuid(&institution, TABLE)?),
        actor,
        rights: read_rights(actor.role, rights.as_deref())?,
        account: code(AccountState::from_code, &state, TABLE)?,
        kind: code(JobKind::from_code, &kind, TABLE)?,
        lease_until,
    })
}

impl Store {
    /// Takes the job that has waited longest and that nobody holds at the moment `now`, if there is one.
    pub async fn claim_job(&self, now: Timestamp, lease: SignedDuration) -> Result<Option<Job>> {
        let found = self
            .data()
            .read(Cost::Rows, move |connection| {
                let row: Option<JobRow> = job::table
                    .inner_join(account::table.on(account::id.eq(job::account_id)))
                    .filter(job::lease_until.lt(micros(now)))
                    .order((job::created_at, job::id))
                    .select((
                        job::id,
                        job::institution_id,
                        job::kind,
                        job::lease_until,
                        account::id,
                        account::institution_id,
                        account::role,
                        account::rights,
                        account::state,
                    ))
                    .first(connection)
                    .optional()?;
                row.map(read).transpose()
            })
            .await?;
        let Some(job) = found else { return Ok(None) };
        self.extend_job(job, micros(now + lease)).await
    }

    /// Holds a job for longer, from the moment `now`. `None` when another process has it or it is done.
    pub async fn renew_job(&self, job: Job, now: Timestamp, lease: SignedDuration) -> Result<Option<Job>> {
        self.extend_job(job, micros(now + lease)).await
    }

    /// Leaves a job for whoever takes it next.
    pub async fn release_job(&self, job: Job) -> Result<()> {
        self.extend_job(job, 0).await?;
        Ok(())
    }

    /// Of all who try with the same lease in hand, one succeeds.
    async fn extend_job(&self, job: Job, until: i64) -> Result<Option<Job>> {
        self.data()
            .writer()
            .run(move |connection, _| {
                let held = job::table
                    .find(job.id.as_bytes().as_slice())
                    .filter(job::lease_until.eq(job.lease_until));
                let extended = diesel::update(held).set(job::lease_until.eq(until)).execute(connection)?;
                Ok((extended == 1).then_some(Job { lease_until: until, ..job }))
            })
            .await
    }
}

impl TenantWriter<'_> {
    /// Leaves a job to be done after this transaction, in the actor's name.
    pub(crate) fn queue_job(&mut self, id: Uuid, kind: JobKind) -> Result<()> {
        let institution = self.institution();
        let account = self.actor()?.account;
        let created_at = micros(self.now());
        diesel::insert_into(job::table)
            .values((
                job::id.eq(id.as_bytes().as_slice()),
                job::institution_id.eq(institution.as_bytes().as_slice()),
                job::account_id.eq(account.as_bytes().as_slice()),
                job::kind.eq(kind.code()),
                job::lease_until.eq(0),
                job::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Takes away a job that is done.
    pub(crate) fn remove_job(&mut self, id: Uuid) -> Result<()> {
        diesel::delete(job::table.find(id.as_bytes().as_slice())).execute(self.connection)?;
        Ok(())
    }
}
