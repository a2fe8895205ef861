//! Signatures that anybody can check with a public key (Ed25519, RFC 8032).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use jiff::Timestamp;

use crate::error::{Error, Result};

/// The length of a public key in bytes.
pub const PUBLIC_KEY_LEN: usize = 32;

/// A key that signs, and its name.
pub struct Signer {
    id: String,
    pair: Ed25519KeyPair,
    made_at: Timestamp,
}

impl Signer {
    /// The key that grows from a seed of 256 random bits, which was made at a moment in UTC.
    ///
    /// # Errors
    /// [`Error::Internal`] when the library takes no key of it.
    pub(crate) fn from_seed(id: String, seed: &[u8; 32], made_at: Timestamp) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(Error::internal)?;
        Ok(Self { id, pair, made_at })
    }

    /// When it was made, in UTC.
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Its name, in hexadecimal.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What checks its signatures.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// Whether whoever has the key behind `public_key` signed this message.
pub fn is_signed(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signs_as_the_standard_says() {
        let seed = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let signer =
            Signer::from_seed("key".to_owned(), &seed.try_into().unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(
            hex::encode(signer.public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = signer.sign(&[0x72]);
        assert_eq!(
            hex::encode(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(is_signed(signer.public_key(), &[0x72], &signature));
        assert!(!is_signed(signer.public_key(), &[0x73], &signature));
        assert!(!is_signed(&[0; PUBLIC_KEY_LEN], &[0x72], &signature));
        assert!(!is_signed(&[], &[0x72], &signature));
    }
}
