//! Notices to the authority, what people were told, and what it cost (C127, C128, C130, C133).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::deadline;
use super::report::IncidentChannel;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText, code_list};

code_list! {
    /// What is told to the authority, in order.
    pub enum NoticeStep {
        /// The processor means to notify the authority for several institutions, and told this one so (C128).
        Intended = "intended",
        /// The authority was notified.
        Notified = "notified",
        /// The authority was told more.
        Supplemented = "supplemented",
        /// The notice was withdrawn.
        Withdrawn = "withdrawn",
    }
}

code_list! {
    /// What an incident cost (C133).
    pub enum CostKind {
        /// Costs.
        Cost = "cost",
        /// A claim of somebody.
        Claim = "claim",
        /// A fine.
        Fine = "fine",
    }
}

/// Something that was told to the authority.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// What.
    pub step: NoticeStep,
    /// The number by which the authority knows the notice.
    pub number: Option<ShortText>,
    /// What was told, or with whom it was agreed upon.
    pub text: Option<FreeText>,
    /// Why it was not told in time.
    pub delay_reason: Option<FreeText>,
}

impl Notice {
    /// That it has what it needs, of something that was told at the moment `at`, of what was known at the moment `known_at`.
    ///
    /// # Errors
    /// For `number` `required-for-the-kind`; for `text` `required-for-the-kind`; for `delay_reason` `reason-required` when it
    /// was too late, and `beyond-the-kind` when it was not.
    pub(super) fn check(&self, at: Timestamp, known_at: Timestamp) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        let needed = |what| Refusal::new("required-for-the-kind", what);
        if self.step == NoticeStep::Notified && self.number.is_none() {
            refusals.refuse("number", needed("must give the number of the notice"));
        }
        if self.step != NoticeStep::Notified && self.text.is_none() {
            refusals.refuse("text", needed("must say what was told"));
        }
        let is_late = self.step == NoticeStep::Notified && at > deadline(known_at);
        if is_late && self.delay_reason.is_none() {
            let detail = "must say why the authority was notified after the 72 hours";
            refusals.refuse("delay_reason", Refusal::new("reason-required", detail));
        }
        if !is_late && self.delay_reason.is_some() {
            let detail = "must not be there for what was in time";
            refusals.refuse("delay_reason", Refusal::new("beyond-the-kind", detail));
        }
        refusals.or(())
    }
}

/// What people concerned were told (C130).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PeopleInformed {
    /// The message, as they got it.
    pub text: FreeText,
    /// How they got it.
    pub channel: IncidentChannel,
    /// How many of them.
    pub number: u32,
}

/// What it cost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentCost {
    /// What it is.
    pub kind: CostKind,
    /// How much, in whole euros, if that is known.
    pub euros: Option<u32>,
    /// What it is for, and of whom.
    pub text: FreeText,
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const KNOWN: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn notice(step: NoticeStep) -> Notice {
        Notice {
            step,
            number: ShortText::parse("2026-1234").ok(),
            text: FreeText::parse("Zie de melding.").ok(),
            delay_reason: None,
        }
    }

    fn refused(notice: &Notice, hours: i64) -> Vec<(String, &'static str)> {
        let at = KNOWN + SignedDuration::from_hours(hours);
        let refusals = notice.check(at, KNOWN).err().unwrap_or_default().into_iter();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c127_who_notifies_too_late_says_why() {
        let mut late = notice(NoticeStep::Notified);
        assert_eq!(refused(&late, 72), []);
        assert_eq!(refused(&late, 73), [("delay_reason".to_owned(), "reason-required")]);
        late.delay_reason = FreeText::parse("Het weekend.").ok();
        assert_eq!(refused(&late, 73), []);
        assert_eq!(refused(&late, 72), [("delay_reason".to_owned(), "beyond-the-kind")]);
    }

    #[test]
    fn c127_a_notice_has_a_number_and_what_comes_after_it_a_text() {
        for step in NoticeStep::ALL {
            let bare = Notice { number: None, text: None, ..notice(step) };
            let field = if step == NoticeStep::Notified { "number" } else { "text" };
            assert_eq!(refused(&bare, 1), [(field.to_owned(), "required-for-the-kind")], "{step:?}");
            assert_eq!(refused(&notice(step), 1), [], "{step:?}");
        }
    }
}
