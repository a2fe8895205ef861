//! Taking backups away whose days are over, in every folder that they are in.

use groeilijn_domain::platform::backup::has_lapsed;
use groeilijn_domain::retention::destruction::KEY_BACKUP_DAYS;
use groeilijn_persistence::Result;
use jiff::Timestamp;

use super::folder::{BackupFolder, shred_folder, told};
use super::manifest::Half;
use super::places::BackupPlaces;

/// Takes away the backups that have been kept for their days at the moment `now`, and says how many. The newest backup of
/// the data stays: whoever makes none any more shall not lose the last one.
///
/// # Errors
/// When one cannot be taken away; the others are.
pub fn take_away_lapsed(places: &BackupPlaces, now: Timestamp) -> Result<usize> {
    let mut gone = 0;
    let mut failed = Ok(());
    for folder in places.folders() {
        for half in Half::ALL {
            for lapsed in lapsed(&folder, half, places.days(half), now) {
                match shred_folder(&lapsed).map_err(|error| told(&lapsed, &error)) {
                    Ok(()) => gone += 1,
                    Err(error) => failed = Err(error),
                }
            }
        }
    }
    failed.map(|()| gone)
}

fn lapsed(folder: &BackupFolder, half: Half, days: i32, now: Timestamp) -> Vec<std::path::PathBuf> {
    let mut stored = folder.stored(half);
    let days = match half {
        Half::Keys => days.min(KEY_BACKUP_DAYS),
        Half::Data => {
            stored.pop();
            days
        }
    };
    let lapsed = stored.into_iter().filter(|backup| has_lapsed(backup.manifest.taken_at, days, now));
    lapsed.map(|backup| backup.path).collect()
}
