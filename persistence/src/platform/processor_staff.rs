//! The processor's own staff: the persons behind accounts without an institution (C002), each sealed under a key of
//! their own, and their signed confidentiality statements (C045).

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::{ProcessorFunction, Role};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyRing;
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::access::account::lock_account;
use crate::access::account::{self, NewAccount, NewInvitation};
use crate::access::schema::account as account_table;
use crate::access::session::end_sessions_of;
use crate::convert::{code, date, micros, timestamp, uuid};
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::store::Store;
use crate::platform::schema::{confidentiality_statement, processor_staff};

const TABLE: &str = "processor_staff";

/// What is known of a member of the processor's staff.
#[derive(Clone, PartialEq, Eq)]
pub struct ProcessorStaffFields {
    /// Name.
    pub name: PersonName,
    /// The address to log in with.
    pub email: EmailAddress,
    /// What they do.
    pub function: ProcessorFunction,
}

/// A signed confidentiality statement: the paper itself is kept elsewhere (C045).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfidentialityStatement {
    /// The day on which it was signed.
    pub signed_on: Date,
    /// SHA-256 of the document.
    pub document_sha256: [u8; 32],
}

/// A member of staff as kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredProcessorStaff {
    /// The id, which is also the account's.
    pub id: UserId,
    /// What is known.
    pub fields: ProcessorStaffFields,
    /// How the account stands.
    pub state: AccountState,
    /// The latest statement, if one was signed.
    pub statement: Option<ConfidentialityStatement>,
    /// How often this was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = processor_staff)]
struct UserRow {
    id: Vec<u8>,
    first_name: Vec<u8>,
    infix: Vec<u8>,
    last_name: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: i64,
}

fn place(id: Uuid) -> RowPlace {
    RowPlace { institution: InstitutionId::PLATFORM, table: TABLE, row: id, subject: Some(id) }
}

impl UserRow {
    fn read(self, connection: &mut AnyConnection, keys: &KeyRing) -> Result<StoredProcessorStaff> {
        let id = uuid(&self.id, TABLE)?;
        let (role, state): (String, String) = account_table::table
            .find(self.id.as_slice())
            .select((account_table::role, account_table::state))
            .first(connection)?;
        let Role::Processor(function) = code(Role::from_code, &role, TABLE)? else {
            return Err(Error::Unreadable(TABLE));
        };
        let mut opener = RowOpener::new(keys, place(id));
        Ok(StoredProcessorStaff {
            id: UserId::from_uuid(id),
            fields: ProcessorStaffFields {
                name: PersonName {
                    first: opener.required_kept("first_name", &self.first_name, NamePart::kept)?,
                    infix: opener.kept("infix", &self.infix, Infix::kept)?,
                    last: opener.required_kept("last_name", &self.last_name, NamePart::kept)?,
                },
                email: opener.required_kept("email", &self.email, EmailAddress::kept)?,
                function,
            },
            state: code(AccountState::from_code, &state, TABLE)?,
            statement: latest_statement(connection, UserId::from_uuid(id))?,
            revision: self.revision,
            created_at: timestamp(self.created_at, TABLE)?,
        })
    }
}

fn load(connection: &mut AnyConnection, keys: &KeyRing, id: UserId) -> Result<StoredProcessorStaff> {
    processor_staff::table
        .find(id.as_bytes().as_slice())
        .select(columns::<UserRow>())
        .first::<UserRow>(connection)
        .optional()?
        .ok_or(Error::NotFound)?
        .read(connection, keys)
}

/// The latest statement that somebody signed (C045).
pub(crate) fn latest_statement(
    connection: &mut AnyConnection,
    id: UserId,
) -> Result<Option<ConfidentialityStatement>> {
    let found: Option<(String, Vec<u8>)> = confidentiality_statement::table
        .filter(confidentiality_statement::staff_id.eq(id.as_bytes().as_slice()))
        .order(confidentiality_statement::recorded_at.desc())
        .select((confidentiality_statement::signed_on, confidentiality_statement::document_sha256))
        .first(connection)
        .optional()?;
    let Some((signed_on, document)) = found else { return Ok(None) };
    Ok(Some(ConfidentialityStatement {
        signed_on: date(&signed_on, TABLE)?,
        document_sha256: document.try_into().map_err(|_| Error::Unreadable(TABLE))?,
    }))
}

impl Store {
    /// Makes the key of a new member of the processor's staff. Durable when this returns.
    pub async fn create_processor_key(&self, id: UserId) -> Result<()> {
        self.keys().create_subjects(InstitutionId::PLATFORM, vec![id.as_uuid()]).await
    }
}

impl PlatformReader<'_> {
    /// The processor's staff in the order of their ids, after the one with id `after`.
    pub fn processor_staff(
        &mut self,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<StoredProcessorStaff>> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<UserRow> = processor_staff::table
            .filter(processor_staff::id.gt(after))
            .order(processor_staff::id)
            .limit(limit)
            .select(columns::<UserRow>())
            .load(self.connection)?;
        rows.into_iter().map(|row| row.read(self.connection, self.store.keys())).collect()
    }

    /// One member of the processor's staff.
    pub fn processor_staff_member(&mut self, id: UserId) -> Result<StoredProcessorStaff> {
        load(self.connection, self.store.keys(), id)
    }
}

impl PlatformWriter<'_> {
    /// Enters a member of the processor's staff with an account that awaits its password. The key was made before
    /// ([`Store::create_processor_key`]).
    ///
    /// # Errors
    /// [`Error::Conflict`] `email-in-use`.
    pub fn create_processor_staff(
        &mut self,
        id: UserId,
        fields: &ProcessorStaffFields,
        invitation: &NewInvitation,
    ) -> Result<StoredProcessorStaff> {
        let (now, store) = (self.now(), self.store());
        let new = NewAccount {
            id,
            institution: None,
            email: &fields.email,
            role: Role::Processor(fields.function),
        };
        account::insert(self.connection, store, &new, now)?;
        let mut row = RowSealer::new(store.keys(), store.environment(), place(id.as_uuid()))?;
        diesel::insert_into(processor_staff::table)
            .values((
                processor_staff::id.eq(id.as_bytes().as_slice()),
                processor_staff::first_name.eq(row.text("first_name", Some(fields.name.first.as_str()))),
                processor_staff::infix.eq(row.text("infix", fields.name.infix.as_ref().map(Infix::as_str))),
                processor_staff::last_name.eq(row.text("last_name", Some(fields.name.last.as_str()))),
                processor_staff::email.eq(row.text("email", Some(fields.email.as_str()))),
                processor_staff::revision.eq(1),
                processor_staff::created_at.eq(micros(now)),
            ))
            .execute(self.connection)?;
        let to = Actor { account: id, role: new.role, institution: None };
        account::invite(self.connection, store, to, invitation)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        load(self.connection, store.keys(), id)
    }

    /// Changes what a member of the processor's staff does, or whether they are let in; their sessions end.
    ///
    /// # Errors
    /// [`Error::Stale`] when they were changed in the meantime; [`Error::Conflict`] `last-administrator`, `own-function`.
    pub fn change_processor_staff(
        &mut self,
        stored: &StoredProcessorStaff,
        function: ProcessorFunction,
        state: AccountState,
    ) -> Result<StoredProcessorStaff> {
        let id = stored.id;
        if id == self.actor()?.account && function != stored.fields.function {
            let detail = "somebody else changes what you do";
            return Err(Error::conflict("own-function", detail));
        }
        dialect::lock_institution(self.connection, InstitutionId::PLATFORM)?;
        lock_account(self.connection, id)?;
        let updated = diesel::update(
            processor_staff::table
                .find(id.as_bytes().as_slice())
                .filter(processor_staff::revision.eq(stored.revision)),
        )
        .set(processor_staff::revision.eq(stored.revision + 1))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        let role = Role::Processor(function);
        diesel::update(account_table::table.find(id.as_bytes().as_slice()))
            .set((account_table::role.eq(role.code()), account_table::state.eq(state.code())))
            .execute(self.connection)?;
        if state == AccountState::Invited {
            account::forget_strikes(self.connection, id)?;
        }
        self.require_platform_administrator()?;
        let now = micros(self.now());
        end_sessions_of(self.connection, id, SessionEnd::RightsChanged, now)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        load(self.connection, self.store().keys(), id)
    }

    /// Somebody must be able to let others in. Nobody else takes one away until the commit.
    fn require_platform_administrator(&mut self) -> Result<()> {
        let role = Role::Processor(ProcessorFunction::PlatformAdministrator);
        let left: i64 = account_table::table
            .filter(account_table::role.eq(role.code()))
            .filter(account_table::state.eq(AccountState::Active.code()))
            .count()
            .get_result(self.connection)?;
        if left > 0 {
            return Ok(());
        }
        Err(Error::conflict("last-administrator", "there must be a platform administrator who can log in"))
    }

    /// Records a signed confidentiality statement (C045).
    pub fn record_statement(
        &mut self,
        id: UserId,
        statement: &ConfidentialityStatement,
    ) -> Result<StoredProcessorStaff> {
        load(self.connection, self.store().keys(), id)?;
        let (now, recorded_by) = (self.now(), self.actor()?.account);
        diesel::insert_into(confidentiality_statement::table)
            .values((
                confidentiality_statement::id.eq(self.store().environment().uuid().as_bytes().as_slice()),
                confidentiality_statement::staff_id.eq(id.as_bytes().as_slice()),
                confidentiality_statement::signed_on.eq(statement.signed_on.to_string()),
                confidentiality_statement::document_sha256.eq(statement.document_sha256.as_slice()),
                confidentiality_statement::recorded_by.eq(recorded_by.as_bytes().as_slice()),
                confidentiality_statement::recorded_at.eq(micros(now)),
            ))
            .execute(self.connection)?;
        diesel::update(processor_staff::table.find(id.as_bytes().as_slice()))
            .set(processor_staff::revision.eq(processor_staff::revision + 1))
            .execute(self.connection)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        load(self.connection, self.store().keys(), id)
    }

    /// Invites a member of the processor's staff to set a password, once more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_processor_staff(&mut self, id: UserId, invitation: &NewInvitation) -> Result<()> {
        let store = self.store();
        let stored = load(self.connection, store.keys(), id)?;
        if stored.state == AccountState::Blocked {
            return Err(Error::conflict("user-blocked", "who is blocked is unblocked first"));
        }
        let to = Actor { account: id, role: Role::Processor(stored.fields.function), institution: None };
        account::invite(self.connection, store, to, invitation)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        Ok(())
    }
}
