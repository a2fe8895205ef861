//! The stored form of a data key under its parent key: `version (1) ‖ nonce (24) ‖ ciphertext (32) ‖ tag (16)`.
//!
//! Data keys are random and stand nowhere but here, so destroying the wrapped key destroys everything under
//! it. What kind of key it is and whose are bound into the tag: one key cannot be put in another's stead.

use zeroize::Zeroizing;

use super::xaes::{DerivedKey, KEY_LEN, NONCE_LEN, TAG_LEN, XaesKey};
use super::{Unreadable, associated_data};

const VERSION: u8 = 1;
const FORMAT: &[u8] = b"groeilijn/key/1";

/// Wraps `key` under `parent`, with a nonce that was never used under this parent: a random one.
///
/// `kind` names the key's level and `context` whose it is (institution, subject, key id …).
pub fn wrap(
    parent: &XaesKey,
    nonce: [u8; NONCE_LEN],
    kind: &'static str,
    context: &[&[u8]],
    key: &Zeroizing<[u8; KEY_LEN]>,
) -> Vec<u8> {
    let mut message = key.clone();
    let tag = parent.seal_in_place(
        &mut DerivedKey::default(),
        &nonce,
        &bound(kind, context),
        message.as_mut_slice(),
    );
    [&[VERSION][..], &nonce, message.as_slice(), &tag].concat()
}

/// Takes a data key out of its wrapped form.
///
/// # Errors
/// [`Unreadable`] when it was not wrapped under this parent for this kind and context, or was changed since.
pub fn unwrap_key(
    parent: &XaesKey,
    kind: &'static str,
    context: &[&[u8]],
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; KEY_LEN]>, Unreadable> {
    let (nonce, ciphertext, tag) = parts(wrapped).ok_or(Unreadable)?;
    let mut key = Zeroizing::new(*ciphertext);
    parent.open_in_place(
        &mut DerivedKey::default(),
        nonce,
        &bound(kind, context),
        key.as_mut_slice(),
        tag,
    )?;
    Ok(key)
}

fn bound(kind: &'static str, context: &[&[u8]]) -> Vec<u8> {
    associated_data(&[&[FORMAT, kind.as_bytes()], context].concat())
}

fn parts(wrapped: &[u8]) -> Option<(&[u8; NONCE_LEN], &[u8; KEY_LEN], &[u8; TAG_LEN])> {
    let (nonce, rest) = wrapped.strip_prefix(&[VERSION])?.split_first_chunk()?;
    let (ciphertext, tag) = rest.split_first_chunk()?;
    Some((nonce, ciphertext, tag.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: [u8; NONCE_LEN] = [9; NONCE_LEN];

    fn parent() -> XaesKey {
        XaesKey::new(&[5; KEY_LEN])
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
        let other_parent = XaesKey::new(&[6; KEY_LEN]);
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

    proptest! {
        #[test]
        fn what_is_wrapped_unwraps(
            key: [u8; KEY_LEN],
            nonce: [u8; NONCE_LEN],
            context: Vec<Vec<u8>>,
        ) {
            let context: Vec<&[u8]> = context.iter().map(Vec::as_slice).collect();
            let wrapped = wrap(&parent(), nonce, "institution", &context, &Zeroizing::new(key));
            prop_assert_eq!(wrapped.len(), 1 + NONCE_LEN + KEY_LEN + TAG_LEN);
            prop_assert_eq!(unwrapped("institution", &context, &wrapped), Ok(key));
        }

        #[test]
        fn arbitrary_bytes_are_unreadable(bytes: Vec<u8>) {
            let versioned = [&[VERSION][..], &bytes].concat();
            prop_assert_eq!(unwrapped("subject", &[], &versioned), Err(Unreadable));
        }
    }
}
