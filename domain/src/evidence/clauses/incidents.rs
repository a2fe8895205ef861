//! Incidents and data breaches: C122–C133.

use crate::evidence::clause::Clause;

/// What is said of all of them before there is a register.
const NO_REGISTER: &str = "There is no register of incidents.";

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        122,
        "VO 8.1, 8.8; BO 6.a",
        "All breaches are in a register, with facts, effects and measures, from whomever they came; nothing of \
         it is ever taken away.",
    )
    .open(NO_REGISTER),
    Clause::test(
        123,
        "BO 6.a",
        "A breach goes through every stage in order, from the report to the evaluation, and skips none.",
    )
    .open(NO_REGISTER),
    Clause::test(
        124,
        "VO 8.2, 8.4",
        "The school's own process is followed; each party tells the other soon, and adds what comes up.",
    )
    .open(NO_REGISTER),
    Clause::test(
        125,
        "VO 8.3",
        "When a high risk is suspected the controller is told at once, before anything is worked out.",
    )
    .open(NO_REGISTER),
    Clause::test(
        126,
        "B2 D; BO 6.c",
        "A notice tells what happened, the cause, the measures, whom it affects and how, how many, and which \
         data.",
    )
    .open(NO_REGISTER),
    Clause::test(
        127,
        "VO 8.5; B2 D",
        "The controller decides whether to tell the authority and the people, and can do so within 72 hours.",
    )
    .open(NO_REGISTER),
    Clause::test(
        128,
        "VO 8.5",
        "When one breach hits many institutions alike, the processor may report for them after asking some; \
         each is told.",
    )
    .open(NO_REGISTER),
    Clause::test(
        129,
        "BO 6.d",
        "By another contract the cause decides who reports: the processor, or the school for its own mistakes.",
    )
    .open(NO_REGISTER),
    Clause::test(130, "VO 8.6", "With a high risk the controller tells the people; what was sent is kept.")
        .open(NO_REGISTER),
    Clause::test(131, "VO 8.9", "Incidents that are no breach are kept apart, and told to the school too.")
        .open(NO_REGISTER),
    Clause::test(
        132,
        "BO 6, 6.b; B2 D",
        "There are an address and a telephone number to report to, and each party is the other's first contact.",
    )
    .open(NO_REGISTER),
    Clause::evidence(
        133,
        "VO 8.7, 13.1–13.3",
        "Costs and liability are facts of the contract; claims and fines are told without needless delay.",
    )
    .open(NO_REGISTER),
];
