//! What a licence is made of: what nobody can do without, and the optional services, each switched apart and off unless
//! it was agreed (C041).

use crate::access::{Action, Part};
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// The version of what is told of the parts, before a licence is signed (C149). Another word in it is another version.
pub const PARTS_VERSION: &str = "2026-1";

/// That this version is the one that is told now.
///
/// # Errors
/// `not-current`.
pub fn check_parts_version(version: &str) -> Result<(), Refusal> {
    if version == PARTS_VERSION {
        return Ok(());
    }
    Err(Refusal::new("not-current", "must be the version that is told now"))
}

code_list! {
    /// What the service cannot be had without.
    pub enum InseparablePart {
        /// Children, their groups and placements.
        Roster = "roster",
        /// Notes and registrations.
        Development = "development",
        /// Users, rights and sessions.
        Access = "access",
        /// The audit log and security events.
        Accountability = "accountability",
        /// Help at the user's own request.
        Helpdesk = "helpdesk",
        /// Taking one's own data along, and having it destroyed.
        Leaving = "leaving",
    }
}

impl InseparablePart {
    /// What it is, in plain Dutch.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Roster => "Welke kinderen er zijn, in welke groep, en sinds wanneer.",
            Self::Development => {
                "Wat medewerkers zien van de ontwikkeling van een kind: notities en registraties."
            }
            Self::Access => "Wie inlogt en wat zij mag: naam, e-mailadres, functie, groepen en sessies.",
            Self::Accountability => "Wie wat wanneer bekeek of veranderde, en wat op een aanval lijkt.",
            Self::Helpdesk => "Hulp van de helpdesk, alleen als een gebruiker die zelf vraagt en toestaat.",
            Self::Leaving => "De eigen gegevens meenemen, en ze laten vernietigen.",
        }
    }
}

code_list! {
    /// A service that an institution need not take (C041).
    pub enum Service {
        /// Overviews per child and per group.
        Overviews = "overviews",
        /// Taking over school files.
        Imports = "imports",
        /// Programs and auditors who ask with a token.
        ApiTokens = "api-tokens",
        /// Advisers of the processor who look along for a question or a coupling.
        Advice = "advice",
    }
}

impl Service {
    /// What it is, in plain Dutch.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Overviews => "Overzichten per kind en per groep, over een langere tijd.",
            Self::Imports => "Kinderen en groepen overnemen uit een bestand van de leerlingadministratie.",
            Self::ApiTokens => {
                "Andere programma's en controleurs die met een eigen sleutel gegevens opvragen."
            }
            Self::Advice => "Onderwijsadviseurs van de leverancier die op verzoek meekijken.",
        }
    }

    /// The service that an action on a part is of; nothing for what is inseparable. What was made by a service that was
    /// switched off can still be seen and taken away.
    pub const fn of(part: Part, action: Action) -> Option<Self> {
        match (part, action) {
            (Part::Overviews, _) => Some(Self::Overviews),
            (Part::Imports, Action::Create | Action::Change) => Some(Self::Imports),
            (Part::ApiTokens, Action::Create | Action::Change) => Some(Self::ApiTokens),
            (Part::SupportRequests | Part::Couplings, Action::Create | Action::Change) => Some(Self::Advice),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c041_following_a_child_and_seeing_what_was_done_is_inseparable() {
        use Part::*;
        for part in [Pupils, Groups, Notes, Registrations, Users, Licences, SecurityEvents, SupportConsents] {
            assert!(Action::ALL.into_iter().all(|action| Service::of(part, action).is_none()), "{part:?}");
        }
        for part in [Imports, ApiTokens, SupportRequests, Couplings] {
            assert!(Service::of(part, Action::Create).is_some(), "{part:?}");
            assert_eq!(Service::of(part, Action::Read), None, "{part:?}");
            assert_eq!(Service::of(part, Action::Delete), None, "{part:?}");
        }
        assert!(Action::ALL.into_iter().all(|action| Service::of(Overviews, action).is_some()));
    }
}
