//! Access tokens, HS256: of the bare server, with everything that is asked of them in them; and with duties, with the id of a
//! session that has to be looked up.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::outside;

/// The key that tokens are signed with. It protects nothing: the data is made up.
const SECRET: &[u8] = b"nobody's token is signed with it";
const ISSUER: &str = "floor";
/// How long a token lives, in seconds.
const LIFE_SECONDS: i64 = 3600;
/// Room for the claims.
const MOST_CLAIMS: usize = 512;
/// Room for a signature.
const MOST_SIGNATURE: usize = 48;

/// Who sends a request.
pub(super) struct Caller {
    /// The user.
    pub(super) user: Uuid,
    /// The user's institution.
    pub(super) institution: Uuid,
    /// With duties, the session.
    pub(super) session: Option<Uuid>,
    /// From where.
    pub(super) address: String,
}

/// Whose a token of the bare server is.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
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
    let claims = Claims { iss: ISSUER.to_owned(), sub: user, institution, iat, exp: iat + LIFE_SECONDS };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET)).ok()
}

/// Checks tokens of the bare server.
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

    pub(super) fn verify(&self, token: &str) -> Option<Claims> {
        decode(token, &self.key, &self.validation).ok().map(|data| data.claims)
    }
}

/// Whose a token with duties is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionClaims<'a> {
    iss: &'a str,
    sub: Uuid,
    sid: Uuid,
    exp: i64,
}

/// Makes and checks tokens of sessions.
pub(crate) struct SessionTokens {
    head: String,
    mac: Hmac<Sha256>,
}

impl SessionTokens {
    pub(crate) fn new() -> Option<Self> {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"at+jwt"}"#);
        Some(Self { head, mac: Hmac::new_from_slice(SECRET).ok()? })
    }

    /// A token for a session of a user, signed at `now`; `None` when it cannot be signed.
    pub(crate) fn sign(&self, session: Uuid, user: Uuid, now: Timestamp) -> Option<String> {
        let exp = now.as_second() + LIFE_SECONDS;
        let claims = serde_json::to_vec(&SessionClaims { iss: ISSUER, sub: user, sid: session, exp }).ok()?;
        let signed = format!("{}.{}", self.head, URL_SAFE_NO_PAD.encode(claims));
        let signature = self.mac.clone().chain_update(&signed).finalize().into_bytes();
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The session and the user that a token is for.
    pub(super) fn verify(&self, token: &str) -> Option<(Uuid, Uuid)> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.').filter(|(head, _)| *head == self.head)?;
        let mut room = [0; MOST_SIGNATURE];
        let length = URL_SAFE_NO_PAD.decode_slice(signature, &mut room).ok()?;
        self.mac.clone().chain_update(signed).verify_slice(room.get(..length)?).ok()?;
        let mut room = [0; MOST_CLAIMS];
        let length = URL_SAFE_NO_PAD.decode_slice(claims, &mut room).ok()?;
        let claims: SessionClaims<'_> = serde_json::from_slice(room.get(..length)?).ok()?;
        let counts = claims.iss == ISSUER && outside::now().as_second() < claims.exp;
        counts.then_some((claims.sid, claims.sub))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::now;

    #[test]
    fn a_token_says_who_sends_it_until_it_ends() {
        let (user, institution) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let claims = Tokens::new().verify(&sign(user, institution, now()).unwrap()).unwrap();
        assert_eq!((claims.sub, claims.institution), (user, institution));
        let old = sign(user, institution, Timestamp::UNIX_EPOCH).unwrap();
        assert!(Tokens::new().verify(&old).is_none());
        assert!(Tokens::new().verify("x.y.z").is_none());
    }

    #[test]
    fn a_token_of_a_session_says_which_until_it_ends() {
        let tokens = SessionTokens::new().unwrap();
        let (session, user) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = tokens.sign(session, user, now()).unwrap();
        assert_eq!(tokens.verify(&token), Some((session, user)));
        assert!(tokens.verify(&tokens.sign(session, user, Timestamp::UNIX_EPOCH).unwrap()).is_none());
        assert!(tokens.verify(&sign(user, session, now()).unwrap()).is_none());
        assert!(tokens.verify("x.y.z").is_none());
    }
}
