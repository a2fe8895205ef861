//! Parties, systems and roles: C001–C020.

use crate::evidence::clause::Clause;
use crate::evidence::kind::EvidenceKind;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        1,
        "VO parties, note 1",
        "Boards, childcare organisations, playgroups and preschools are each a controller of their own. Nothing \
         that one of them asks for ever shows what is another's.",
    )
    .by_software("Every query and every key names the institution, and PostgreSQL checks it once more.")
    .met(),
    Clause::test(
        2,
        "VO parties, 3.1",
        "The processor is another party: its staff are members of no institution and have no role in one.",
    )
    .by_software("Staff have functions of their own, none of which reaches data about children.")
    .met(),
    Clause::test(
        3,
        "VO 1w; B1 A",
        "The apps for registration, for monitoring and for mobile use work on one store: what is written with \
         one is read unchanged with the others.",
    )
    .by_software("There is one API on one store, which treats every client alike, and no copy for an app.")
    .partly(
        "The apps are no part of this software: that each shows what it was sent is for their own tests.",
    ),
    Clause::test(
        4,
        "B1 A; B1 table; B2 B",
        "Without an active licence nobody logs in or writes. The licence terms are accepted before first use, \
         and who accepted which version when is kept.",
    )
    .by_software("The state of the licence is looked at with every request, and so is the acceptance.")
    .met(),
    Clause::test(
        5,
        "B1 A",
        "The customer's functions are there to be given: childcare worker, teacher, intern begeleider, \
         management, quality officer, pedagogical coach.",
    )
    .by_software("An administrator gives each user one of them, and access follows from it.")
    .met(),
    Clause::test(
        6,
        "B1 table; B2 B",
        "Each licence has an administrator, and nobody else enters users and groups or gives access.",
    )
    .by_software(
        "Only that function has those rights. How an institution gets another administrator is fixed.",
    )
    .met(),
    Clause::test(
        7,
        "B1 B.a; B1 table",
        "The licence holder is a person on record, apart from administrators and users.",
    )
    .by_software("The secretariat enters her; she has no login by it.")
    .met(),
    Clause::test(
        8,
        "B1 B, marketing",
        "Marketing reads how users may be written to, and is refused everything about children.",
    )
    .by_software("The function reads institutions and masked contacts and has no other right.")
    .met(),
    Clause::test(
        9,
        "B1 B, secretariat",
        "The secretariat sees users for customer service, licences and the customer file, is refused everything \
         about children, and is the one that couples advisers.",
    )
    .by_software(
        "No other function of the processor proposes or ends a coupling; invoicing is done elsewhere.",
    )
    .met(),
    Clause::test(
        10,
        "B1 B, adviser",
        "An adviser sees data about children only to answer a concrete question of the customer.",
    )
    .by_software(
        "A session of an adviser rests on a request of the institution, shows the children and parts that it \
         names and no others, and ends with it.",
    )
    .met(),
    Clause::test(
        11,
        "B1 B, Bazalt admin",
        "The account manager may see and change who a customer's users are, and never data about children.",
    )
    .by_software("The function changes names and genders of users who allow to be shown, with a reason.")
    .met(),
    Clause::test(
        12,
        "B1 B, helpdesk",
        "The helpdesk looks along only after the user expressly allowed it, changes nothing, and is refused as \
         soon as that has ended.",
    )
    .by_software("A look needs the code of a live consent, which every request of it checks again.")
    .met(),
    Clause::test(
        13,
        "B1 B and F, Estrategy",
        "The firm that maintains the software can reach every part to help from a distance; we add that each \
         time has a reason and an end and is on record.",
    )
    .by_software(
        "An emergency session is for the platform administrator, shows what is kept about children, ends within \
         an hour and is told by letter.",
    )
    .met(),
    Clause::test(
        14,
        "B1 B",
        "Developing, updating and testing the software is an activity with a name, and never done with real \
         data about children.",
    )
    .open(
        "The list of purposes has no such activity, and nothing tells a test environment from a real one; \
         only the demo refuses to go where institutions are.",
    ),
    Clause::test(
        15,
        "B1 F.b; B2 B",
        "Whoever hosts the machines sees ciphertext: a copy of disk or database shows no name and no note.",
    )
    .by_software("Fields are encrypted before they reach the database, under keys of another database.")
    .met(),
    Clause::test(
        16,
        "B1 table",
        "The technical helpdesk sees of a child its first and last name, birth date, home language and \
         milestones, and nothing else.",
    )
    .by_software("It has a view of its own with these fields, and ids to ask on with.")
    .met(),
    Clause::test(
        17,
        "B1 table",
        "Of the two parties only the customer's administrator has direct access to what is kept about children.",
    )
    .by_software("No function of the processor has such a right; each look is a support session.")
    .met(),
    Clause::evidence(
        18,
        "B2 A",
        "Policy, checking and carrying out are given to different people, and every measure has an owner with \
         a name.",
    )
    .by_record("Statements on measures, each with its owner and the day of its review.")
    .needing(&[EvidenceKind::StatementOnMeasures])
    .open("No measure is on record with its owner."),
    Clause::test(
        19,
        "VO 1h",
        "Both parties have contact persons on record, and an instruction counts only from one to the other.",
    )
    .by_software("An instruction names a contact person of each side, and is refused for anybody else.")
    .met(),
    Clause::evidence(
        20,
        "VO 5.5, 7.6, 8.5, 9.1d; B1 table",
        "The outsiders whom the contracts name are known as such: auditor, authorities, municipality or \
         cluster, receiving school, parents, and who takes over when the supplier ends.",
    )
    .by_record("Tokens of auditors, couplings for a municipality's report, and departures to a next school.")
    .partly("Authorities and parents are on record nowhere, nor is who continues the service."),
];
