//! Sealing and opening the fields of one row.

use std::str::FromStr;
use std::sync::Arc;

use groeilijn_domain::values::ids::InstitutionId;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::crypto::sealed::{self, Bound, KeyId, Place, Room};
use crate::crypto::xaes::{DerivedKey, HALF_NONCE_LEN, NONCE_LEN};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::keys::{KeyOwner, KeyRing, SubjectKey};

/// Which row, and whose key protects it.
#[derive(Debug, Clone, Copy)]
pub struct RowPlace {
    /// Whose realm it is in.
    pub institution: InstitutionId,
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub row: Uuid,
    /// Whose key protects it.
    pub owner: KeyOwner,
}

impl RowPlace {
    /// What its values are bound to, under the key of this name.
    fn bound(&self, key: KeyId) -> Bound {
        let place = Place {
            institution: self.institution.as_bytes(),
            table: self.table,
            row: self.row.as_bytes(),
            kind: self.owner.kind.code(),
            owner: self.owner.id.as_bytes(),
        };
        Bound::new(&place, key)
    }
}

/// Seals the fields of a row that is about to be written, and digests what it sealed for the audit log.
pub struct RowSealer<'a> {
    key: Arc<SubjectKey>,
    bound: Bound,
    derived: DerivedKey,
    /// The half of the nonce that all fields of the row share; see [`DerivedKey`].
    half_nonce: [u8; HALF_NONCE_LEN],
    environment: &'a Environment,
    digest: Sha256,
}

impl<'a> RowSealer<'a> {
    /// Seals fields of the row at `place`.
    ///
    /// # Errors
    /// As [`KeyRing::of`].
    pub fn new(keys: &KeyRing, environment: &'a Environment, place: RowPlace) -> Result<Self> {
        let key = keys.of(place.institution, place.owner)?;
        Ok(Self {
            bound: place.bound(key.id),
            key,
            derived: DerivedKey::default(),
            half_nonce: environment.bytes(),
            environment,
            digest: Sha256::new(),
        })
    }

    /// Seals `value` for `column`; an absent value is sealed too, so that absence does not show.
    pub fn bytes(&mut self, column: &'static str, value: Option<&[u8]>) -> Vec<u8> {
        let mut nonce: [u8; NONCE_LEN] = self.environment.bytes();
        nonce.iter_mut().zip(self.half_nonce).for_each(|(byte, shared)| *byte = shared);
        let stored = sealed::seal(&self.key.key, &mut self.derived, nonce, &mut self.bound, column, value);
        self.digest.update(&stored);
        stored
    }

    /// Seals a text.
    pub fn text(&mut self, column: &'static str, value: Option<&str>) -> Vec<u8> {
        self.bytes(column, value.map(str::as_bytes))
    }

    /// Seals whatever has a text form.
    pub fn display(&mut self, column: &'static str, value: Option<impl ToString>) -> Vec<u8> {
        let text = value.map(|value| Zeroizing::new(value.to_string()));
        self.text(column, text.as_ref().map(|text| text.as_str()))
    }

    /// Seals a value as a JSON document.
    pub fn json(&mut self, column: &'static str, value: &impl serde::Serialize) -> Result<Vec<u8>> {
        let document = Zeroizing::new(serde_json::to_vec(value).map_err(Error::internal)?);
        Ok(self.bytes(column, Some(&document)))
    }

    /// SHA-256 over everything sealed, in order.
    pub fn digest(self) -> [u8; 32] {
        self.digest.finalize().into()
    }
}

/// Opens the fields of a row that was read.
pub struct RowOpener<'a> {
    place: RowPlace,
    keys: &'a KeyRing,
    key: Option<(Arc<SubjectKey>, Bound)>,
    derived: DerivedKey,
    /// Where the fields are opened, one after another.
    room: Room,
}

impl<'a> RowOpener<'a> {
    /// Opens fields of the row at `place`. Its key is looked up with the first of them.
    pub fn new(keys: &'a KeyRing, place: RowPlace) -> Self {
        Self { place, keys, key: None, derived: DerivedKey::default(), room: Room::default() }
    }

    /// The value stored in `column`, until the next one is opened.
    fn open(&mut self, column: &'static str, stored: &[u8]) -> Result<Option<&[u8]>> {
        let unreadable = Error::Unreadable(self.place.table);
        let (key, bound) = match &mut self.key {
            Some(key) => key,
            None => {
                let key = match self.keys.of(self.place.institution, self.place.owner) {
                    Err(Error::Unreadable(_)) => return Err(unreadable),
                    found => found?,
                };
                let bound = self.place.bound(key.id);
                self.key.insert((key, bound))
            }
        };
        sealed::open(&key.key, &mut self.derived, bound, column, stored, &mut self.room)
            .map_err(|_| unreadable)
    }

    /// The text stored in `column`, until the next one is opened.
    fn open_text(&mut self, column: &'static str, stored: &[u8]) -> Result<Option<&str>> {
        let unreadable = Error::Unreadable(self.place.table);
        let Some(bytes) = self.open(column, stored)? else { return Ok(None) };
        str::from_utf8(bytes).map(Some).map_err(|_| unreadable)
    }

    /// The value stored in `column`.
    pub fn bytes(&mut self, column: &'static str, stored: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        Ok(self.open(column, stored)?.map(|bytes| Zeroizing::new(bytes.to_vec())))
    }

    /// A text that may be absent.
    pub fn text(&mut self, column: &'static str, stored: &[u8]) -> Result<Option<String>> {
        Ok(self.open_text(column, stored)?.map(str::to_owned))
    }

    /// A text that may be absent, as the value it was kept from.
    pub fn kept<T>(
        &mut self,
        column: &'static str,
        stored: &[u8],
        make: impl FnOnce(String) -> T,
    ) -> Result<Option<T>> {
        Ok(self.text(column, stored)?.map(make))
    }

    /// A text that is always there, as the value it was kept from.
    pub fn required_kept<T>(
        &mut self,
        column: &'static str,
        stored: &[u8],
        make: impl FnOnce(String) -> T,
    ) -> Result<T> {
        self.kept(column, stored, make)?.ok_or(Error::Unreadable(self.place.table))
    }

    /// A value that may be absent, read by `parse`.
    pub fn parsed<T, E>(
        &mut self,
        column: &'static str,
        stored: &[u8],
        parse: impl FnOnce(&str) -> std::result::Result<T, E>,
    ) -> Result<Option<T>> {
        let unreadable = Error::Unreadable(self.place.table);
        let Some(text) = self.open_text(column, stored)? else { return Ok(None) };
        parse(text).map(Some).map_err(|_| unreadable)
    }

    /// A value that is always there, read by `parse`.
    pub fn required<T, E>(
        &mut self,
        column: &'static str,
        stored: &[u8],
        parse: impl FnOnce(&str) -> std::result::Result<T, E>,
    ) -> Result<T> {
        self.parsed(column, stored, parse)?.ok_or(Error::Unreadable(self.place.table))
    }

    /// A value that has a text form, if there is one.
    pub fn text_form<T: FromStr>(&mut self, column: &'static str, stored: &[u8]) -> Result<Option<T>> {
        self.parsed(column, stored, str::parse)
    }

    /// A JSON document.
    pub fn json<T: serde::de::DeserializeOwned>(&mut self, column: &'static str, stored: &[u8]) -> Result<T> {
        let table = self.place.table;
        let bytes = self.open(column, stored)?.ok_or(Error::Unreadable(table))?;
        serde_json::from_slice(bytes).map_err(|_| Error::Unreadable(table))
    }
}
