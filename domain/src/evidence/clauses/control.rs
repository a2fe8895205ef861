//! Logging, control and audits: C089–C096.

use crate::evidence::clause::Clause;
use crate::evidence::kind::EvidenceKind;

pub(super) const CLAUSES: &[Clause] = &[
    Clause::test(
        89,
        "VO 7.2c",
        "Log files record what users do, exceptions and events of security.",
    )
    .by_software(
        "Each change, read of personal data, login and refusal is an entry of a log that only grows.",
    )
    .met(),
    Clause::test(
        90,
        "VO 7.2c",
        "The institution can look through its log now and then, and that it did is on record.",
    )
    .by_software(
        "Administrators and tokens of auditors read the log by person, child, period and outcome, and take it \
         along with signed checkpoints that prove offline what it was.",
    )
    .by_record("Reviews with their author, what was found, and the day by which the next one is due.")
    .met(),
    Clause::evidence(
        91,
        "VO 7.4, 7.5",
        "What is stated of measures has an agreed form, by which the controller can supervise them.",
    )
    .by_record("Statements on measures, which every administrator reads.")
    .needing(&[EvidenceKind::StatementOnMeasures])
    .open("No statement on measures is on record."),
    Clause::evidence(
        92,
        "VO 7.6",
        "The controller may have an audit done at any time, with reasonable notice, by an independent expert.",
    )
    .by_record(
        "Audits by their stages: asked for, planned, reported, followed up; each with the digest of its \
         document, and what the other party confirmed: the plan, and that it has seen the report.",
    )
    .met(),
    Clause::evidence(
        93,
        "VO 7.6a, d",
        "A third party's statement or certificate may stand in for an audit; its outcome is shared.",
    )
    .by_record("Certificates and statements of third parties, with their last day.")
    .needing(&[EvidenceKind::Certificate])
    .open("No certificate is on record."),
    Clause::test(94, "VO 7.6b", "The report of an audit is for the two parties alone.")
        .by_software(
            "An institution sees its own audits and nobody else's; the processor sees all. Reports are kept \
             elsewhere.",
        )
        .met(),
    Clause::evidence(
        95,
        "VO 7.6c, e",
        "What follows from an audit is agreed, and so is who pays.",
    )
    .by_record(
        "What both parties agreed, by which day it is done, who pays (not the institution for major faults of the \
         processor), and that the institution confirmed that it is done.",
    )
    .met(),
    Clause::test(
        96,
        "BO 1",
        "Everybody can be told how and why her data are used and who may see them.",
    )
    .by_software(
        "Of a child: who may see it now and who saw it, when and why, in plain words; of a user: who saw her \
         data. Every field says what it is asked for.",
    )
    .partly("Who may see a user's own data is not worked out for her; who saw it is."),
];
