//! Where everything is that has to do with backups, as the settings say.

use std::path::Path;

use groeilijn_persistence::database::programs::PostgresPrograms;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::keys::RootKeySource;
use groeilijn_persistence::{Error, Result, StoreOptions};

use super::folder::BackupFolder;
use super::manifest::{DatabaseKind, Half};
use super::sealed_file::Recipient;
use crate::operator::of_setting;
use crate::root_key;
use crate::settings::Settings;
use crate::store_settings::{database_url, store_options};

/// Where backups are made of and where they go.
#[derive(Clone)]
pub struct BackupPlaces {
    /// The data, as whoever may read all of it.
    pub data: DatabaseUrl,
    /// The key store, likewise.
    pub keys: DatabaseUrl,
    /// Where the root key is, which is never in a backup.
    pub root_key: RootKeySource,
    /// The installation as it is served.
    pub options: StoreOptions,
    /// The folder that backups are made in.
    pub folder: BackupFolder,
    /// The folder that they are copied to.
    pub second: Option<BackupFolder>,
    /// Whom they are encrypted to.
    pub recipient: Recipient,
    /// PostgreSQL's programs.
    pub programs: PostgresPrograms,
    /// The full hour in Amsterdam at which the backup of the night is made.
    pub hour: i8,
    data_days: i32,
    key_days: i32,
}

impl BackupPlaces {
    /// What the settings say; `None` when they name no folder, so that no backups are made.
    ///
    /// # Errors
    /// [`Error::Internal`] with the setting that is missing or wrong.
    pub fn of(settings: &Settings) -> Result<Option<Self>> {
        let backup = &settings.backup;
        let Some(folder) = &backup.folder else { return Ok(None) };
        let Some(recipient) = backup.recipient.clone() else {
            return Err(Error::internal(
                "backup.recipient: name whom backups are encrypted to, by the public key that `age-keygen` prints \
                 (age1…); the secret key belongs in the safe and not on this computer",
            ));
        };
        let options = store_options(settings)?;
        let unverified = settings.database.allow_unverified;
        let of = |text: &str, served: &DatabaseUrl, name| match text {
            "" => Ok(served.clone()),
            text => database_url(text, unverified).map_err(of_setting(name)),
        };
        let places = Self {
            data: of(&backup.database_url, &options.data, "backup.database_url")?,
            keys: of(&backup.keys_url, &options.keys, "backup.keys_url")?,
            root_key: root_key::source(&settings.keys)?,
            folder: BackupFolder::at(folder),
            second: backup.second_folder.as_deref().map(BackupFolder::at),
            recipient,
            programs: programs(settings),
            hour: backup.hour,
            data_days: backup.data_days,
            key_days: backup.key_days,
            options,
        };
        places.check_apart()?;
        Ok(Some(places))
    }

    /// All folders with backups.
    pub fn folders(&self) -> Vec<BackupFolder> {
        std::iter::once(&self.folder).chain(&self.second).cloned().collect()
    }

    /// How many days backups of one half are kept.
    pub fn days(&self, half: Half) -> i32 {
        match half {
            Half::Data => self.data_days,
            Half::Keys => self.key_days,
        }
    }

    /// The database that a half is copied from.
    pub fn source(&self, half: Half) -> &DatabaseUrl {
        match half {
            Half::Data => &self.data,
            Half::Keys => &self.keys,
        }
    }

    /// Checks that a backup does not lie where what it is of is lost with it.
    fn check_apart(&self) -> Result<()> {
        let settings = ["backup.folder", "backup.second_folder"];
        for (folder, setting) in self.folders().iter().zip(settings) {
            for file in [self.options.data.file(), self.options.keys.file()].into_iter().flatten() {
                let home =
                    file.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."));
                if is_within(folder.path(), home) {
                    return Err(Error::internal(format!(
                        "{setting} ({}) is in the folder of {}: whatever takes one takes the other; name a folder on \
                         another disk",
                        folder.path().display(),
                        file.display()
                    )));
                }
            }
        }
        match &self.second {
            Some(second) if is_within(second.path(), self.folder.path()) => Err(Error::internal(format!(
                "backup.second_folder ({}) is in backup.folder; name a folder at another place",
                second.path().display()
            ))),
            _ => Ok(()),
        }
    }
}

/// Where PostgreSQL's programs are, as far as the settings say.
pub fn programs(settings: &Settings) -> PostgresPrograms {
    PostgresPrograms { folder: settings.backup.postgres_programs.clone() }
}

/// What kind of database it is.
pub fn kind_of(url: &DatabaseUrl) -> DatabaseKind {
    if url.is_embedded() { DatabaseKind::Sqlite } else { DatabaseKind::Postgres }
}

/// Whether a place is, or would be, in a folder.
fn is_within(place: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let absolute = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let known = absolute.ancestors().find_map(|ancestor| {
        let rest = absolute.strip_prefix(ancestor).ok()?;
        Some(ancestor.canonicalize().ok()?.join(rest))
    });
    known.is_some_and(|place| place.starts_with(folder))
}
