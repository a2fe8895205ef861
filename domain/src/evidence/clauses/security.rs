//! Integrity, availability, encryption and the management of security: C070–C088.

use crate::evidence::clause::Clause;
use crate::evidence::kind::EvidenceKind;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        70,
        "B2 B, integrity",
        "What users wrote never changes by itself: each change has a person, and jobs only archive and destroy \
         by rule.",
    )
    .by_software(
        "A final registration cannot be changed by any query, and each version names its author; what was wrong is \
         withdrawn by a person with a reason, and stays readable.",
    )
    .met(),
    Clause::test(71, "B2 B", "What is half done is kept, survives logging out, and leaves its earlier versions.")
        .by_software("A draft is saved step by step; earlier texts and versions stay to be read.")
        .met(),
    Clause::test(72, "B2 B", "Frameworks, milestones and age bands are changed by the builder alone.")
        .by_software("Only the platform writes frameworks, and a published one never changes.")
        .met(),
    Clause::evidence(
        73,
        "B2 A.1–3",
        "Availability, integrity and confidentiality mean something that is measured.",
    )
    .by_record("The classification with the norms that are measured.")
    .needing(&[EvidenceKind::Classification])
    .open("What is measured, and against which norm, is on record nowhere."),
    Clause::test(74, "B2 B; B1 F.b; BO 4.1", "Personal data are encrypted in the databases.")
        .by_software("Each value is a ciphertext of its own, bound to its row, column and owner.")
        .met(),
    Clause::test(
        75,
        "B2 B",
        "A backup is made every night and moved elsewhere in the morning; putting it back gives the same data.",
    )
    .by_software("Each night one process makes a backup, tries it, and puts it in a second folder as well.")
    .by_people("The second folder is on another site, for which whoever runs the server cares.")
    .met(),
    Clause::test(76, "BO 6.a", "Data from a backup are checked before they are used.")
        .by_software(
            "A restore checks what it puts back, the audit trees included, and refuses what is altered.",
        )
        .met(),
    Clause::organisation(
        77,
        "B1 E",
        "The web applications run on a server of the processor's own that nobody else gets at.",
    )
    .by_record("A dated statement, with the digest of its document.")
    .needing(&[EvidenceKind::StatementOnMeasures])
    .open("No dated statement of it is on record."),
    Clause::organisation(
        78,
        "B2 B; VO 7.1",
        "Power, devices, the server room, networks, virus protection and updates are looked after.",
    )
    .by_record("A dated statement, with the digest of its document.")
    .needing(&[EvidenceKind::StatementOnMeasures])
    .open("No dated statement of it is on record."),
    Clause::test(79, "B2 B", "Attacks and attempts to break in are prevented, and noticed in time.")
        .by_software(
            "Logins are limited per address, network and account, and patterns become security events.",
        )
        .met(),
    Clause::evidence(
        80,
        "B2 B",
        "There is no escrow: continuity is arranged by other means. We use an open export and a handbook.",
    )
    .by_record("An institution moves by two commands; docs/continuity.md and docs/operations.md say how.")
    .met(),
    Clause::organisation(
        81,
        "BO 2a",
        "Hosting is double, in the Netherlands, in a certified data centre, with a plan for calamities.",
    )
    .by_record("A dated statement, with the digest of its document.")
    .needing(&[EvidenceKind::StatementOnMeasures])
    .open("No dated statement of it is on record."),
    Clause::evidence(
        82,
        "BO 4.6",
        "Vulnerability scans, security tests at each release and penetration tests are done and on record.",
    )
    .by_record("Each run, with its outcome and the digest of its report.")
    .needing(&[EvidenceKind::VulnerabilityScan, EvidenceKind::SecurityTest, EvidenceKind::PenetrationTest])
    .open("No scan or test is on record."),
    Clause::evidence(
        83,
        "B2 A, D",
        "A risk matrix decides on measures, and incidents are looked through for lasting improvements.",
    )
    .by_record("The risk matrix, with the digest of its document.")
    .needing(&[EvidenceKind::RiskMatrix])
    .open("No risk matrix is on record."),
    Clause::evidence(
        84,
        "VO 7.3; BO 4.7; B2 D",
        "Measures are looked at again and again; third parties and the conduct of staff are checked each year.",
    )
    .by_record("Yearly checks of subprocessors, with the day by which the next one is due.")
    .needing(&[EvidenceKind::YearlyCheck])
    .partly("Evaluations of measures and checks of staff are not on record."),
    Clause::test(
        85,
        "B2 B",
        "Personal data go to the school in a secured form: encrypted, and as PDF.",
    )
    .by_software(
        "The report about a child for a talk with its parents is a PDF that opens with a password alone (AES-256), and the export \
         of an institution is encrypted to a key of the receiver.",
    )
    .partly("Of a group nothing can be had as an encrypted PDF: pictures and tables are protected on their way alone."),
    Clause::test(86, "B2 B, Estrategy", "Whoever runs the programs can see that they work, without personal data.")
        .by_software("Health, readiness and metrics tell of no person.")
        .met(),
    Clause::evidence(
        87,
        "B1 introduction; VO 9.1c",
        "The processor did a data protection impact assessment, and helps the controller with its own.",
    )
    .by_record("The digest of the assessment, which is not public.")
    .needing(&[EvidenceKind::ImpactAssessment])
    .open("No assessment is on record."),
    Clause::test(
        88,
        "B1 D",
        "Some outage is tolerable, losing what was written is not.",
    )
    .by_software("What was answered is kept through kills, a full disk and a database that goes away.")
    .partly("Reading stops too while the audit log cannot be written: there is no read-only state."),
];
