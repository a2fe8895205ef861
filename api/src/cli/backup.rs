//! `groeilijn backup`.

use groeilijn_persistence::{Error, Result};

use super::output::say;
use crate::backup::keeping::take_away_lapsed;
use crate::backup::places::BackupPlaces;
use crate::backup::taking::take;
use crate::runtime::environment;
use crate::settings::Settings;

/// Makes a backup, and takes those away whose days are over: also when none could be made, for a destroyed key must be gone
/// in time.
pub(super) async fn run(settings: &Settings) -> Result<()> {
    let environment = environment();
    let Some(places) = BackupPlaces::of(settings)? else {
        return Err(Error::internal("backup.folder: name the folder that backups are made in"));
    };
    let taken = take(&places, &environment).await;
    let gone = take_away_lapsed(&places, environment.now());
    let taken = taken.inspect_err(|error| tracing::error!(%error, "no backup was made"))?;
    let [data, keys] = &taken.halves;
    let institutions = data.trees.len().saturating_sub(1);
    say(format_args!(
        "backup {} is made and checked: data {} bytes, keys {} bytes, {institutions} institutions; {} older ones were \
         taken away",
        taken.id, data.file.bytes, keys.file.bytes, gone?
    ))
}
