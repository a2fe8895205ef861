//! Access tokens: JWTs of some minutes that carry a session's id (RFC 9068 in form).
//!
//! HS256 with the algorithm pinned, because only this service reads them; the session row is the truth.

use groeilijn_domain::values::ids::{AccountId, SessionId};
use groeilijn_persistence::keys::SigningKey;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an access token is good for. The session behind it is checked on every request all the same.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
const ISSUER: &str = "groeilijn";
const AUDIENCE: &str = "groeilijn-api";
/// The media type of access tokens, so that no other JWT is taken for one (RFC 9068, 2.1).
const TYPE: &str = "at+jwt";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// Signs and verifies access tokens.
pub struct AccessTokens {
    header: Header,
    signing: EncodingKey,
    /// The newest first.
    verifying: Vec<(String, DecodingKey)>,
    validation: Validation,
}

/// A token that was just signed.
pub struct SignedToken {
    /// The token.
    pub token: String,
    /// When it ends, in UTC.
    pub expires_at: Timestamp,
}

impl AccessTokens {
    /// Signs with the last of `keys` and accepts what any of them signed.
    pub fn new(keys: &[SigningKey]) -> Option<Self> {
        let newest = keys.last()?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The end of a token is held against the clock that was passed in, not against the machine's.
        validation.validate_exp = false;
        Some(Self {
            header: Header {
                kid: Some(newest.id.clone()),
                typ: Some(TYPE.to_owned()),
                ..Header::new(Algorithm::HS256)
            },
            signing: EncodingKey::from_secret(newest.secret.as_slice()),
            verifying: keys
                .iter()
                .rev()
                .map(|key| (key.id.clone(), DecodingKey::from_secret(key.secret.as_slice())))
                .collect(),
            validation,
        })
    }

    /// A token for a session, good for ten minutes from `now`.
    ///
    /// # Errors
    /// When it cannot be signed, which is a fault of the program.
    pub fn sign(
        &self,
        session: SessionId,
        account: AccountId,
        now: Timestamp,
    ) -> Result<SignedToken, jsonwebtoken::errors::Error> {
        let exp = now.as_second().saturating_add(LIFE.as_secs());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.as_uuid(),
            sid: session.as_uuid(),
            iat: now.as_second(),
            exp,
        };
        let token = encode(&self.header, &claims, &self.signing)?;
        Ok(SignedToken { token, expires_at: Timestamp::from_second(exp).unwrap_or(now) })
    }

    /// The session that a token is for; `None` for anything but a token that this service signed and that has
    /// not ended at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<(SessionId, AccountId)> {
        // There are one or two keys, depending on rotation: trying them costs less than parsing the header first.
        let (id, TokenData { header, claims }) = self
            .verifying
            .iter()
            .find_map(|(id, key)| Some((id, decode::<Claims>(token, key, &self.validation).ok()?)))?;
        let is_access_token = header.typ.as_deref() == Some(TYPE) && header.kid.as_ref() == Some(id);
        (is_access_token && now.as_second() < claims.exp)
            .then(|| (SessionId::from_uuid(claims.sid), AccountId::from_uuid(claims.sub)))
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn key(id: &str, byte: u8) -> SigningKey {
        SigningKey { id: id.to_owned(), secret: Zeroizing::new([byte; 32]) }
    }

    fn ids() -> (SessionId, AccountId) {
        (SessionId::from_uuid(Uuid::from_u128(1)), AccountId::from_uuid(Uuid::from_u128(2)))
    }

    #[test]
    fn a_token_is_good_for_ten_minutes() {
        let tokens = AccessTokens::new(&[key("a", 1)]).unwrap();
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let (session, account) = ids();
        let signed = tokens.sign(session, account, start).unwrap();
        assert_eq!(tokens.verify(&signed.token, start), Some(ids()));
        let last = signed.expires_at - SignedDuration::from_micros(1);
        assert_eq!(tokens.verify(&signed.token, last), Some(ids()));
        assert_eq!(tokens.verify(&signed.token, signed.expires_at), None);
    }

    #[test]
    fn a_rotated_key_still_verifies_and_a_foreign_one_does_not() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (session, account) = ids();
        let old = AccessTokens::new(&[key("a", 1)]).unwrap().sign(session, account, now).unwrap().token;
        assert!(AccessTokens::new(&[key("a", 1), key("b", 2)]).unwrap().verify(&old, now).is_some());
        assert!(AccessTokens::new(&[key("b", 2)]).unwrap().verify(&old, now).is_none());
        assert!(AccessTokens::new(&[key("a", 2)]).unwrap().verify(&old, now).is_none());
        assert!(AccessTokens::new(&[]).is_none());
    }

    #[test]
    fn another_algorithm_or_type_is_refused() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let tokens = AccessTokens::new(&[key("a", 1)]).unwrap();
        let claims = || Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::nil(),
            sid: Uuid::nil(),
            iat: 0,
            exp: i64::MAX,
        };
        let secret = EncodingKey::from_secret(&[1; 32]);
        let header = |algorithm, kind: &str| Header {
            kid: Some("a".to_owned()),
            typ: Some(kind.to_owned()),
            ..Header::new(algorithm)
        };
        let sign = |header: &Header| encode(header, &claims(), &secret).unwrap();
        assert!(tokens.verify(&sign(&header(Algorithm::HS256, TYPE)), now).is_some());
        assert!(tokens.verify(&sign(&header(Algorithm::HS512, TYPE)), now).is_none());
        assert!(tokens.verify(&sign(&header(Algorithm::HS256, "JWT")), now).is_none());
        assert!(tokens.verify("eyJhbGciOiJub25lIn0.e30.", now).is_none());
        assert!(tokens.verify("", now).is_none());
    }
}
