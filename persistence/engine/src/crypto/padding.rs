//! Padding, so that the size of a stored value tells little of what it says.
//!
//! Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019)
//! rounds a length up such that only its highest bits remain: it costs at most 12 % and leaves
//! O(log log n) bits of information. Below 32 bytes everything has one size, which covers names and codes.
//!
//! Padded form: `length of the content (u32, little endian) ‖ content ‖ zeros`.

use super::Unreadable;

/// The smallest padded length in bytes.
pub const FLOOR: usize = 32;

const PREFIX_LEN: usize = size_of::<u32>();

/// The length in bytes that `length` is rounded up to, at least [`FLOOR`].
pub fn padded_len(length: usize) -> usize {
    let length = length.max(FLOOR);
    let exponent = length.ilog2();
    let kept_bits = exponent.ilog2() + 1;
    let mask = (1 << (exponent - kept_bits)) - 1;
    (length + mask) & !mask
}

/// The length in bytes of the padded form of `content_len` bytes.
pub fn framed_len(content_len: usize) -> usize {
    padded_len(PREFIX_LEN + content_len)
}

/// Appends the padded form of `content`, whose parts are joined, to `out`.
///
/// With capacity for [`framed_len`] more bytes in `out`, the content is in no other memory afterwards.
///
/// # Panics
/// If the content is 4 GiB or longer.
pub fn pad(out: &mut Vec<u8>, content: &[&[u8]]) {
    let length: usize = content.iter().map(|part| part.len()).sum();
    let Ok(prefix) = u32::try_from(length) else { unreachable!("a value of 4 GiB or more") };
    let end = out.len() + framed_len(length);
    out.extend_from_slice(&prefix.to_le_bytes());
    for part in content {
        out.extend_from_slice(part);
    }
    out.resize(end, 0);
}

/// The content of a padded form.
///
/// # Errors
/// [`Unreadable`] when `framed` is not exactly what [`pad`] makes of some content.
pub fn unpad(framed: &[u8]) -> Result<&[u8], Unreadable> {
    let (prefix, rest) = framed.split_first_chunk().ok_or(Unreadable)?;
    let length = usize::try_from(u32::from_le_bytes(*prefix)).map_err(|_| Unreadable)?;
    let (content, zeros) = rest.split_at_checked(length).ok_or(Unreadable)?;
    if framed.len() != framed_len(length) || zeros.iter().any(|&byte| byte != 0) {
        return Err(Unreadable);
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_rounded_as_padme_says() {
        for (length, expected) in
            [(0, 32), (1, 32), (32, 32), (33, 36), (64, 64), (65, 72), (401, 416), (1000, 1024), (1025, 1088)]
        {
            assert_eq!(padded_len(length), expected, "{length}");
        }
    }

    proptest! {
        #[test]
        fn rounding_is_up_stable_ordered_and_at_most_an_eighth(length in 0_usize..1 << 40) {
            let padded = padded_len(length);
            prop_assert!(padded >= length.max(FLOOR));
            prop_assert_eq!(padded_len(padded), padded);
            prop_assert!(padded_len(length + 1) >= padded);
            prop_assert!(padded == FLOOR || (padded - length) * 8 <= length);
        }

        #[test]
        fn padded_content_comes_back(before: Vec<u8>, first: Vec<u8>, second: Vec<u8>) {
            let mut out = before.clone();
            pad(&mut out, &[&first, &second]);
            let framed = out.split_off(before.len());
            prop_assert_eq!(out, before);
            prop_assert_eq!(framed.len(), framed_len(first.len() + second.len()));
            prop_assert_eq!(unpad(&framed), Ok(&[first, second].concat()[..]));
        }

        #[test]
        fn whatever_unpads_is_what_pad_makes(
            length in 0_u32..40,
            rest in prop_oneof![Just(vec![0; 28]), prop::collection::vec(0_u8..2, 0..40)],
        ) {
            let framed = [&length.to_le_bytes()[..], &rest].concat();
            if let Ok(content) = unpad(&framed) {
                let mut again = Vec::new();
                pad(&mut again, &[content]);
                prop_assert_eq!(again, framed);
            }
        }

        #[test]
        fn any_bytes_are_unpadded_or_refused(bytes: Vec<u8>) {
            let _ = unpad(&bytes);
        }
    }
}
