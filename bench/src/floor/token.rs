//! Access tokens: HS256, and everything that is asked of them is in them.

use std::collections::HashSet;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The key that tokens are signed with. It protects nothing: the data is made up.
const SECRET: &[u8] = b"nobody's token is signed with it";
const ISSUER: &str = "floor";
/// How long a token lives, in seconds.
const LIFE_SECONDS: i64 = 3600;

/// Who sends a request, as the token says.
#[derive(Serialize, Deserialize)]
pub(super) struct Caller {
    iss: String,
    /// The user.
    pub(super) sub: Uuid,
    /// The user's institution.
    pub(super) institution: Uuid,
    iat: i64,
    exp: i64,
}

/// A token for a user of an institution, signed at `now`; `None` when it cannot be signed.
pub(crate) fn sign(user: Uuid, institution: Uuid, now: Timestamp) -> Option<String> {
    let iat = now.as_second();
    let caller = Caller { iss: ISSUER.to_owned(), sub: user, institution, iat, exp: iat + LIFE_SECONDS };
    encode(&Header::new(Algorithm::HS256), &caller, &EncodingKey::from_secret(SECRET)).ok()
}

/// Checks tokens.
pub(super) struct Tokens {
    key: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.required_spec_claims = HashSet::from(["exp".to_owned(), "iss".to_owned()]);
        Self { key: DecodingKey::from_secret(SECRET), validation }
    }

    pub(super) fn verify(&self, token: &str) -> Option<Caller> {
        decode(token, &self.key, &self.validation).ok().map(|data| data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::now;

    #[test]
    fn a_token_says_who_sends_it_until_it_ends() {
        let (user, institution) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let caller = Tokens::new().verify(&sign(user, institution, now()).unwrap()).unwrap();
        assert_eq!((caller.sub, caller.institution), (user, institution));
        let old = sign(user, institution, Timestamp::UNIX_EPOCH).unwrap();
        assert!(Tokens::new().verify(&old).is_none());
        assert!(Tokens::new().verify("x.y.z").is_none());
    }
}
