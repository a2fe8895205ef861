//! The rights of the people whose data it is: C114–C121.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        114,
        "VO 9.1a",
        "Looking, correcting, adding, erasing and shielding can be done within the terms of the law.",
    )
    .by_software("An institution corrects what it wrote and has children destroyed on request.")
    .open("Requests are not taken in or kept to their terms, and nothing can be shielded."),
    Clause::test(115, "BO 5.1", "Everybody may know whether, which and for what data are kept.")
        .open("No answer to such a request is made."),
    Clause::test(
        116,
        "BO 5.2",
        "Everybody gets to see and have a copy, as far as it harms nobody else's privacy.",
    )
    .open("No such copy is made."),
    Clause::test(
        117,
        "BO 5.3",
        "Erasing is refused only for a weighty interest of another or a law, and the reason is kept.",
    )
    .by_software("A hold keeps something from being destroyed, and says why.")
    .open("Requests to erase are not taken in, so none is refused on record."),
    Clause::test(118, "BO 5.4", "Everybody may object.").open("Objections of people are not taken in."),
    Clause::test(
        119,
        "VO 9.2",
        "A complaint or request that reaches the processor goes on to the controller at once, who decides.",
    )
    .open("There is no record of what was passed on."),
    Clause::test(
        120,
        "BO 5",
        "Complaints are taken in and answered, and rights without a place in the product go by mail.",
    )
    .open("Complaints are not taken in."),
    Clause::evidence(
        121,
        "VO 9.1d, 9.3",
        "The processor helps with requests of authorities, and says beforehand what that costs.",
    )
    .open("There is no record of such help."),
];
