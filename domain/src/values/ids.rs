//! Ids: a type for each kind of thing, so that none can be taken for another.
//!
//! An id is a UUID (RFC 9562), by habit version 7. Whoever creates the thing makes its id: this service, or
//! a mobile client for what it wrote offline.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::refusal::Refusal;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// The id with these bytes in network order, as a database keeps it; `None` unless there are 16.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }

            /// The sixteen bytes in network order.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = Refusal;

            fn from_str(text: &str) -> Result<Self, Refusal> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| Refusal::new("not-an-id", "an id is a UUID of 36 characters"))
            }
        }
    )+};
}

id! {
    /// An institution: one tenant, one controller (C001).
    InstitutionId
    /// Several institutions of one board, which share their mail domains.
    OrganisationId
    /// What a person logs in with, at whatever institutions.
    AccountId
    /// A person as one institution knows her, or a member of the processor's staff.
    UserId
    /// A group of children in one school year.
    GroupId
    /// A child that is followed.
    PupilId
    /// A child's stay in one group.
    PlacementId
    /// That such a stay was put right.
    PlacementChangeId
    /// A child's stay in a group beside its main one.
    AdditionalGroupId
    /// That a school year was begun in one act.
    SchoolYearTransitionId
    /// A note about what was seen.
    NoteId
    /// A registration of a child's development on one date.
    RegistrationId
    /// What is planned for a line of a registration that needs attention.
    FollowUpId
    /// What a group works towards.
    GoalId
    /// What a group was offered towards a goal.
    GoalOfferId
    /// One version of an observation framework.
    FrameworkId
    /// An import of a school file.
    ImportId
    /// A login, from its start to its end.
    SessionId
    /// An invitation to become a user.
    InvitationId
    /// Something that may be an attack.
    SecurityEventId
    /// A letter to somebody.
    LetterId
    /// A change of what a user may do.
    RightChangeId
    /// A change of what a member of the processor's staff may do.
    StaffRightChangeId
    /// What a user allows the processor's staff.
    SupportConsentId
    /// What an institution asks an adviser.
    SupportRequestId
    /// A look of the processor's staff into an institution; the same as the id of its login.
    SupportSessionId
    /// An adviser's work for an institution.
    CouplingId
    /// What keeps something from being destroyed for now.
    HoldId
    /// A token with which a program or an auditor asks.
    ApiTokenId
    /// The person with whom a licence was agreed.
    LicenceHolderId
    /// Where an institution is.
    LocationId
    /// A version of a document that contracts are made of.
    ContractDocumentId
    /// What an institution was asked to agree upon.
    AgreementId
    /// A destruction of what was kept long enough.
    DestructionId
    /// What is destroyed: a child or an institution.
    SubjectId
    /// Who acted, in the audit log: a user, a member of the processor's staff, or a token.
    ActorId
    /// What an entry of the audit log is about, of whatever kind.
    LoggedObjectId
    /// That an institution gets an administrator who can log in.
    AdministratorRecoveryId
    /// Whom the processor lets process data.
    SubprocessorId
    /// A yearly check of a subprocessor.
    SubprocessorCheckId
    /// An objection of an institution to a subprocessor.
    SubprocessorObjectionId
    /// What a subprocessor has to confirm at the end of a contract.
    DestructionConfirmationId
    /// Who speaks for an institution, or for the processor.
    ContactPersonId
    /// A contact person of the processor, where those of institutions are not meant.
    ProcessorContactId
    /// An instruction of an institution.
    InstructionId
    /// A processing that a law forced upon the processor.
    ForcedProcessingId
    /// A program of an institution that is told of events.
    WebhookEndpointId
    /// A message to such a program.
    WebhookDeliveryId
    /// A security incident of one institution, which may be a datalek.
    IncidentId
    /// What happened to several institutions at once: an incident of each.
    IncidentCaseId
    /// What was added to an incident.
    IncidentRecordId
    /// A record of evidence that is kept outside the software.
    EvidenceRecordId
    /// An audit of the processor that an institution asked for.
    AuditId
    /// A review of an institution's log.
    LogReviewId
    /// Something that was released to a third party.
    DisclosureId
}

/// That a client may give something new this id: not the nil UUID nor the greatest one, which stand for nothing and for
/// everything (RFC 9562).
///
/// # Errors
/// `reserved-id`.
pub fn check_new(id: Uuid) -> Result<(), Refusal> {
    if id.is_nil() || id.is_max() {
        return Err(Refusal::new("reserved-id", "must be another UUID than the nil and the greatest one"));
    }
    Ok(())
}

/// The processor's staff are members of no institution (C002): as a login and as a person they have one id.
impl From<UserId> for AccountId {
    fn from(staff: UserId) -> Self {
        Self(staff.0)
    }
}

impl InstitutionId {
    /// The realm of what belongs to no institution: the processor's own log, keys and staff (C002).
    pub const PLATFORM: Self = Self(Uuid::nil());
}

impl From<SupportSessionId> for SessionId {
    fn from(support: SupportSessionId) -> Self {
        Self(support.0)
    }
}

impl From<SessionId> for SupportSessionId {
    fn from(session: SessionId) -> Self {
        Self(session.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_no_uuid() {
        assert_eq!("7".parse::<PupilId>().unwrap_err().code, "not-an-id");
        assert_eq!(PupilId::from_slice(&[0; 15]), None);
    }

    #[test]
    fn nothing_new_has_the_nil_id_or_the_greatest() {
        for reserved in [Uuid::nil(), Uuid::max()] {
            assert_eq!(check_new(reserved).unwrap_err().code, "reserved-id");
        }
        assert_eq!(check_new(Uuid::from_u128(1)), Ok(()));
    }

    proptest! {
        #[test]
        fn text_bytes_and_json_give_the_same_id_back(number: u128) {
            let id = NoteId::from_uuid(Uuid::from_u128(number));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(NoteId::from_slice(id.as_bytes()), Some(id));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<NoteId>(&json).unwrap(), id);
        }
    }
}
