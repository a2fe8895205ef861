//! What is told of a datalek: the contents I–VI that the contract prescribes (C126), and the classes of data (C035).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::audit::data_class::DataClass;
use crate::values::calendar::amsterdam_date;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText, code_list};

code_list! {
    /// What happened with data, as far as is known.
    pub enum Happened {
        /// It did.
        Yes = "yes",
        /// It did not.
        No = "no",
        /// It is not known.
        Unknown = "unknown",
    }
}

code_list! {
    /// What part of security was broken.
    pub enum SecurityPart {
        /// Who had no right could know it.
        Confidentiality = "confidentiality",
        /// It was altered.
        Integrity = "integrity",
        /// It was lost, or could not be reached.
        Availability = "availability",
    }
}

code_list! {
    /// What kind of breach it was.
    pub enum BreachNature {
        /// A device or a file was lost or stolen.
        LostOrStolen = "lost-or-stolen",
        /// Something was sent to somebody else than meant.
        WrongRecipient = "wrong-recipient",
        /// Somebody used the account or token of somebody else.
        StolenAccess = "stolen-access",
        /// Somebody broke in.
        Intrusion = "intrusion",
        /// Harmful software.
        Malware = "malware",
        /// Somebody looked at what was not hers to see.
        UnauthorisedLook = "unauthorised-look",
        /// Something was shown to the public.
        Published = "published",
        /// Something was thrown away unsafely.
        UnsafeDisposal = "unsafe-disposal",
        /// Anything else.
        Other = "other",
    }
}

code_list! {
    /// What caused a breach: under some contracts it decides who reports it (C129).
    pub enum BreachCause {
        /// A system or technique of the processor.
        System = "system",
        /// Another processor.
        OtherProcessor = "other-processor",
        /// A mistake of a user of the institution, or of a parent.
        UserError = "user-error",
        /// Negligence of the institution or one of its people.
        Negligence = "negligence",
    }
}

code_list! {
    /// Who the people affected are.
    pub enum AffectedGroup {
        /// Children.
        Pupils = "pupils",
        /// Parents and guardians.
        Parents = "parents",
        /// Staff of the institution.
        Staff = "staff",
        /// Anybody else.
        Others = "others",
    }
}

code_list! {
    /// What of the contents may not be known yet.
    pub enum ContentItem {
        /// I: how it happened.
        How = "how",
        /// II: the cause.
        Cause = "cause",
        /// III: the measures.
        Measures = "measures",
        /// IV: who is affected and in which degree.
        Affected = "affected",
        /// V: the least and the most people.
        GroupSize = "group-size",
        /// VI: the kinds of data.
        Data = "data",
    }
}

impl BreachCause {
    /// Whether it lies with the processor or another one, and not with the institution.
    pub const fn is_at_processor(self) -> bool {
        matches!(self, Self::System | Self::OtherProcessor)
    }
}

impl ContentItem {
    /// The field that has it.
    const fn field(self) -> &'static str {
        match self {
            Self::How => "how",
            Self::Cause => "cause",
            Self::Measures => "measures",
            Self::Affected => "affected",
            Self::GroupSize => "group_least",
            Self::Data => "data",
        }
    }
}

/// The contents of a notice, as far as they are known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentContents {
    /// I: when it was found, in UTC.
    pub found_at: Timestamp,
    /// I: what happened, in short.
    pub summary: FreeText,
    /// I: what kind of breach.
    pub nature: BreachNature,
    /// I: which parts of security.
    pub security_parts: Vec<SecurityPart>,
    /// I: how it happened.
    pub how: Option<FreeText>,
    /// I: whether data was read.
    pub was_read: Happened,
    /// I: whether data was copied.
    pub was_copied: Happened,
    /// I: whether data was changed.
    pub was_changed: Happened,
    /// I: whether data was deleted or destroyed.
    pub was_deleted: Happened,
    /// I: whether data was stolen.
    pub was_stolen: Happened,
    /// II: what kind of cause.
    pub cause: Option<BreachCause>,
    /// II: the cause in words.
    pub cause_explained: Option<FreeText>,
    /// III: what was done to end it and to keep it from happening again.
    pub measures: Option<FreeText>,
    /// IV: who is affected, and in which degree.
    pub affected: Option<Vec<Affected>>,
    /// V: the least people that are affected.
    pub group_least: Option<u32>,
    /// V: the most people that are affected.
    pub group_most: Option<u32>,
    /// VI: the kinds of data.
    pub data: Option<Vec<AffectedData>>,
    /// What is not known yet.
    pub not_yet_known: Vec<NotYetKnown>,
    /// What protected the data before, for the authority.
    pub measures_before: Option<FreeText>,
    /// What it may mean for people, for the authority.
    pub consequences: Option<FreeText>,
}

/// People who are affected.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Affected {
    /// Who.
    pub group: AffectedGroup,
    /// In which degree.
    pub degree: FreeText,
}

/// Data of a class.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedData {
    /// The class.
    pub class: DataClass,
    /// Which data of it.
    pub what: ShortText,
}

/// What is not known yet, and when it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotYetKnown {
    /// What.
    pub item: ContentItem,
    /// The day on which it will be known, in Amsterdam.
    pub known_on: Date,
}

impl IncidentContents {
    /// That these are whole at the moment `now`: what is not told is said not to be known yet, and until when.
    ///
    /// # Errors
    /// For each field: `in-the-future`, `empty`, `repeated`, `required` (unless it is said not to be known yet), `too-small`;
    /// for `not_yet_known/…/item` `known-already` and `repeated`, for `not_yet_known/…/known_on` `in-the-past`.
    pub fn check(&self, now: Timestamp) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if self.found_at > now {
            refusals.refuse("found_at", Refusal::new("in-the-future", "must not be after now"));
        }
        check_list("security_parts", Some(&self.security_parts), |part| part, &mut refusals);
        check_list("affected", self.affected.as_deref(), |affected| &affected.group, &mut refusals);
        if self.data.as_ref().is_some_and(Vec::is_empty) {
            refusals.refuse("data", Refusal::new("empty", "must name at least one kind of data"));
        }
        self.check_group_size(&mut refusals);
        for item in ContentItem::ALL {
            if !self.knows(item) && !self.not_yet_known.iter().any(|unknown| unknown.item == item) {
                let detail = "is required, unless notYetKnown says when it will be known";
                refusals.refuse(item.field(), Refusal::new("required", detail));
            }
        }
        self.check_not_yet_known(now, &mut refusals);
        refusals.or(())
    }

    /// Whether an item is told.
    pub fn knows(&self, item: ContentItem) -> bool {
        match item {
            ContentItem::How => self.how.is_some(),
            ContentItem::Cause => self.cause.is_some(),
            ContentItem::Measures => self.measures.is_some(),
            ContentItem::Affected => self.affected.is_some(),
            ContentItem::GroupSize => self.group_least.is_some() || self.group_most.is_some(),
            ContentItem::Data => self.data.is_some(),
        }
    }

    fn check_group_size(&self, refusals: &mut FieldRefusals) {
        match (self.group_least, self.group_most) {
            (Some(least), Some(most)) if most < least => {
                let detail = "must not be less than the least";
                refusals.refuse("group_most", Refusal::new("too-small", detail));
            }
            (Some(_), None) => {
                refusals.refuse("group_most", Refusal::new("required", "is required beside the least"));
            }
            (None, Some(_)) => {
                refusals.refuse("group_least", Refusal::new("required", "is required beside the most"));
            }
            _ => {}
        }
    }

    fn check_not_yet_known(&self, now: Timestamp, refusals: &mut FieldRefusals) {
        let today = amsterdam_date(now);
        for (index, unknown) in self.not_yet_known.iter().enumerate() {
            let field = |name| format!("not_yet_known/{index}/{name}");
            if self.knows(unknown.item) {
                let detail = "must not be there for what is told";
                refusals.refuse(field("item"), Refusal::new("known-already", detail));
            }
            if self.not_yet_known.iter().take(index).any(|earlier| earlier.item == unknown.item) {
                refusals.refuse(field("item"), Refusal::new("repeated", "must not be named twice"));
            }
            if unknown.known_on < today {
                refusals.refuse(field("known_on"), Refusal::new("in-the-past", "must not be before today"));
            }
        }
    }
}

/// That a list, if it is there, has at least one item and none twice.
fn check_list<T, K: PartialEq>(
    field: &'static str,
    list: Option<&[T]>,
    key: impl Fn(&T) -> &K,
    refusals: &mut FieldRefusals,
) {
    let Some(list) = list else { return };
    if list.is_empty() {
        refusals.refuse(field, Refusal::new("empty", "must name at least one"));
    }
    for (index, item) in list.iter().enumerate() {
        if list.iter().take(index).any(|earlier| key(earlier) == key(item)) {
            refusals.refuse(format!("{field}/{index}"), Refusal::new("repeated", "must not be named twice"));
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn text() -> FreeText {
        FreeText::parse("Een verzonnen toelichting.").unwrap()
    }

    /// Contents in which everything is told.
    pub(in crate::incidents) fn whole(cause: BreachCause) -> IncidentContents {
        let affected = Affected { group: AffectedGroup::Pupils, degree: text() };
        let what = ShortText::parse("notities").unwrap();
        IncidentContents {
            found_at: NOW,
            summary: text(),
            nature: BreachNature::StolenAccess,
            security_parts: vec![SecurityPart::Confidentiality],
            how: Some(text()),
            was_read: Happened::Yes,
            was_copied: Happened::Unknown,
            was_changed: Happened::No,
            was_deleted: Happened::No,
            was_stolen: Happened::Unknown,
            cause: Some(cause),
            cause_explained: None,
            measures: Some(text()),
            affected: Some(vec![affected]),
            group_least: Some(12),
            group_most: Some(12),
            data: Some(vec![AffectedData { class: DataClass::Sensitive, what }]),
            not_yet_known: Vec::new(),
            measures_before: None,
            consequences: None,
        }
    }

    /// The same without what these items tell.
    fn without(items: &[ContentItem]) -> IncidentContents {
        let mut contents = whole(BreachCause::System);
        for item in items {
            match item {
                ContentItem::How => contents.how = None,
                ContentItem::Cause => contents.cause = None,
                ContentItem::Measures => contents.measures = None,
                ContentItem::Affected => contents.affected = None,
                ContentItem::GroupSize => (contents.group_least, contents.group_most) = (None, None),
                ContentItem::Data => contents.data = None,
            }
        }
        contents
    }

    fn refused(contents: &IncidentContents) -> Vec<(String, &'static str)> {
        let refusals = contents.check(NOW).err().unwrap_or_default().into_iter();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn unknown(item: ContentItem, known_on: Date) -> NotYetKnown {
        NotYetKnown { item, known_on }
    }

    #[test]
    fn c126_everything_wrong_is_told_at_once() {
        let mut contents = without(&[ContentItem::How]);
        contents.found_at = NOW + jiff::SignedDuration::from_secs(1);
        contents.security_parts = vec![SecurityPart::Integrity, SecurityPart::Integrity];
        contents.group_most = Some(11);
        contents.data = Some(Vec::new());
        contents.not_yet_known = vec![
            unknown(ContentItem::Cause, date(2027, 1, 15)),
            unknown(ContentItem::How, date(2027, 1, 14)),
            unknown(ContentItem::How, date(2027, 1, 16)),
        ];
        let expected = [
            ("found_at", "in-the-future"),
            ("security_parts/1", "repeated"),
            ("data", "empty"),
            ("group_most", "too-small"),
            ("not_yet_known/0/item", "known-already"),
            ("not_yet_known/1/known_on", "in-the-past"),
            ("not_yet_known/2/item", "repeated"),
        ];
        assert_eq!(refused(&contents), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn c126_the_group_has_a_least_and_a_most() {
        let mut contents = whole(BreachCause::System);
        contents.group_least = None;
        assert_eq!(refused(&contents), [("group_least".to_owned(), "required")]);
        contents = whole(BreachCause::System);
        contents.group_most = None;
        assert_eq!(refused(&contents), [("group_most".to_owned(), "required")]);
    }

    proptest! {
        /// Whatever is left out: it is refused unless it is said when it will be known, and then it is taken.
        #[test]
        fn c126_what_is_not_told_is_said_to_be_unknown_with_a_day(
            left_out in subsequence(ContentItem::ALL.to_vec(), 0..=ContentItem::ALL.len()),
            said in subsequence(ContentItem::ALL.to_vec(), 0..=ContentItem::ALL.len()),
        ) {
            let mut contents = without(&left_out);
            contents.not_yet_known = said.iter().map(|item| unknown(*item, date(2027, 1, 15))).collect();
            let expected: Vec<_> = left_out
                .iter()
                .filter(|item| !said.contains(item))
                .map(|item| (item.field().to_owned(), "required"))
                .collect();
            let (missing, too_much): (Vec<_>, Vec<_>) =
                refused(&contents).into_iter().partition(|(_, code)| *code == "required");
            prop_assert_eq!(missing, expected);
            let told = said.iter().filter(|item| !left_out.contains(item)).count();
            prop_assert_eq!(too_much.len(), told);
            prop_assert!(too_much.iter().all(|(_, code)| *code == "known-already"));
        }

        #[test]
        fn what_was_kept_reads_back(cause in proptest::sample::select(&BreachCause::ALL[..])) {
            let contents = whole(cause);
            let kept = serde_json::to_string(&contents).unwrap();
            prop_assert!(serde_json::from_str::<IncidentContents>(&kept).unwrap() == contents);
        }
    }
}
