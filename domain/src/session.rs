//! Logins: how an account stands, how long a session lasts, and whether it still counts.
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;
use crate::text::code_list;

/// How long an access token is good for. The session behind it is checked on every request all the same.
pub const ACCESS_TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a session lasts at most, however busy it is.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// How long an invitation to set a password can be used.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24);

code_list! {
    /// How an account stands.
    pub enum AccountState {
        /// Made, but no password has been set yet.
        Invited = "invited",
        /// In use.
        Active = "active",
        /// No longer let in.
        Blocked = "blocked",
    }
}

impl AccountState {
    /// How the account stands after an administrator set it to `wanted`. One that has no password yet goes back
    /// to being invited, not to being active.
    ///
    /// # Errors
    /// `not-settable` for being invited, which follows from there being no password.
    pub fn change_to(self, wanted: Self, has_password: bool) -> Result<Self, Refusal> {
        match wanted {
            Self::Invited if self == Self::Invited => Ok(self),
            Self::Invited => Err(Refusal::new("not-settable", "must be active or blocked")),
            Self::Active if has_password => Ok(Self::Active),
            Self::Active => Ok(Self::Invited),
            Self::Blocked => Ok(Self::Blocked),
        }
    }
}

code_list! {
    /// Why a session ended before its time.
    pub enum SessionEnd {
        /// The user logged out.
        Logout = "logout",
        /// A refresh token was used twice: one of the two users is not the rightful one.
        RefreshReuse = "refresh-reuse",
    }
}

/// What is known of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// When it ends by itself, in UTC.
    pub expires_at: Timestamp,
    /// Whether it was ended.
    pub ended: bool,
    /// How its account stands.
    pub account: AccountState,
}

impl SessionFacts {
    /// Whether the session counts at the moment `now`. One that does not is answered like one that never was.
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.ended && self.account == AccountState::Active && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_a_password_is_never_active() {
        use AccountState::*;
        assert_eq!(Blocked.change_to(Active, true), Ok(Active));
        assert_eq!(Blocked.change_to(Active, false), Ok(Invited));
        assert_eq!(Active.change_to(Blocked, true), Ok(Blocked));
        assert_eq!(Active.change_to(Invited, true).unwrap_err().code, "not-settable");
    }

    #[test]
    fn a_session_counts_until_it_expires_is_ended_or_its_account_is_blocked() {
        let expires_at = Timestamp::UNIX_EPOCH + SESSION_LIFE;
        let before = expires_at - SignedDuration::from_micros(1);
        let live = SessionFacts { expires_at, ended: false, account: AccountState::Active };
        assert!(live.is_live(before));
        assert!(!live.is_live(expires_at));
        assert!(!SessionFacts { ended: true, ..live }.is_live(before));
        for account in [AccountState::Blocked, AccountState::Invited] {
            assert!(!SessionFacts { account, ..live }.is_live(before));
        }
    }
}
