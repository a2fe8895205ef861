//! Purposes, instructions and confidentiality: C036–C053.

use crate::evidence::clause::Clause;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        36,
        "B1 C",
        "Everything serves one purpose, following a child's development for the education that comes next; \
         each access names one activity from a closed list.",
    )
    .by_software("The purpose is part of every operation and stands in every entry of the audit log.")
    .met(),
    Clause::test(
        37,
        "B1 B.a–d",
        "Which purposes there are is fixed, and so is which data each of them may use: none of marketing's ever \
         concerns a child.",
    )
    .by_software(
        "Each operation has one purpose and one part; those on children have a purpose of education.",
    )
    .partly("Research is a purpose of the contract and has no place in the list, as nothing serves it yet."),
    Clause::test(
        38,
        "VO 5.1",
        "Nothing is processed beyond the contract without an instruction that was written down before.",
    )
    .by_software("An extra processing is switched on only while an accepted instruction holds for it.")
    .met(),
    Clause::evidence(
        39,
        "VO 5.1, 10.1",
        "What a law forces the processor to do is on record with the provision, and the controller is told \
         before unless that is forbidden.",
    )
    .by_record("Forced processings, which the institution reads unless it may not be told.")
    .met(),
    Clause::test(40, "VO 5.4", "Nobody of the processor can add a purpose or a field.")
        .by_software(
            "Purposes and fields are part of the program; no operation takes a purpose, and unknown fields are \
             refused. What a framework asks about is the platform's to write (C072).",
        )
        .met(),
    Clause::test(
        41,
        "VO 3.2, 3.3",
        "Optional services are switched one by one and are off unless agreed; what belongs together is listed.",
    )
    .by_software("A licence names its services; the others are refused, and anybody reads which there are.")
    .met(),
    Clause::test(42, "VO 3.4", "The controller gets help with its register of processing activities.")
        .open("The register of an institution cannot be had as a document."),
    Clause::test(
        43,
        "VO 3.5",
        "The processor's own register follows from the institutions that it works for.",
    )
    .open("No such register is made."),
    Clause::evidence(44, "VO 2.3", "The processor tells at once when it cannot keep its duties any more.")
        .open("There is no record of such a notice."),
    Clause::evidence(
        45,
        "VO 6.1; B2 B; BO 4.4",
        "Whoever works for the processor signed a statement of confidentiality before getting an account.",
    )
    .by_record("Statements with their day and the digest of the document; without one no account works.")
    .met(),
    Clause::test(
        46,
        "VO 6.2, 6.3; BO 3",
        "Data go to a third party only on the controller's order, out of necessity or because the law says so, \
         and each time is on record.",
    )
    .by_software(
        "A disclosure is entered on one of these grounds, with what each rests on, and is found by child; an \
         export of an institution enters itself.",
    )
    .partly("What leaves by another way than such an export is not held back until it is entered."),
    Clause::evidence(
        47,
        "VO 6.3",
        "When an authority demands data, its basis and who it is are checked first, and the controller is told.",
    )
    .by_record("Of a legal demand the basis, who asked and how that was checked, and when the institution was told.")
    .met(),
    Clause::test(
        48,
        "VO 6.4, 7.2b; B2 B; BO 4.3",
        "Staff see what they need to know: every access has a role and a reason, and the rest is refused.",
    )
    .by_software("A support session says why and for what, and all it asks stands in the institution's log.")
    .met(),
    Clause::test(
        49,
        "VO 5.5",
        "An educational report goes to another institution only when the controller pointed it out, it asked, \
         and it gave its BRIN or OIN.",
    )
    .open("No educational report is made or sent."),
    Clause::test(
        50,
        "BO 4",
        "Staff see who somebody is only when she asks for it herself, and a masked form otherwise.",
    )
    .by_software("Names are initials unless a consent of the user is live, and free text is masked.")
    .met(),
    Clause::test(51, "BO 2.5, 5", "Nobody gets advertising who did not ask for it, and objecting ends it at once.")
        .open("No advertising is sent, but nothing keeps on record who asked for it or objected."),
    Clause::test(52, "BO 2, 2c", "No cookies that follow people, only what a session needs.")
        .by_software("No reply sets a cookie.")
        .met(),
    Clause::test(
        53,
        "B1 B",
        "As delivered the system is coupled to no other program.",
    )
    .by_software(
        "Webhooks, couplings and exports for research are off until an instruction switches them on.",
    )
    .met(),
];
