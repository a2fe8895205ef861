//! Keys that belong to no institution: the login index key, the keys that sign access tokens, those
//! that prove rows, and those that sign certificates and checkpoints of audit logs.

use diesel::dsl::max;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::ring::{KeyRing, parent_columns, parent_of};
use crate::authentic::Authenticator;
use crate::crypto::sealed::KeyId;
use crate::crypto::signature::Signer;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::error::{Error, Result};
use crate::schema::system_key;

const LOGIN_INDEX: &str = "login-index";
const TOKEN_SIGNING: &str = "token-signing";
const ROW_PROOFS: &str = "row-proofs";
const CERTIFICATES: &str = "certificates";
const CHECKPOINTS: &str = "checkpoints";

/// The level of these keys, as it is bound into what is wrapped.
pub(crate) const SYSTEM: &str = "system";

/// What a system key is bound to, apart from being one: what it is for, and its name.
pub(crate) fn system_context<'a>(purpose: &'a str, key_id: &'a [u8]) -> [&'a [u8]; 2] {
    [purpose.as_bytes(), key_id]
}

/// A key that signs access tokens, and its name.
pub struct SigningKey {
    /// The `kid` of the tokens that it signed.
    pub id: String,
    /// 256 random bits for HS256.
    pub secret: Zeroizing<[u8; 32]>,
}

/// Computes the only searchable field: HMAC-SHA-256 of a normalised e-mail address.
pub struct LoginIndex {
    /// The key in use.
    present: Zeroizing<[u8; 32]>,
    /// The key that is coming into use, while it is rotated.
    next: Option<Zeroizing<[u8; 32]>>,
}

impl LoginIndex {
    /// The value under which an account with this address is found.
    pub fn of(&self, normalised_email: &str) -> Result<Vec<u8>> {
        keyed(&self.present, normalised_email)
    }

    /// The same under the key that is coming into use; `None` while none is.
    pub fn next_of(&self, normalised_email: &str) -> Result<Option<Vec<u8>>> {
        self.next.as_ref().map(|key| keyed(key, normalised_email)).transpose()
    }

    /// The keyed digest that identifies a request. Without the key, a body cannot be guessed from the database.
    pub fn of_request(&self, fingerprint: &[u8; 32]) -> Result<Vec<u8>> {
        self.of(&format!("request:{}", hex::encode(fingerprint)))
    }

    /// The value under which failures from a network address are counted. No e-mail address holds a colon.
    pub fn of_address(&self, address: &str) -> Result<Vec<u8>> {
        self.of(&format!("address:{address}"))
    }

    /// The value that tells one program in one network from others; a network is written without a space.
    pub fn of_program(&self, network: &str, user_agent: &str) -> Result<Vec<u8>> {
        self.of(&format!("program:{network} {user_agent}"))
    }
}

fn keyed(key: &Zeroizing<[u8; 32]>, text: &str) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(Error::internal)?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Access to the system keys of a [`KeyRing`].
pub struct SystemKeys<'a> {
    pub(super) ring: &'a KeyRing,
}

impl KeyRing {
    /// The system keys, which belong to no institution.
    pub fn system(&self) -> SystemKeys<'_> {
        SystemKeys { ring: self }
    }
}

impl SystemKeys<'_> {
    /// Makes the keys that a new installation needs, once.
    pub async fn create(&self) -> Result<()> {
        for purpose in [LOGIN_INDEX, TOKEN_SIGNING, ROW_PROOFS, CERTIFICATES, CHECKPOINTS] {
            if self.keys(purpose).await?.is_empty() {
                self.add(purpose).await?;
            }
        }
        Ok(())
    }

    /// The key of the login index, and the one that is coming into use.
    pub async fn login_index(&self) -> Result<LoginIndex> {
        let mut keys = self.keys(LOGIN_INDEX).await?.into_iter().map(|(_, key)| key);
        Ok(LoginIndex { present: keys.next().ok_or_else(missing)?, next: keys.next() })
    }

    /// Brings a new key of the login index into use beside the present one, unless one is coming already. A process knows
    /// it from its next start.
    pub async fn add_login_index_key(&self) -> Result<bool> {
        let is_missing = self.keys(LOGIN_INDEX).await?.len() == 1;
        if is_missing {
            self.add(LOGIN_INDEX).await?;
        }
        Ok(is_missing)
    }

    /// Retires the present key of the login index for the one that is coming into use. No account needs it any more.
    pub async fn retire_login_index_key(&self) -> Result<()> {
        let mut older = self.keys(LOGIN_INDEX).await?;
        older.pop();
        self.retire(older.into_iter().map(|(id, _)| id).collect()).await
    }

    /// What proves the rows that decide who gets in.
    pub async fn authenticator(&self) -> Result<Authenticator> {
        let keys = self.keys(ROW_PROOFS).await?;
        if keys.is_empty() { Err(missing()) } else { Authenticator::new(keys) }
    }

    /// The keys that access tokens may be signed with, the newest last: that one signs.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        let keys = self.keys(TOKEN_SIGNING).await?;
        if keys.is_empty() {
            return Err(missing());
        }
        Ok(keys
            .into_iter()
            .map(|(id, secret)| SigningKey { id: hex::encode(id.as_bytes()), secret })
            .collect())
    }

    /// Makes a new key to sign access tokens with. Tokens signed with the previous key stay valid, so that nobody is
    /// logged out; older keys are retired. A process uses the new key from its next start.
    pub async fn rotate_signing_key(&self) -> Result<()> {
        let mut older = self.keys(TOKEN_SIGNING).await?;
        older.pop();
        self.add(TOKEN_SIGNING).await?;
        self.retire(older.into_iter().map(|(id, _)| id).collect()).await
    }

    /// The keys that sign certificates, the newest last: that one signs. The others stay, for what they signed. A key store
    /// from before there were any gets one.
    pub async fn certificate_signers(&self) -> Result<Vec<Signer>> {
        self.signers(CERTIFICATES).await
    }

    /// Makes a new key to sign certificates with.
    pub async fn rotate_certificate_key(&self) -> Result<()> {
        self.add(CERTIFICATES).await
    }

    /// The keys that sign checkpoints of audit logs, in the same way.
    pub async fn checkpoint_signers(&self) -> Result<Vec<Signer>> {
        self.signers(CHECKPOINTS).await
    }

    /// Makes a new key to sign checkpoints with.
    pub async fn rotate_checkpoint_key(&self) -> Result<()> {
        self.add(CHECKPOINTS).await
    }

    /// Takes all keys that sign checkpoints out of use but the newest `kept` ones, also those that cannot be opened.
    pub async fn retire_checkpoint_keys(&self, kept: usize) -> Result<()> {
        let mut names = self.names(CHECKPOINTS).await?;
        names.truncate(names.len().saturating_sub(kept));
        self.retire(names).await
    }

    /// The names of the keys in use for a purpose, the newest last.
    async fn names(&self, purpose: &'static str) -> Result<Vec<KeyId>> {
        self.ring
            .database
            .read(Cost::Scan, move |connection| {
                let names: Vec<Vec<u8>> = system_key::table
                    .filter(system_key::purpose.eq(purpose))
                    .filter(system_key::retired_at.is_null())
                    .order((system_key::created_at, system_key::key_id))
                    .select(system_key::key_id)
                    .load(connection)?;
                let name = |name: Vec<u8>| Ok(KeyId::from_bytes(name.try_into().map_err(|_| missing())?));
                names.into_iter().map(name).collect()
            })
            .await
    }

    async fn signers(&self, purpose: &'static str) -> Result<Vec<Signer>> {
        if self.keys(purpose).await?.is_empty() {
            self.add(purpose).await?;
        }
        let keys = self.dated_keys(purpose).await?;
        keys.iter()
            .map(|(id, seed, made_at)| Signer::from_seed(hex::encode(id.as_bytes()), seed, *made_at))
            .collect()
    }

    async fn retire(&self, older: Vec<KeyId>) -> Result<()> {
        let now = self.ring.environment.now();
        self.ring
            .database
            .writer()
            .run(move |connection, _| {
                for id in older {
                    diesel::update(system_key::table.find(id.as_bytes().to_vec()))
                        .set(system_key::retired_at.is(Some(now)))
                        .execute(connection)?;
                }
                Ok(())
            })
            .await
    }

    async fn add(&self, purpose: &'static str) -> Result<()> {
        let ring = self.ring.clone();
        self.ring
            .database
            .writer()
            .run(move |connection, _| {
                let environment = &ring.environment;
                let id = KeyId::from_bytes(environment.bytes());
                let key = Zeroizing::new(environment.bytes::<32>());
                let wrapped = ring.root.wrap(SYSTEM, &system_context(purpose, id.as_bytes()), &key)?;
                let (root_id, root_version) = parent_columns(parent_of(&wrapped)?)?;
                let now = environment.now();
                let newest: Option<Timestamp> = system_key::table
                    .filter(system_key::purpose.eq(purpose))
                    .select(max(system_key::created_at))
                    .first(connection)?;
                // The newest key is the one in use, also when the clock was set back in the meantime.
                let created_at =
                    newest.map_or(now, |newest| now.max(newest + SignedDuration::from_micros(1)));
                diesel::insert_into(system_key::table)
                    .values((
                        system_key::key_id.eq(id.as_bytes().to_vec()),
                        system_key::purpose.eq(purpose),
                        system_key::parent_id.eq(root_id),
                        system_key::parent_version.eq(root_version),
                        system_key::wrapped.eq(wrapped),
                        system_key::created_at.is(created_at),
                    ))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }

    /// The keys in use for a purpose, opened away from whoever waits for them: a service may take its time.
    async fn keys(&self, purpose: &'static str) -> Result<Vec<(KeyId, Zeroizing<[u8; 32]>)>> {
        Ok(self.dated_keys(purpose).await?.into_iter().map(|(id, key, _)| (id, key)).collect())
    }

    /// The same, with when each was made, in UTC.
    async fn dated_keys(
        &self,
        purpose: &'static str,
    ) -> Result<Vec<(KeyId, Zeroizing<[u8; 32]>, Timestamp)>> {
        let root = self.ring.root.clone();
        self.ring
            .database
            .read(Cost::Scan, move |connection| {
                let rows: Vec<(Vec<u8>, Vec<u8>, Timestamp)> = system_key::table
                    .filter(system_key::purpose.eq(purpose))
                    .filter(system_key::retired_at.is_null())
                    .order((system_key::created_at, system_key::key_id))
                    .select((system_key::key_id, system_key::wrapped, system_key::created_at))
                    .load(connection)?;
                let opened = rows.into_iter().map(|(id, wrapped, made_at)| {
                    let key = root.unwrap(SYSTEM, &system_context(purpose, &id), &wrapped)?;
                    Ok((KeyId::from_bytes(id.try_into().map_err(|_| missing())?), key, made_at))
                });
                opened.collect()
            })
            .await
    }
}

fn missing() -> Error {
    Error::internal("the key store has no system keys; run `groeilijn init`")
}
