//! What is counted at the moment of asking, for the clauses that it tells something of.

use groeilijn_domain::evidence::clause::ClauseId;
use groeilijn_domain::evidence::live::{LiveCheck, LiveCheckKind};
use groeilijn_persistence::platform::subprocessor::Viewer;
use groeilijn_persistence::{Cost, Platform, Result};
use jiff::Timestamp;

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
            norm: check.norm,
            kept: check.is_kept(),
            computed_at: check.computed_at,
        }
    }
}

/// Everything that can be counted for whoever asks.
pub(super) struct LiveChecks(Vec<LiveCheck>);

impl LiveChecks {
    /// Counts: of the service, and of the institution of whoever looks when there is one. The last good backup was made at
    /// `last_backup`.
    pub(super) async fn count(
        platform: &Platform,
        viewer: Viewer,
        last_backup: Option<Timestamp>,
    ) -> Result<Self> {
        let mut checks = platform.read(Cost::Scan, move |reader| reader.live_checks(viewer)).await?;
        checks.push(LiveCheck::of_backup(last_backup, platform.environment().now()));
        if let Viewer::Institution(own) = viewer {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            checks.extend(platform.read_in(own, Cost::Scan, |reader| reader.live_checks()).await?);
        }
        Ok(Self(checks))
    }

    /// What of it is about a clause.
    pub(super) fn about(&self, clause: ClauseId) -> Vec<LiveCheckBody> {
        let about = self.0.iter().filter(|check| check.kind.is_about(clause));
        about.map(LiveCheckBody::from).collect()
    }
}
