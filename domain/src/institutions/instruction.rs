//! Instructions of an institution, and the extra processings that need one (C019, C038).

use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// A processing beyond what the contract holds: off by default, and on only as long as the institution instructed it.
    pub enum ExtraProcessing {
        /// Telling another program of the institution what changed.
        Webhooks = "webhooks",
        /// Handing data to research.
        ResearchExport = "research-export",
        /// Handing data to another program of the institution.
        Coupling = "coupling",
    }
}

code_list! {
    /// How an instruction stands.
    pub enum InstructionState {
        /// The institution gave it, and the processor has yet to answer.
        Proposed = "proposed",
        /// The processor accepted it: it holds.
        Accepted = "accepted",
        /// The processor declined it.
        Declined = "declined",
        /// The institution withdrew it.
        Withdrawn = "withdrawn",
    }
}

impl InstructionState {
    /// How it stands after the processor answered it with `answer`.
    ///
    /// # Errors
    /// `already-decided` when it does not await an answer.
    pub fn answered(self, answer: Self) -> Result<Self, Refusal> {
        match self {
            Self::Proposed => Ok(answer),
            _ => Err(already_decided("it awaits no answer any more")),
        }
    }

    /// How it stands after the institution withdrew it.
    ///
    /// # Errors
    /// `already-decided` when it was declined or withdrawn.
    pub fn withdrawn(self) -> Result<Self, Refusal> {
        match self {
            Self::Proposed | Self::Accepted => Ok(Self::Withdrawn),
            Self::Declined | Self::Withdrawn => Err(already_decided("it was declined or withdrawn before")),
        }
    }
}

fn already_decided(detail: &str) -> Refusal {
    Refusal::new("already-decided", detail)
}

/// That an instruction of an institution holds for an extra processing: without one it is not switched on, and does
/// nothing (C038).
///
/// # Errors
/// `not-instructed`.
pub fn check_instructed(
    processing: ExtraProcessing,
    instructions: impl IntoIterator<Item = (ExtraProcessing, InstructionState)>,
) -> Result<(), Refusal> {
    let holds = (processing, InstructionState::Accepted);
    if instructions.into_iter().any(|instruction| instruction == holds) {
        return Ok(());
    }
    let detail = "the institution has to instruct this processing first, and the processor to accept that";
    Err(Refusal::new("not-instructed", detail))
}

/// That an instruction comes from, or goes to, somebody who is registered as a contact person (C019).
///
/// # Errors
/// `unknown-contact-person`.
pub fn check_registered(registered: bool) -> Result<(), Refusal> {
    if registered {
        return Ok(());
    }
    Err(Refusal::new("unknown-contact-person", "must be a contact person who is registered now"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c038_an_instruction_is_answered_once_and_withdrawn_once() {
        use InstructionState::{Accepted, Declined, Proposed, Withdrawn};
        for answer in [Accepted, Declined] {
            assert_eq!(Proposed.answered(answer), Ok(answer));
            for state in [Accepted, Declined, Withdrawn] {
                assert_eq!(state.answered(answer).unwrap_err().code, "already-decided");
            }
        }
        for state in [Proposed, Accepted] {
            assert_eq!(state.withdrawn(), Ok(Withdrawn));
        }
        for state in [Declined, Withdrawn] {
            assert_eq!(state.withdrawn().unwrap_err().code, "already-decided");
        }
    }

    #[test]
    fn c038_only_an_accepted_instruction_for_it_lets_a_processing_on() {
        for processing in ExtraProcessing::ALL {
            for given in ExtraProcessing::ALL {
                for state in InstructionState::ALL {
                    let instructed = check_instructed(processing, [(given, state)]).is_ok();
                    assert_eq!(instructed, given == processing && state == InstructionState::Accepted);
                }
            }
            assert_eq!(check_instructed(processing, []).unwrap_err().code, "not-instructed");
        }
    }

    #[test]
    fn c019_who_is_not_registered_gives_no_instruction() {
        assert_eq!(check_registered(true), Ok(()));
        assert_eq!(check_registered(false).unwrap_err().code, "unknown-contact-person");
    }
}
