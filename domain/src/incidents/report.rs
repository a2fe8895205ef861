//! What is told of an incident when it is reported (C122, C147).

use jiff::Timestamp;

use crate::audit::entry::ActorKind;
use crate::values::ids::InstitutionId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

/// How many institutions one case is opened for at most.
pub const MOST_INSTITUTIONS: usize = 500;

code_list! {
    /// What an incident is taken for.
    pub enum IncidentKind {
        /// It may be a datalek: it is handled as one until it is known not to be.
        SuspectedBreach = "suspected-breach",
        /// It is a datalek.
        Breach = "breach",
        /// A security incident in which no personal data was touched: kept apart, and told all the same (C131).
        SecurityIncident = "security-incident",
    }
}

impl IncidentKind {
    /// Whether the authority may have to be notified, so that the clock runs (C127).
    pub const fn has_clock(self) -> bool {
        matches!(self, Self::SuspectedBreach | Self::Breach)
    }
}

code_list! {
    /// From whom the knowledge of an incident came (C122, C147).
    pub enum IncidentSource {
        /// Somebody of the institution found it.
        Institution = "institution",
        /// The processor found it.
        Processor = "processor",
        /// A parent, a user or another person whom the data are about.
        PersonConcerned = "person-concerned",
        /// Anybody else, such as a researcher or another processor.
        ThirdParty = "third-party",
    }
}

code_list! {
    /// How an incident became known to whoever reports it.
    pub enum IncidentChannel {
        /// By e-mail.
        Email = "email",
        /// By telephone.
        Phone = "phone",
        /// By letter.
        Letter = "letter",
        /// In a conversation.
        InPerson = "in-person",
        /// Through a form or message on a page.
        Web = "web",
    }
}

/// What everything else about an incident is reckoned from. Texts are not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentReport {
    /// What it was taken for.
    pub kind: IncidentKind,
    /// When the institution, or who reported it on its behalf, knew: the start of the clock, in UTC.
    pub known_at: Timestamp,
    /// When it happened or began, if that is known, in UTC.
    pub occurred_at: Option<Timestamp>,
    /// When it was entered, in UTC.
    pub reported_at: Timestamp,
    /// On which side who entered it stands.
    pub by: ActorKind,
}

impl IncidentReport {
    /// That it can be reported when it is.
    ///
    /// # Errors
    /// For `known_at` `in-the-future`, and `before-it-happened` when it was known before it happened; for `occurred_at`
    /// `in-the-future`.
    pub fn check(&self) -> Result<(), FieldRefusals> {
        let now = self.reported_at;
        let mut refusals = FieldRefusals::new();
        let future = || Refusal::new("in-the-future", "must not be after now");
        if self.known_at > now {
            refusals.refuse("known_at", future());
        }
        match self.occurred_at {
            Some(occurred) if occurred > now => refusals.refuse("occurred_at", future()),
            Some(occurred) if self.known_at < occurred => {
                let detail = "must not be before it happened";
                refusals.refuse("known_at", Refusal::new("before-it-happened", detail));
            }
            _ => {}
        }
        refusals.or(())
    }
}

/// That somebody on a side can say that an incident came from this source, by this channel: what others told has a channel,
/// and neither side speaks for the other (C122, C147).
///
/// # Errors
/// For `source` `not-of-this-side`; for `channel` `required-for-the-kind`, `beyond-the-kind`.
pub fn check_source(
    source: IncidentSource,
    channel: Option<IncidentChannel>,
    side: ActorKind,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    let by_processor = side == ActorKind::PlatformUser;
    let of_other_side = match source {
        IncidentSource::Institution => by_processor,
        IncidentSource::Processor => !by_processor,
        IncidentSource::PersonConcerned | IncidentSource::ThirdParty => false,
    };
    if of_other_side {
        let detail = "must not be a finding of the other side: it reports that itself";
        refusals.refuse("source", Refusal::new("not-of-this-side", detail));
    }
    let from_outside = matches!(source, IncidentSource::PersonConcerned | IncidentSource::ThirdParty);
    match (from_outside, channel) {
        (true, None) => {
            let detail = "must say how it became known, when somebody else told it";
            refusals.refuse("channel", Refusal::new("required-for-the-kind", detail));
        }
        (false, Some(_)) => {
            let detail = "must not be there for what was found by oneself";
            refusals.refuse("channel", Refusal::new("beyond-the-kind", detail));
        }
        _ => {}
    }
    refusals.or(())
}

/// The institutions that a case is opened for.
///
/// # Errors
/// For `institution_ids` `empty`, `too-many`; for `institution_ids/…` `repeated`.
pub fn check_institutions(institutions: &[InstitutionId]) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    if institutions.is_empty() {
        refusals.refuse("institution_ids", Refusal::new("empty", "must name at least one institution"));
    }
    if institutions.len() > MOST_INSTITUTIONS {
        let detail = format!("must name at most {MOST_INSTITUTIONS} institutions");
        refusals.refuse("institution_ids", Refusal::new("too-many", detail));
    }
    for (index, institution) in institutions.iter().enumerate() {
        if institutions.iter().take(index).any(|earlier| earlier == institution) {
            let refusal = Refusal::new("repeated", "must not be named twice");
            refusals.refuse(format!("institution_ids/{index}"), refusal);
        }
    }
    refusals.or(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn refused(outcome: Result<(), FieldRefusals>) -> Vec<(String, &'static str)> {
        let refusals = outcome.err().unwrap_or_default().into_iter();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c122_what_is_reported_was_known_by_now_and_after_it_happened() {
        let [earlier, later] = [-1, 1].map(|second| NOW + jiff::SignedDuration::from_secs(second));
        let check = |known_at, occurred_at| {
            let (kind, by) = (IncidentKind::Breach, ActorKind::InstitutionUser);
            refused(IncidentReport { kind, known_at, occurred_at, reported_at: NOW, by }.check())
        };
        assert_eq!(check(NOW, None), []);
        assert_eq!(check(NOW, Some(NOW)), []);
        assert_eq!(check(later, None), [("known_at".to_owned(), "in-the-future")]);
        assert_eq!(check(earlier, Some(NOW)), [("known_at".to_owned(), "before-it-happened")]);
        assert_eq!(check(NOW, Some(later)), [("occurred_at".to_owned(), "in-the-future")]);
        let both = check(later, Some(later)).into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(both, ["known_at", "occurred_at"]);
    }

    #[test]
    fn c147_what_somebody_else_told_says_how_it_became_known() {
        use ActorKind::{InstitutionUser, PlatformUser};
        use IncidentSource::{Institution, PersonConcerned, Processor, ThirdParty};
        let phone = Some(IncidentChannel::Phone);
        for side in [InstitutionUser, PlatformUser] {
            for source in [PersonConcerned, ThirdParty] {
                assert_eq!(refused(check_source(source, phone, side)), []);
                let missing = refused(check_source(source, None, side));
                assert_eq!(missing, [("channel".to_owned(), "required-for-the-kind")]);
            }
        }
        assert_eq!(refused(check_source(Institution, None, InstitutionUser)), []);
        assert_eq!(refused(check_source(Processor, None, PlatformUser)), []);
        let fields = |outcome| refused(outcome).into_iter().map(|(_, code)| code).collect::<Vec<_>>();
        assert_eq!(fields(check_source(Institution, None, PlatformUser)), ["not-of-this-side"]);
        let both = fields(check_source(Processor, phone, InstitutionUser));
        assert_eq!(both, ["not-of-this-side", "beyond-the-kind"]);
    }

    #[test]
    fn a_case_names_each_institution_once() {
        let id = |number| InstitutionId::from_uuid(Uuid::from_u128(number));
        assert_eq!(refused(check_institutions(&[id(1), id(2)])), []);
        assert_eq!(refused(check_institutions(&[])), [("institution_ids".to_owned(), "empty")]);
        let twice = refused(check_institutions(&[id(1), id(2), id(1)]));
        assert_eq!(twice, [("institution_ids/2".to_owned(), "repeated")]);
        let many: Vec<_> = (0..501).map(id).collect();
        assert_eq!(refused(check_institutions(&many)), [("institution_ids".to_owned(), "too-many")]);
    }

    #[test]
    fn c131_only_what_may_be_a_datalek_has_a_clock() {
        let with_clock = IncidentKind::ALL.into_iter().filter(|kind| kind.has_clock());
        assert_eq!(with_clock.collect::<Vec<_>>(), [IncidentKind::SuspectedBreach, IncidentKind::Breach]);
    }
}
