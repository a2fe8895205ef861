//! Data fields and their classes: C021–C035.

use crate::evidence::clause::Clause;
use crate::evidence::kind::EvidenceKind;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        21,
        "B1 B.a, D.a; B1 table",
        "Of a licence holder are kept first name, tussenvoegsel, last name, address and e-mail address.",
    )
    .by_software("A body with any other field is refused.")
    .met(),
    Clause::test(
        22,
        "B1 B.b, D.b; B1 table",
        "Of an administrator or user are kept first name, tussenvoegsel, last name, gender and e-mail address.",
    )
    .by_software("A body with any other field about the person is refused.")
    .met(),
    Clause::test(
        23,
        "B1 A, D.c; B1 table",
        "Of a pupil are kept name, gender, home language, birth date, VVE, day-parts per week, the day on which \
         she was placed in the group, and particulars in free text.",
    )
    .by_software(
        "A pupil has these fields, the ECK iD (C030) and by how many weeks it was born early; any other is \
         refused in a body and dropped unread from a school file. It is in its main group since a day, and in \
         others beside it with day-parts for each.",
    )
    .met(),
    Clause::test(
        24,
        "B1 D.c",
        "What is kept about a pupil's development is written by users; the processor does not decide on it.",
    )
    .by_software("Only functions that follow children write, and no function of the processor is one.")
    .met(),
    Clause::test(
        25,
        "B1 table",
        "A registration says of milestones whether they were reached, and which area needs extra attention.",
    )
    .by_software(
        "Judgements are held against the framework that the registration is made with; what needs attention has a plan, a day \
         on which somebody looks again, and what came of it.",
    )
    .met(),
    Clause::test(26, "B1 A", "Children are followed from birth up to and including the age of seven.")
        .by_software(
            "Older children are neither entered nor registered; ages follow a birth date that is corrected; the \
             framework covers each half-year.",
        )
        .met(),
    Clause::test(
        27,
        "B1 A",
        "Notes can be made every day. A child is registered about twice a year, and whoever has no registration \
         this half-year is pointed out.",
    )
    .by_software(
            "The overview of a group names the children under eight without a registration in the half-year.",
        )
    .met(),
    Clause::test(
        28,
        "B1 B.c; B1 table",
        "There are overviews per child and per group, to plan a group's programme with.",
    )
    .by_software("A child is shown through time, and the children of a group side by side.")
    .partly("There is no plan for a group to use them with."),
    Clause::test(29, "B1 A", "All children of the organisation are entered and stand on its lists.")
        .by_software("There is a roster of each group and one of the institution.")
        .met(),
    Clause::test(
        30,
        "VO 1i, 1s",
        "If a pupil has a number it is the sector's pseudonym (ECK iD), and never the citizen service number.",
    )
    .by_software("A citizen service number is refused or dropped in every body, parameter, key and file.")
    .met(),
    Clause::test(
        31,
        "BO 2",
        "As little as possible is kept of customers, for the contract, the service, support, breaches of the \
         terms and statistics that name nobody.",
    )
    .by_software("Licence holders, contact persons and users have no field beyond name and address.")
    .partly("No telephone number is kept, and statistics of use are not made."),
    Clause::test(
        32,
        "BO 2b",
        "Only what is strictly needed is mandatory, and of each field it is said why it is asked and what it is \
         never used for.",
    )
    .by_software("The OpenAPI document says so with every field about a person that a client sends.")
    .met(),
    Clause::evidence(
        33,
        "B1 D",
        "Availability, integrity and confidentiality are classed as 2, 4 and 3 of 4, and measures follow from \
         that.",
    )
    .by_record("The classification, with the digest of its document.")
    .needing(&[EvidenceKind::Classification])
    .open("The classes and the measures that follow from them are on record nowhere."),
    Clause::test(
        34,
        "B1 C; VO 5.3",
        "The product is of the type school and pupil information, as the privacy leaflet says.",
    )
    .open("No privacy leaflet is made."),
    Clause::test(
        35,
        "BO 6.c.VI; B2 D",
        "A breach is described by classes of data: special, sensitive, access, financial, learning results.",
    )
    .by_software(
        "Each operation on what is known of persons has its classes, by which it is told what somebody \
         touched.",
    )
    .met(),
];
