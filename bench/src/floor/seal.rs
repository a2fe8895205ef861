//! One field: `nonce (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM. An absent value is an empty one.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};

use super::Error;
use crate::outside::random_bytes;

/// The key of everything here. It protects nothing: the data is made up.
const KEY: [u8; 32] = *b"nobody's data is under this key.";

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// The key, ready for use.
pub(super) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(super) fn new() -> Self {
        Self(Aes256Gcm::new(&KEY.into()))
    }

    /// Seals a value with a random nonce.
    pub(super) fn seal(&self, value: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = random_bytes::<NONCE_LEN>();
        let mut stored = Vec::with_capacity(NONCE_LEN + value.len() + TAG_LEN);
        stored.extend_from_slice(&nonce);
        stored.extend_from_slice(value);
        let (_, message) = stored.split_at_mut(NONCE_LEN);
        let tag = self
            .0
            .encrypt_inout_detached(&nonce.into(), &[], message.into())
            .map_err(|_| Error::Unreadable)?;
        stored.extend_from_slice(&tag);
        Ok(stored)
    }

    /// Opens a stored value.
    pub(super) fn open(&self, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let (nonce, rest) = stored.split_first_chunk::<NONCE_LEN>().ok_or(Error::Unreadable)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(Error::Unreadable)?;
        let mut message = ciphertext.to_vec();
        self.0
            .decrypt_inout_detached(nonce.into(), &[], message.as_mut_slice().into(), tag.into())
            .map_err(|_| Error::Unreadable)?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        let cipher = Cipher::new();
        let mut stored = cipher.seal(b"Noor").unwrap();
        assert_eq!(stored.len(), NONCE_LEN + 4 + TAG_LEN);
        assert_eq!(cipher.open(&stored).unwrap(), b"Noor");
        stored[NONCE_LEN] ^= 1;
        assert!(cipher.open(&stored).is_err());
        assert!(cipher.open(b"short").is_err());
    }
}
