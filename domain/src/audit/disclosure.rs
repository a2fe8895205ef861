//! Disclosures: what was released to a third party, to whom, about whom, when, and on which of the three grounds that the
//! contracts know (C046, C047, C148).

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::audit::data_class::{DataClass, everything};
use crate::values::calendar::amsterdam_date;
use crate::values::ids::{PupilId, UserId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText, code_list};

/// How many children or users one entry names at most.
pub const MOST_PEOPLE: usize = 1_000;

code_list! {
    /// On which ground something is released; there is no other (C046).
    pub enum DisclosureGround {
        /// The institution ordered it, or consented.
        ControllerOrder = "controller-order",
        /// The service cannot be given without it.
        Necessity = "necessary-for-the-service",
        /// A law or a judgment demands it.
        LegalDemand = "legal-demand",
    }
}

/// A disclosure as it is told, to be checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// To whom.
    pub recipient: ShortText,
    /// What.
    pub what: FreeText,
    /// Of which classes that is.
    pub classes: BTreeSet<DataClass>,
    /// About which children.
    pub pupils: Vec<PupilId>,
    /// About which users.
    pub users: Vec<UserId>,
    /// Whether it is about everybody at the institution.
    pub everybody: bool,
    /// When, in UTC.
    pub disclosed_at: Timestamp,
    /// On which ground.
    pub ground: DisclosureGround,
    /// For an order or consent: whose, and when and how it was given.
    pub order: Option<ShortText>,
    /// For the service: why it cannot be given without.
    pub necessity: Option<ShortText>,
    /// For a legal demand: what it rests on.
    pub legal_basis: Option<ShortText>,
    /// For a legal demand: who checked who asks, and how.
    pub requester_checked: Option<ShortText>,
    /// For a legal demand: whether it is a judgment.
    pub judgment: Option<bool>,
    /// For a judgment: whether an appeal stands open.
    pub appeal_open: Option<bool>,
    /// On which day the institution was told, in Amsterdam.
    pub told_on: Option<Date>,
    /// Why the institution was not told before.
    pub not_told_because: Option<ShortText>,
}

impl Disclosure {
    /// What the export of everything is that the operator makes at the institution's order, encrypted to a public key. Its texts
    /// are the service's own.
    pub fn of_export(recipient: &str, at: Timestamp) -> Self {
        let text = |text: String| ShortText::kept(text);
        Self {
            recipient: text(format!("whoever has the private key of {recipient}")),
            what: FreeText::kept(
                "The export of everything of the institution, made by the operator.".to_owned(),
            ),
            classes: everything().iter().copied().collect(),
            pupils: Vec::new(),
            users: Vec::new(),
            everybody: true,
            disclosed_at: at,
            ground: DisclosureGround::ControllerOrder,
            order: Some(text("The institution has its data moved or handed over.".to_owned())),
            necessity: None,
            legal_basis: None,
            requester_checked: None,
            judgment: None,
            appeal_open: None,
            told_on: None,
            not_told_because: None,
        }
    }

    /// What the report about a child is that somebody makes for a talk with its parents: the institution tells them, by her.
    /// Without `recipient` it is for them.
    pub fn of_report_to_parents(
        pupil: PupilId,
        recipient: Option<ShortText>,
        with_notes: bool,
        at: Timestamp,
    ) -> Self {
        let text = |text: &str| ShortText::kept(text.to_owned());
        let (what, notes) = if with_notes {
            ("with chosen notes, as a PDF with a password.", Some(DataClass::SpecialCategory))
        } else {
            ("as a PDF with a password.", None)
        };
        let classes = [DataClass::Ordinary, DataClass::Sensitive, DataClass::LearningResult];
        Self {
            recipient: recipient.unwrap_or_else(|| text("The parents or guardians of the child.")),
            what: FreeText::kept(format!("The report for a talk with the parents, {what}")),
            classes: classes.into_iter().chain(notes).collect(),
            pupils: vec![pupil],
            everybody: false,
            order: Some(text("Whoever made the report, for the institution, for a talk with the parents.")),
            ..Self::of_export("", at)
        }
    }

    /// What the report of a group is that somebody makes for `recipient`.
    pub fn of_group_report(pupils: Vec<PupilId>, recipient: ShortText, at: Timestamp) -> Self {
        let text = |text: &str| ShortText::kept(text.to_owned());
        Self {
            recipient,
            what: FreeText::kept("The overview of a group, as a PDF with a password.".to_owned()),
            classes: [DataClass::Ordinary, DataClass::Sensitive, DataClass::LearningResult].into(),
            pupils,
            everybody: false,
            order: Some(text("Whoever made the report, for the institution.")),
            ..Self::of_export("", at)
        }
    }

    /// That it says all that its ground asks for, and nothing of another one, seen at the moment `now`.
    ///
    /// # Errors
    /// `required-for-the-kind` and `beyond-the-kind` for the fields of the grounds; `appeal-open` (C148); for `pupil_ids`
    /// `empty`, `too-many` and `repeated`; for `classes` `empty`; for `disclosed_at` and `told_on` `in-the-future`; for
    /// `not_told_because` `reason-required` and `was-told` (C047).
    pub fn check(&self, now: Timestamp) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        self.check_ground(&mut refusals);
        self.check_told(now, &mut refusals);
        self.check_people(&mut refusals);
        if self.classes.is_empty() {
            refusals.refuse("classes", Refusal::new("empty", "must name at least one class"));
        }
        if self.disclosed_at > now {
            refusals.refuse("disclosed_at", Refusal::new("in-the-future", "must not be after this moment"));
        }
        refusals.or(())
    }

    /// Of each field that belongs to a ground whether it is given, and whether this one asks for it.
    fn check_ground(&self, refusals: &mut FieldRefusals) {
        let on = |ground| self.ground == ground;
        let demanded = on(DisclosureGround::LegalDemand);
        let by_judgment = demanded && self.judgment == Some(true);
        for (field, given, asked) in [
            ("order", self.order.is_some(), on(DisclosureGround::ControllerOrder)),
            ("necessity", self.necessity.is_some(), on(DisclosureGround::Necessity)),
            ("legal_basis", self.legal_basis.is_some(), demanded),
            ("requester_checked", self.requester_checked.is_some(), demanded),
            ("judgment", self.judgment.is_some(), demanded),
            ("appeal_open", self.appeal_open.is_some(), by_judgment),
        ] {
            if asked && !given {
                let detail = "is required on this ground";
                refusals.refuse(field, Refusal::new("required-for-the-kind", detail));
            }
            if given && !asked {
                refusals.refuse(field, Refusal::new("beyond-the-kind", "must be null on this ground"));
            }
        }
        if by_judgment && self.appeal_open == Some(true) {
            let detail = "a judgment is no ground as long as an appeal stands open";
            refusals.refuse("appeal_open", Refusal::new("appeal-open", detail));
        }
    }

    fn check_told(&self, now: Timestamp, refusals: &mut FieldRefusals) {
        let is_before =
            |told_on: Option<Date>| told_on.is_some_and(|day| day <= amsterdam_date(self.disclosed_at));
        match (self.told_on, &self.not_told_because) {
            (Some(told_on), _) if told_on > amsterdam_date(now) => {
                refusals.refuse("told_on", Refusal::new("in-the-future", "must not be after today"));
            }
            (Some(told_on), Some(_)) if told_on <= amsterdam_date(self.disclosed_at) => {
                let detail = "must be null: the institution was told beforehand";
                refusals.refuse("not_told_because", Refusal::new("was-told", detail));
            }
            (told_on, None) if self.ground == DisclosureGround::LegalDemand && !is_before(told_on) => {
                let detail = "the institution is told beforehand, or it is said why not";
                refusals.refuse("not_told_because", Refusal::new("reason-required", detail));
            }
            _ => {}
        }
    }

    fn check_people(&self, refusals: &mut FieldRefusals) {
        if self.pupils.is_empty() && self.users.is_empty() && !self.everybody {
            let detail = "must name whom it is about: children, users or everybody";
            refusals.refuse("pupil_ids", Refusal::new("empty", detail));
        }
        let pupils: Vec<_> = self.pupils.iter().map(PupilId::as_uuid).collect();
        let users: Vec<_> = self.users.iter().map(UserId::as_uuid).collect();
        for (field, ids) in [("pupil_ids", pupils), ("user_ids", users)] {
            if ids.len() > MOST_PEOPLE {
                let detail = format!("must name at most {MOST_PEOPLE}");
                refusals.refuse(field, Refusal::new("too-many", detail));
            }
            let mut named = HashSet::new();
            for (at, id) in ids.into_iter().enumerate() {
                if !named.insert(id) {
                    let refusal = Refusal::new("repeated", "is named before");
                    refusals.refuse(format!("{field}/{at}"), refusal);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T09:00:00Z".parse().unwrap()
    }

    fn short(text: &str) -> Option<ShortText> {
        ShortText::parse(text).ok()
    }

    fn ordered() -> Disclosure {
        Disclosure {
            recipient: ShortText::parse("Basisschool De Buren").unwrap(),
            what: FreeText::parse("Het overdrachtsformulier.").unwrap(),
            classes: BTreeSet::from([DataClass::LearningResult]),
            pupils: vec![PupilId::from_uuid(Uuid::from_u128(1))],
            users: Vec::new(),
            everybody: false,
            disclosed_at: now(),
            ground: DisclosureGround::ControllerOrder,
            order: short("De directie, per brief van 20 november."),
            necessity: None,
            legal_basis: None,
            requester_checked: None,
            judgment: None,
            appeal_open: None,
            told_on: None,
            not_told_because: None,
        }
    }

    fn demanded(judgment: bool, appeal_open: Option<bool>) -> Disclosure {
        Disclosure {
            ground: DisclosureGround::LegalDemand,
            order: None,
            legal_basis: short("Artikel 126nd Sv."),
            requester_checked: short("Teruggebeld via het algemene nummer."),
            judgment: Some(judgment),
            appeal_open,
            told_on: Some(date(2026, 11, 20)),
            ..ordered()
        }
    }

    fn refused(disclosure: &Disclosure) -> Vec<(String, &'static str)> {
        let refused = disclosure.check(now()).err().into_iter().flatten();
        refused.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn one(field: &str, code: &'static str) -> (String, &'static str) {
        (field.to_owned(), code)
    }

    #[test]
    fn c046_each_ground_says_what_it_rests_on_and_nothing_of_another() {
        assert!(refused(&ordered()).is_empty());
        assert!(refused(&demanded(false, None)).is_empty());
        let nothing = Disclosure { order: None, ..ordered() };
        assert_eq!(refused(&nothing), [one("order", "required-for-the-kind")]);
        let both = Disclosure { necessity: short("Nodig."), ..ordered() };
        assert_eq!(refused(&both), [one("necessity", "beyond-the-kind")]);
        let other = Disclosure { ground: DisclosureGround::Necessity, ..ordered() };
        assert_eq!(
            refused(&other),
            [one("order", "beyond-the-kind"), one("necessity", "required-for-the-kind")]
        );
    }

    #[test]
    fn c047_of_a_legal_demand_basis_and_requester_were_checked_and_the_institution_told() {
        let bare =
            Disclosure { legal_basis: None, requester_checked: None, told_on: None, ..demanded(false, None) };
        assert_eq!(
            refused(&bare),
            [
                one("legal_basis", "required-for-the-kind"),
                one("requester_checked", "required-for-the-kind"),
                one("not_told_because", "reason-required")
            ]
        );
        let untold =
            Disclosure { told_on: None, not_told_because: short("Opsporing."), ..demanded(false, None) };
        assert!(refused(&untold).is_empty());
        let both = Disclosure { not_told_because: short("Opsporing."), ..demanded(false, None) };
        assert_eq!(refused(&both), [one("not_told_because", "was-told")]);
        // Told afterwards, which asks for a reason as never having been told does.
        let disclosed_at = "2026-11-19T09:00:00Z".parse().unwrap();
        let afterwards = Disclosure { disclosed_at, ..demanded(false, None) };
        assert_eq!(refused(&afterwards), [one("not_told_because", "reason-required")]);
        assert!(refused(&Disclosure { not_told_because: short("Opsporing."), ..afterwards }).is_empty());
        let later = Disclosure {
            told_on: Some(date(2026, 11, 22)),
            not_told_because: short("Opsporing."),
            ..demanded(false, None)
        };
        assert_eq!(refused(&later), [one("told_on", "in-the-future")]);
    }

    #[test]
    fn c148_a_judgment_is_a_ground_only_when_no_appeal_stands_open() {
        assert_eq!(refused(&demanded(true, None)), [one("appeal_open", "required-for-the-kind")]);
        assert_eq!(refused(&demanded(true, Some(true))), [one("appeal_open", "appeal-open")]);
        assert!(refused(&demanded(true, Some(false))).is_empty());
        assert_eq!(refused(&demanded(false, Some(false))), [one("appeal_open", "beyond-the-kind")]);
    }

    #[test]
    fn c046_an_export_is_a_disclosure_that_says_all_it_has_to() {
        let export = Disclosure::of_export("age1example", now());
        assert!(refused(&export).is_empty() && export.everybody);
        assert!(export.classes.contains(&DataClass::SpecialCategory));
    }

    #[test]
    fn c085_a_report_to_parents_is_a_disclosure_about_one_child() {
        let pupil = PupilId::from_uuid(Uuid::from_u128(1));
        let report = Disclosure::of_report_to_parents(pupil, None, false, now());
        assert!(refused(&report).is_empty() && !report.everybody);
        assert_eq!(report.pupils, [pupil]);
        assert!(!report.classes.contains(&DataClass::SpecialCategory));
        let with_notes = Disclosure::of_report_to_parents(pupil, short("De moeder."), true, now());
        assert!(refused(&with_notes).is_empty() && with_notes.classes.contains(&DataClass::SpecialCategory));
        assert_eq!(with_notes.recipient.as_str(), "De moeder.");
    }

    #[test]
    fn c046_it_says_about_whom_it_is_and_when_it_was() {
        let nobody = Disclosure { pupils: Vec::new(), classes: BTreeSet::new(), ..ordered() };
        assert_eq!(refused(&nobody), [one("pupil_ids", "empty"), one("classes", "empty")]);
        assert!(refused(&Disclosure { everybody: true, pupils: Vec::new(), ..ordered() }).is_empty());
        let twice = Disclosure { pupils: ordered().pupils.repeat(2), ..ordered() };
        assert_eq!(refused(&twice), [one("pupil_ids/1", "repeated")]);
        let future = Disclosure { disclosed_at: Timestamp::MAX, ..ordered() };
        assert_eq!(refused(&future), [one("disclosed_at", "in-the-future")]);
    }
}
