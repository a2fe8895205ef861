//! Who acts: somebody with an account, a program with a token, or the service by itself.

use uuid::Uuid;

use crate::access::role::Role;
use crate::audit::entry::ActorKind;
use crate::values::ids::{ApiTokenId, GroupId, InstitutionId, SupportRequestId, SupportSessionId, UserId};

/// Somebody with an account who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account, which is also the person's id.
    pub account: UserId,
    /// What the account is.
    pub role: Role,
    /// The institution it belongs to; `None` for the processor's own staff (C002).
    pub institution: Option<InstitutionId>,
}

impl Actor {
    /// Where what concerns the actor is kept: her institution, or the platform for the processor's own staff.
    pub fn realm(&self) -> InstitutionId {
        self.institution.unwrap_or(InstitutionId::PLATFORM)
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// Somebody with an account.
    Account(Actor),
    /// A program or an auditor, with an API token.
    ApiToken {
        /// The token.
        id: ApiTokenId,
        /// The institution that gave it.
        institution: InstitutionId,
    },
    /// The service by itself.
    Service {
        /// The institution that it works for; `None` for what belongs to none.
        institution: Option<InstitutionId>,
    },
}

impl Principal {
    /// The id of the account or the token; nil for the service, which is nobody.
    pub fn id(self) -> Uuid {
        match self {
            Self::Account(actor) => actor.account.as_uuid(),
            Self::ApiToken { id, .. } => id.as_uuid(),
            Self::Service { .. } => Uuid::nil(),
        }
    }

    /// The institution it belongs to; `None` for the processor's own staff (C002).
    pub fn institution(self) -> Option<InstitutionId> {
        match self {
            Self::Account(actor) => actor.institution,
            Self::ApiToken { institution, .. } => Some(institution),
            Self::Service { institution } => institution,
        }
    }

    /// On which side it stands.
    pub fn kind(self) -> ActorKind {
        match self {
            Self::Account(Actor { role: Role::Institution(_), .. }) => ActorKind::InstitutionUser,
            Self::Account(Actor { role: Role::Processor(_), .. }) => ActorKind::PlatformUser,
            Self::ApiToken { .. } => ActorKind::ApiToken,
            Self::Service { .. } => ActorKind::System,
        }
    }

    /// Somebody with an account, for what only a person does; `None` for any other.
    pub fn as_actor(self) -> Option<Actor> {
        match self {
            Self::Account(actor) => Some(actor),
            Self::ApiToken { .. } | Self::Service { .. } => None,
        }
    }
}

impl From<Actor> for Principal {
    fn from(actor: Actor) -> Self {
        Self::Account(actor)
    }
}

/// The support session that a request is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportContext {
    /// Its id.
    pub session: SupportSessionId,
    /// Which children it is about.
    pub reach: SupportReach,
    /// Whether the texts that professionals wrote are shown (C050).
    pub free_text: bool,
}

impl SupportContext {
    /// The user who is looked along with, if there is one.
    pub fn assisted(&self) -> Option<UserId> {
        match self.reach {
            SupportReach::User(user) => Some(user),
            SupportReach::Institution | SupportReach::Group(_) | SupportReach::Request(_) => None,
        }
    }
}

/// Which children a support session is about. Its rights say with what parts of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupportReach {
    /// Everybody whom the rights reach.
    Institution,
    /// As far as this user reaches, who is looked along with.
    User(UserId),
    /// The children who are in this group now.
    Group(GroupId),
    /// The children whom this request names.
    Request(SupportRequestId),
}
