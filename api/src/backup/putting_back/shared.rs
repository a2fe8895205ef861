//! Putting a backup back into databases on a PostgreSQL server, as their owner. The role that serves gets its rights last:
//! before that nobody can use what is there. What is decrypted goes straight to the program that puts it back, and lies in
//! no file.

use std::time::Duration;

use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::copies::check_dumped;
use groeilijn_persistence::database::dialect;
use groeilijn_persistence::database::migrations::Schema;
use groeilijn_persistence::database::roles;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::history;
use groeilijn_persistence::{Error, Part, Result};

use super::common::{Chosen, PutBack, Restoring, check, check_rows, make_fit, named};
use crate::backup::folder::StoredBackup;
use crate::backup::sealed_file::opened;

/// How often, and at what distance, it is looked whether others are connected.
const LOOKS: usize = 50;
const BETWEEN: Duration = Duration::from_millis(100);

pub(super) async fn put_back(
    restoring: &Restoring,
    chosen: &Chosen,
    environment: &Environment,
) -> Result<PutBack> {
    let (data, keys) = (&restoring.options.data, &restoring.options.keys);
    let mut data_database = data.connect().map_err(Error::of(Part::Data))?;
    let mut keys_database = keys.connect().map_err(Error::of(Part::Keys))?;
    for (part, database) in [(Part::Data, &mut data_database), (Part::Keys, &mut keys_database)] {
        if !is_left_alone(database)? {
            return Err(Error::of(part)(Error::internal(
                "another process works on this database; stop every server first, and close other connections to it",
            )));
        }
    }
    let has_data = is_filled(&mut data_database, Schema::Data)?;
    if chosen.data.is_some() && has_data && !restoring.replace {
        return Err(Error::of(Part::Data)(Error::internal(
            "there is data already; add --replace, and it is taken away, or name an empty database",
        )));
    }
    if chosen.data.is_none() && !has_data {
        return Err(Error::of(Part::Data)(Error::internal("there is no data; name a backup of it (--data)")));
    }
    let new_keys = put_keys_back(restoring, chosen, &mut keys_database)?;
    chosen.check_keys(restoring, &mut keys_database)?;
    if let Some(backup) = &chosen.data {
        check(backup, &chosen.identities)?;
        check_dumped(&mut opened(&chosen.identities, &backup.file())?, &restoring.programs)?;
        dialect::begin_putting_back(&mut data_database)?;
        data.put_back(&mut opened(&chosen.identities, &backup.file())?, &restoring.programs)?;
        check_rows(backup, &mut data_database)?;
    }
    let swept = make_fit(restoring, chosen.data.as_ref(), [data, keys], environment).await?;
    let server = &restoring.options.serve_role;
    roles::grant(&mut keys_database, Schema::Keys, server)?;
    roles::grant(&mut data_database, Schema::Data, server)?;
    dialect::end_putting_back(&mut data_database)?;
    let data = chosen.data.as_ref().map(named);
    Ok(PutBack { data, keys: new_keys.map(named), swept, replaced: None })
}

/// Whether nobody else is connected, at the latest after some seconds: PostgreSQL notices a little later that a process is
/// gone, and what a restore that was broken off began goes on without it for a while.
fn is_left_alone(database: &mut AnyConnection) -> Result<bool> {
    for _ in 0..LOOKS {
        if dialect::other_connections(database)? == 0 {
            return Ok(true);
        }
        std::thread::sleep(BETWEEN);
    }
    Ok(false)
}

/// Whether there are tables of an installation that is whole.
fn is_filled(database: &mut AnyConnection, schema: Schema) -> Result<bool> {
    Ok(!schema.is_absent(database)? && !dialect::is_being_put_back(database)?)
}

/// Puts the keys back unless a key store is there that is at least as new.
fn put_keys_back<'a>(
    restoring: &Restoring,
    chosen: &'a Chosen,
    database: &mut AnyConnection,
) -> Result<Option<&'a StoredBackup>> {
    let is_there = !Schema::Keys.is_absent(database)?;
    let Some(backup) = &chosen.keys else {
        return if is_there {
            Ok(None)
        } else {
            Err(Error::of(Part::Keys)(Error::internal(
                "there is no key store; name the newest backup of it (--keys)",
            )))
        };
    };
    if is_there {
        return if history::newest_change(database)? >= backup.manifest.newest_change {
            Ok(None)
        } else {
            Err(Error::of(Part::Keys)(Error::internal(
                "there is a key store older than the backup of it; name an empty database to use the backup",
            )))
        };
    }
    let url: &DatabaseUrl = &restoring.options.keys;
    check(backup, &chosen.identities)?;
    url.put_back(&mut opened(&chosen.identities, &backup.file())?, &restoring.programs)?;
    check_rows(backup, database)?;
    Ok(Some(backup))
}
