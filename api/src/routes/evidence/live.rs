//! What is counted at the moment of asking, for the clauses that it tells something of.

use groeilijn_domain::evidence::clause::ClauseId;
use groeilijn_domain::evidence::live::{LiveCheck, LiveCheckKind};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::subprocessor::Viewer;
use jiff::Timestamp;

use crate::http::access::Access;
use crate::http::problem::Problem;
use crate::reply_body;

reply_body! {
    /// Something that was counted as this was asked.
    pub struct LiveCheckBody {
        /// What was counted.
        kind: LiveCheckKind,
        /// How many; null when it cannot be told.
        figure: Option<u32>,
        /// What it may be at most.
        norm: u32,
        /// Whether it is no more than that.
        kept: bool,
        /// When it was counted, in UTC.
        computed_at: Timestamp,
    }
}

impl From<&LiveCheck> for LiveCheckBody {
    fn from(check: &LiveCheck) -> Self {
        Self {
            kind: check.kind,
            figure: check.figure,
            norm: check.kind.norm(),
            kept: check.is_kept(),
            computed_at: check.computed_at,
        }
    }
}

/// Everything that can be counted for whoever asks.
pub(super) struct LiveChecks(Vec<LiveCheck>);

impl LiveChecks {
    /// Counts: of the service, and of the institution of whoever asks when there is one.
    pub(super) async fn count<P, A, V>(access: &Access<P, A, V>) -> Result<Self, Problem> {
        let viewer = access.institution().map_or(Viewer::Processor, Viewer::Institution);
        let mut checks = access.platform().read(Cost::Scan, move |reader| reader.live_checks(viewer)).await?;
        let last_backup = access.state().metrics.backup_last_success.get();
        let last_backup = Timestamp::from_second(last_backup).ok().filter(|last| last.as_second() > 0);
        checks.push(LiveCheck::of_backup(last_backup, access.state().environment().now()));
        if access.institution().is_some() {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            checks.extend(access.tenant()?.read(Cost::Scan, |reader| reader.live_checks()).await?);
        }
        Ok(Self(checks))
    }

    /// What of it is about a clause.
    pub(super) fn about(&self, clause: ClauseId) -> Vec<LiveCheckBody> {
        let about = self.0.iter().filter(|check| check.kind.is_about(clause));
        about.map(LiveCheckBody::from).collect()
    }
}
