//! Monitoring, sharing and research: C097–C103.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        97,
        "B1 table",
        "Monitoring puts several moments of measuring together: cross-sections and trends.",
    )
    .by_software("The overview of a child follows each line through time; that of a group shows one moment.")
    .partly("There are no cross-sections or trends over groups or an institution."),
    Clause::test(98, "B1 table", "Monitoring uses basic data and data on development, without names.")
        .open("There is no monitoring beyond the overviews, which name children."),
    Clause::test(
        99,
        "B1 table",
        "A report for a municipality or cluster needs a consent of its own, with the period of the coupling.",
    )
    .by_software(
        "An administrator approves a coupling for the very report and period that were proposed; without that, \
         and outside the period, the adviser is refused.",
    )
    .partly("The report itself is written elsewhere: what is gated is the adviser's look."),
    Clause::test(100, "B1 table", "The secretariat couples an adviser, who works things up into a report and advises.")
        .by_software("A coupled adviser looks at groups, registrations and overviews of that institution.")
        .met(),
    Clause::test(101, "B1 table", "After the agreed period the adviser is decoupled, also when nobody acts.")
        .by_software("Every request of the adviser looks at the period by the clock.")
        .met(),
    Clause::test(
        102,
        "B1 B.d; BO 2.4",
        "Data for research name nobody and can be traced to nobody: no small numbers and no lasting ids.",
    )
    .open("There is no export for research."),
    Clause::test(103, "B2 B", "Telling parents is for the user: nothing is sent to a parent without one.")
        .open("Nothing is sent to parents at all, but no test shows it."),
];
