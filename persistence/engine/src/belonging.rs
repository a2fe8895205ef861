//! Whether the data, the key store and the root key are of one installation.
//!
//! Whoever loses one of them restores it. New keys beside existing data, or new data beside existing keys, would only
//! look like an installation that works: nothing in it could be read, and nobody could log in.

use diesel::connection::SimpleConnection;
use diesel::dsl::exists;
use groeilijn_domain::values::ids::InstitutionId;

use crate::crypto::sealed::{self, KeyId};
use crate::crypto::wrap;
use crate::database::connection::AnyConnection;
use crate::database::dialect;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::database::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Misfit, Part, Result};
use crate::keys::{RootKey, RootKeySource, SYSTEM, system_context};
use crate::pool::Database;
use crate::schema::{audit_entry, subject_key, system_key};

/// Checks that nothing is lost of what `init` would make anew. Nothing is made here.
///
/// # Errors
/// [`Error::Misfit`]; what keeps a database from being looked at.
pub(crate) fn check_before_making(
    data: &DatabaseUrl,
    keys: &DatabaseUrl,
    second: Option<&DatabaseUrl>,
    root_key: &RootKeySource,
    environment: &Environment,
) -> Result<()> {
    if data.is_same_place(keys) {
        return Err(Error::Misfit(Misfit::OneDatabase));
    }
    let mut data = existing(data).map_err(Error::of(Part::Data))?;
    let mut keys = existing(keys).map_err(Error::of(Part::Keys))?;
    let mut second = second.map_or(Ok(None), existing).map_err(Error::of(Part::SecondKeys))?;
    let is_data_made = data.as_mut().map_or(Ok(false), is_data_made)?;
    let has_data = data.as_mut().map_or(Ok(false), has_data)?;
    let has_keys = keys.as_mut().map_or(Ok(false), has_keys)?;
    if !has_keys && second.as_mut().map_or(Ok(false), self::has_keys)? {
        return Err(Error::Misfit(Misfit::SecondAhead));
    }
    match (has_data, has_keys) {
        (true, false) => Err(Error::Misfit(Misfit::KeysLost)),
        // The tables of the data are made before the first key is.
        (_, true) if !is_data_made => Err(Error::Misfit(Misfit::DataLost)),
        (_, true) if !root_key.is_there(environment).map_err(Error::of(Part::RootKey))? => {
            Err(Error::Misfit(Misfit::RootKeyLost))
        }
        _ => Ok(()),
    }
}

/// Checks that the key store is that of the data, as far as the first sealed value of the audit log tells.
///
/// # Errors
/// [`Error::Misfit`]; what keeps a database from being read.
pub(crate) async fn check_opened(data: &Database, keys: &Database) -> Result<()> {
    let (has_data, sealed_with) = data
        .read_at_one_moment(Cost::Scan, |data| {
            dialect::enter_institution(data, InstitutionId::PLATFORM)?;
            Ok((has_entries(data)?, first_sealed(data)?))
        })
        .await?;
    keys.read_at_one_moment(Cost::Scan, move |keys| {
        if has_data && !has_keys(keys)? {
            return Err(Error::Misfit(Misfit::KeysLost));
        }
        match sealed_with {
            Some(key) if !is_known(keys, key)? => Err(Error::Misfit(Misfit::OtherKeys)),
            _ => Ok(()),
        }
    })
    .await
}

/// Checks that the root key is the one that the system keys, without which nothing starts, are wrapped by: it has each
/// version that they name, and opens one of those that name it.
///
/// # Errors
/// [`Error::Misfit`]; what keeps the key store from being read, or the root key from answering.
pub(crate) fn check_root_key(keys: &mut AnyConnection, root: &dyn RootKey) -> Result<()> {
    let rows: Vec<(Vec<u8>, String, Vec<u8>)> = system_key::table
        .filter(system_key::retired_at.is_null())
        .order((system_key::parent_id, system_key::parent_version))
        .select((system_key::key_id, system_key::purpose, system_key::wrapped))
        .load(keys)?;
    let parent = |wrapped: &[u8]| wrap::parent_of(wrapped).map_err(|_| Error::Unreadable("system_key"));
    for of_one in rows.chunk_by(|(.., one), (.., next)| wrap::parent_of(one) == wrap::parent_of(next)) {
        let Some((.., wrapped)) = of_one.first() else { continue };
        if !root.has(&parent(wrapped)?)? || !opens_one(root, of_one)? {
            return Err(Error::Misfit(Misfit::OtherRootKey));
        }
    }
    Ok(())
}

fn opens_one(root: &dyn RootKey, rows: &[(Vec<u8>, String, Vec<u8>)]) -> Result<bool> {
    for (key_id, purpose, wrapped) in rows {
        match root.unwrap(SYSTEM, &system_context(purpose, key_id), wrapped) {
            Err(Error::Unreadable(_)) => {}
            opened => return opened.map(|_| true),
        }
    }
    Ok(false)
}

const DATA_TABLE: &str = "audit_entry";
const KEYS_TABLE: &str = "system_key";

/// A database that is there. An address of a server is one, whatever answers.
fn existing(url: &DatabaseUrl) -> Result<Option<AnyConnection>> {
    if url.file().is_some_and(|file| !file.exists()) { Ok(None) } else { url.connect().map(Some) }
}

fn is_data_made(data: &mut AnyConnection) -> Result<bool> {
    dialect::has_table(data, DATA_TABLE)
}

/// Whether anything was done in the installation: making it is on record in the platform's log, after its keys.
fn has_data(data: &mut AnyConnection) -> Result<bool> {
    if !is_data_made(data)? {
        return Ok(false);
    }
    dialect::begin_read(data)?;
    let found = dialect::enter_institution(data, InstitutionId::PLATFORM).and_then(|()| has_entries(data));
    data.batch_execute("ROLLBACK")?;
    found
}

/// Whether there is anything in the platform's log, in a transaction that may see it.
fn has_entries(data: &mut AnyConnection) -> Result<bool> {
    let any = audit_entry::table.filter(audit_entry::institution_id.is(InstitutionId::PLATFORM));
    Ok(diesel::select(exists(any)).get_result(data)?)
}

fn has_keys(keys: &mut AnyConnection) -> Result<bool> {
    if !dialect::has_table(keys, KEYS_TABLE)? {
        return Ok(false);
    }
    Ok(diesel::select(exists(system_key::table.select(system_key::key_id))).get_result(keys)?)
}

/// The key of the first value in the platform's log that is sealed at all, in a transaction that may see it. An old one
/// is asked for, so that a backup of the key store from before some newer keys still serves.
fn first_sealed(data: &mut AnyConnection) -> Result<Option<KeyId>> {
    let address: Option<Option<Vec<u8>>> = audit_entry::table
        .filter(audit_entry::institution_id.is(InstitutionId::PLATFORM))
        .filter(audit_entry::address.is_not_null())
        .order(audit_entry::sequence)
        .select(audit_entry::address)
        .first(data)
        .optional()?;
    let unreadable = |_| Error::Unreadable(DATA_TABLE);
    address.flatten().map(|sealed| sealed::key_id(&sealed).map_err(unreadable)).transpose()
}

/// Whether the key store has, or had, a key of this name: of a destroyed one the row stays.
fn is_known(keys: &mut AnyConnection, key: KeyId) -> Result<bool> {
    let found = subject_key::table.find(key.as_bytes().to_vec());
    Ok(diesel::select(exists(found)).get_result(keys)?)
}
