//! Opaque secrets that are given out once: refresh tokens, invitations and API tokens. Only their hash is kept.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use groeilijn_domain::access::api_token;
use groeilijn_persistence::environment::Environment;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 256 random bits.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// A new secret.
    pub fn new(environment: &Environment) -> Self {
        Self(Zeroizing::new(environment.bytes()))
    }

    /// Reads what [`Self::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?);
        bytes.as_slice().try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// As it is given out: base64url.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice())
    }

    /// Reads what [`Self::api_token`] wrote.
    pub fn parse_api_token(text: &str) -> Option<Self> {
        api_token::read(text).map(Self)
    }

    /// As an API token is given out, with a prefix and a checksum.
    pub fn api_token(&self) -> String {
        api_token::write(&self.0).to_string()
    }

    /// As it is kept: SHA-256. A slow hash would add nothing to 256 random bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }
}
