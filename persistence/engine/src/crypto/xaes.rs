//! XAES-256-GCM: AES-256-GCM with a nonce of 192 bits, as specified by C2SP (`c2sp.org/XAES-256-GCM`).
//!
//! Every message gets an AES-GCM key of its own, derived from the long-term key and the first half of the
//! nonce with the counter-mode KDF of NIST SP 800-108r1 over CMAC; the second half is AES-GCM's nonce. So
//! random nonces stay safe for 2⁸⁰ messages under one key, where plain AES-GCM stops at 2³².

use aes::Aes256Enc;
use aes::cipher::array::Array;
use aes::cipher::array::sizes::{U4, U12, U24};
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut, Nonce};
use zeroize::Zeroizing;

use super::Unreadable;

/// Length of a key in bytes.
pub const KEY_LEN: usize = 32;
/// Length of a nonce in bytes.
pub const NONCE_LEN: usize = 24;
/// Length of the part of a nonce that a message's key is derived from.
pub const HALF_NONCE_LEN: usize = 12;
/// Length of an authentication tag in bytes.
pub const TAG_LEN: usize = 16;

/// Only ever encrypts blocks, so the key schedule for decryption is not made.
type MessageCipher = AesGcm<Aes256Enc, U12>;

/// A long-term key, expanded for use. Zeroised on drop.
pub struct XaesKey {
    cipher: Aes256Enc,
    /// CMAC's first subkey. The KDF's input is always one full block, so the second is never needed.
    subkey: Zeroizing<u128>,
}

/// The last AES-GCM key that was derived from one long-term key. Messages whose nonces begin alike share that key, so
/// the fields of one row, which are sealed with one random first half and random second halves, cost one derivation.
#[derive(Default)]
pub struct DerivedKey {
    last: Option<([u8; HALF_NONCE_LEN], MessageCipher)>,
}

impl XaesKey {
    /// Expands `key`, which stays with the caller to zeroise.
    pub fn new(key: &[u8; KEY_LEN]) -> Self {
        let cipher = Aes256Enc::new(key.into());
        let mut block = Zeroizing::new([0; 16]);
        cipher.encrypt_block(Block::<Aes256Enc>::cast_from_core_mut(&mut block));
        let subkey = Zeroizing::new(double(u128::from_be_bytes(*block)));
        Self { cipher, subkey }
    }

    /// Encrypts `message` in place and returns its tag, which also covers `associated`.
    ///
    /// # Panics
    /// If `message` is longer than AES-GCM's own limit, 64 GiB.
    pub fn seal_in_place(
        &self,
        derived: &mut DerivedKey,
        nonce: &[u8; NONCE_LEN],
        associated: &[u8],
        message: &mut [u8],
    ) -> [u8; TAG_LEN] {
        let (cipher, nonce) = self.for_message(derived, nonce);
        match cipher.encrypt_inout_detached(&nonce, associated, message.into()) {
            Ok(tag) => tag.into(),
            Err(_) => unreachable!("a message of more than 64 GiB"),
        }
    }

    /// Decrypts `message` in place.
    ///
    /// # Errors
    /// [`Unreadable`] when key, nonce, `associated`, `message` and `tag` do not belong together; `message` is
    /// then left as it was.
    pub fn open_in_place(
        &self,
        derived: &mut DerivedKey,
        nonce: &[u8; NONCE_LEN],
        associated: &[u8],
        message: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Unreadable> {
        let (cipher, nonce) = self.for_message(derived, nonce);
        cipher.decrypt_inout_detached(&nonce, associated, message.into(), tag.into()).map_err(|_| Unreadable)
    }

    /// The AES-GCM key and nonce for the message with this nonce.
    fn for_message<'d>(
        &self,
        derived: &'d mut DerivedKey,
        nonce: &[u8; NONCE_LEN],
    ) -> (&'d MessageCipher, Nonce<MessageCipher>) {
        let (derivation, rest) = Array::<u8, U24>::from(*nonce).split::<U12>();
        let known = derived.last.take().filter(|(of, _)| *of == derivation.0);
        let (_, cipher) =
            derived.last.insert(known.unwrap_or_else(|| (derivation.into(), self.derive(derivation))));
        (cipher, rest)
    }

    fn derive(&self, derivation: Array<u8, U12>) -> MessageCipher {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        let (blocks, _) = Block::<Aes256Enc>::slice_as_chunks_mut(key.as_mut_slice());
        for (counter, block) in (1..).zip(blocks.iter_mut()) {
            let input = Array::<u8, U4>::from([0, counter, b'X', 0]).concat(derivation);
            *block = (u128::from_be_bytes(input.into()) ^ *self.subkey).to_be_bytes().into();
        }
        self.cipher.encrypt_blocks(blocks);
        MessageCipher::new(Array::cast_from_core(&key))
    }
}

/// Multiplies by x in GF(2¹²⁸) with CMAC's polynomial, in constant time.
fn double(element: u128) -> u128 {
    (element << 1) ^ ((element >> 127) * 0x87)
}

#[cfg(test)]
mod tests {
    use shake::Shake128;
    use shake::digest::{ExtendableOutput, Update, XofReader};

    use super::*;

    const NONCE: &[u8; NONCE_LEN] = b"ABCDEFGHIJKLMNOPQRSTUVWX";

    fn sealed(key: &[u8; KEY_LEN], nonce: &[u8; NONCE_LEN], associated: &[u8], message: &[u8]) -> Vec<u8> {
        let mut bytes = message.to_vec();
        let tag = XaesKey::new(key).seal_in_place(&mut DerivedKey::default(), nonce, associated, &mut bytes);
        bytes.extend_from_slice(&tag);
        bytes
    }

    #[test]
    fn published_vectors() {
        let plain = sealed(&[1; KEY_LEN], NONCE, b"", b"XAES-256-GCM");
        assert_eq!(hex::encode(plain), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        let associated = sealed(&[3; KEY_LEN], NONCE, b"c2sp.org/XAES-256-GCM", b"XAES-256-GCM");
        assert_eq!(hex::encode(associated), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    #[test]
    fn published_digest_of_ten_thousand_messages() {
        let mut source = Shake128::default().finalize_xof();
        let mut digest = Shake128::default();
        for _ in 0..10_000 {
            let (mut key, mut nonce, mut length) = ([0; KEY_LEN], [0; NONCE_LEN], [0]);
            source.read(&mut key);
            source.read(&mut nonce);
            let [message, associated] = [(), ()].map(|()| {
                source.read(&mut length);
                let mut bytes = vec![0; usize::from(length[0])];
                source.read(&mut bytes);
                bytes
            });
            let mut bytes = message.clone();
            let cipher = XaesKey::new(&key);
            let tag = cipher.seal_in_place(&mut DerivedKey::default(), &nonce, &associated, &mut bytes);
            digest.update(&bytes);
            digest.update(&tag);
            assert_eq!(
                cipher.open_in_place(&mut DerivedKey::default(), &nonce, &associated, &mut bytes, &tag),
                Ok(())
            );
            assert_eq!(bytes, message);
        }
        let mut result = [0; 32];
        digest.finalize_xof().read(&mut result);
        assert_eq!(hex::encode(result), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
    }

    #[test]
    fn a_refused_message_is_left_encrypted() {
        let cipher = XaesKey::new(&[7; KEY_LEN]);
        let mut message = *b"a plain sentence";
        let tag = cipher.seal_in_place(&mut DerivedKey::default(), NONCE, b"here", &mut message);
        let encrypted = message;
        assert_eq!(
            cipher.open_in_place(&mut DerivedKey::default(), NONCE, b"there", &mut message, &tag),
            Err(Unreadable)
        );
        assert_eq!(message, encrypted);
    }
}
