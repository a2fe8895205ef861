//! Retention and destruction: C104–C113.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        104,
        "B1 D",
        "An administrator archives what is used no longer: it can be consulted and is on no active list.",
    )
    .by_software("Children and groups are archived alone or with a school year, and restored.")
    .met(),
    Clause::test(
        105,
        "B1 D",
        "Data are kept until two years after the move to the next form of education, unless the administrator \
         sets another term.",
    )
    .by_software("A departure starts the term; the child is destroyed at midnight in Amsterdam.")
    .met(),
    Clause::test(106, "B1 D", "Three months after an institution cancelled, its account is removed.")
        .by_software("In these months administrators look back; the day after, everything is destroyed.")
        .met(),
    Clause::test(107, "BO 4", "The other contract has two months: the term is the contract's.")
        .by_software("The term follows from the contract profile.")
        .met(),
    Clause::test(
        108,
        "BO 4; VO 12.1; B2 A",
        "A term of the law goes first; the controller registers those, and nothing is kept beyond.",
    )
    .by_software("Registered laws bound every term, and every table of the databases has one.")
    .met(),
    Clause::test(
        109,
        "VO 12.2",
        "At the end of the contract everything is destroyed, unless a law or the controller asks to keep it.",
    )
    .by_software("A hold has a reason, an author and a day on which it is looked at again.")
    .met(),
    Clause::test(110, "VO 12.3", "The institution gets a confirmation of what was destroyed.")
        .by_software("A signed certificate, which is checked offline and fails after any change.")
        .met(),
    Clause::evidence(111, "VO 12.2", "The institution may have a destruction checked at its own cost.")
        .by_record("Certificates with the keys that went and the state of the log before and after.")
        .met(),
    Clause::evidence(112, "VO 12.4", "Subprocessors are told of the end and confirm that they destroyed everything.")
        .by_record("What each has to confirm, by when, and the digest of what it wrote.")
        .partly("That a subprocessor was told is on record by its confirmation alone: nothing writes to it."),
    Clause::evidence(113, "VO 5.1, 6, 9, 12, 15.2", "Duties that outlast the contract stay in view.")
        .by_record("Each institution that ended is listed with the duties that survive.")
        .met(),
];
