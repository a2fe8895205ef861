//! What a notice to the authority still needs (C126, C127).

use super::contents::{ContentItem, IncidentContents};
use super::standing::IncidentStanding;

/// What the authority's form asks for and nobody told yet: `contents` as a whole or each of its items, `decision`,
/// `contact-person`.
pub fn missing_for_authority(
    standing: &IncidentStanding,
    contents: Option<&IncidentContents>,
    has_contact_person: bool,
) -> Vec<&'static str> {
    let mut missing = match contents {
        None => vec!["contents"],
        Some(contents) => {
            let unknown = ContentItem::ALL.into_iter().filter(|item| !contents.knows(*item));
            unknown.map(ContentItem::code).collect()
        }
    };
    if standing.authority.is_none() {
        missing.push("decision");
    }
    if !has_contact_person {
        missing.push("contact-person");
    }
    missing
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::contents::{BreachCause, tests::whole};
    use super::super::record::{RecordFacts, Recorded};
    use super::super::report::{IncidentKind, IncidentReport};
    use super::*;
    use crate::audit::entry::ActorKind;
    use crate::incidents::IncidentDecision;

    #[test]
    fn c126_the_draft_names_what_is_still_to_be_told() {
        let at = Timestamp::UNIX_EPOCH;
        let (kind, by) = (IncidentKind::Breach, ActorKind::InstitutionUser);
        let report = IncidentReport { kind, known_at: at, occurred_at: None, reported_at: at, by };
        let standing = IncidentStanding::of(&report, []);
        assert_eq!(missing_for_authority(&standing, None, false), ["contents", "decision", "contact-person"]);
        let mut contents = whole(BreachCause::System);
        (contents.group_least, contents.group_most, contents.how) = (None, None, None);
        let facts = RecordFacts::Decision(IncidentDecision::DoNotNotifyAuthority);
        let decided = IncidentStanding::of(&report, [Recorded { facts, at, recorded_at: at, by }]);
        assert_eq!(missing_for_authority(&decided, Some(&contents), true), ["how", "group-size"]);
        assert!(missing_for_authority(&decided, Some(&whole(BreachCause::System)), true).is_empty());
    }
}
