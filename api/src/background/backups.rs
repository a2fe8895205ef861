//! The backup of the night, by one of the processes that serve, and what has to be looked at between two of them.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::platform::backup::is_due;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::dialect::try_lead;
use groeilijn_persistence::keys::history;
use groeilijn_persistence::{Cost, Error, Result};
use jiff::{SignedDuration, Timestamp};

use super::kind::{Found, Kind, Stop};
use crate::backup::keeping::take_away_lapsed;
use crate::backup::manifest::Half;
use crate::backup::places::BackupPlaces;
use crate::backup::taking::take;
use crate::state::AppState;

/// How often it is looked whether a backup is due, and what was destroyed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How long to wait after a backup that failed.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The number by which processes agree who makes the backup.
const LEADER: i64 = 7_234_092;

/// Makes the backup of the night.
#[derive(Default)]
pub(super) struct Backups {
    /// When to look again.
    due: Option<Timestamp>,
    /// When a backup last failed here, if none succeeded since.
    failed: Option<Timestamp>,
}

impl Kind for Backups {
    const LEFT_FOR_LATER: &'static str = "backups are looked at later";

    async fn work(&mut self, state: &AppState, stop: &Stop) -> Result<Found> {
        let Some(places) = &state.backups else { return Ok(Found::Nothing) };
        let now = state.environment().now();
        if self.due.is_some_and(|due| now < due) {
            return Ok(Found::Nothing);
        }
        self.due = Some(now + LOOK_EVERY);
        // A folder that cannot be written is told of by the backup that fails in it.
        if let Err(error) = note_destruction(state, places).await {
            tracing::warn!(%error, "it is not noted beside the backups when a key was last destroyed");
        }
        if self.is_time(places, now) {
            tokio::select! {
                made = self.make(state, places) => made?,
                () = stop.wait() => {}
            }
        }
        if let Some(last) = newest(places) {
            state.metrics.backup_last_success.set(last.as_second());
        }
        take_away_lapsed(places, now)?;
        Ok(Found::Nothing)
    }
}

impl Backups {
    /// Whether a backup is due, and not just failed.
    fn is_time(&self, places: &BackupPlaces, now: Timestamp) -> bool {
        is_due(newest(places), places.hour, now)
            && self.failed.is_none_or(|failed| now.duration_since(failed) >= AGAIN_AFTER)
    }

    /// Makes the backup, unless another process does or did. Of the first failure a letter tells, of each the counter and the
    /// log.
    async fn make(&mut self, state: &AppState, places: &BackupPlaces) -> Result<()> {
        let url = state.store.data().url().clone();
        let lead = move || -> Result<Option<AnyConnection>> {
            let mut connection = url.connect()?;
            Ok(try_lead(&mut connection, LEADER)?.then_some(connection))
        };
        let Some(_lead) = tokio::task::spawn_blocking(lead).await.map_err(Error::internal)?? else {
            return Ok(());
        };
        let now = state.environment().now();
        if !self.is_time(places, now) || places.folder.is_claimed() {
            return Ok(());
        }
        match take(places, state.environment()).await {
            Ok(taken) => {
                tracing::info!(backup = taken.id, "the backup of the night is made and checked");
                self.failed = None;
            }
            Err(error) => {
                tracing::error!(%error, "the backup of the night failed");
                state.metrics.backup_failures.inc();
                if self.failed.replace(now).is_none() {
                    let letter = LetterContent::BackupFailed { at: now };
                    state.store.tell_platform_administrators(letter).await?;
                }
            }
        }
        Ok(())
    }
}

/// When the newest backup of the data was made.
fn newest(places: &BackupPlaces) -> Option<Timestamp> {
    places.folder.stored(Half::Data).last().map(|backup| backup.manifest.taken_at)
}

/// Notes beside the backups when a key was last destroyed.
async fn note_destruction(state: &AppState, places: &BackupPlaces) -> Result<()> {
    let newest = state.store.keys().database().read(Cost::Rows, history::newest_destruction).await?;
    let Some(newest) = newest else { return Ok(()) };
    places.folders().iter().try_for_each(|folder| folder.note_destruction(newest))
}
