//! Password hashing: Argon2id on a small pool of its own, so that logins cannot starve everything else.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use groeilijn_domain::password::Password;
use tokio::sync::Semaphore;

use crate::{
    environment::Environment,
    error::{Error, Result},
};

/// How long a login may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hashes and checks passwords (C063).
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    environment: Environment,
    /// The hash of no password: checked when there is no account, so that it takes as long as with one.
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// Argon2id with `memory_kib` KiB and `passes` passes, at most `parallel` at once.
    ///
    /// # Errors
    /// When Argon2 does not take these parameters.
    pub fn new(memory_kib: u32, passes: u32, parallel: usize, environment: Environment) -> Result<Self> {
        let params = Params::new(memory_kib, passes, 1, None).map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, b"", &environment.bytes())?;
        let turns = Arc::new(Semaphore::new(parallel.max(1)));
        Ok(Self { argon2, turns, environment, decoy: decoy.into() })
    }

    /// The PHC string under which a password is kept.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let salt = self.environment.bytes::<16>();
        self.in_turn(move |argon2| hash(argon2, password.expose().as_bytes(), &salt)).await
    }

    /// Whether `password` is the one that was hashed. Without a hash it takes the same time and is wrong.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool> {
        let decoy = self.decoy.clone();
        self.in_turn(move |argon2| {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&decoy);
            let stored = PasswordHash::new(stored).map_err(|_| Error::Unreadable("account"))?;
            Ok(argon2.verify_password(password.expose().as_bytes(), &stored).is_ok() && known)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(Error::internal)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&argon2)
        })
        .await
        .map_err(Error::internal)?
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let hash: PasswordHash = argon2.hash_password_with_salt(password, salt).map_err(Error::internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::testing;

    #[tokio::test]
    async fn only_the_right_password_of_an_account_that_has_one_is_right() {
        let hasher = PasswordHasher::new(64, 1, 1, testing::environment()).unwrap();
        let password = || Password::unchecked("Fictief-1".to_owned()).unwrap();
        let stored = hasher.hash(password()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify(password(), Some(stored.clone())).await.unwrap());
        assert!(
            !hasher.verify(Password::unchecked("fictief-1".to_owned()).unwrap(), Some(stored)).await.unwrap()
        );
        assert!(!hasher.verify(password(), None).await.unwrap());
        assert!(!hasher.verify(Password::unchecked(String::new()).unwrap(), None).await.unwrap());
    }
}
