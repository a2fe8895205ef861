//! Who acts: somebody with an account, a program with a token, or the service by itself.

use uuid::Uuid;

use crate::access::role::{ProcessorFunction, Role};
use crate::audit::entry::ActorKind;
use crate::values::ids::{
    AccountId, ApiTokenId, GroupId, InstitutionId, SupportRequestId, SupportSessionId, UserId,
};

/// Somebody with an account who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What the person logs in with. The processor's staff have the same id as a login and as a person.
    pub account: AccountId,
    /// The person, as the institution that she acts in knows her.
    pub user: UserId,
    /// As what she acts.
    pub role: Role,
    /// The institution that she acts in; `None` for the processor's own staff (C002).
    pub institution: Option<InstitutionId>,
}

/// A person as one institution knows her, or a member of the processor's staff: to whom letters go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Her id there.
    pub user: UserId,
    /// The institution; `None` for the processor's own staff.
    pub institution: Option<InstitutionId>,
}

impl Person {
    /// Where what is known of the person is kept: the institution, or the platform for the processor's own staff.
    pub fn realm(&self) -> InstitutionId {
        self.institution.unwrap_or(InstitutionId::PLATFORM)
    }
}

impl Actor {
    /// A member of the processor's staff, who acts for the platform.
    pub fn staff(id: UserId, function: ProcessorFunction) -> Self {
        Self { account: id.into(), user: id, role: Role::Processor(function), institution: None }
    }

    /// The person who acts.
    pub fn person(&self) -> Person {
        Person { user: self.user, institution: self.institution }
    }

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
    /// The id of the person or the token; nil for the service, which is nobody.
    pub fn id(self) -> Uuid {
        match self {
            Self::Account(actor) => actor.user.as_uuid(),
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
