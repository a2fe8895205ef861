//! How far a permission reaches, and what that means for whoever asks about something near or far.

use groeilijn_domain::access::{Part, Scope};

/// How whoever asks is related to what is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is in the institution, in a group that whoever asks is given, or belongs to her own account.
    Own,
    /// It is in the institution, but in another group, or belongs to somebody else's account.
    OutOfScope,
    /// It is of another institution.
    OtherInstitution,
    /// Whoever asks acts in no institution.
    NoInstitution,
}

impl Relation {
    /// What the policy calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::OutOfScope => "out of scope",
            Self::OtherInstitution => "other institution",
            Self::NoInstitution => "no institution",
        }
    }
}

/// How a request is answered, as far as permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is done, or refused for another reason.
    Served,
    /// 403.
    Forbidden,
    /// 404, as of what never was.
    NotFound,
}

impl Answer {
    /// What the policy calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Served => "yes",
            Self::Forbidden => "403",
            Self::NotFound => "404",
        }
    }

    /// The answer that a status is.
    pub fn of(status: u16) -> Self {
        match status {
            403 => Self::Forbidden,
            404 => Self::NotFound,
            _ => Self::Served,
        }
    }
}

/// A cell of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// What belongs to the account of whoever asks.
    OwnAccount,
    /// The groups that the user is given, and the children in them.
    OwnGroups,
    /// The groups at the locations that the user is limited to, and the children in them.
    OwnLocations,
    /// Everything of the institution.
    Institution,
    /// What is kept for all institutions together.
    Platform,
    /// No login is needed.
    Anyone,
}

impl Reach {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Nothing,
        Self::OwnAccount,
        Self::OwnGroups,
        Self::OwnLocations,
        Self::Institution,
        Self::Platform,
        Self::Anyone,
    ];

    /// How far a permission on a part reaches that was found to have a scope.
    pub fn of(part: Part, scope: Option<Scope>) -> Self {
        match (part, scope) {
            (_, None) => Self::Nothing,
            (Part::Account | Part::Credentials | Part::SupportConsents, Some(_)) => Self::OwnAccount,
            (Part::SupportRequests | Part::Incidents, Some(Scope::OwnGroups | Scope::OwnLocations)) => {
                Self::OwnAccount
            }
            (_, Some(Scope::OwnGroups)) => Self::OwnGroups,
            (_, Some(Scope::OwnLocations)) => Self::OwnLocations,
            (_, Some(Scope::Institution)) => Self::Institution,
            (_, Some(Scope::Platform)) => Self::Platform,
        }
    }

    /// As it is written in a cell.
    pub fn cell(self) -> &'static str {
        match self {
            Self::Nothing => "-",
            Self::OwnAccount => "own account",
            Self::OwnGroups => "own groups",
            Self::OwnLocations => "own locations",
            Self::Institution => "institution",
            Self::Platform => "platform",
            Self::Anyone => "anyone",
        }
    }

    /// The reach that a cell says.
    pub fn from_cell(cell: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.cell() == cell)
    }

    /// How whoever reaches so far is answered.
    pub fn answer(self, relation: Relation) -> Answer {
        use Relation::*;
        match (self, relation) {
            (Self::Nothing, _) => Answer::Forbidden,
            (Self::Anyone | Self::Platform, _) | (_, Own) | (Self::Institution, OutOfScope) => Answer::Served,
            (Self::OwnAccount | Self::OwnGroups | Self::OwnLocations | Self::Institution, _) => {
                Answer::NotFound
            }
        }
    }
}
