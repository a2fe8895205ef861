//! The stored form of a data key under its parent key:
//! `version (1) ‖ parent's id (8) ‖ parent's version (4, big endian) ‖ nonce (24) ‖ ciphertext (32) ‖ tag (16)`.
//!
//! or, wrapped by a service that never gives its key away,
//! `version (2) ‖ parent's id (8) ‖ parent's version (4, big endian) ‖ what the service gave`.
//!
//! Data keys are random and stand nowhere but here, so destroying the wrapped key destroys everything under
//! it. What kind of key it is and whose, and under which version of which parent it stands, are bound into the tag: one
//! key cannot be put in another's stead.

use zeroize::Zeroizing;

use super::sealed::KeyId;
use super::xaes::{DerivedKey, KEY_LEN, NONCE_LEN, TAG_LEN, XaesKey};
use super::{Unreadable, associated_data};

const VERSION: u8 = 1;
const FORMAT: &[u8] = b"groeilijn/key/1";
const VERSION_OF_SERVICE: u8 = 2;
const FORMAT_OF_SERVICE: &[u8] = b"groeilijn/key/2";

/// Names one version of a key that other keys are wrapped under. While a key is rotated two versions are in use, and a
/// wrapped key says which of them opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName {
    /// The key, whatever its version.
    pub id: KeyId,
    /// Its version, from 1.
    pub version: u32,
}

/// A key that other keys are wrapped under.
pub struct ParentKey {
    /// Its name, which stands in what is wrapped under it.
    pub name: KeyName,
    /// The key itself.
    pub key: XaesKey,
}

/// Wraps `key` under `parent`, with a nonce that was never used under this parent: a random one.
///
/// `kind` names the key's level and `context` whose it is (institution, owner, key id …).
pub fn wrap(
    parent: &ParentKey,
    nonce: [u8; NONCE_LEN],
    kind: &'static str,
    context: &[&[u8]],
    key: &Zeroizing<[u8; KEY_LEN]>,
) -> Vec<u8> {
    let mut message = key.clone();
    let bound = bound(parent.name, kind, context);
    let tag = parent.key.seal_in_place(&mut DerivedKey::default(), &nonce, &bound, message.as_mut_slice());
    let (id, version) = (parent.name.id.as_bytes(), parent.name.version.to_be_bytes());
    [&[VERSION][..], id, &version, &nonce, message.as_slice(), &tag].concat()
}

/// The parent that a wrapped key names.
///
/// # Errors
/// [`Unreadable`] when the bytes are not a wrapped key.
pub fn parent_of(wrapped: &[u8]) -> Result<KeyName, Unreadable> {
    let of_service = || by_service(wrapped).ok().map(|(parent, _)| parent);
    Parts::of(wrapped).map(|parts| parts.parent).or_else(of_service).ok_or(Unreadable)
}

/// The stored form of what a service gave for a data key, and the version of its key that it says it used.
pub fn of_service(parent: KeyName, given: &[u8]) -> Vec<u8> {
    [&[VERSION_OF_SERVICE][..], parent.id.as_bytes(), &parent.version.to_be_bytes(), given].concat()
}

/// The parent that the stored form of what a service gave names, and what it gave.
///
/// # Errors
/// [`Unreadable`] when the bytes are not that.
pub fn by_service(wrapped: &[u8]) -> Result<(KeyName, &[u8]), Unreadable> {
    let rest = wrapped.strip_prefix(&[VERSION_OF_SERVICE]).ok_or(Unreadable)?;
    let (id, rest) = rest.split_first_chunk().ok_or(Unreadable)?;
    let (version, given) = rest.split_first_chunk().ok_or(Unreadable)?;
    Ok((KeyName { id: KeyId::from_bytes(*id), version: u32::from_be_bytes(*version) }, given))
}

/// What a service has to bind to the data key: what is bound here otherwise, except the version, of which it decides.
pub fn bound_by_service(parent: KeyId, kind: &'static str, context: &[&[u8]]) -> Vec<u8> {
    associated_data(&[&[FORMAT_OF_SERVICE, parent.as_bytes(), kind.as_bytes()], context].concat())
}

/// Takes a data key out of its wrapped form.
///
/// # Errors
/// [`Unreadable`] when it was not wrapped under this parent for this kind and context, or was changed since.
pub fn unwrap_key(
    parent: &ParentKey,
    kind: &'static str,
    context: &[&[u8]],
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; KEY_LEN]>, Unreadable> {
    let parts = Parts::of(wrapped).ok_or(Unreadable)?;
    let mut key = Zeroizing::new(*parts.ciphertext);
    let bound = bound(parts.parent, kind, context);
    parent.key.open_in_place(
        &mut DerivedKey::default(),
        parts.nonce,
        &bound,
        key.as_mut_slice(),
        parts.tag,
    )?;
    Ok(key)
}

fn bound(parent: KeyName, kind: &'static str, context: &[&[u8]]) -> Vec<u8> {
    let version = parent.version.to_be_bytes();
    associated_data(&[&[FORMAT, parent.id.as_bytes(), &version, kind.as_bytes()], context].concat())
}

struct Parts<'a> {
    parent: KeyName,
    nonce: &'a [u8; NONCE_LEN],
    ciphertext: &'a [u8; KEY_LEN],
    tag: &'a [u8; TAG_LEN],
}

impl<'a> Parts<'a> {
    fn of(wrapped: &'a [u8]) -> Option<Self> {
        let (id, rest) = wrapped.strip_prefix(&[VERSION])?.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_first_chunk()?;
        let parent = KeyName { id: KeyId::from_bytes(*id), version: u32::from_be_bytes(*version) };
        Some(Self { parent, nonce, ciphertext, tag: tag.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: [u8; NONCE_LEN] = [9; NONCE_LEN];

    const NAME: KeyName = KeyName { id: KeyId::from_bytes(*b"parent-1"), version: 2 };

    fn parent() -> ParentKey {
        ParentKey { name: NAME, key: XaesKey::new(&[5; KEY_LEN]) }
    }

    fn wrapped() -> Vec<u8> {
        wrap(&parent(), NONCE, "subject", &[b"institution", b"pupil"], &Zeroizing::new([8; KEY_LEN]))
    }

    fn unwrapped(kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<[u8; KEY_LEN], Unreadable> {
        unwrap_key(&parent(), kind, context, wrapped).map(|key| *key)
    }

    #[test]
    fn a_key_for_something_else_is_unreadable() {
        let wrapped = wrapped();
        assert_eq!(parent_of(&wrapped), Ok(NAME));
        assert_eq!(unwrapped("subject", &[b"institution", b"pupil"], &wrapped), Ok([8; KEY_LEN]));
        for (kind, context) in [
            ("institution", &[&b"institution"[..], b"pupil"][..]),
            ("subject", &[b"pupil", b"institution"]),
            ("subject", &[b"institutionp", b"upil"]),
            ("subject", &[b"institution"]),
            ("subject", &[b"institution", b"pupil", b""]),
            ("subjectinstitution", &[b"pupil"]),
        ] {
            assert_eq!(unwrapped(kind, context, &wrapped), Err(Unreadable), "{kind} {context:?}");
        }
        let other_parent = ParentKey { name: NAME, key: XaesKey::new(&[6; KEY_LEN]) };
        assert!(unwrap_key(&other_parent, "subject", &[b"institution", b"pupil"], &wrapped).is_err());
    }

    #[test]
    fn no_bit_can_be_flipped_and_no_length_changed() {
        let wrapped = wrapped();
        let context: &[&[u8]] = &[b"institution", b"pupil"];
        for bit in 0..wrapped.len() * 8 {
            let mut changed = wrapped.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unwrapped("subject", context, &changed), Err(Unreadable), "bit {bit}");
        }
        for length in 0..wrapped.len() {
            assert_eq!(unwrapped("subject", context, &wrapped[..length]), Err(Unreadable));
        }
        assert_eq!(unwrapped("subject", context, &[&wrapped[..], &[0]].concat()), Err(Unreadable));
    }

    #[test]
    fn what_a_service_gave_is_told_from_what_is_wrapped_here() {
        let stored = of_service(NAME, b"vault:v2:abc");
        assert_eq!(parent_of(&stored), Ok(NAME));
        assert_eq!(by_service(&stored), Ok((NAME, &b"vault:v2:abc"[..])));
        assert_eq!(unwrapped("subject", &[b"institution", b"pupil"], &stored), Err(Unreadable));
        assert_eq!(by_service(&wrapped()), Err(Unreadable));
        assert_eq!(parent_of(&stored[..12]), Err(Unreadable));
        let bound = |kind, context: &[&[u8]]| bound_by_service(NAME.id, kind, context);
        assert_ne!(bound("subject", &[b"ab", b"c"]), bound("subject", &[b"a", b"bc"]));
        assert_ne!(bound("subject", &[b"a"]), bound("subjecta", &[]));
    }

    proptest! {
        #[test]
        fn what_is_wrapped_unwraps(
            key: [u8; KEY_LEN],
            nonce: [u8; NONCE_LEN],
            context: Vec<Vec<u8>>,
        ) {
            let context: Vec<&[u8]> = context.iter().map(Vec::as_slice).collect();
            let wrapped = wrap(&parent(), nonce, "institution", &context, &Zeroizing::new(key));
            prop_assert_eq!(wrapped.len(), 1 + 8 + 4 + NONCE_LEN + KEY_LEN + TAG_LEN);
            prop_assert_eq!(unwrapped("institution", &context, &wrapped), Ok(key));
        }

        #[test]
        fn arbitrary_bytes_are_unreadable(bytes: Vec<u8>) {
            let versioned = [&[VERSION][..], &bytes].concat();
            prop_assert_eq!(unwrapped("subject", &[], &versioned), Err(Unreadable));
        }
    }
}
