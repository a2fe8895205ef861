//! Deciding whether the authority is notified and people are told, and who decides (C127, C129, C130).

use serde::{Deserialize, Serialize};

use super::contents::BreachCause;
use crate::audit::entry::ActorKind;
use crate::institutions::institution::BreachReporter;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, code_list};

code_list! {
    /// What is decided.
    pub enum IncidentDecision {
        /// The authority is notified (GDPR, article 33).
        NotifyAuthority = "notify-authority",
        /// It is not.
        DoNotNotifyAuthority = "do-not-notify-authority",
        /// The people concerned are told (GDPR, article 34).
        InformPeople = "inform-people",
        /// They are not.
        DoNotInformPeople = "do-not-inform-people",
    }
}

code_list! {
    /// A question that a decision rests on.
    pub enum DecisionStep {
        /// Of the authority: whether personal data was broken into, lost or altered.
        PersonalDataBreach = "personal-data-breach",
        /// Of the authority: whether a risk for people is likely.
        RiskLikely = "risk-likely",
        /// Of people: whether a high risk for them is likely.
        HighRiskLikely = "high-risk-likely",
        /// Of people: whether nobody could make sense of the data, as when it was encrypted.
        DataUnintelligible = "data-unintelligible",
        /// Of people: whether what was done since took the high risk away.
        RiskTakenAway = "risk-taken-away",
        /// Of people: whether telling each of them takes too much, so that it is published.
        DisproportionateEffort = "disproportionate-effort",
    }
}

impl IncidentDecision {
    /// Whether it is about the authority, and not about the people.
    pub const fn is_about_authority(self) -> bool {
        matches!(self, Self::NotifyAuthority | Self::DoNotNotifyAuthority)
    }

    /// Whether somebody is told.
    pub const fn tells(self) -> bool {
        matches!(self, Self::NotifyAuthority | Self::InformPeople)
    }

    /// The questions that it rests on, each answered once.
    pub const fn steps(self) -> &'static [DecisionStep] {
        use DecisionStep::*;
        if self.is_about_authority() {
            &[PersonalDataBreach, RiskLikely]
        } else {
            &[HighRiskLikely, DataUnintelligible, RiskTakenAway, DisproportionateEffort]
        }
    }
}

/// An answer to one of the questions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepAnswer {
    /// Which question.
    pub step: DecisionStep,
    /// Yes or no.
    pub answer: bool,
    /// Why.
    pub grounds: FreeText,
}

/// That a decision rests on an answer to each of its questions, and that nobody is spared the telling whom the answers say
/// to tell. Telling more than is needed is allowed.
///
/// # Errors
/// For `steps` `missing`; for `steps/…/step` `repeated`, `beyond-the-kind`; for `decision` `contradicts-grounds`.
pub(super) fn check_decision(
    decision: IncidentDecision,
    answers: &[StepAnswer],
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    for (index, answer) in answers.iter().enumerate() {
        let field = || format!("steps/{index}/step");
        if !decision.steps().contains(&answer.step) {
            let detail = "must be a question of this decision";
            refusals.refuse(field(), Refusal::new("beyond-the-kind", detail));
        }
        if answers.iter().take(index).any(|earlier| earlier.step == answer.step) {
            refusals.refuse(field(), Refusal::new("repeated", "must not be answered twice"));
        }
    }
    let answer = |step| answers.iter().find(|answer| answer.step == step).map(|answer| answer.answer);
    let unanswered: Vec<_> =
        decision.steps().iter().filter(|step| answer(**step).is_none()).map(|step| step.code()).collect();
    if !unanswered.is_empty() {
        let detail = format!("must answer: {}", unanswered.join(", "));
        refusals.refuse("steps", Refusal::new("missing", detail));
    }
    let is = |step| answer(step) == Some(true);
    let has_to_tell = if decision.is_about_authority() {
        is(DecisionStep::PersonalDataBreach) && is(DecisionStep::RiskLikely)
    } else {
        is(DecisionStep::HighRiskLikely)
            && !is(DecisionStep::DataUnintelligible)
            && !is(DecisionStep::RiskTakenAway)
    };
    if has_to_tell && !decision.tells() {
        let detail = "must be the other one: the answers say that this has to be told";
        refusals.refuse("decision", Refusal::new("contradicts-grounds", detail));
    }
    refusals.or(())
}

/// What decides who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionRule {
    /// The rule of the contract's profile.
    pub reporter: BreachReporter,
    /// What caused the breach, as far as is known.
    pub cause: Option<BreachCause>,
}

impl DecisionRule {
    /// The side that decides whether the authority is notified, and notifies it. As long as the cause is not known it is the
    /// controller, as the law has it. What the processor intends takes nothing from it (C128).
    pub const fn side(self) -> ActorKind {
        match (self.reporter, self.cause) {
            (BreachReporter::ByCause, Some(cause)) if cause.is_at_processor() => ActorKind::PlatformUser,
            _ => ActorKind::InstitutionUser,
        }
    }

    /// That somebody on this side may decide, or do what was decided. Telling people is the controller's, always (C130).
    ///
    /// # Errors
    /// `not-the-decider`.
    pub fn check(self, about_authority: bool, by: ActorKind) -> Result<(), Refusal> {
        let side = if about_authority { self.side() } else { ActorKind::InstitutionUser };
        if side == by {
            return Ok(());
        }
        let who = match side {
            ActorKind::PlatformUser => "the processor",
            _ => "the institution",
        };
        Err(Refusal::new("not-the-decider", format!("under this contract {who} decides and does this")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(decision: IncidentDecision, number: usize) -> Vec<StepAnswer> {
        let grounds = FreeText::parse("Een verzonnen grond.").unwrap();
        let answer = |(place, step): (usize, &DecisionStep)| StepAnswer {
            step: *step,
            answer: number >> place & 1 == 1,
            grounds: grounds.clone(),
        };
        decision.steps().iter().enumerate().map(answer).collect()
    }

    fn refused(decision: IncidentDecision, answers: &[StepAnswer]) -> Vec<(String, &'static str)> {
        let refusals = check_decision(decision, answers).err().unwrap_or_default().into_iter();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    /// C127, C130: of all answers, which forbid to keep silent.
    #[test]
    fn c127_c130_nobody_is_spared_the_telling_whom_the_answers_say_to_tell() {
        for decision in IncidentDecision::ALL {
            for number in 0..1usize << decision.steps().len() {
                let has_to_tell =
                    if decision.is_about_authority() { number == 0b11 } else { number & 0b111 == 0b001 };
                let expected: &[_] =
                    if has_to_tell && !decision.tells() { &["contradicts-grounds"] } else { &[] };
                let codes: Vec<_> =
                    refused(decision, &answers(decision, number)).into_iter().map(|one| one.1).collect();
                assert_eq!(codes, expected, "{decision:?} {number:b}");
            }
        }
    }

    #[test]
    fn c127_a_decision_answers_each_of_its_questions_once_and_no_other() {
        let decision = IncidentDecision::NotifyAuthority;
        assert_eq!(refused(decision, &[]), [("steps".to_owned(), "missing")]);
        let mut twice = answers(decision, 3);
        twice.extend(answers(decision, 3).pop());
        assert_eq!(refused(decision, &twice), [("steps/2/step".to_owned(), "repeated")]);
        let mut other = answers(decision, 3);
        other.extend(answers(IncidentDecision::InformPeople, 0).pop());
        assert_eq!(refused(decision, &other), [("steps/2/step".to_owned(), "beyond-the-kind")]);
    }

    /// C127, C129: by every rule and cause, who decides.
    #[test]
    fn c129_the_contract_and_the_cause_say_who_decides() {
        use ActorKind::{InstitutionUser, PlatformUser};
        let causes = BreachCause::ALL.into_iter().map(Some).chain([None]);
        for cause in causes {
            for reporter in [BreachReporter::Controller, BreachReporter::ByCause] {
                let rule = DecisionRule { reporter, cause };
                let by_processor = reporter == BreachReporter::ByCause
                    && matches!(cause, Some(BreachCause::System | BreachCause::OtherProcessor));
                let [decider, other] = if by_processor {
                    [PlatformUser, InstitutionUser]
                } else {
                    [InstitutionUser, PlatformUser]
                };
                assert_eq!(rule.check(true, decider), Ok(()), "{rule:?}");
                assert_eq!(rule.check(true, other).unwrap_err().code, "not-the-decider", "{rule:?}");
                assert_eq!(rule.check(false, InstitutionUser), Ok(()));
                assert!(rule.check(false, PlatformUser).is_err());
            }
        }
    }
}
