//! Users of an institution as the processor's staff sees them: who she is only as long as she allows it (C008, C009,
//! C011, C050).

use groeilijn_domain::access::Function;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::institutions::contact::{SeenPerson, check_no_other_administrator, check_unblockable};
use groeilijn_domain::support::Basis;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::error::{Error, Result};
use serde::Serialize;

use crate::access::invitation::NewInvitation;
use crate::access::key_owner;
use crate::access::user::StoredUser;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// A user as the processor's staff sees her.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredContact {
    /// Her id.
    pub id: UserId,
    /// What she does at the institution.
    pub function: Function,
    /// How her account stands.
    pub state: AccountState,
    /// Whether her name and address are masked.
    pub masked: bool,
    /// Her name, or two initials.
    pub name: PersonName,
    /// Her gender; none when it is masked.
    pub gender: Option<Gender>,
    /// Her address, or its first character and its domain.
    pub email: String,
    /// How often she was changed.
    pub revision: i32,
}

/// Why a user was changed, as it stands in the audit log.
#[derive(Serialize)]
struct ChangeOfContact<'a> {
    reason: &'a str,
}

impl StoredContact {
    fn of(stored: StoredUser, shown: bool) -> Self {
        let fields = stored.fields;
        let person = SeenPerson::new(fields.name, fields.gender, &fields.email, shown);
        Self {
            id: stored.id,
            function: fields.function,
            state: stored.state,
            masked: !shown,
            name: person.name,
            gender: person.gender,
            email: person.email,
            revision: stored.revision,
        }
    }
}

impl TenantReader<'_> {
    /// Users in the order of their ids, after the one with id `after`.
    pub fn contacts(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredContact>> {
        let shown = self.shown_to_staff()?;
        let users = self.users(after, limit)?;
        Ok(users
            .into_iter()
            .map(|user| {
                let is_shown = shown.contains(&user.id);
                StoredContact::of(user, is_shown)
            })
            .collect())
    }

    /// One user.
    pub fn contact(&mut self, id: UserId) -> Result<StoredContact> {
        let user = self.user(id)?;
        let shown = self.shown_to_staff()?.contains(&id);
        Ok(StoredContact::of(user, shown))
    }
}

impl TenantWriter<'_> {
    /// Changes who a user is, as long as she allows that she is seen; `change` makes the change. The reason goes into
    /// the audit log, under her own key.
    ///
    /// # Errors
    /// [`Error::Forbidden`] `no-consent`; [`Error::Stale`] when she was changed in the meantime.
    pub fn change_contact(
        &mut self,
        id: UserId,
        reason: &ShortText,
        change: impl FnOnce(&StoredContact, &mut PersonName, &mut Gender) -> Result<()>,
    ) -> Result<StoredContact> {
        let seen = self.contact(id)?;
        if seen.masked {
            return Err(Error::Forbidden(Basis::no_consent()));
        }
        let stored = self.user(id)?;
        let mut fields = stored.fields.clone();
        change(&seen, &mut fields.name, &mut fields.gender)?;
        self.change_user(&stored, &fields, None, None)?;
        self.detail(key_owner::user(id), &ChangeOfContact { reason: reason.as_str() })?;
        self.contact(id)
    }

    /// Lets a blocked administrator choose a new password: she is sent a link. How it was checked who she is goes into
    /// the register of rights.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-a-blocked-administrator`, `other-administrator`.
    pub fn unblock_administrator(
        &mut self,
        id: UserId,
        identity_check: &ShortText,
        invitation: &NewInvitation,
    ) -> Result<StoredContact> {
        let stored = self.user(id)?;
        check_unblockable(stored.fields.function, stored.state).map_err(Error::Conflict)?;
        check_no_other_administrator(self.other_administrators(id)?).map_err(Error::Conflict)?;
        let state = stored.state.change_to(AccountState::Active).map_err(Error::Conflict)?;
        self.change_user(&stored, &stored.fields, Some(state), Some(identity_check))?;
        self.invite_user(id, invitation)?;
        self.contact(id)
    }
}
