//! Password hashing: Argon2id, a few at a time, so that logins cannot starve everything else.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use groeilijn_domain::access::credential::HISTORY;
use groeilijn_domain::access::password::Password;
use groeilijn_domain::values::network::Origin;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};

use crate::access::hashing_turns::{Permit, Turns};

/// Hashes and checks passwords (C063).
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    turns: Turns,
    environment: Environment,
    /// The hash of no password: checked when there is no account, so that it takes as long as with one.
    decoy: Arc<str>,
}

/// The right to use the memory that a hash takes. A thread that hashes keeps it to the end, also when nobody waits
/// for the outcome any more.
pub struct Turn {
    argon2: Argon2<'static>,
    environment: Environment,
    decoy: Arc<str>,
    permit: Arc<Permit>,
}

impl PasswordHasher {
    /// The least memory that a hash takes, in KiB: 46 MiB with one pass is what OWASP advises at the least.
    pub const LEAST_MEMORY_KIB: u32 = 46 << 10;

    /// Argon2id with `memory_kib` KiB and `passes` passes, at most `parallel` at once.
    ///
    /// # Errors
    /// When Argon2 does not take these parameters.
    pub fn new(memory_kib: u32, passes: u32, parallel: usize, environment: Environment) -> Result<Self> {
        let params = Params::new(memory_kib, passes, 1, None).map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, b"", &environment.bytes())?;
        Ok(Self { argon2, turns: Turns::new(parallel.max(1)), environment, decoy: decoy.into() })
    }

    /// Waits for a turn, which those at different networks get in rotation: `address` is where it is asked for.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub async fn turn(&self, address: &str) -> Result<Turn> {
        let permit = self.turns.next(Origin::of(address).widest()).await?;
        Ok(Turn {
            argon2: self.argon2.clone(),
            environment: self.environment.clone(),
            decoy: self.decoy.clone(),
            permit: Arc::new(permit),
        })
    }
}

impl Turn {
    /// The PHC string under which a password is kept.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let salt = self.environment.bytes::<16>();
        self.on_a_thread(move |argon2| hash(argon2, password.expose().as_bytes(), &salt)).await
    }

    /// Whether `password` is the one that was hashed. Without a hash it takes the same time and is wrong.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool> {
        let decoy = self.decoy.clone();
        self.on_a_thread(move |argon2| {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&decoy);
            Ok(is_hashed(argon2, &password, stored)? && known)
        })
        .await
    }

    /// The PHC string of a password that is none of those that were used before (C059).
    ///
    /// # Errors
    /// [`Error::Invalid`] `password-used-before` for `field`.
    pub async fn hash_unless_used(
        &self,
        password: Password,
        used: Vec<String>,
        field: &'static str,
    ) -> Result<String> {
        let salt = self.environment.bytes::<16>();
        self.on_a_thread(move |argon2| {
            for stored in &used {
                if is_hashed(argon2, &password, stored)? {
                    let detail = format!("must not be one of the last {HISTORY} passwords");
                    return Err(Error::invalid(field, Refusal::new("password-used-before", detail)));
                }
            }
            hash(argon2, password.expose().as_bytes(), &salt)
        })
        .await
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (argon2, permit) = (self.argon2.clone(), self.permit.clone());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2)
        })
        .await
        .map_err(Error::internal)?
    }
}

fn is_hashed(argon2: &Argon2<'_>, password: &Password, stored: &str) -> Result<bool> {
    let stored = PasswordHash::new(stored).map_err(|_| Error::Unreadable("account"))?;
    Ok(argon2.verify_password(password.expose().as_bytes(), &stored).is_ok())
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let hash: PasswordHash = argon2.hash_password_with_salt(password, salt).map_err(Error::internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use groeilijn_engine::environment::testing;

    fn password(text: &str) -> Password {
        Password::unchecked(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_an_account_that_has_one_is_right() {
        let hasher = PasswordHasher::new(64, 1, 1, testing::environment()).unwrap();
        let turn = hasher.turn("").await.unwrap();
        let stored = turn.hash(password("Fictief-1")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(turn.verify(password("Fictief-1"), Some(stored.clone())).await.unwrap());
        assert!(!turn.verify(password("fictief-1"), Some(stored)).await.unwrap());
        assert!(!turn.verify(password("Fictief-1"), None).await.unwrap());
        assert!(!turn.verify(password(""), None).await.unwrap());
    }

    #[tokio::test]
    async fn c059_a_password_that_was_used_before_is_refused() {
        let turn = PasswordHasher::new(64, 1, 1, testing::environment()).unwrap().turn("").await.unwrap();
        let used = vec![turn.hash(password("Fictief-1")).await.unwrap()];
        let again = turn.hash_unless_used(password("Fictief-1"), used.clone(), "password").await;
        assert!(matches!(again, Err(Error::Invalid(_))));
        assert!(turn.hash_unless_used(password("Fictief-2"), used, "password").await.is_ok());
    }
}
