//! Access tokens: JWTs of some minutes that carry a session's id (RFC 9068 in form).
//!
//! HS256 with the algorithm pinned, because only this service reads them; the session row is the truth.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groeilijn_domain::values::ids::{AccountId, SessionId};
use groeilijn_persistence::keys::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// How long an access token is good for. The session behind it is checked on every request all the same.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
const ISSUER: &str = "groeilijn";
const AUDIENCE: &str = "groeilijn-api";
/// Room for the claims that this service signs, twice over: what is longer is none of its tokens.
const MOST_CLAIMS: usize = 512;
/// Room for a signature of 32 bytes, and for what is too long for one.
const MOST_SIGNATURE: usize = 48;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// A key, ready to sign and to verify.
struct TokenKey {
    /// The heads of its tokens, as they are written: the one that is written now, and the one that was until tokens were
    /// put together here. A token with any other head is none of this service, whatever that head may mean, so heads are
    /// compared and never read. They name the algorithm, the key, and the media type `at+jwt`, so that no other JWT is
    /// taken for an access token (RFC 9068, 2.1).
    heads: [String; 2],
    /// The key as HMAC uses it, so that no token has to prepare it.
    mac: Hmac<Sha256>,
}

impl TokenKey {
    fn new(key: &SigningKey) -> Option<Self> {
        let id = serde_json::to_string(&key.id).ok()?;
        let head = |fields: String| URL_SAFE_NO_PAD.encode(fields);
        Some(Self {
            heads: [
                head(format!(r#"{{"alg":"HS256","kid":{id},"typ":"at+jwt"}}"#)),
                head(format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":{id}}}"#)),
            ],
            mac: Hmac::new_from_slice(key.secret.as_slice()).ok()?,
        })
    }

    fn of(&self, text: &str) -> Hmac<Sha256> {
        self.mac.clone().chain_update(text)
    }
}

/// Signs and verifies access tokens.
pub struct AccessTokens {
    /// The newest last: that one signs.
    keys: Vec<TokenKey>,
}

/// A token that was just signed.
pub struct SignedToken {
    /// The token.
    pub token: String,
    /// When it ends, in UTC.
    pub expires_at: Timestamp,
}

impl AccessTokens {
    /// Signs with the last of `keys` and accepts what any of them signed; `None` without a key.
    pub fn new(keys: &[SigningKey]) -> Option<Self> {
        let keys: Vec<_> = keys.iter().map(TokenKey::new).collect::<Option<_>>()?;
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// A token for a session, good for ten minutes from `now`; `None` when it cannot be signed, which is a fault of the
    /// program.
    pub fn sign(&self, session: SessionId, account: AccountId, now: Timestamp) -> Option<SignedToken> {
        let key = self.keys.last()?;
        let [head, _] = &key.heads;
        let exp = now.as_second().saturating_add(LIFE.as_secs());
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: account.as_uuid(),
            sid: session.as_uuid(),
            iat: now.as_second(),
            exp,
        };
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).ok()?);
        let signed = format!("{head}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(key.of(&signed).finalize().into_bytes());
        let token = format!("{signed}.{signature}");
        Some(SignedToken { token, expires_at: Timestamp::from_second(exp).unwrap_or(now) })
    }

    /// The session that a token is for; `None` for anything but a token that this service signed and that has
    /// not ended at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<(SessionId, AccountId)> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let key = self.keys.iter().find(|key| key.heads.iter().any(|own| own == head))?;
        let mut room = [0; MOST_SIGNATURE];
        let signature = decode(signature, &mut room)?;
        key.of(signed).verify_slice(signature).ok()?;
        let mut room = [0; MOST_CLAIMS];
        let claims: Claims<'_> = serde_json::from_slice(decode(claims, &mut room)?).ok()?;
        let is_for_us = claims.iss == ISSUER && claims.aud == AUDIENCE && now.as_second() < claims.exp;
        is_for_us.then(|| (SessionId::from_uuid(claims.sid), AccountId::from_uuid(claims.sub)))
    }
}

/// What is written in base64url, in the one way in which it can be written; `None` for anything else, and for what does
/// not fit into `room`.
fn decode<'r>(text: &str, room: &'r mut [u8]) -> Option<&'r [u8]> {
    let length = URL_SAFE_NO_PAD.decode_slice(text, room).ok()?;
    room.get(..length)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation, encode};
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

    fn claims() -> Claims<'static> {
        Claims { iss: ISSUER, aud: AUDIENCE, sub: Uuid::nil(), sid: Uuid::nil(), iat: 0, exp: i64::MAX }
    }

    #[test]
    fn another_algorithm_or_type_is_refused() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let tokens = AccessTokens::new(&[key("a", 1)]).unwrap();
        let secret = EncodingKey::from_secret(&[1; 32]);
        let header = |algorithm, kind: &str| Header {
            kid: Some("a".to_owned()),
            typ: Some(kind.to_owned()),
            ..Header::new(algorithm)
        };
        let sign = |header: &Header| encode(header, &claims(), &secret).unwrap();
        assert!(tokens.verify(&sign(&header(Algorithm::HS256, "at+jwt")), now).is_some());
        assert!(tokens.verify(&sign(&header(Algorithm::HS512, "at+jwt")), now).is_none());
        assert!(tokens.verify(&sign(&header(Algorithm::HS256, "JWT")), now).is_none());
        let extra = Header { cty: Some("JWT".to_owned()), ..header(Algorithm::HS256, "at+jwt") };
        assert!(tokens.verify(&sign(&extra), now).is_none());
        assert!(tokens.verify("eyJhbGciOiJub25lIn0.e30.", now).is_none());
        assert!(tokens.verify("", now).is_none());
    }

    #[test]
    fn another_implementation_reads_what_is_signed() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (session, account) = ids();
        let token = AccessTokens::new(&[key("a", 1)]).unwrap().sign(session, account, now).unwrap().token;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_exp = false;
        let read: TokenData<serde_json::Value> =
            jsonwebtoken::decode(&token, &DecodingKey::from_secret(&[1; 32]), &validation).unwrap();
        assert_eq!(read.header.kid.as_deref(), Some("a"));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.claims["sid"], session.as_uuid().to_string());
        assert_eq!(read.claims["sub"], account.as_uuid().to_string());
        assert_eq!(read.claims["exp"], 1_800_000_600);
    }

    #[test]
    fn claims_longer_than_any_of_ours_are_refused() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let tokens = AccessTokens::new(&[key("a", 1)]).unwrap();
        let sign = |claims: &str| {
            let signed = format!("{}.{}", tokens.keys[0].heads[0], URL_SAFE_NO_PAD.encode(claims));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tokens.keys[0].of(&signed).finalize().into_bytes()))
        };
        let claims = serde_json::to_string(&claims()).unwrap();
        assert!(tokens.verify(&sign(&claims), now).is_some());
        assert!(tokens.verify(&sign(&format!("{claims}{}", " ".repeat(MOST_CLAIMS))), now).is_none());
        assert!(tokens.verify(&sign(&format!("{claims}{claims}")), now).is_none());
    }
}
