//! Letters to people with an account: what each is about, and how often it is tried to send one.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incidents::IncidentNews;
use crate::institutions::administrator_recovery::RecoveryKind;
use crate::support::SupportKind;

/// How long to wait before a letter is tried again, by how often it was tried; after the last it is given up.
const PAUSES: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(3),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
];

/// What a letter is about. It names nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum LetterContent {
    /// A link to choose a password.
    SetPassword {
        /// The token of the invitation.
        token: String,
        /// Until when it can be used, in UTC.
        until: Timestamp,
    },
    /// A link to become a user of another institution with the login that one has.
    JoinInstitution {
        /// The token of the invitation.
        token: String,
        /// Until when it can be used, in UTC.
        until: Timestamp,
    },
    /// A link to confirm that another address takes the place of the present one.
    ConfirmAddress {
        /// The token of the invitation.
        token: String,
        /// Until when it can be used, in UTC.
        until: Timestamp,
        /// The other address, when the letter goes there; none for the letter to the present one.
        to: Option<String>,
    },
    /// Another address took the place of the one that this letter goes to.
    AddressChanged {
        /// The address from before.
        to: String,
    },
    /// From now on this is the address to log in with: the institution moved its users to another domain (C055).
    AddressMoved,
    /// The address is not the institution's any more, and another one has to take its place (C054, C055).
    AddressDue,
    /// The password must be changed before a day.
    PasswordExpires {
        /// The day, in Amsterdam.
        on: Date,
    },
    /// Three wrong passwords blocked the account (C060).
    AccountBlocked,
    /// The processor's staff began to look into the institution (C010, C012, C013, C100).
    SupportBegun {
        /// What kind of look.
        kind: SupportKind,
        /// From when, in UTC.
        from: Timestamp,
        /// Until when, in UTC.
        until: Timestamp,
        /// Whether the texts that professionals wrote are shown (C050).
        free_text: bool,
    },
    /// The backup of the night could not be made.
    BackupFailed {
        /// When, in UTC.
        at: Timestamp,
    },
    /// The processor recorded a request of the institution, which an administrator has to approve (C146).
    RequestRecorded,
    /// The processor proposes to couple an adviser, which an administrator has to approve (C099).
    CouplingProposed {
        /// The first day, in Amsterdam.
        from: Date,
        /// The last day, in Amsterdam.
        until: Date,
    },
    /// The processor proposes a change of the contract, which an administrator has to accept before it holds (C140).
    ChangeProposed {
        /// What changes, in plain language.
        summary: String,
    },
    /// The licence was cancelled (C106).
    LicenceCancelled {
        /// Its last day, in Amsterdam.
        last_day: Date,
    },
    /// The cancellation of the licence was taken back.
    CancellationWithdrawn,
    /// What was kept long enough was destroyed, and there is a certificate of that (C110).
    Destroyed {
        /// The day, in Amsterdam, on which the last backup with its keys is gone.
        complete_on: Date,
    },
    /// The licence holder asked for an administrator who can log in, and the processor is going to see to it (C006, C007).
    RecoveryAnnounced {
        /// What she asked for.
        kind: RecoveryKind,
        /// From when it is carried out, in UTC, unless it is stopped.
        from: Timestamp,
    },
    /// The processor announces a new or changed subprocessor, to which the institution may object (C135).
    SubprocessorAnnounced {
        /// The name of the firm.
        firm: String,
        /// The last day to object, in Amsterdam.
        until: Date,
    },
    /// Something about a security incident of the institution (C124, C125, C131).
    IncidentTold {
        /// What.
        news: IncidentNews,
        /// Until when the authority is to be notified, in UTC, if it may have to be.
        deadline: Option<Timestamp>,
    },
    /// The newest checkpoint of the institution's audit log, to be kept (C090).
    CheckpointToKeep {
        /// The signed note.
        note: String,
    },
}

impl LetterContent {
    /// Whether the letter is of no use any more at the moment `now`: its link has ended.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        match self {
            Self::SetPassword { until, .. }
            | Self::JoinInstitution { until, .. }
            | Self::ConfirmAddress { until, .. } => *until <= now,
            _ => false,
        }
    }

    /// Where the letter goes, if that is not where its addressee gets her letters.
    pub fn goes_to(&self) -> Option<&str> {
        match self {
            Self::ConfirmAddress { to, .. } => to.as_deref(),
            Self::AddressChanged { to } => Some(to),
            _ => None,
        }
    }
}

/// How long to wait with a letter that could not be sent, after it failed `before` times already; `None` when it is given
/// up.
pub fn pause_after(before: i32) -> Option<SignedDuration> {
    PAUSES.get(usize::try_from(before).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_tried_for_about_a_day_with_ever_longer_pauses() {
        let pauses: Vec<_> = (0..).map_while(pause_after).collect();
        assert_eq!(pauses, PAUSES);
        assert!(pauses.is_sorted());
        let in_all: SignedDuration = pauses.into_iter().fold(SignedDuration::ZERO, |sum, pause| sum + pause);
        assert_eq!(in_all.as_hours(), 22);
    }

    #[test]
    fn a_link_that_has_ended_is_not_sent() {
        let until = Timestamp::from_second(1_800_000_000).unwrap();
        let token = || "token".to_owned();
        for link in [
            LetterContent::SetPassword { token: token(), until },
            LetterContent::JoinInstitution { token: token(), until },
            LetterContent::ConfirmAddress { token: token(), until, to: None },
        ] {
            assert!(!link.is_too_late(until - SignedDuration::from_micros(1)));
            assert!(link.is_too_late(until));
        }
        assert!(!LetterContent::AccountBlocked.is_too_late(Timestamp::MAX));
    }
}
