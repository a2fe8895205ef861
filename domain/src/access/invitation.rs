//! Invitations to choose a password: how long one can be used, and who is sent one (C063).

use jiff::{SignedDuration, Timestamp};

use super::session::AccountState;
use crate::values::text::code_list;

/// How long an invitation to set a password can be used.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24);

code_list! {
    /// What an invitation is for.
    pub enum InvitationKind {
        /// To choose a password; a membership that awaits it begins with that.
        SetPassword = "set-password",
        /// To become a user of another institution with the login that one has.
        Join = "join",
        /// To confirm from the present address that another one takes its place.
        OldAddress = "old-address",
        /// To confirm from the other address that it does.
        NewAddress = "new-address",
        /// That was confirmed from the present address, and awaits the other one.
        OldAddressConfirmed = "old-address-confirmed",
        /// That was confirmed from the other address, and awaits the present one.
        NewAddressConfirmed = "new-address-confirmed",
    }
}

impl InvitationKind {
    /// What somebody is invited to who ever chose a password or not, for a membership that was accepted before or not. Who
    /// has a password keeps it: another institution does not make her choose one.
    pub fn to(has_password: bool, accepted: bool) -> Self {
        if accepted || !has_password { Self::SetPassword } else { Self::Join }
    }

    /// What a link to confirm an address becomes when it is followed; `None` for any other.
    pub const fn confirmed(self) -> Option<Self> {
        match self {
            Self::OldAddress | Self::OldAddressConfirmed => Some(Self::OldAddressConfirmed),
            Self::NewAddress | Self::NewAddressConfirmed => Some(Self::NewAddressConfirmed),
            Self::SetPassword | Self::Join => None,
        }
    }
}

/// What decides whether an invitation can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationFacts {
    /// When it ends by itself, in UTC.
    pub expires_at: Timestamp,
    /// Whether it was used, or something ended it: a later one, a new password, or that the account was blocked.
    pub used: bool,
    /// What it is for.
    pub kind: InvitationKind,
    /// How the login stands.
    pub login: AccountState,
    /// How the membership stands that it is of, if it is of one.
    pub membership: Option<AccountState>,
}

impl InvitationFacts {
    /// Whether the invitation can be used at the moment `now`. One that cannot is answered like one that never was.
    pub fn counts(&self, now: Timestamp) -> bool {
        let is_shut = match self.kind {
            InvitationKind::SetPassword => self.login == AccountState::Blocked,
            InvitationKind::Join => self.membership != Some(AccountState::Invited),
            // Whoever never chose a password has another way in: the link that she was sent.
            InvitationKind::OldAddress
            | InvitationKind::NewAddress
            | InvitationKind::OldAddressConfirmed
            | InvitationKind::NewAddressConfirmed => self.login != AccountState::Active,
        };
        let is_open = !self.used && now < self.expires_at;
        is_open && !is_shut && self.membership != Some(AccountState::Blocked)
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
            kind: InvitationKind::SetPassword,
            login: AccountState::Invited,
            membership: Some(AccountState::Invited),
        };
        assert!(good.counts(now));
        assert!(InvitationFacts { login: AccountState::Active, ..good }.counts(now));
        let join = InvitationFacts { kind: InvitationKind::Join, login: AccountState::Active, ..good };
        assert!(join.counts(now));
        assert!(InvitationFacts { login: AccountState::Blocked, ..join }.counts(now));
        for gone in [
            InvitationFacts { expires_at: now, ..good },
            InvitationFacts { used: true, ..good },
            InvitationFacts { login: AccountState::Blocked, ..good },
            InvitationFacts { membership: Some(AccountState::Blocked), ..good },
            InvitationFacts { membership: Some(AccountState::Active), ..join },
            InvitationFacts { membership: None, ..join },
            InvitationFacts { kind: InvitationKind::OldAddress, ..good },
            InvitationFacts { kind: InvitationKind::NewAddress, login: AccountState::Blocked, ..good },
        ] {
            assert!(!gone.counts(now), "{gone:?}");
        }
    }

    #[test]
    fn c055_an_address_is_confirmed_by_whoever_can_log_in() {
        use InvitationKind::{
            Join, NewAddress, NewAddressConfirmed, OldAddress, OldAddressConfirmed, SetPassword,
        };
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for kind in [OldAddress, NewAddress, OldAddressConfirmed, NewAddressConfirmed] {
            let facts = InvitationFacts {
                expires_at: now + SignedDuration::from_micros(1),
                used: false,
                kind,
                login: AccountState::Active,
                membership: Some(AccountState::Active),
            };
            assert!(facts.counts(now));
            assert_eq!(kind.confirmed(), kind.confirmed().and_then(InvitationKind::confirmed));
        }
        assert_eq!(
            [OldAddress, NewAddress].map(InvitationKind::confirmed),
            [Some(OldAddressConfirmed), Some(NewAddressConfirmed)]
        );
        assert_eq!([SetPassword, Join].map(InvitationKind::confirmed), [None, None]);
    }

    #[test]
    fn whoever_has_a_password_keeps_it_when_another_institution_invites_her() {
        assert_eq!(InvitationKind::to(false, false), InvitationKind::SetPassword);
        assert_eq!(InvitationKind::to(true, false), InvitationKind::Join);
        assert_eq!(InvitationKind::to(true, true), InvitationKind::SetPassword);
    }

    #[test]
    fn c060_who_is_blocked_is_sent_nothing() {
        assert!(is_sent_another(AccountState::Active) && is_sent_another(AccountState::Invited));
        assert!(!is_sent_another(AccountState::Blocked));
    }
}
