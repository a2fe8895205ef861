//! How institutions get an administrator who can log in when none is left (C006, C007).

use groeilijn_domain::access::Function;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::user::{UserFields, check_own_address};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::administrator_recovery::{RecoveryKind, RecoverySteps, Step};
use groeilijn_domain::institutions::contact::check_no_other_administrator;
use groeilijn_domain::support::RequestChannel;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AdministratorRecoveryId, InstitutionId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::invitation::NewInvitation;
use crate::access::letter::{Addressee, queue_to};
use crate::handles::platform::PlatformWriter;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::administrator_recovery;

const TABLE: &str = "administrator_recovery";

/// What the licence holder asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Asked {
    /// That this person becomes an administrator.
    NewAdministrator(Candidate),
    /// That this administrator sets up another second factor.
    SecondFactor(UserId),
}

/// Who is to become an administrator, with exactly the fields of a user (C022).
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Her name.
    pub name: PersonName,
    /// Her gender.
    pub gender: Gender,
    /// The address that she will log in with.
    pub email: EmailAddress,
}

/// A request of a licence holder that is recorded.
pub struct NewRecovery {
    /// Its id.
    pub id: AdministratorRecoveryId,
    /// What she asks for.
    pub asked: Asked,
    /// How it came in.
    pub channel: RequestChannel,
    /// On which day, in Amsterdam.
    pub received_on: Date,
}

/// A request of a licence holder as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecovery {
    /// Its id.
    pub id: AdministratorRecoveryId,
    /// What she asks for.
    pub asked: Asked,
    /// How it came in.
    pub channel: RequestChannel,
    /// On which day, in Amsterdam.
    pub received_on: Date,
    /// Who recorded it, and when.
    pub recorded: Step,
    /// How it was checked that she asks.
    pub identity_check: Option<String>,
    /// Why it was stopped.
    pub stop_reason: Option<String>,
    /// The steps that were taken.
    pub steps: RecoverySteps,
}

impl StoredRecovery {
    /// What kind of request it is.
    pub const fn kind(&self) -> RecoveryKind {
        match self.asked {
            Asked::NewAdministrator(_) => RecoveryKind::NewAdministrator,
            Asked::SecondFactor(_) => RecoveryKind::SecondFactor,
        }
    }
}

/// What is sealed of a request.
#[derive(Default, Serialize, Deserialize)]
struct Content {
    candidate: Option<(String, Gender, String)>,
    identity_check: Option<String>,
    stop_reason: Option<String>,
}

impl Content {
    fn of(recovery: &StoredRecovery) -> Self {
        Self {
            identity_check: recovery.identity_check.clone(),
            stop_reason: recovery.stop_reason.clone(),
            ..Self::asking(&recovery.asked)
        }
    }

    fn asking(asked: &Asked) -> Self {
        let candidate = match asked {
            Asked::NewAdministrator(candidate) => {
                let email = candidate.email.as_str().to_owned();
                Some((candidate.name.to_kept(), candidate.gender, email))
            }
            Asked::SecondFactor(_) => None,
        };
        Self { candidate, ..Self::default() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = administrator_recovery)]
struct RecoveryRow {
    id: AdministratorRecoveryId,
    user_id: Option<UserId>,
    channel: RequestChannel,
    received_on: Date,
    content: Vec<u8>,
    recorded_by: UserId,
    recorded_at: Timestamp,
    checked_by: Option<UserId>,
    checked_at: Option<Timestamp>,
    approved_by: Option<UserId>,
    approved_at: Option<Timestamp>,
    stopped_by: Option<UserId>,
    stopped_at: Option<Timestamp>,
    carried_out_by: Option<UserId>,
    carried_out_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The requests of the licence holder, in the order in which they were recorded.
    pub fn recoveries(&mut self) -> Result<Vec<StoredRecovery>> {
        let rows: Vec<RecoveryRow> = administrator_recovery::table
            .filter(administrator_recovery::institution_id.is(self.institution()))
            .order(administrator_recovery::id)
            .select(columns::<RecoveryRow>())
            .load(self.connection)?;
        let mut recoveries = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            let opened = self.open_recovery(&row);
            recoveries.extend(self.readable(id, opened)?);
        }
        Ok(recoveries)
    }

    /// One request of the licence holder.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn recovery(&mut self, id: AdministratorRecoveryId) -> Result<StoredRecovery> {
        let row: RecoveryRow = administrator_recovery::table
            .filter(administrator_recovery::institution_id.is(self.institution()))
            .filter(administrator_recovery::id.is(id))
            .select(columns::<RecoveryRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_recovery(&row)
    }

    fn open_recovery(&mut self, row: &RecoveryRow) -> Result<StoredRecovery> {
        self.touch(ObjectKind::AdministratorRecovery, row.id.as_uuid());
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let content: Content = opener.json("content", &row.content)?;
        let asked = match (row.user_id, content.candidate) {
            (Some(user), _) => Asked::SecondFactor(user),
            (None, Some((name, gender, email))) => Asked::NewAdministrator(Candidate {
                name: PersonName::kept(&name).ok_or(Error::Unreadable(TABLE))?,
                gender,
                email: EmailAddress::kept(email),
            }),
            (None, None) => return Err(Error::Unreadable(TABLE)),
        };
        Ok(StoredRecovery {
            id: row.id,
            asked,
            channel: row.channel,
            received_on: row.received_on,
            recorded: (row.recorded_by, row.recorded_at),
            identity_check: content.identity_check,
            stop_reason: content.stop_reason,
            steps: RecoverySteps {
                checked: row.checked_by.zip(row.checked_at),
                approved: row.approved_by.zip(row.approved_at),
                stopped: row.stopped_by.zip(row.stopped_at),
                carried_out: row.carried_out_by.zip(row.carried_out_at),
            },
        })
    }
}

impl TenantWriter<'_> {
    /// Records what the licence holder asks for.
    ///
    /// # Errors
    /// [`Error::Conflict`] `no-licence-holder`, `other-administrator`, `recovery-open`; [`Error::Invalid`] for an address
    /// that is not the institution's, `not-an-administrator`.
    pub fn record_recovery(&mut self, new: &NewRecovery) -> Result<StoredRecovery> {
        self.check_recovery(&new.asked)?;
        let (institution, id) = (self.institution(), new.id);
        let (recorded_by, recorded_at) = (self.actor()?.user, self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let content = row.json("content", &Content::asking(&new.asked))?;
        self.sealed(row);
        let user = match new.asked {
            Asked::SecondFactor(user) => Some(user),
            Asked::NewAdministrator(_) => None,
        };
        diesel::insert_into(administrator_recovery::table)
            .values((
                administrator_recovery::institution_id.is(institution),
                administrator_recovery::id.is(id),
                administrator_recovery::user_id.is(user),
                administrator_recovery::channel.is(new.channel),
                administrator_recovery::received_on.is(new.received_on),
                administrator_recovery::content.eq(content),
                administrator_recovery::recorded_by.is(recorded_by),
                administrator_recovery::recorded_at.is(recorded_at),
            ))
            .execute(self.connection)?;
        self.recovery(id)
    }

    fn check_recovery(&mut self, asked: &Asked) -> Result<()> {
        match self.licence_holder() {
            Err(Error::NotFound) => {
                let detail = "The institution has no licence holder on record.";
                return Err(Error::Conflict(Refusal::new("no-licence-holder", detail)));
            }
            found => drop(found?),
        }
        match asked {
            Asked::NewAdministrator(candidate) => {
                let domains = self.own_institution()?.domains;
                check_own_address(&domains, &candidate.email)
                    .map_err(|refusal| Error::invalid("administrator/email", refusal))?;
                // The one who is gone may still be known as one.
                let nobody = UserId::from_uuid(Uuid::nil());
                let known = self.other_administrators(nobody)?;
                check_no_other_administrator(known.saturating_sub(1)).map_err(Error::Conflict)?;
            }
            Asked::SecondFactor(user) => {
                let is_administrator = match self.user(*user) {
                    Err(Error::NotFound) => false,
                    found => found?.fields.function == Function::Administrator,
                };
                if !is_administrator {
                    let refusal = Refusal::new("not-an-administrator", "must be an administrator");
                    return Err(Error::invalid("user_id", refusal));
                }
                let others = self.other_administrators(*user)?;
                check_no_other_administrator(others).map_err(Error::Conflict)?;
            }
        }
        if self.recoveries()?.iter().any(|recovery| recovery.steps.is_open()) {
            let detail = "Another request of the licence holder is not finished yet.";
            return Err(Error::Conflict(Refusal::new("recovery-open", detail)));
        }
        Ok(())
    }

    /// Puts down how it was checked that the licence holder herself asks.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`.
    pub fn check_recovery_identity(
        &mut self,
        id: AdministratorRecoveryId,
        check: &ShortText,
    ) -> Result<StoredRecovery> {
        let mut stored = self.recovery(id)?;
        stored.steps.check_checking().map_err(Error::Conflict)?;
        stored.steps.checked = Some((self.actor()?.user, self.now()));
        stored.identity_check = Some(check.as_str().to_owned());
        self.put_recovery(&stored)
    }

    /// Approves it, in another person's name than who checked who asks. The licence holder and the administrators are sent
    /// a letter, and the waiting time begins.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`, `second-person-needed`.
    pub fn approve_recovery(&mut self, id: AdministratorRecoveryId) -> Result<StoredRecovery> {
        let (actor, now) = (self.actor()?.user, self.now());
        let mut stored = self.recovery(id)?;
        stored.steps.check_approval(actor).map_err(Error::Conflict)?;
        stored.steps.approved = Some((actor, now));
        let told = LetterContent::RecoveryAnnounced {
            kind: stored.kind(),
            from: stored.steps.due_at().unwrap_or(now),
        };
        let (institution, holder) = (self.institution(), self.licence_holder()?.id);
        let to = Addressee::LicenceHolder { institution, id: holder };
        let store = self.store();
        queue_to(self.connection, store, to, &told)?;
        self.write_to_administrators(&told)?;
        self.put_recovery(&stored)
    }

    /// Stops it, whoever objects.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`.
    pub fn stop_recovery(
        &mut self,
        id: AdministratorRecoveryId,
        reason: &ShortText,
    ) -> Result<StoredRecovery> {
        let mut stored = self.recovery(id)?;
        stored.steps.check_stop().map_err(Error::Conflict)?;
        stored.steps.stopped = Some((self.actor()?.user, self.now()));
        stored.stop_reason = Some(reason.as_str().to_owned());
        self.put_recovery(&stored)
    }

    fn put_recovery(&mut self, stored: &StoredRecovery) -> Result<StoredRecovery> {
        let (institution, id, steps) = (self.institution(), stored.id, stored.steps);
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let content = row.json("content", &Content::of(stored))?;
        self.sealed(row);
        let (checked_by, checked_at) = steps.checked.unzip();
        let (approved_by, approved_at) = steps.approved.unzip();
        let (stopped_by, stopped_at) = steps.stopped.unzip();
        let (carried_out_by, carried_out_at) = steps.carried_out.unzip();
        // Of two who take a step at once, one does.
        let open = administrator_recovery::table
            .filter(administrator_recovery::institution_id.is(institution))
            .filter(administrator_recovery::id.is(id))
            .filter(administrator_recovery::stopped_at.is_null())
            .filter(administrator_recovery::carried_out_at.is_null());
        let put = diesel::update(open)
            .set((
                administrator_recovery::content.eq(content),
                administrator_recovery::checked_by.is(checked_by),
                administrator_recovery::checked_at.is(checked_at),
                administrator_recovery::approved_by.is(approved_by),
                administrator_recovery::approved_at.is(approved_at),
                administrator_recovery::stopped_by.is(stopped_by),
                administrator_recovery::stopped_at.is(stopped_at),
                administrator_recovery::carried_out_by.is(carried_out_by),
                administrator_recovery::carried_out_at.is(carried_out_at),
            ))
            .execute(self.connection)?;
        if put == 0 {
            return Err(Error::Stale(None));
        }
        self.recovery(id)
    }
}

impl PlatformWriter<'_> {
    /// Carries out what the licence holder asked for, once the waiting time is over: the new administrator, with this id, is
    /// entered and invited, or the second factor is taken away.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`, `too-early`; what entering a user refuses.
    pub fn carry_out_recovery(
        &mut self,
        institution: InstitutionId,
        id: AdministratorRecoveryId,
        (user, invitation): (UserId, &NewInvitation),
    ) -> Result<StoredRecovery> {
        let (actor, now) = (self.actor()?.user, self.now());
        let done = self.enter(institution, |tenant| {
            let mut stored = tenant.recovery(id)?;
            stored.steps.check_carrying_out(now).map_err(Error::Conflict)?;
            stored.steps.carried_out = Some((actor, now));
            if let Asked::NewAdministrator(candidate) = &stored.asked {
                let Candidate { name, gender, email } = candidate.clone();
                let fields = UserFields::new(name, gender, email, Function::Administrator);
                tenant.create_user(user, &fields, invitation)?;
            }
            tenant.put_recovery(&stored)
        })?;
        if let Asked::SecondFactor(administrator) = done.asked {
            self.reset_second_factor(institution, administrator)?;
        }
        Ok(done)
    }
}
