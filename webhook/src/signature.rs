//! Signatures as Standard Webhooks gives them: HMAC-SHA-256 over the id, the time and the body, under a secret that the
//! receiver has too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How many bytes of chance a secret has.
pub const SECRET_BYTES: usize = 32;

/// What a secret begins with where people see it.
const PREFIX: &str = "whsec_";

/// What a receiver knows our messages by. It is made for one endpoint.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// A secret of these bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// As the receiver is given it: `whsec_` and base64.
    pub fn shown(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(self.0.as_slice())))
    }

    /// The header `webhook-signature` of a message.
    pub(crate) fn sign(&self, id: Uuid, sent_at: Timestamp, body: &[u8]) -> String {
        // A key of any length is taken: HMAC hashes what is too long.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{}.", sent_at.as_second()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hmac module.
    #[test]
    fn a_signature_is_what_another_program_computes() {
        let secret = SigningSecret::from_bytes((0..32).collect());
        assert_eq!(*secret.shown(), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let id = Uuid::from_u128(0x0199_9999_0000_7000_8000_0000_0000_0001);
        let at = Timestamp::from_second(1_795_255_200).unwrap();
        assert_eq!(
            secret.sign(id, at, br#"{"type":"endpoint.test"}"#),
            "v1,151lTU16L0FRYQPilLODJ2JNYaivWGzwC2th+6cNxOc="
        );
    }
}
