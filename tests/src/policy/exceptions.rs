//! Where an answer is not what the reach says, and why.

use super::caller::Caller;
use super::reach::{Answer, Relation};

/// An answer of its own.
pub struct Exception {
    /// Of which operation.
    pub operation: &'static str,
    /// Who gets it, by the names of the columns; empty for all whom the reach does not refuse.
    pub callers: &'static [&'static str],
    /// In which relations.
    pub relations: &'static [Relation],
    /// What it is.
    pub answer: Answer,
    /// Why.
    pub reason: &'static str,
}

/// An operation on incidents that the contract of the school leaves to the controller.
const fn of_the_controller(operation: &'static str) -> Exception {
    Exception {
        operation,
        callers: &["platform-administrator"],
        relations: &[Relation::NoInstitution],
        answer: Answer::Forbidden,
        reason: "Under this contract the institution decides and does this; under another one the cause says who (C127, C129).",
    }
}

/// All of them.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        operation: "endSupportSession",
        callers: &["adviser", "helpdesk"],
        relations: &[Relation::NoInstitution],
        answer: Answer::NotFound,
        reason: "Staff end the looks that they began themselves, not one of the platform administrator (C048).",
    },
    of_the_controller("decideOnIncident"),
    of_the_controller("recordIncidentNotice"),
    of_the_controller("recordPeopleInformed"),
];

/// The answer of its own that a caller gets, if there is one.
pub fn exception(operation: &str, caller: Caller, relation: Relation) -> Option<Answer> {
    let name = caller.name();
    EXCEPTIONS
        .iter()
        .find(|exception| {
            exception.operation == operation
                && (exception.callers.is_empty() || exception.callers.contains(&name.as_str()))
                && exception.relations.contains(&relation)
        })
        .map(|exception| exception.answer)
}
