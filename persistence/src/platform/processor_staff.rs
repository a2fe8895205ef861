//! The processor's own staff: the persons behind accounts without an institution (C002), each sealed under a key of
//! their own.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::invitation::InvitationKind;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Person;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::platform::processor_staff::{
    ProcessorStaffFields, check_administrators, check_function_change, check_invitable,
};
use groeilijn_domain::platform::staff_right_change::{StaffEntitlement, StaffRightChange};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;

use crate::access::account::{self, NewAccount, forget_strikes, lock_account};
use crate::access::invitation::{NewInvitation, invite, void_links};
use crate::access::letter;
use crate::access::schema::account as account_table;
use crate::access::session::end_sessions_of;
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::handles::store::Store;
use crate::person_name::{open_name, seal_name};
use crate::platform::schema::processor_staff;
use crate::platform::{confidentiality_statement, key_owner};

const TABLE: &str = "processor_staff";

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

impl StoredProcessorStaff {
    /// What decides what they may do.
    fn entitlement(&self) -> StaffEntitlement {
        StaffEntitlement {
            function: self.fields.function,
            state: self.state,
            statement: self.statement.clone(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = processor_staff)]
struct StaffRow {
    id: UserId,
    name: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
}

fn place(id: UserId) -> RowPlace {
    let owner = key_owner::staff(id);
    RowPlace { institution: InstitutionId::PLATFORM, table: TABLE, row: id.as_uuid(), owner }
}

impl StaffRow {
    fn read(self, connection: &mut AnyConnection, store: &Store) -> Result<StoredProcessorStaff> {
        let account = account::load(connection, store, self.id.into())?;
        let function = account.processor_function.ok_or(Error::Unreadable(TABLE))?;
        let mut opener = RowOpener::new(store.keys(), place(self.id));
        Ok(StoredProcessorStaff {
            id: self.id,
            fields: ProcessorStaffFields {
                name: open_name(&mut opener, &self.name)?,
                email: opener.required_kept("email", &self.email, EmailAddress::kept)?,
                function,
            },
            state: account.state,
            statement: confidentiality_statement::latest(connection, self.id)?,
            revision: self.revision,
            created_at: self.created_at,
        })
    }
}

/// A member of staff, as long as they are.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) fn load(
    connection: &mut AnyConnection,
    store: &Store,
    id: UserId,
) -> Result<StoredProcessorStaff> {
    let row: StaffRow = processor_staff::table
        .filter(processor_staff::id.is(id))
        .filter(processor_staff::ended_at.is_null())
        .select(columns::<StaffRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    row.read(connection, store)
}

impl Store {
    /// Leaves a letter to every platform administrator who can log in. One whose row cannot be read gets none.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn tell_platform_administrators(&self, content: LetterContent) -> Result<()> {
        let store = self.clone();
        let write = move |connection: &mut AnyConnection, _: &mut _| {
            write_to_platform_administrators(connection, &store, &content)
        };
        self.data().writer().run(write).await
    }
}

/// Leaves a letter to every platform administrator who can log in, when this transaction is committed. One whose row cannot
/// be read gets none.
pub(crate) fn write_to_platform_administrators(
    connection: &mut AnyConnection,
    store: &Store,
    content: &LetterContent,
) -> Result<()> {
    let staff = PlatformReader { connection, store }.processor_staff(None, i64::MAX)?;
    let function = ProcessorFunction::PlatformAdministrator;
    let told =
        |one: &StoredProcessorStaff| one.fields.function == function && one.state == AccountState::Active;
    for one in staff.into_iter().filter(told) {
        letter::queue(connection, store, Person { user: one.id, institution: None }, content)?;
    }
    Ok(())
}

/// Keeps another address of a member of staff, by which she logs in from now on.
pub(crate) fn readdress_staff(
    connection: &mut AnyConnection,
    store: &Store,
    id: UserId,
    email: &EmailAddress,
) -> Result<()> {
    let mut row = RowSealer::new(store.keys(), store.environment(), place(id))?;
    let sealed = row.text("email", Some(email.as_str()));
    diesel::update(processor_staff::table.filter(processor_staff::id.is(id)))
        .set((processor_staff::email.eq(sealed), processor_staff::revision.eq(processor_staff::revision + 1)))
        .execute(connection)?;
    Ok(())
}

impl PlatformReader<'_> {
    /// The processor's staff in the order of their ids, after the one with id `after`.
    pub fn processor_staff(
        &mut self,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<StoredProcessorStaff>> {
        let rows = |reader: &mut Self, after: &UserId, limit| {
            let rows: Vec<StaffRow> = processor_staff::table
                .filter(processor_staff::id.after(*after))
                .filter(processor_staff::ended_at.is_null())
                .order(processor_staff::id)
                .limit(limit)
                .select(columns::<StaffRow>())
                .load(reader.connection)?;
            let owners = rows.iter().map(|row| key_owner::staff(row.id));
            reader.store.keys().open_all(InstitutionId::PLATFORM, owners)?;
            Ok(rows)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row| row.id,
            |reader, row| {
                let id = row.id;
                let opened = row.read(reader.connection, reader.store);
                reader.store.damaged_rows().readable(id, opened)
            },
        )
    }

    /// That there is such a member of the processor's staff, whether or not the row can be read.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn require_processor_staff(&mut self, id: UserId) -> Result<()> {
        let own = processor_staff::table
            .filter(processor_staff::id.is(id))
            .filter(processor_staff::ended_at.is_null());
        let is_there: bool = diesel::select(diesel::dsl::exists(own)).get_result(self.connection)?;
        if is_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// One member of the processor's staff.
    pub fn processor_staff_member(&mut self, id: UserId) -> Result<StoredProcessorStaff> {
        load(self.connection, self.store, id)
    }
}

impl PlatformWriter<'_> {
    /// Enters a member of the processor's staff with an account that awaits its password. The key was made before
    /// ([`Platform::entering`](crate::Platform::entering)). Why goes into the register of rights.
    ///
    /// # Errors
    /// [`Error::Conflict`] `email-in-use`.
    pub fn create_processor_staff(
        &mut self,
        id: UserId,
        fields: &ProcessorStaffFields,
        reason: &ShortText,
        invitation: &NewInvitation,
    ) -> Result<StoredProcessorStaff> {
        let (now, store) = (self.now(), self.store());
        if account::by_email(self.connection, store, &fields.email)?.is_some() {
            return Err(Error::conflict("email-in-use", "somebody logs in with this e-mail address already"));
        }
        let function = Some(fields.function);
        let new = NewAccount { id: id.into(), email: &fields.email, processor_function: function };
        account::insert(self.connection, store, &new, now)?;
        let mut row = RowSealer::new(store.keys(), store.environment(), place(id))?;
        diesel::insert_into(processor_staff::table)
            .values((
                processor_staff::id.is(id),
                processor_staff::name.eq(seal_name(&mut row, &fields.name)),
                processor_staff::email.eq(row.text("email", Some(fields.email.as_str()))),
                processor_staff::revision.eq(1),
                processor_staff::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.send_invitation(id, invitation)?;
        self.registered(id, None, reason)
    }

    /// Changes what a member of the processor's staff does, or whether they are let in; their sessions end. Why goes
    /// into the register of rights.
    ///
    /// # Errors
    /// [`Error::Stale`] when they were changed in the meantime; [`Error::Conflict`] `last-administrator`, `own-function`.
    pub fn change_processor_staff(
        &mut self,
        stored: &StoredProcessorStaff,
        function: ProcessorFunction,
        state: AccountState,
        reason: &ShortText,
    ) -> Result<StoredProcessorStaff> {
        let id = stored.id;
        check_function_change(self.actor()?.user, id, stored.fields.function, function)
            .map_err(Error::Conflict)?;
        dialect::lock_institution(self.connection, InstitutionId::PLATFORM)?;
        lock_account(self.connection, id.into())?;
        let unchanged = processor_staff::table
            .filter(processor_staff::id.is(id))
            .filter(processor_staff::revision.eq(stored.revision));
        let updated = diesel::update(unchanged)
            .set(processor_staff::revision.eq(stored.revision + 1))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        account::change(self.connection, self.store(), id.into(), |row| {
            row.processor_function = Some(function);
            row.state = state;
            Ok(())
        })?;
        if state == AccountState::Invited {
            forget_strikes(self.connection, id.into())?;
        }
        self.require_platform_administrator()?;
        let now = self.now();
        if state != stored.state {
            void_links(self.connection, id.into(), now)?;
        }
        end_sessions_of(self.connection, id.into(), SessionEnd::RightsChanged, now)?;
        self.registered(id, Some(stored), reason)
    }

    /// A member of staff as they stand now, with the change since `before` in the register of rights.
    fn registered(
        &mut self,
        id: UserId,
        before: Option<&StoredProcessorStaff>,
        reason: &ShortText,
    ) -> Result<StoredProcessorStaff> {
        let after = load(self.connection, self.store(), id)?;
        let change = StaffRightChange {
            before: before.map(StoredProcessorStaff::entitlement),
            after: after.entitlement(),
            reason: reason.as_str().to_owned(),
        };
        self.register_staff_right_change(id, &change)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        Ok(after)
    }

    /// That somebody is left who can let others in. Nobody else takes one away until the commit.
    fn require_platform_administrator(&mut self) -> Result<()> {
        let left: i64 = account_table::table
            .filter(account_table::processor_function.is(Some(ProcessorFunction::PlatformAdministrator)))
            .filter(account_table::state.is(AccountState::Active))
            .count()
            .get_result(self.connection)?;
        check_administrators(left).map_err(Error::Conflict)
    }

    /// Records a signed confidentiality statement (C045). Why goes into the register of rights.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record_statement(
        &mut self,
        id: UserId,
        statement: &ConfidentialityStatement,
        reason: &ShortText,
    ) -> Result<StoredProcessorStaff> {
        let (store, recorded_by) = (self.store(), self.actor()?.user);
        let before = load(self.connection, store, id)?;
        confidentiality_statement::insert(self.connection, store.environment(), id, statement, recorded_by)?;
        diesel::update(processor_staff::table.filter(processor_staff::id.is(id)))
            .set(processor_staff::revision.eq(processor_staff::revision + 1))
            .execute(self.connection)?;
        self.registered(id, Some(&before), reason)
    }

    /// Invites a member of the processor's staff to set a password, once more.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `user-blocked`.
    pub fn invite_processor_staff(
        &mut self,
        id: UserId,
        invitation: &NewInvitation,
    ) -> Result<StoredProcessorStaff> {
        let stored = load(self.connection, self.store(), id)?;
        check_invitable(stored.state).map_err(Error::Conflict)?;
        self.send_invitation(id, invitation)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        Ok(stored)
    }

    fn send_invitation(&mut self, id: UserId, invitation: &NewInvitation) -> Result<()> {
        let to = Person { user: id, institution: None };
        invite(self.connection, self.store(), (id.into(), to), InvitationKind::SetPassword, invitation)
    }
}
