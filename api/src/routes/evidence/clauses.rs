//! The clauses of the contracts: how each is met, what proves it, and what is missing.

use groeilijn_domain::evidence::clause::{Clause, ClauseId, ClauseKind, ClauseSection, ClauseState, Means};
use groeilijn_domain::evidence::clauses;
use groeilijn_domain::evidence::kind::EvidenceKind;
use groeilijn_domain::evidence::proof::{Proof, proofs};
use groeilijn_domain::evidence::record::{EvidenceOutcome, kinds_that_count};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::EvidenceRecordId;
use groeilijn_persistence::evidence::record::StoredEvidence;
use groeilijn_persistence::platform::subprocessor::Viewer;
use groeilijn_persistence::{Cost, Platform, PlatformReader};
use jiff::Timestamp;
use jiff::civil::Date;

use super::live::{LiveCheckBody, LiveChecks};
use crate::http::access::{Access, action, part};
use crate::http::guard::activity::OperateService;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Listed, Shown};
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations on the clauses of the contracts.
    pub fn endpoints;

    /// List the clauses of the contracts
    ///
    /// What was promised, in our words, and how far each promise is met, by this version of the software and the evidence on record: `met`, `partly` or `open`,
    /// with what is missing. For administrators, auditors with a token, and the processor. All parameters together say what is asked
    /// for.
    GET "/compliance/clauses" => list_clauses: "A page of clauses, in the order of their numbers.";

    /// Read a clause of the contracts
    ///
    /// With the tests that prove it, the evidence records that name it, and what can be counted of it now.
    GET "/compliance/clauses/{clauseId}" => read_clause: "The clause.";
}

query_params! {
    pub struct ListClauses {
        /// Only those that are proved in this way.
        kind: Option<ClauseKind>,
        /// Only those that stand like this.
        state: Option<ClauseState>,
        /// Only those about this.
        section: Option<ClauseSection>,
        /// How many clauses one page has.
        page: Page<u8>,
    }
}

reply_body! {
    /// By what a clause is met.
    pub struct MetBy {
        /// By what.
        by: Means,
        /// How, in a sentence.
        how: &'static str,
    }
}

reply_body! {
    /// A test that proves a clause: it carries the clause's number.
    pub struct ClauseProof {
        /// The file that it stands in, from the root of the source.
        file: &'static str,
        /// The name of the test.
        test: &'static str,
        /// Whether it asks a running service over HTTP, as a client does, on SQLite and on PostgreSQL where those may differ.
        over_http: bool,
    }
}

reply_body! {
    /// An evidence record that names a clause.
    pub struct ClauseRecord {
        /// The record's id.
        id: EvidenceRecordId,
        /// What it is.
        kind: EvidenceKind,
        /// The day of the document, in Amsterdam.
        dated_on: Date,
        /// The last day on which it counts, in Amsterdam; null when it counts until another takes its place.
        valid_until: Option<Date>,
        /// What came of it.
        outcome: EvidenceOutcome,
        /// Whether it is evidence today.
        in_force: bool,
    }
}

reply_body! {
    /// A clause of the contracts.
    pub struct ClauseBody {
        /// Its number.
        id: ClauseId,
        /// What it is about.
        section: ClauseSection,
        /// What it takes to prove it.
        kind: ClauseKind,
        /// Where it stands: VO is the model agreement and B1 and B2 its annexes, BO the privacy regulations of the parents' portal.
        source: &'static str,
        /// What it asks, in our words.
        text: &'static str,
        /// By what it is met.
        met_by: Vec<MetBy>,
        /// How far it is met, with the records that are in force for whoever asks.
        state: ClauseState,
        /// What is missing; null when nothing is.
        missing: Option<String>,
        /// The tests that prove what is met of it.
        proofs: Vec<ClauseProof>,
        /// The evidence records that name it and that nothing took the place of, as whoever asks sees them.
        records: Vec<ClauseRecord>,
        /// What was counted of it as this was asked: for the institution of whoever asks, and for the service. Empty where nothing
        /// can be counted.
        live: Vec<LiveCheckBody>,
    }
}

impl From<Proof> for ClauseProof {
    fn from(proof: Proof) -> Self {
        Self { file: proof.file, test: proof.name, over_http: proof.is_over_http() }
    }
}

/// The evidence that somebody sees: records, and what is counted now.
pub(super) struct Seen {
    records: Vec<StoredEvidence>,
    live: LiveChecks,
    today: Date,
}

impl Seen {
    /// What whoever asks sees.
    async fn by<P, A, V>(access: &Access<P, A, V>) -> Result<Self, Problem> {
        let viewer = access.institution().map_or(Viewer::Processor, Viewer::Institution);
        let last_backup = access.state().metrics.backup_last_success.get();
        let last_backup = Timestamp::from_second(last_backup).ok().filter(|last| last.as_second() > 0);
        Ok(Self::of(&access.platform(), viewer, last_backup).await?)
    }

    /// What somebody sees, when the last good backup was made at `last_backup`.
    pub(super) async fn of(
        platform: &Platform,
        viewer: Viewer,
        last_backup: Option<Timestamp>,
    ) -> groeilijn_persistence::Result<Self> {
        let read =
            move |reader: &mut PlatformReader<'_>| reader.evidence_records(viewer, None, None, i64::MAX);
        let mut records = platform.read(Cost::Scan, read).await?;
        records.retain(|record| record.replaced_by.is_none());
        let today = amsterdam_date(platform.environment().now());
        let live = LiveChecks::count(platform, viewer, last_backup).await?;
        Ok(Self { records: of_viewer(viewer, records), live, today })
    }

    /// The records that name a clause.
    fn about(&self, clause: ClauseId) -> impl Iterator<Item = &StoredEvidence> {
        self.records.iter().filter(move |record| record.fields.clauses.contains(&clause))
    }

    /// How far a clause is met, and what is missing.
    fn standing(&self, clause: &Clause) -> (ClauseState, Option<String>) {
        let records = self.about(clause.id).map(|record| &record.fields);
        clause.standing(&kinds_that_count(records, self.today))
    }

    fn record(&self, record: &StoredEvidence) -> ClauseRecord {
        ClauseRecord {
            id: record.id,
            kind: record.fields.kind,
            dated_on: record.fields.dated_on,
            valid_until: record.fields.valid_until,
            outcome: record.fields.outcome,
            in_force: record.is_in_force(self.today),
        }
    }
}

/// What concerns one institution proves nothing of the others, so to the processor only what concerns all counts.
fn of_viewer(viewer: Viewer, mut records: Vec<StoredEvidence>) -> Vec<StoredEvidence> {
    if viewer == Viewer::Processor {
        records.retain(|record| record.fields.institution.is_none());
    }
    records
}

impl ClauseBody {
    /// A clause with the evidence that somebody sees.
    pub(super) fn of(clause: &Clause, seen: &Seen) -> Self {
        let (state, missing) = seen.standing(clause);
        Self {
            id: clause.id,
            section: clause.section(),
            kind: clause.kind,
            source: clause.source,
            text: clause.text,
            met_by: clause.met_by().map(|(by, how)| MetBy { by, how }).collect(),
            state,
            missing,
            proofs: proofs(clause.id).map(ClauseProof::from).collect(),
            records: seen.about(clause.id).map(|record| seen.record(record)).collect(),
            live: seen.live.about(clause.id),
        }
    }
}

async fn list_clauses(
    access: Access<part::Compliance, action::Read, OperateService>,
    query: ListClauses,
) -> Result<Listed<ClauseBody>, Problem> {
    let ListClauses { kind, state, section, page } = query;
    let seen = Seen::by(&access).await?;
    let is_asked_for = |clause: &&Clause| {
        page.after.is_none_or(|after| clause.id.number() > after)
            && kind.is_none_or(|kind| clause.kind == kind)
            && state.is_none_or(|state| seen.standing(clause).0 == state)
            && section.is_none_or(|section| clause.section() == section)
    };
    let rows = usize::try_from(page.rows).unwrap_or_default();
    let found: Vec<_> = clauses::all().filter(is_asked_for).take(rows).collect();
    page.reply(found, |clause| clause.id.number(), |clause| ClauseBody::of(clause, &seen))
}

async fn read_clause(
    access: Access<part::Compliance, action::Read, OperateService>,
    PathId(id): PathId<ClauseId>,
) -> Result<Shown<ClauseBody>, Problem> {
    let clause = clauses::find(id).ok_or_else(Problem::not_found)?;
    let seen = Seen::by(&access).await?;
    reply::view(&ClauseBody::of(clause, &seen))
}
