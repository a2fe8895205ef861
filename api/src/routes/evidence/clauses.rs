//! The clauses of the contracts: how each is met, what proves it, and what is missing.

use groeilijn_domain::evidence::clause::{Clause, ClauseId, ClauseKind, ClauseSection, ClauseState, Means};
use groeilijn_domain::evidence::clauses;
use groeilijn_domain::evidence::proof::{Proof, proofs};

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
    /// What was promised, in our words, and how far each promise is met by this version of the software: `met`, `partly` or `open`,
    /// with what is missing. For administrators, auditors with a token, and the processor. All parameters together say what is asked
    /// for.
    GET "/compliance/clauses" => list_clauses: "A page of clauses, in the order of their numbers.";

    /// Read a clause of the contracts
    ///
    /// With the tests that prove it, and what can be counted of it now.
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
        /// How far it is met.
        state: ClauseState,
        /// What is missing; null when nothing is.
        missing: Option<&'static str>,
        /// The tests that prove what is met of it.
        proofs: Vec<ClauseProof>,
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

impl ClauseBody {
    fn of(clause: &Clause, live: &LiveChecks) -> Self {
        Self {
            id: clause.id,
            section: clause.section(),
            kind: clause.kind,
            source: clause.source,
            text: clause.text,
            met_by: clause.met_by().map(|(by, how)| MetBy { by, how }).collect(),
            state: clause.state,
            missing: clause.missing,
            proofs: proofs(clause.id).map(ClauseProof::from).collect(),
            live: live.about(clause.id),
        }
    }
}

async fn list_clauses(
    access: Access<part::Compliance, action::Read, OperateService>,
    query: ListClauses,
) -> Result<Listed<ClauseBody>, Problem> {
    let ListClauses { kind, state, section, page } = query;
    let is_asked_for = |clause: &&Clause| {
        page.after.is_none_or(|after| clause.id.number() > after)
            && kind.is_none_or(|kind| clause.kind == kind)
            && state.is_none_or(|state| clause.state == state)
            && section.is_none_or(|section| clause.section() == section)
    };
    let rows = usize::try_from(page.rows).unwrap_or_default();
    let found: Vec<_> = clauses::all().filter(is_asked_for).take(rows).collect();
    let live = LiveChecks::count(&access).await?;
    page.reply(found, |clause| clause.id.number(), |clause| ClauseBody::of(clause, &live))
}

async fn read_clause(
    access: Access<part::Compliance, action::Read, OperateService>,
    PathId(id): PathId<ClauseId>,
) -> Result<Shown<ClauseBody>, Problem> {
    let clause = clauses::find(id).ok_or_else(Problem::not_found)?;
    let live = LiveChecks::count(&access).await?;
    reply::view(&ClauseBody::of(clause, &live))
}
