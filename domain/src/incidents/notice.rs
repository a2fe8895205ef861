//! Notices to the authority, what people were told, and what it cost (C127, C128, C130, C133).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::deadline;
use super::report::IncidentChannel;
use crate::values::ids::{ContactPersonId, InstitutionId};
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

/// That the processor consulted an institution before it meant to notify the authority for several (C128).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consultation {
    /// The contact person who was asked; `None` for an administrator.
    pub contact_person: Option<ContactPersonId>,
    /// When, in UTC.
    pub at: Timestamp,
}

/// An institution of a case, as far as it can be consulted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consultable {
    /// The institution.
    pub institution: InstitutionId,
    /// When its incident became known, in UTC.
    pub known_at: Timestamp,
}

/// That the processor consulted at least one institution of the case, each after the incident was known, at the moment `now`
/// (C128).
///
/// # Errors
/// For `consulted` `empty`; for `consulted/…/institution_id` `unknown-institution` and `repeated`; for `consulted/…/at`
/// `before-known` and `in-the-future`.
pub fn check_consultations(
    consulted: &[(InstitutionId, Consultation)],
    of_case: &[Consultable],
    now: Timestamp,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    if consulted.is_empty() {
        refusals.refuse(
            "consulted",
            Refusal::new("empty", "must name at least one institution that was consulted"),
        );
    }
    for (index, (institution, consultation)) in consulted.iter().enumerate() {
        let [of, at] = ["institution_id", "at"].map(|field| format!("consulted/{index}/{field}"));
        if consulted.iter().take(index).any(|(earlier, _)| earlier == institution) {
            refusals.refuse(of.clone(), Refusal::new("repeated", "must not be named twice"));
        }
        match of_case.iter().find(|consultable| consultable.institution == *institution) {
            None => refusals.refuse(of, Refusal::new("unknown-institution", "is not of this case")),
            Some(consultable) if consultation.at < consultable.known_at => {
                refusals
                    .refuse(at, Refusal::new("before-known", "must not be before the incident was known"));
            }
            Some(_) if consultation.at > now => {
                refusals.refuse(at, Refusal::new("in-the-future", "must not be after this moment"));
            }
            Some(_) => {}
        }
    }
    refusals.or(())
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
    /// Of what is intended: that this institution was consulted before. Of others it is told nothing.
    #[serde(default)]
    pub consulted: Option<Consultation>,
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
            consulted: None,
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
    fn c128_institutions_of_the_case_are_consulted_once_it_is_known() {
        let institution = |number| InstitutionId::from_uuid(uuid::Uuid::from_u128(number));
        let consultable = |number| Consultable { institution: institution(number), known_at: KNOWN };
        let at = |hours| Consultation { contact_person: None, at: KNOWN + SignedDuration::from_hours(hours) };
        let refused = |consulted: &[(InstitutionId, Consultation)]| {
            let now = KNOWN + SignedDuration::from_hours(5);
            let refusals = check_consultations(consulted, &[consultable(1), consultable(2)], now).err();
            let refusals = refusals.unwrap_or_default().into_iter();
            refusals.map(|(field, refusal)| (field, refusal.code)).collect::<Vec<_>>()
        };
        assert_eq!(refused(&[(institution(2), at(0)), (institution(1), at(5))]), []);
        assert_eq!(refused(&[]), [("consulted".to_owned(), "empty")]);
        let wrong = [
            (institution(1), at(-1)),
            (institution(2), at(6)),
            (institution(3), at(1)),
            (institution(1), at(1)),
        ];
        let expected = [
            ("consulted/0/at", "before-known"),
            ("consulted/1/at", "in-the-future"),
            ("consulted/2/institution_id", "unknown-institution"),
            ("consulted/3/institution_id", "repeated"),
        ];
        assert_eq!(refused(&wrong), expected.map(|(field, code)| (field.to_owned(), code)));
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
