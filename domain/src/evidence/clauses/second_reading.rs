//! What a second reading of the contracts found: C141–C154.

use crate::evidence::clause::Clause;
use crate::evidence::kind::EvidenceKind;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        141,
        "B1 table",
        "The institution decides whether teachers enter the children of their groups, or the administrator alone.",
    )
    .by_software(
        "A setting of the institution lets teachers and childcare workers enter children in their own groups, or leaves \
         it to the administrators; an administrator may give or refuse one user that right as well.",
    )
    .met(),
    Clause::test(
        142,
        "B1 A",
        "Overviews serve to think of an offer and to see what came of it: goals are tied to the next \
         registration.",
    )
    .by_software(
        "A group has goals on a line in a period, for children of its own, and what they were offered; beside them stands \
         where each child was at the registration before and at the next one.",
    )
    .met(),
    Clause::test(143, "B1 A", "Boards have locations, and access can be limited to one of them.")
        .by_software(
            "An institution has locations, and a group may be at one. An administrator limits an intern begeleider, \
             management, a quality officer or a pedagogical coach to locations, from a day until a day, and they reach the \
             groups there and the children in them alone.",
        )
        .met(),
    Clause::test(144, "BO 2.2", "Parents are users of a portal, whose parts the institution chooses.")
        .open("There is no portal for parents."),
    Clause::test(145, "BO 2b", "A user decides what she tells of herself and who sees it.")
        .open("There is no portal in which people are shown to each other."),
    Clause::test(
        146,
        "BO 4",
        "Staff look only at the person's own request, as far as necessary, and when authorised: each is on \
         record.",
    )
    .by_software("Requests, their approval and the register of rights of staff say so each time.")
    .met(),
    Clause::test(147, "BO 6", "A parent or a user may report an incident too.")
        .by_software(
            "Any user reports; what a parent or another outsider told is recorded with who, how and when.",
        )
        .met(),
    Clause::test(148, "VO 5.1, 6.2", "A judgment is ground for a disclosure only when no appeal stands open.")
        .by_software("A disclosure on a judgment says whether an appeal is open, and is refused while one is.")
        .met(),
    Clause::evidence(
        149,
        "VO 3.2, 3.3",
        "Before it signs, the institution is told in plain language what is inseparable and what is optional.",
    )
    .by_record("Who was told which version of the parts, and when, is kept with the acceptance.")
    .met(),
    Clause::evidence(
        150,
        "B2 B",
        "Staff make agreements on information security too, beside confidentiality.",
    )
    .by_record("The agreements, with the digest of their documents.")
    .needing(&[EvidenceKind::SecurityAgreement])
    .open("No such agreement is on record."),
    Clause::evidence(
        151,
        "BO 2a; VO 7.2c",
        "Measures are laid beside the sector's framework for availability, integrity and confidentiality.",
    )
    .by_record("The mapping, with the digest of its document.")
    .needing(&[EvidenceKind::FrameworkMapping])
    .open("No such mapping is on record."),
    Clause::organisation(
        152,
        "BO 2",
        "Readers of newsletters, applicants and visitors of the supplier's site are outside this system, as the \
         leaflet says.",
    )
    .by_software("Nothing in the software keeps them.")
    .open("No privacy leaflet is made that would say so."),
    Clause::organisation(153, "B2 D", "Equipment is replaced in time.")
        .by_record("A dated statement, with the digest of its document.")
    .needing(&[EvidenceKind::Equipment])
    .open("No dated statement of it is on record."),
    Clause::evidence(154, "B2 B", "What it takes to use the system well is given with it.")
        .by_software("Every installation serves its API document, its design notes and what changed.")
        .partly("There is no manual for users, and no record of what was given."),
];
