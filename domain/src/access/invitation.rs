//! Invitations to choose a password: how long one can be used, and who is sent one (C063).

use jiff::{SignedDuration, Timestamp};

use super::session::AccountState;

/// How long an invitation to set a password can be used.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What decides whether an invitation can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationFacts {
    /// When it ends by itself, in UTC.
    pub expires_at: Timestamp,
    /// Whether it was used, or something ended it: a later one, a new password, or that the account was blocked.
    pub used: bool,
    /// How the account stands.
    pub account: AccountState,
}

impl InvitationFacts {
    /// Whether the invitation can be used at the moment `now`. One that cannot is answered like one that never was.
    pub fn counts(&self, now: Timestamp) -> bool {
        !self.used && now < self.expires_at && self.account != AccountState::Blocked
    }
}

/// Whether somebody who says to have forgotten the password of an account is sent an invitation.
pub fn is_sent_another(account: AccountState) -> bool {
    account != AccountState::Blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_counts_once_in_time_and_for_an_account_that_is_not_blocked() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let good = InvitationFacts {
            expires_at: now + SignedDuration::from_micros(1),
            used: false,
            account: AccountState::Invited,
        };
        assert!(good.counts(now));
        assert!(InvitationFacts { account: AccountState::Active, ..good }.counts(now));
        for gone in [
            InvitationFacts { expires_at: now, ..good },
            InvitationFacts { used: true, ..good },
            InvitationFacts { account: AccountState::Blocked, ..good },
        ] {
            assert!(!gone.counts(now), "{gone:?}");
        }
    }

    #[test]
    fn c060_who_is_blocked_is_sent_nothing() {
        assert!(is_sent_another(AccountState::Active) && is_sent_another(AccountState::Invited));
        assert!(!is_sent_another(AccountState::Blocked));
    }
}
