//! How the key store stands, for an operator: how many keys there are, under which versions of the keys above them. It says
//! nothing about anybody.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, min};
use jiff::Timestamp;

use super::ring::KeyRing;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap::KeyName;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::schema::{institution_key, subject_key, system_key};

/// How the key store stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// The versions of the root key that wrap something.
    pub root: Vec<RootKeyUse>,
    /// The keys of the installation, by what they are for.
    pub system: Vec<SystemKeyUse>,
    /// The keys of institutions, by version.
    pub institutions: Vec<InstitutionKeys>,
    /// The keys of owners, by kind and by the version of the institution's key that wraps them.
    pub owners: Vec<OwnerKeys>,
}

/// A version of the root key that wraps something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootKeyUse {
    /// Its name in hexadecimal digits.
    pub id: String,
    /// Its version.
    pub version: i32,
    /// Whether the root key has it still: without it what it wraps cannot be read.
    pub is_there: bool,
    /// How many keys it wraps.
    pub keys: i64,
}

/// The keys of the installation for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemKeyUse {
    /// What they are for.
    pub purpose: String,
    /// How many are in use.
    pub in_use: i64,
    /// Since when the oldest of these is there, in UTC.
    pub since: Option<Timestamp>,
    /// How many are retired.
    pub retired: i64,
}

/// The keys of institutions of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionKeys {
    /// The version.
    pub version: i32,
    /// How many institutions have it.
    pub keys: i64,
    /// Since when the oldest of these is there, in UTC.
    pub since: Option<Timestamp>,
}

/// The keys of owners of one kind under one version of their institutions' keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerKeys {
    /// The kind of owner.
    pub kind: String,
    /// The version of the institution's key; `None` for those that were destroyed.
    pub under: Option<i32>,
    /// How many.
    pub keys: i64,
    /// Since when the oldest of these is there, or the first of these was destroyed, in UTC.
    pub since: Option<Timestamp>,
}

impl KeyRing {
    /// How the key store stands.
    ///
    /// # Errors
    /// What keeps the key store or the root key from being read.
    pub async fn status(&self) -> Result<KeyStatus> {
        let ring = self.clone();
        self.database
            .read_at_one_moment(Cost::Scan, move |connection| {
                Ok(KeyStatus {
                    root: ring.root_uses(connection)?,
                    system: system_uses(connection)?,
                    institutions: institution_keys(connection)?,
                    owners: owner_keys(connection)?,
                })
            })
            .await
    }

    fn root_uses(&self, connection: &mut AnyConnection) -> Result<Vec<RootKeyUse>> {
        let of_system: Vec<(Vec<u8>, i32, i64)> = system_key::table
            .filter(system_key::retired_at.is_null())
            .group_by((system_key::parent_id, system_key::parent_version))
            .select((system_key::parent_id, system_key::parent_version, count_star()))
            .load(connection)?;
        let of_institutions: Vec<(Vec<u8>, i32, i64)> = institution_key::table
            .group_by((institution_key::parent_id, institution_key::parent_version))
            .select((institution_key::parent_id, institution_key::parent_version, count_star()))
            .load(connection)?;
        let mut counted: BTreeMap<(Vec<u8>, i32), i64> = BTreeMap::new();
        for (id, version, keys) in of_system.into_iter().chain(of_institutions) {
            *counted.entry((id, version)).or_default() += keys;
        }
        let uses = counted.into_iter().map(|((id, version), keys)| {
            let name = KeyName {
                id: KeyId::from_bytes(id.as_slice().try_into().map_err(|_| UNREADABLE)?),
                version: u32::try_from(version).map_err(|_| UNREADABLE)?,
            };
            Ok(RootKeyUse { id: hex::encode(&id), version, is_there: self.root.has(&name)?, keys })
        });
        uses.collect()
    }
}

const UNREADABLE: Error = Error::Unreadable("the key store");

fn system_uses(connection: &mut AnyConnection) -> Result<Vec<SystemKeyUse>> {
    let rows: Vec<(String, Timestamp, Option<Timestamp>)> = system_key::table
        .order((system_key::purpose, system_key::created_at))
        .select((system_key::purpose, system_key::created_at, system_key::retired_at))
        .load(connection)?;
    let mut found: Vec<SystemKeyUse> = Vec::new();
    for (purpose, created_at, retired_at) in rows {
        if found.last().is_none_or(|last| last.purpose != purpose) {
            found.push(SystemKeyUse { purpose, in_use: 0, since: None, retired: 0 });
        }
        let Some(last) = found.last_mut() else { continue };
        match retired_at {
            Some(_) => last.retired += 1,
            None => {
                last.in_use += 1;
                last.since = last.since.or(Some(created_at));
            }
        }
    }
    Ok(found)
}

fn institution_keys(connection: &mut AnyConnection) -> Result<Vec<InstitutionKeys>> {
    let rows: Vec<(i32, i64, Option<Timestamp>)> = institution_key::table
        .group_by(institution_key::version)
        .order(institution_key::version)
        .select((institution_key::version, count_star(), min(institution_key::created_at)))
        .load(connection)?;
    Ok(rows.into_iter().map(|(version, keys, since)| InstitutionKeys { version, keys, since }).collect())
}

#[derive(Queryable)]
struct OwnerRow {
    kind: String,
    under: Option<i32>,
    keys: i64,
    made: Option<Timestamp>,
    destroyed: Option<Timestamp>,
}

fn owner_keys(connection: &mut AnyConnection) -> Result<Vec<OwnerKeys>> {
    let rows: Vec<OwnerRow> = subject_key::table
        .group_by((subject_key::kind, subject_key::parent_version))
        .order((subject_key::kind, subject_key::parent_version))
        .select((
            subject_key::kind,
            subject_key::parent_version,
            count_star(),
            min(subject_key::created_at),
            min(subject_key::destroyed_at),
        ))
        .load(connection)?;
    let owner = |OwnerRow { kind, under, keys, made, destroyed }| OwnerKeys {
        kind,
        under,
        keys,
        since: if under.is_some() { made } else { destroyed },
    };
    Ok(rows.into_iter().map(owner).collect())
}
