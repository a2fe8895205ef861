//! One field. The bare server keeps `nonce (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM under one key, an absent value as an
//! empty one. With duties it keeps what ours keeps: `version (1) ‖ key's name (8) ‖ nonce (24) ‖ ciphertext ‖ tag (16)`,
//! XAES-256-GCM under the child's own key, padded to 32 bytes at least, with where it belongs in the tag.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use aes::Aes256Enc;
use aes::cipher::{Block, BlockCipherEncrypt as _};
use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Error;
use crate::outside::random_bytes;

/// The key of everything here. It protects nothing: the data is made up.
const KEY: [u8; 32] = *b"nobody's data is under this key.";

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const LONG_NONCE_LEN: usize = 24;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + LONG_NONCE_LEN;
/// Nothing is shorter when it is padded.
const SHORTEST: usize = 32;
const LENGTH_LEN: usize = 4;
const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// The row that a field is in, and whose key it is under.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) institution: Uuid,
    pub(super) table: &'static str,
    pub(super) row: Uuid,
    pub(super) owner: Uuid,
}

/// The keys, ready for use.
pub(super) struct Cipher {
    one: Aes256Gcm,
    /// With duties, the keys of whom something was opened.
    own: Option<RefCell<HashMap<Uuid, Rc<OwnKey>>>>,
}

impl Cipher {
    pub(super) fn new(duties: bool) -> Self {
        Self { one: Aes256Gcm::new(&KEY.into()), own: duties.then(RefCell::default) }
    }

    /// What seals and opens the fields of a row.
    pub(super) fn row(&self, place: Place) -> Row<'_> {
        let Some(own) = &self.own else { return Row::Bare(&self.one) };
        let mut own = own.borrow_mut();
        let key = own.entry(place.owner).or_insert_with(|| Rc::new(OwnKey::of(place.owner))).clone();
        Row::Bound(Box::new(BoundRow::new(key, place)))
    }
}

/// A key of somebody's own.
struct OwnKey {
    id: [u8; KEY_ID_LEN],
    cipher: Aes256Enc,
    /// What XAES derives keys with.
    subkey: u128,
}

impl OwnKey {
    /// As it would be found in a key store: it follows from whose it is, since it protects nothing.
    fn of(owner: Uuid) -> Self {
        let secret: [u8; 32] = Sha256::digest(owner.as_bytes()).into();
        let mut id = [0; KEY_ID_LEN];
        id.iter_mut().zip(owner.as_bytes()).for_each(|(to, from)| *to = *from);
        let cipher = Aes256Enc::new(&secret.into());
        let first = u128::from_be_bytes(encrypted(&cipher, [0; 16]));
        Self { id, cipher, subkey: (first << 1) ^ ((first >> 127) * 0x87) }
    }

    fn derive(&self, half_nonce: [u8; NONCE_LEN]) -> Aes256Gcm {
        let mut key = [0; 32];
        for (counter, half) in (1..).zip(key.chunks_exact_mut(16)) {
            let mut block = [0; 16];
            let input = [0, counter, b'X', 0].into_iter().chain(half_nonce);
            block.iter_mut().zip(input).for_each(|(to, from)| *to = from);
            let block = (u128::from_be_bytes(block) ^ self.subkey).to_be_bytes();
            half.copy_from_slice(&encrypted(&self.cipher, block));
        }
        Aes256Gcm::new(&key.into())
    }
}

fn encrypted(cipher: &Aes256Enc, block: [u8; 16]) -> [u8; 16] {
    let mut block = Block::<Aes256Enc>::from(block);
    cipher.encrypt_block(&mut block);
    block.into()
}

/// Seals and opens the fields of a row.
pub(super) enum Row<'c> {
    Bare(&'c Aes256Gcm),
    Bound(Box<BoundRow>),
}

impl Row<'_> {
    /// Seals a value with a random nonce.
    pub(super) fn seal(&mut self, column: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        let Self::Bare(key) = self else {
            let Self::Bound(row) = self else { return Err(Error::Unreadable) };
            return row.seal(column, value);
        };
        let nonce = random_bytes::<NONCE_LEN>();
        let mut stored = Vec::with_capacity(NONCE_LEN + value.len() + TAG_LEN);
        stored.extend_from_slice(&nonce);
        stored.extend_from_slice(value);
        let (_, message) = stored.split_at_mut(NONCE_LEN);
        let tag =
            key.encrypt_inout_detached(&nonce.into(), &[], message.into()).map_err(|_| Error::Unreadable)?;
        stored.extend_from_slice(&tag);
        Ok(stored)
    }

    /// Opens a stored value.
    pub(super) fn open(&mut self, column: &str, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let key = match self {
            Self::Bare(key) => key,
            Self::Bound(row) => return row.open(column, stored),
        };
        let (nonce, rest) = stored.split_first_chunk::<NONCE_LEN>().ok_or(Error::Unreadable)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(Error::Unreadable)?;
        let mut message = ciphertext.to_vec();
        key.decrypt_inout_detached(nonce.into(), &[], message.as_mut_slice().into(), tag.into())
            .map_err(|_| Error::Unreadable)?;
        Ok(message)
    }
}

/// A row whose fields are bound to it.
pub(super) struct BoundRow {
    key: Rc<OwnKey>,
    half_nonce: [u8; NONCE_LEN],
    derived: Option<([u8; NONCE_LEN], Aes256Gcm)>,
    /// What stands before the column in what the tag covers, and room for the rest.
    associated: Vec<u8>,
    before: usize,
    behind: Vec<u8>,
}

impl BoundRow {
    fn new(key: Rc<OwnKey>, place: Place) -> Self {
        let mut associated = Vec::with_capacity(192);
        for part in [b"groeilijn/field/1", place.institution.as_bytes().as_slice(), place.table.as_bytes()] {
            append(&mut associated, part);
        }
        let mut behind = Vec::with_capacity(80);
        for part in [place.row.as_bytes().as_slice(), b"pupil", place.owner.as_bytes(), &key.id] {
            append(&mut behind, part);
        }
        let before = associated.len();
        Self { key, half_nonce: random_bytes(), derived: None, associated, before, behind }
    }

    /// The key and what the tag covers, for a field with a nonce that begins so.
    fn ready(&mut self, half_nonce: [u8; NONCE_LEN], column: &str) -> (&Aes256Gcm, &[u8]) {
        self.associated.truncate(self.before);
        append(&mut self.associated, column.as_bytes());
        self.associated.extend_from_slice(&self.behind);
        let known = self.derived.take().filter(|(of, _)| *of == half_nonce);
        let derived = known.unwrap_or_else(|| (half_nonce, self.key.derive(half_nonce)));
        (&self.derived.insert(derived).1, &self.associated)
    }

    fn seal(&mut self, column: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        let (half_nonce, other_half) = (self.half_nonce, random_bytes::<NONCE_LEN>());
        let padded = padded(LENGTH_LEN + value.len() + 1);
        let mut stored = Vec::with_capacity(HEADER_LEN + padded + TAG_LEN);
        stored.push(VERSION);
        stored.extend_from_slice(&self.key.id);
        stored.extend_from_slice(&half_nonce);
        stored.extend_from_slice(&other_half);
        let length = u32::try_from(value.len() + 1).map_err(|_| Error::Unreadable)?;
        stored.extend_from_slice(&length.to_le_bytes());
        stored.extend_from_slice(value);
        stored.push(if value.is_empty() { ABSENT } else { PRESENT });
        stored.resize(HEADER_LEN + padded, 0);
        let (cipher, associated) = self.ready(half_nonce, column);
        let (_, message) = stored.split_at_mut(HEADER_LEN);
        let tag = cipher
            .encrypt_inout_detached(&other_half.into(), associated, message.into())
            .map_err(|_| Error::Unreadable)?;
        stored.extend_from_slice(&tag);
        Ok(stored)
    }

    fn open(&mut self, column: &str, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let rest = stored.strip_prefix(&[VERSION]).ok_or(Error::Unreadable)?;
        let rest = rest.strip_prefix(&self.key.id).ok_or(Error::Unreadable)?;
        let (half_nonce, rest) = rest.split_first_chunk().ok_or(Error::Unreadable)?;
        let (other_half, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Error::Unreadable)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(Error::Unreadable)?;
        let mut message = ciphertext.to_vec();
        let (cipher, associated) = self.ready(*half_nonce, column);
        cipher
            .decrypt_inout_detached(other_half.into(), associated, message.as_mut_slice().into(), tag.into())
            .map_err(|_| Error::Unreadable)?;
        let (length, content) = message.split_first_chunk().ok_or(Error::Unreadable)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Error::Unreadable)?;
        match content.get(..length).and_then(<[u8]>::split_last) {
            Some((&PRESENT, value)) => Ok(value.to_vec()),
            Some((&ABSENT, [])) => Ok(Vec::new()),
            _ => Err(Error::Unreadable),
        }
    }
}

fn append(to: &mut Vec<u8>, part: &[u8]) {
    to.extend_from_slice(&(part.len() as u64).to_le_bytes());
    to.extend_from_slice(part);
}

/// A length as it is padded: only its highest bits remain.
fn padded(length: usize) -> usize {
    let length = length.max(SHORTEST);
    let exponent = length.ilog2();
    let mask = (1 << (exponent - exponent.ilog2() - 1)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        institution: Uuid::from_u128(1),
        table: "pupil",
        row: Uuid::from_u128(2),
        owner: Uuid::from_u128(2),
    };

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        for (duties, overhead) in [(false, NONCE_LEN + TAG_LEN), (true, HEADER_LEN + SHORTEST - 4 + TAG_LEN)]
        {
            let cipher = Cipher::new(duties);
            let mut stored = cipher.row(PLACE).seal("name", b"Noor").unwrap();
            assert_eq!(stored.len(), overhead + 4);
            assert_eq!(cipher.row(PLACE).open("name", &stored).unwrap(), b"Noor");
            let empty = cipher.row(PLACE).seal("name", b"").unwrap();
            assert_eq!(cipher.row(PLACE).open("name", &empty).unwrap(), b"");
            *stored.last_mut().unwrap() ^= 1;
            assert!(cipher.row(PLACE).open("name", &stored).is_err());
            assert!(cipher.row(PLACE).open("name", b"short").is_err());
        }
    }

    #[test]
    fn with_duties_a_value_that_was_moved_does_not_open() {
        let cipher = Cipher::new(true);
        let stored = cipher.row(PLACE).seal("name", b"Noor").unwrap();
        assert!(cipher.row(PLACE).open("gender", &stored).is_err());
        let elsewhere = [
            Place { institution: Uuid::from_u128(3), ..PLACE },
            Place { table: "note", ..PLACE },
            Place { row: Uuid::from_u128(3), ..PLACE },
            Place { owner: Uuid::from_u128(3), ..PLACE },
        ];
        for place in elsewhere {
            assert!(cipher.row(place).open("name", &stored).is_err());
        }
    }
}
