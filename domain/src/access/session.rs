//! Logins: how an account stands, how long a session lasts, and whether it still counts.
use jiff::{SignedDuration, Timestamp};

use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How long a session lasts at most, however busy it is.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// How long nothing may be asked in a session before it ends (C061).
pub const IDLE_TIME: SignedDuration = SignedDuration::from_mins(30);
/// For how long after a refresh token was used a second use of it is a race between two windows of one client, which is
/// refused and nothing more. After that one of the two users is a thief.
pub const REFRESH_RACE: SignedDuration = SignedDuration::from_secs(30);
/// How long a session is kept after it could not last any longer.
pub const KEPT_AFTER_END: SignedDuration = SignedDuration::from_hours(24);

code_list! {
    /// How an account stands, or a user of an institution.
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
    /// How the account stands after an administrator set it to `wanted`. One that is unblocked is invited to choose
    /// a new password, for the old one may be what somebody was guessing.
    ///
    /// # Errors
    /// `not-settable` for being invited, which follows from there being no password.
    pub fn change_to(self, wanted: Self) -> Result<Self, Refusal> {
        match wanted {
            Self::Invited if self == Self::Invited => Ok(self),
            Self::Invited => Err(Refusal::new("not-settable", "must be active or blocked")),
            Self::Active if self == Self::Active => Ok(self),
            Self::Active => Ok(Self::Invited),
            Self::Blocked => Ok(Self::Blocked),
        }
    }

    /// Whether the account is sent an invitation when it goes from this state to `after`: who is unblocked chooses a new
    /// password.
    pub fn is_invited_by(self, after: Self) -> bool {
        self == Self::Blocked && after == Self::Invited
    }
}

code_list! {
    /// Why a session ended before its time.
    pub enum SessionEnd {
        /// The user logged out.
        Logout = "logout",
        /// A refresh token was used twice: one of the two users is not the rightful one.
        RefreshReuse = "refresh-reuse",
        /// The user ended it from another session.
        EndedByUser = "ended-by-user",
        /// An administrator of the institution ended it.
        EndedByAdministrator = "ended-by-administrator",
        /// The password was changed, or the address to log in with.
        PasswordChanged = "password-changed",
        /// The second factor came into use, was taken away or was replaced.
        SecondFactorChanged = "second-factor-changed",
        /// What the user may do was changed.
        RightsChanged = "rights-changed",
    }
}

/// What is known of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// When it ends by itself, in UTC.
    pub expires_at: Timestamp,
    /// When something was last asked in it, in UTC.
    pub last_used_at: Timestamp,
    /// Whether it was ended.
    pub ended: bool,
    /// How its account stands.
    pub account: AccountState,
}

impl SessionFacts {
    /// Whether the session counts at the moment `now`. One that does not is answered like one that never was.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let idle = now.duration_since(self.last_used_at);
        self.is_unended() && now < self.expires_at && idle < IDLE_TIME
    }

    /// When the session ends if nothing is asked in it any more (C061).
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.last_used_at + IDLE_TIME)
    }

    /// Whether nobody ended the session and its account can be used, whatever the clock says.
    pub fn is_unended(&self) -> bool {
        !self.ended && self.account == AccountState::Active
    }
}

/// Whether a login does not become a session, because the password was replaced or a second factor came into use after
/// the moment `checked_at`, from which on its password was checked.
pub fn is_superseded(
    checked_at: Timestamp,
    password_set_at: Option<Timestamp>,
    second_factor_confirmed_at: Option<Timestamp>,
) -> bool {
    let is_later = |at: Option<Timestamp>| at.is_some_and(|at| at > checked_at);
    is_later(password_set_at) || is_later(second_factor_confirmed_at)
}

/// Whether a refresh token that was used at the moment `used_at` and again at the moment `now` is in two hands (RFC 9700,
/// 4.14.2).
pub fn is_stolen(used_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(used_at) >= REFRESH_RACE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_windows_at_once_are_no_thief() {
        let used_at = Timestamp::from_second(1_800_000_000).unwrap();
        let moment = SignedDuration::from_millis(1);
        assert!(!is_stolen(used_at, used_at));
        assert!(!is_stolen(used_at, used_at + REFRESH_RACE - moment));
        assert!(is_stolen(used_at, used_at + REFRESH_RACE));
    }

    #[test]
    fn a_login_with_what_was_replaced_meanwhile_becomes_no_session() {
        let checked_at = Timestamp::from_second(1_800_000_000).unwrap();
        let later = Some(checked_at + SignedDuration::from_micros(1));
        assert!(!is_superseded(checked_at, Some(checked_at), None));
        assert!(is_superseded(checked_at, later, None));
        assert!(is_superseded(checked_at, Some(checked_at), later));
    }

    #[test]
    fn an_account_without_a_password_is_never_active() {
        use AccountState::*;
        assert_eq!(Active.change_to(Active), Ok(Active));
        assert_eq!(Invited.change_to(Active), Ok(Invited));
        assert_eq!(Active.change_to(Blocked), Ok(Blocked));
        assert_eq!(Active.change_to(Invited).unwrap_err().code, "not-settable");
    }

    #[test]
    fn whoever_is_unblocked_chooses_a_new_password() {
        assert_eq!(AccountState::Blocked.change_to(AccountState::Active), Ok(AccountState::Invited));
    }

    #[test]
    fn a_session_counts_until_it_expires_is_ended_or_its_account_is_blocked() {
        let expires_at = Timestamp::UNIX_EPOCH + SESSION_LIFE;
        let before = expires_at - SignedDuration::from_micros(1);
        let live =
            SessionFacts { expires_at, last_used_at: before, ended: false, account: AccountState::Active };
        assert!(live.is_live(before));
        assert!(!live.is_live(expires_at));
        assert!(!SessionFacts { ended: true, ..live }.is_live(before));
        for account in [AccountState::Blocked, AccountState::Invited] {
            assert!(!SessionFacts { account, ..live }.is_live(before));
        }
    }

    #[test]
    fn c061_a_session_ends_when_nothing_is_asked_for_thirty_minutes() {
        let start = Timestamp::UNIX_EPOCH;
        let idle = SessionFacts {
            expires_at: start + SESSION_LIFE,
            last_used_at: start,
            ended: false,
            account: AccountState::Active,
        };
        assert!(idle.is_live(start + IDLE_TIME - SignedDuration::from_micros(1)));
        assert!(!idle.is_live(start + IDLE_TIME));
    }
}
