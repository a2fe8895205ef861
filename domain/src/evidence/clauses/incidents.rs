//! Incidents and data breaches: C122–C133.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        122,
        "VO 8.1, 8.8; BO 6.a",
        "All breaches are in a register, with facts, effects and measures, from whomever they came; nothing of \
         it is ever taken away.",
    )
    .by_software(
        "Incidents and what is added to them are kept in the order in which they came, and the databases \
         refuse to change one.",
    )
    .met(),
    Clause::test(
        123,
        "BO 6.a",
        "A breach goes through every stage in order, from the report to the evaluation, and skips none.",
    )
    .by_software("Only the stage that comes next is recorded, with its author, its time and what was found.")
    .met(),
    Clause::test(
        124,
        "VO 8.2, 8.4",
        "The school's own process is followed; each party tells the other soon, and adds what comes up.",
    )
    .by_software(
        "Each side gets a letter of what the other reports and adds, and again when nobody acknowledges it; an \
         instructed webhook tells a program.",
    )
    .met(),
    Clause::test(
        125,
        "VO 8.3",
        "When a high risk is suspected the controller is told at once, before anything is worked out.",
    )
    .by_software(
        "A suspicion sends letters to administrators, contact persons and the processor at once, in any \
         stage.",
    )
    .met(),
    Clause::test(
        126,
        "B2 D; BO 6.c",
        "A notice tells what happened, the cause, the measures, whom it affects and how, how many, and which \
         data.",
    )
    .by_software(
        "A form in versions holds all six parts, and says of what is not known yet when it will be; whom an \
         account, session, token or address touched is worked out from the log.",
    )
    .met(),
    Clause::test(
        127,
        "VO 8.5; B2 D",
        "The controller decides whether to tell the authority and the people, and can do so within 72 hours.",
    )
    .by_software(
        "Every reply about a datalek shows its deadline and the hours that are left; the decision rests on an \
         answer to each question, by who may decide, and the notice is drafted in the order of the form.",
    )
    .met(),
    Clause::test(
        128,
        "VO 8.5",
        "When one breach hits many institutions alike, the processor may report for them after asking some; \
         each is told.",
    )
    .by_software(
        "The processor opens one case for several institutions, each of which gets an incident of its own \
         and a letter; it means to report for them only with whom it consulted and when, and each is told so \
         first.",
    )
    .met(),
    Clause::test(
        129,
        "BO 6.d",
        "By another contract the cause decides who reports: the processor, or the school for its own mistakes.",
    )
    .by_software("Who decides follows from the contract profile and the cause that is known last.")
    .met(),
    Clause::test(130, "VO 8.6", "With a high risk the controller tells the people; what was sent is kept.")
        .by_software("What people were told, by which way and how many, or why they were not, is on record.")
        .met(),
    Clause::test(131, "VO 8.9", "Incidents that are no breach are kept apart, and told to the school too.")
        .by_software(
            "An incident that is no datalek is of another kind, has no clock, and is told to the other side \
             by letter.",
        )
    .met(),
    Clause::test(
        132,
        "BO 6, 6.b; B2 D",
        "There are an address and a telephone number to report to, and each party is the other's first contact.",
    )
    .by_software(
        "Contact persons are on record and get letters, and calls are recorded with whom they were; the \
         processor's telephone number and privacy mailbox are settings, and shown to everybody.",
    )
    .met(),
    Clause::evidence(
        133,
        "VO 8.7, 13.1–13.3",
        "Costs and liability are facts of the contract; claims and fines are told without needless delay.",
    )
    .by_software("Costs, claims and fines are recorded as facts, and the other side is told by letter.")
    .met(),
];
