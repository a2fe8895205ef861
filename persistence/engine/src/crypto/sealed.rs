//! The stored form of one field: `version (1) ‖ key id (8) ‖ nonce (24) ‖ ciphertext ‖ tag (16)`.
//!
//! What is encrypted is the padded form of `value ‖ presence byte`. An absent value is sealed like any other,
//! so that the database does not show of whom something sensitive is known. The place of the value is bound
//! into the tag: copied to another row, column, person or institution it does not open.

use zeroize::Zeroizing;

use super::xaes::{DerivedKey, NONCE_LEN, TAG_LEN, XaesKey};
use super::{Unreadable, associated_data, padding};

const VERSION: u8 = 1;
const FORMAT: &[u8] = b"groeilijn/field/1";
const KEY_ID_LEN: usize = 8;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// Names a key. It is no secret and says nothing of the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; KEY_ID_LEN]);

impl KeyId {
    /// The key named by these bytes.
    pub const fn from_bytes(bytes: [u8; KEY_ID_LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that name the key.
    pub const fn as_bytes(&self) -> &[u8; KEY_ID_LEN] {
        &self.0
    }
}

/// Where a value lives. All of it is bound into the ciphertext.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The institution whose data it is.
    pub institution: &'a [u8; 16],
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's id.
    pub row: &'a [u8; 16],
    /// The kind of owner whose key protects the value.
    pub kind: &'static str,
    /// Which owner of that kind.
    pub owner: &'a [u8; 16],
}

impl Place<'_> {
    fn associated_data(&self, key_id: KeyId) -> Vec<u8> {
        associated_data(&[
            FORMAT,
            self.institution,
            self.table.as_bytes(),
            self.column.as_bytes(),
            self.row,
            self.kind.as_bytes(),
            self.owner,
            key_id.as_bytes(),
        ])
    }
}

/// Seals a value for one place, with a nonce that was never used under this key: a random one.
///
/// # Panics
/// If the value is 4 GiB or longer.
pub fn seal(
    key: &XaesKey,
    derived: &mut DerivedKey,
    key_id: KeyId,
    nonce: [u8; NONCE_LEN],
    place: &Place<'_>,
    plaintext: Option<&[u8]>,
) -> Vec<u8> {
    let (value, presence) = plaintext.map_or((&[][..], ABSENT), |value| (value, PRESENT));
    // All the room at once: the plaintext is written where the ciphertext will stand and nowhere else.
    let mut stored = Vec::with_capacity(HEADER_LEN + padding::framed_len(value.len() + 1) + TAG_LEN);
    stored.push(VERSION);
    stored.extend_from_slice(key_id.as_bytes());
    stored.extend_from_slice(&nonce);
    padding::pad(&mut stored, &[value, &[presence]]);
    let (_, message) = stored.split_at_mut(HEADER_LEN);
    let tag = key.seal_in_place(derived, &nonce, &place.associated_data(key_id), message);
    stored.extend_from_slice(&tag);
    stored
}

/// The key that opens a stored value.
///
/// # Errors
/// [`Unreadable`] when the bytes are not a stored value.
pub fn key_id(stored: &[u8]) -> Result<KeyId, Unreadable> {
    Parts::of(stored).map(|parts| parts.key_id).ok_or(Unreadable)
}

/// Opens what was stored at a place: the value, or `None` if what was sealed is that there is none.
///
/// # Errors
/// [`Unreadable`] when the value was not sealed with this key for this place, or was changed since.
pub fn open(
    key: &XaesKey,
    derived: &mut DerivedKey,
    place: &Place<'_>,
    stored: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, Unreadable> {
    let parts = Parts::of(stored).ok_or(Unreadable)?;
    let mut message = Zeroizing::new(parts.ciphertext.to_vec());
    let associated = place.associated_data(parts.key_id);
    key.open_in_place(derived, parts.nonce, &associated, &mut message, parts.tag)?;
    padding::unpad(&mut message)?;
    match message.pop() {
        Some(PRESENT) => Ok(Some(message)),
        Some(ABSENT) if message.is_empty() => Ok(None),
        _ => Err(Unreadable),
    }
}

struct Parts<'a> {
    key_id: KeyId,
    nonce: &'a [u8; NONCE_LEN],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_LEN],
}

impl<'a> Parts<'a> {
    fn of(stored: &'a [u8]) -> Option<Self> {
        let rest = stored.strip_prefix(&[VERSION])?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self { key_id: KeyId(*key_id), nonce, ciphertext, tag })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY_ID: KeyId = KeyId::from_bytes(*b"key-0001");
    const NONCE: [u8; NONCE_LEN] = [9; NONCE_LEN];
    const HERE: Place<'static> = Place {
        institution: &[1; 16],
        table: "pupils",
        column: "name",
        row: &[2; 16],
        kind: "pupil",
        owner: &[3; 16],
    };

    fn key() -> XaesKey {
        XaesKey::new(&[5; 32])
    }

    fn opened(place: &Place<'_>, stored: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
        open(&key(), &mut DerivedKey::default(), place, stored).map(|value| value.map(|value| value.to_vec()))
    }

    #[test]
    fn a_moved_value_is_unreadable() {
        let stored = seal(&key(), &mut DerivedKey::default(), KEY_ID, NONCE, &HERE, Some(b"Fenna"));
        assert_eq!(opened(&HERE, &stored), Ok(Some(b"Fenna".to_vec())));
        let elsewhere = [
            Place { institution: &[4; 16], ..HERE },
            Place { table: "users", ..HERE },
            Place { column: "particulars", ..HERE },
            Place { table: "pupil", column: "sname", ..HERE },
            Place { row: &[4; 16], ..HERE },
            Place { owner: &[4; 16], ..HERE },
            Place { kind: "user", ..HERE },
            Place { row: &[3; 16], owner: &[2; 16], ..HERE },
        ];
        for place in elsewhere {
            assert_eq!(opened(&place, &stored), Err(Unreadable), "{place:?}");
        }
    }

    #[test]
    fn a_value_under_another_key_or_key_id_is_unreadable() {
        let stored = seal(&key(), &mut DerivedKey::default(), KEY_ID, NONCE, &HERE, Some(b"Fenna"));
        assert!(open(&XaesKey::new(&[6; 32]), &mut DerivedKey::default(), &HERE, &stored).is_err());
        let mut renamed = stored;
        renamed[1..=KEY_ID_LEN].copy_from_slice(b"key-0002");
        assert_eq!(key_id(&renamed), Ok(KeyId::from_bytes(*b"key-0002")));
        assert_eq!(opened(&HERE, &renamed), Err(Unreadable));
    }

    #[test]
    fn absent_empty_and_short_values_differ_inside_only() {
        let [absent, empty, short] = [None, Some(&b""[..]), Some(b"Bo")]
            .map(|value| seal(&key(), &mut DerivedKey::default(), KEY_ID, NONCE, &HERE, value));
        assert_eq!(opened(&HERE, &absent), Ok(None));
        assert_eq!(opened(&HERE, &empty), Ok(Some(Vec::new())));
        assert_eq!(absent.len(), HEADER_LEN + padding::FLOOR + TAG_LEN);
        assert_eq!(absent.len(), empty.len());
        assert_eq!(absent.len(), short.len());
    }

    #[test]
    fn no_bit_can_be_flipped_and_no_byte_cut_off() {
        let stored = seal(&key(), &mut DerivedKey::default(), KEY_ID, NONCE, &HERE, Some(b"Fenna"));
        for bit in 0..stored.len() * 8 {
            let mut changed = stored.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(&HERE, &changed), Err(Unreadable), "bit {bit}");
        }
        for length in 0..stored.len() {
            assert_eq!(opened(&HERE, &stored[..length]), Err(Unreadable), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(value: Option<Vec<u8>>, nonce: [u8; NONCE_LEN], id: [u8; KEY_ID_LEN]) {
            let id = KeyId::from_bytes(id);
            let stored = seal(&key(), &mut DerivedKey::default(), id, nonce, &HERE, value.as_deref());
            prop_assert_eq!(key_id(&stored), Ok(id));
            let content = value.as_ref().map_or(0, Vec::len) + 1;
            prop_assert_eq!(stored.len(), HEADER_LEN + padding::framed_len(content) + TAG_LEN);
            prop_assert_eq!(opened(&HERE, &stored), Ok(value));
        }

        #[test]
        fn arbitrary_bytes_are_unreadable(bytes: Vec<u8>) {
            prop_assert_eq!(opened(&HERE, &bytes), Err(Unreadable));
            let versioned = [&[VERSION][..], &bytes].concat();
            prop_assert_eq!(opened(&HERE, &versioned), Err(Unreadable));
        }
    }
}
