//! Subprocessors, transfers and the life of the contract: C134–C140.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        134,
        "VO 11.1; B1 F",
        "Subprocessors are listed with who and where they are, what they do and what they can get at.",
    )
    .by_software("Every administrator reads the list.")
    .met(),
    Clause::test(
        135,
        "VO 11.2; B1 F",
        "A new or changed subprocessor is announced, may be objected to, and is not used before that is over.",
    )
    .by_software("It counts as in use only after the days of the profile and while no objection stands.")
    .met(),
    Clause::evidence(
        136,
        "VO 11.3; B2 B",
        "Subprocessors are held to the same duties; passages of their contracts can be had, and they are \
         checked each year.",
    )
    .by_record("A passage for each duty, and checks with their outcome and the day of the next one.")
    .met(),
    Clause::test(
        137,
        "VO 10.1–2; B1 E; BO 2a",
        "Data stay in the Netherlands; outside the EEA they go only with written consent, on record with the \
         country and the safeguard.",
    )
    .by_software(
        "A subprocessor elsewhere is not used without a safeguard and the consent of the institution.",
    )
    .met(),
    Clause::test(
        138,
        "B2 C",
        "A country without adequate protection needs the model clauses, and the United States never will do.",
    )
    .by_software("Such a country is refused without a safeguard, and the United States with any.")
    .met(),
    Clause::evidence(
        139,
        "VO 1d, n, q, 4.1, 14.2; B1 H; B2 E",
        "Contracts, annexes and deviations are documents with versions, and it can be told which one binds.",
    )
    .by_record("Published versions that never change, and what an institution accepted, by day.")
    .met(),
    Clause::test(
        140,
        "VO 3.6, 14.1, 14.3, 14.4, 15.1",
        "A change that matters is explained in plain language and accepted before it holds.",
    )
    .by_software("Documents and profiles bind from the day on which an administrator accepted them.")
    .partly("That the agreement goes before the licence and ends with it is in the documents alone."),
];
