//! The stored form of one field: `version (1) ‖ key id (8) ‖ nonce (24) ‖ ciphertext ‖ tag (16)`.
//!
//! What is encrypted is the padded form of `value ‖ presence byte`. An absent value is sealed like any other,
//! so that the database does not show of whom something sensitive is known. The place of the value is bound
//! into the tag: copied to another row, column, person or institution it does not open.

use zeroize::Zeroizing;

use super::xaes::{DerivedKey, NONCE_LEN, TAG_LEN, XaesKey};
use super::{Unreadable, append_part, associated_data, padding};

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

/// The row that a value lives in. All of it is bound into the ciphertext, and the column's name too.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The institution whose data it is.
    pub institution: &'a [u8; 16],
    /// The table's name.
    pub table: &'static str,
    /// The row's id.
    pub row: &'a [u8; 16],
    /// The kind of owner whose key protects the value.
    pub kind: &'static str,
    /// Which owner of that kind.
    pub owner: &'a [u8; 16],
}

/// The associated data of the values of one row under one key, put together once: only the column differs.
pub struct Bound {
    key_id: KeyId,
    /// What stands behind the column, what stands before it, and room for both and a column.
    joined: Vec<u8>,
    behind: usize,
    before: usize,
}

/// The longest name of a column, about.
const COLUMN_LEN: usize = 32;

impl Bound {
    /// For the values in a row, sealed with the key of this name.
    pub fn new(place: &Place<'_>, key_id: KeyId) -> Self {
        let behind = associated_data(&[place.row, place.kind.as_bytes(), place.owner, key_id.as_bytes()]);
        let before = associated_data(&[FORMAT, place.institution, place.table.as_bytes()]);
        let mut joined = Vec::with_capacity(2 * behind.len() + before.len() + COLUMN_LEN);
        joined.extend_from_slice(&behind);
        joined.extend_from_slice(&before);
        Self { key_id, joined, behind: behind.len(), before: before.len() }
    }

    /// The associated data of the value in a column.
    fn of(&mut self, column: &'static str) -> &[u8] {
        self.joined.truncate(self.behind + self.before);
        append_part(&mut self.joined, column.as_bytes());
        self.joined.extend_from_within(..self.behind);
        self.joined.get(self.behind..).unwrap_or_default()
    }
}

/// Memory in which values are opened, one after another, and which forgets the last of them when it is dropped.
#[derive(Default)]
pub struct Room(Zeroizing<Vec<u8>>);

impl Room {
    /// The room with this content alone.
    fn with(&mut self, content: &[u8]) -> &mut [u8] {
        if self.0.capacity() < content.len() {
            // A vector that grows by itself would leave what it held behind.
            self.0 = Zeroizing::new(Vec::with_capacity(content.len().max(SMALL)));
        }
        self.0.clear();
        self.0.extend_from_slice(content);
        &mut self.0
    }
}

/// Enough for most values.
const SMALL: usize = 64;

/// Seals a value for a column of a row, with a nonce that was never used under this key: a random one.
///
/// # Panics
/// If the value is 4 GiB or longer.
pub fn seal(
    key: &XaesKey,
    derived: &mut DerivedKey,
    nonce: [u8; NONCE_LEN],
    bound: &mut Bound,
    column: &'static str,
    plaintext: Option<&[u8]>,
) -> Vec<u8> {
    let (value, presence) = plaintext.map_or((&[][..], ABSENT), |value| (value, PRESENT));
    // All the room at once: the plaintext is written where the ciphertext will stand and nowhere else.
    let mut stored = Vec::with_capacity(HEADER_LEN + padding::framed_len(value.len() + 1) + TAG_LEN);
    stored.push(VERSION);
    stored.extend_from_slice(bound.key_id.as_bytes());
    stored.extend_from_slice(&nonce);
    padding::pad(&mut stored, &[value, &[presence]]);
    let (_, message) = stored.split_at_mut(HEADER_LEN);
    let tag = key.seal_in_place(derived, &nonce, bound.of(column), message);
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

/// Opens what was stored in a column of a row: the value, or `None` if what was sealed is that there is none. The value
/// is in `room`.
///
/// # Errors
/// [`Unreadable`] when the value was not sealed with this key for this place, or was changed since.
pub fn open<'r>(
    key: &XaesKey,
    derived: &mut DerivedKey,
    bound: &mut Bound,
    column: &'static str,
    stored: &[u8],
    room: &'r mut Room,
) -> Result<Option<&'r [u8]>, Unreadable> {
    let parts = Parts::of(stored).filter(|parts| parts.key_id == bound.key_id).ok_or(Unreadable)?;
    let message = room.with(parts.ciphertext);
    key.open_in_place(derived, parts.nonce, bound.of(column), message, parts.tag)?;
    match padding::unpad(message)?.split_last() {
        Some((&PRESENT, value)) => Ok(Some(value)),
        Some((&ABSENT, [])) => Ok(None),
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
    const HERE: Place<'static> =
        Place { institution: &[1; 16], table: "pupils", row: &[2; 16], kind: "pupil", owner: &[3; 16] };

    fn key() -> XaesKey {
        XaesKey::new(&[5; 32])
    }

    const COLUMN: &str = "name";

    fn sealed(value: Option<&[u8]>) -> Vec<u8> {
        let mut bound = Bound::new(&HERE, KEY_ID);
        seal(&key(), &mut DerivedKey::default(), NONCE, &mut bound, COLUMN, value)
    }

    /// What opens with a key of this name in a column of a row.
    fn opened_under(
        (key, id): (&XaesKey, KeyId),
        (place, column): (&Place<'_>, &'static str),
        stored: &[u8],
    ) -> Result<Option<Vec<u8>>, Unreadable> {
        let (mut bound, mut room) = (Bound::new(place, id), Room::default());
        let opened = open(key, &mut DerivedKey::default(), &mut bound, column, stored, &mut room);
        opened.map(|value| value.map(<[u8]>::to_vec))
    }

    fn opened(place: &Place<'_>, stored: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
        opened_under((&key(), KEY_ID), (place, COLUMN), stored)
    }

    #[test]
    fn a_moved_value_is_unreadable() {
        let stored = sealed(Some(b"Fenna"));
        assert_eq!(opened(&HERE, &stored), Ok(Some(b"Fenna".to_vec())));
        let elsewhere = [
            Place { institution: &[4; 16], ..HERE },
            Place { table: "users", ..HERE },
            Place { row: &[4; 16], ..HERE },
            Place { owner: &[4; 16], ..HERE },
            Place { kind: "user", ..HERE },
            Place { row: &[3; 16], owner: &[2; 16], ..HERE },
        ];
        for place in elsewhere {
            assert_eq!(opened(&place, &stored), Err(Unreadable), "{place:?}");
        }
        let columns = [(HERE, "particulars"), (HERE, "nam"), (Place { table: "pupil", ..HERE }, "sname")];
        for (place, column) in &columns {
            let found = opened_under((&key(), KEY_ID), (place, column), &stored);
            assert_eq!(found, Err(Unreadable), "{place:?} {column}");
        }
    }

    #[test]
    fn what_is_bound_is_what_stands_in_the_format() {
        let mut bound = Bound::new(&HERE, KEY_ID);
        for column in [COLUMN, "a_name_of_a_column_that_is_longer_than_any_other", "x", COLUMN] {
            let parts: [&[u8]; 8] = [
                FORMAT,
                HERE.institution,
                b"pupils",
                column.as_bytes(),
                HERE.row,
                b"pupil",
                HERE.owner,
                b"key-0001",
            ];
            assert_eq!(bound.of(column), associated_data(&parts), "{column}");
        }
    }

    #[test]
    fn one_room_serves_for_values_of_any_length() {
        let (mut bound, mut room) = (Bound::new(&HERE, KEY_ID), Room::default());
        let mut derived = DerivedKey::default();
        let values = [
            Some("Fenna".to_owned()),
            Some("x".repeat(5000)),
            None,
            Some(String::new()),
            Some("Bo".to_owned()),
        ];
        for value in values {
            let value = value.as_ref().map(String::as_bytes);
            let stored = seal(&key(), &mut derived, NONCE, &mut bound, COLUMN, value);
            assert_eq!(open(&key(), &mut derived, &mut bound, COLUMN, &stored, &mut room), Ok(value));
        }
    }

    #[test]
    fn a_value_under_another_key_or_key_id_is_unreadable() {
        let stored = sealed(Some(b"Fenna"));
        let other = XaesKey::new(&[6; 32]);
        assert_eq!(opened_under((&other, KEY_ID), (&HERE, COLUMN), &stored), Err(Unreadable));
        let mut renamed = stored;
        renamed[1..=KEY_ID_LEN].copy_from_slice(b"key-0002");
        assert_eq!(key_id(&renamed), Ok(KeyId::from_bytes(*b"key-0002")));
        assert_eq!(opened(&HERE, &renamed), Err(Unreadable));
        let renamed_key = KeyId::from_bytes(*b"key-0002");
        assert_eq!(opened_under((&key(), renamed_key), (&HERE, COLUMN), &renamed), Err(Unreadable));
    }

    #[test]
    fn absent_empty_and_short_values_differ_inside_only() {
        let [absent, empty, short] = [None, Some(&b""[..]), Some(b"Bo")].map(sealed);
        assert_eq!(opened(&HERE, &absent), Ok(None));
        assert_eq!(opened(&HERE, &empty), Ok(Some(Vec::new())));
        assert_eq!(absent.len(), HEADER_LEN + padding::FLOOR + TAG_LEN);
        assert_eq!(absent.len(), empty.len());
        assert_eq!(absent.len(), short.len());
    }

    #[test]
    fn no_bit_can_be_flipped_and_no_byte_cut_off() {
        let stored = sealed(Some(b"Fenna"));
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
            let mut bound = Bound::new(&HERE, id);
            let stored = seal(&key(), &mut DerivedKey::default(), nonce, &mut bound, COLUMN, value.as_deref());
            prop_assert_eq!(key_id(&stored), Ok(id));
            let content = value.as_ref().map_or(0, Vec::len) + 1;
            prop_assert_eq!(stored.len(), HEADER_LEN + padding::framed_len(content) + TAG_LEN);
            prop_assert_eq!(opened_under((&key(), id), (&HERE, COLUMN), &stored), Ok(value));
        }

        #[test]
        fn arbitrary_bytes_are_unreadable(bytes: Vec<u8>) {
            prop_assert_eq!(opened(&HERE, &bytes), Err(Unreadable));
            let versioned = [&[VERSION][..], &bytes].concat();
            prop_assert_eq!(opened(&HERE, &versioned), Err(Unreadable));
        }
    }
}
