//! What putting a backup back is whatever the database: what is chosen, whether it is right, and making it fit for use.

use std::path::{Path, PathBuf};

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::backup::Swept;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::copies::count_rows_of;
use groeilijn_persistence::database::migrations::Schema;
use groeilijn_persistence::database::programs::PostgresPrograms;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::{RootKeySource, history};
use groeilijn_persistence::{Error, LEAST_CONNECTIONS, Part, Result, Store, StoreOptions};
use jiff::Timestamp;

use crate::backup::folder::{BackupFolder, StoredBackup, told};
use crate::backup::manifest::{FileDigest, Half};
use crate::backup::places::kind_of;
use crate::backup::sealed_file::{Identities, decrypt, digest, digest_of_content};
use crate::installation::context;

/// What is to be put back.
pub struct Restoring {
    /// The data: the folder of a backup. The data that is there stays when there is none.
    pub data: Option<PathBuf>,
    /// The keys: the folder of a backup. They are not needed when the key store is there.
    pub keys: Option<PathBuf>,
    /// The file with the secret key that opens them.
    pub identity: PathBuf,
    /// Whether data that is there is replaced.
    pub replace: bool,
    /// Where the installation is, as its owner reaches it.
    pub options: StoreOptions,
    /// Where the root key is.
    pub root_key: RootKeySource,
    /// PostgreSQL's programs.
    pub programs: PostgresPrograms,
    /// The folders of backups that the settings name, for what they tell of destruction.
    pub known_folders: Vec<BackupFolder>,
}

/// What was done.
#[derive(Debug)]
pub struct PutBack {
    /// The backup of the data that was put back, with the moment it is of.
    pub data: Option<(String, Timestamp)>,
    /// The backup of the keys that was put back; `None` when those that were there are used.
    pub keys: Option<(String, Timestamp)>,
    /// What was done to the data to make it fit the keys.
    pub swept: Swept,
    /// Where the data is now that was there before.
    pub replaced: Option<PathBuf>,
}

/// The backups that are put back, as far as their manifests tell, and what opens them.
pub(super) struct Chosen {
    pub(super) data: Option<StoredBackup>,
    pub(super) keys: Option<StoredBackup>,
    pub(super) identities: Identities,
}

impl Chosen {
    pub(super) fn read(restoring: &Restoring) -> Result<Self> {
        let Restoring { data, keys, identity, options, .. } = restoring;
        if data.is_none() && keys.is_none() {
            return Err(Error::internal("name a backup of the data (--data), of the keys (--keys), or both"));
        }
        let read = |path: &Option<PathBuf>, half: Half, url: &DatabaseUrl| {
            let Some(path) = path else { return Ok(None) };
            let backup = StoredBackup::read(path)?;
            if backup.manifest.half != half {
                return Err(told(path, &format!("this is a backup of the {}", backup.manifest.half.name())));
            }
            if backup.manifest.database != kind_of(url) {
                return Err(told(
                    path,
                    &"it is of the other kind of database; name databases of the same kind",
                ));
            }
            Ok(Some(backup))
        };
        let data = read(data, Half::Data, &options.data)?;
        let keys = read(keys, Half::Keys, &options.keys)?;
        if let (Some(data), Some(keys)) = (&data, &keys)
            && keys.manifest.taken_at < data.manifest.taken_at
        {
            return Err(told(
                &keys.path,
                &"it is older than the backup of the data, in which there may be rows without a key in it; name the newest \
                  backup of the keys",
            ));
        }
        Ok(Self { data, keys, identities: Identities::read(identity)? })
    }

    /// When a key was last destroyed, as far as anything tells: the backups themselves, those beside them, and those in the
    /// folders that the settings name.
    fn newest_destruction(&self, known: &[BackupFolder]) -> Option<Timestamp> {
        let chosen = [&self.data, &self.keys].into_iter().flatten();
        let beside = chosen
            .clone()
            .filter_map(|backup| backup.path.canonicalize().ok()?.parent()?.parent().map(BackupFolder::at));
        let folders = beside.chain(known.iter().cloned()).filter_map(|folder| folder.newest_destruction());
        chosen.filter_map(|backup| backup.manifest.newest_destruction).chain(folders).max()
    }

    /// Checks that a key store knows of the newest destruction that anything else knows of: an older one would bring back
    /// what was destroyed.
    pub(super) fn check_keys(&self, restoring: &Restoring, keys: &mut AnyConnection) -> Result<()> {
        let known = self.newest_destruction(&restoring.known_folders);
        let own = history::newest_destruction(keys)?;
        if own >= known {
            return Ok(());
        }
        let [known, own] =
            [known, own].map(|moment| moment.map_or("never".to_owned(), |moment| moment.to_string()));
        Err(Error::internal(format!(
            "the key store is too old: a key was destroyed at {known}, and in it the last one was destroyed at {own}. What was \
             destroyed would come back. Name the newest backup of the keys; a store at keys.url that is not the right one, \
             such as one that `groeilijn init` just made, has to be moved away first"
        )))
    }
}

/// Decrypts a backup into a new file, and checks that it is what its manifest says.
pub(super) fn open(backup: &StoredBackup, identities: &Identities, to: &Path) -> Result<()> {
    check_file(backup)?;
    check_content(backup, &decrypt(identities, &backup.file(), to)?)
}

/// Checks, without keeping any of it, that what is in a backup is what its manifest says.
pub(super) fn check(backup: &StoredBackup, identities: &Identities) -> Result<()> {
    check_file(backup)?;
    check_content(backup, &digest_of_content(identities, &backup.file())?)
}

fn check_file(backup: &StoredBackup) -> Result<()> {
    let file = backup.file();
    if digest(&file)? == backup.manifest.file {
        return Ok(());
    }
    Err(told(&file, &"it was altered or cut off: its digest is not that of its manifest"))
}

fn check_content(backup: &StoredBackup, found: &FileDigest) -> Result<()> {
    if *found == backup.manifest.content {
        return Ok(());
    }
    Err(told(&backup.file(), &"what is in it is not what its manifest says"))
}

/// Checks that there are as many rows as the manifest says.
pub(super) fn check_rows(backup: &StoredBackup, connection: &mut AnyConnection) -> Result<()> {
    let institutions: Vec<_> = backup.manifest.trees.keys().copied().map(InstitutionId::from_uuid).collect();
    let found = count_rows_of(connection, &institutions)?;
    match backup.manifest.rows.iter().find(|(table, rows)| found.get(*table) != Some(rows)) {
        None => Ok(()),
        Some((table, _)) => {
            Err(told(&backup.path, &format!("the rows of {table} are not those of its manifest")))
        }
    }
}

/// Makes what was put back fit for use: brings it to the present version, looks whether the keys open it and the audit log
/// is whole, and does away with what was destroyed since.
pub(super) async fn make_fit(
    restoring: &Restoring,
    backup: Option<&StoredBackup>,
    [data, keys]: [&DatabaseUrl; 2],
    environment: &Environment,
) -> Result<Swept> {
    for (schema, url) in [(Schema::Keys, keys), (Schema::Data, data)] {
        schema.migrate(&mut url.connect()?).map_err(Error::of(schema.part()))?;
    }
    let root = restoring.root_key.open(environment.clone()).map_err(Error::of(Part::RootKey))?;
    let options = StoreOptions {
        data: data.clone(),
        keys: keys.clone(),
        readers: 1,
        connections: LEAST_CONNECTIONS,
        parallel: 2,
        ..restoring.options.clone()
    };
    let store = Store::open(&options, root, environment.clone()).await?;
    let by_operator = || context(&store, "restoreBackup", ProcessingActivity::OperateService);
    let checked = store.check_copy(by_operator()).await?;
    if let Some(backup) = backup {
        backup.manifest.check_trees(&checked.trees)?;
    }
    store.sweep_restored(by_operator(), environment.now()).await
}

/// The name and the moment of a backup.
pub(super) fn named(backup: &StoredBackup) -> (String, Timestamp) {
    (backup.manifest.id.clone(), backup.manifest.taken_at)
}
