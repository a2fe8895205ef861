//! Which keys signed checkpoints from when on, and beginning another one when one was lost or stolen (C090).

use groeilijn_domain::audit::checkpoint::verifier_key;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::audit::log_key::{LogKeyBegun, LogKeyCause, LogKeySpan, spans};
use groeilijn_domain::audit::note::{PublicKey, VerifierKey};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::audit::checkpoint;
use groeilijn_engine::crypto::signature::Signer;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::audit::checkpoints::{LogSigners, Signing};
use crate::audit::schema::audit_log_key;
use crate::handles::platform::{Platform, PlatformWriter};
use crate::handles::store::Store;
use crate::handles::tenant::Tenant;
use crate::institutions::schema::institution;
use crate::platform::security_event::{self, NewSecurityEvent};

const TABLE: &str = "audit_log_key";

/// What two processes that enter a key agree upon.
const LOCK: &[u8] = b"audit-log-key";

/// A key that checks checkpoints of one log, and from when until when it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// The key.
    pub key: VerifierKey,
    /// From when until when.
    pub span: LogKeySpan,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log_key)]
struct KeyRow {
    public_key: Vec<u8>,
    because: LogKeyCause,
    since_at: Timestamp,
    reason: Option<String>,
}

fn entered(connection: &mut AnyConnection) -> Result<Vec<LogKeyBegun>> {
    let rows: Vec<KeyRow> = audit_log_key::table.select(columns::<KeyRow>()).load(connection)?;
    let read = |row: KeyRow| {
        Ok(LogKeyBegun {
            public_key: row.public_key.try_into().map_err(|_| Error::Unreadable(TABLE))?,
            because: row.because,
            since: row.since_at,
            reason: row.reason,
        })
    };
    rows.into_iter().map(read).collect()
}

fn enter(connection: &mut AnyConnection, key: &LogKeyBegun) -> Result<()> {
    diesel::insert_into(audit_log_key::table)
        .values((
            audit_log_key::public_key.eq(key.public_key.as_slice()),
            audit_log_key::because.is(key.because),
            audit_log_key::since_at.is(key.since),
            audit_log_key::reason.eq(key.reason.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

fn public_key_of(signer: &Signer) -> Result<PublicKey> {
    signer.public_key().try_into().map_err(Error::internal)
}

/// Those of `signers` that are not entered yet.
fn missing(signers: &[Signer], entered: &[LogKeyBegun]) -> Result<Vec<(PublicKey, Timestamp)>> {
    let keys = signers.iter().map(|signer| Ok((public_key_of(signer)?, signer.made_at())));
    let keys: Vec<_> = keys.collect::<Result<_>>()?;
    Ok(keys
        .into_iter()
        .filter(|(key, _)| !entered.iter().any(|entered| entered.public_key == *key))
        .collect())
}

impl Store {
    /// Enters the keys that are not entered yet.
    pub(super) async fn enter_log_keys(&self, LogSigners(signers): &LogSigners) -> Result<()> {
        let known = self.data().read(Cost::Rows, entered).await?;
        if missing(signers, &known)?.is_empty() {
            return Ok(());
        }
        let signers = signers.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                dialect::lock(connection, LOCK)?;
                let mut known = entered(connection)?;
                for (public_key, since) in missing(&signers, &known)? {
                    let because = if known.is_empty() { LogKeyCause::First } else { LogKeyCause::Rotation };
                    let begun = LogKeyBegun { public_key, because, since, reason: None };
                    enter(connection, &begun)?;
                    known.push(begun);
                }
                Ok(())
            })
            .await
    }
}

impl Tenant {
    /// The keys with which others check the checkpoints of the institution's log, also those that are gone, the newest last.
    ///
    /// # Errors
    /// What the key store and the database refuse.
    pub async fn log_keys(&self) -> Result<Vec<LogKey>> {
        let store = self.store();
        store.log_signers().await?;
        let spans = spans(store.data().read_at_present(Cost::Rows, entered).await?);
        let named = |span: LogKeySpan| {
            let key = verifier_key(self.institution(), span.public_key);
            Ok(LogKey { key: key.ok_or_else(|| Error::internal("the key has no name"))?, span })
        };
        spans.into_iter().map(named).collect()
    }
}

impl Platform {
    /// Begins another key to sign checkpoints with because the one before was lost or stolen, which every log and the
    /// security events tell, and signs every log with it. Of a lost key what it signed last is taken as it is, and each log
    /// has to continue it; a stolen one is out of use at the end. Gives what became of each log. Broken off, it is done again,
    /// with yet another key.
    ///
    /// # Errors
    /// What the key store and the database refuse.
    pub async fn renew_log_key(
        &self,
        cause: LogKeyCause,
        reason: ShortText,
    ) -> Result<Vec<(InstitutionId, Signing)>> {
        let store = self.store();
        let (system, is_lost) = (store.keys().system(), cause == LogKeyCause::Loss);
        if is_lost {
            system.retire_checkpoint_keys(0).await?;
        } else {
            store.log_signers().await?;
        }
        system.rotate_checkpoint_key().await?;
        let signers = store.stored_log_signers().await?;
        let LogSigners(keys) = &signers;
        let new = keys.last().ok_or_else(|| Error::internal("there is no key to sign with"))?;
        let begun = LogKeyBegun {
            public_key: public_key_of(new)?,
            because: cause,
            since: new.made_at(),
            reason: Some(reason.as_str().to_owned()),
        };
        self.write(move |writer| writer.enter_renewed_log_key(&begun)).await?;
        let sign = if is_lost { checkpoint::sign_after_loss } else { checkpoint::sign };
        let mut signed = Vec::new();
        for log in store.logs().await? {
            signed.push((log, store.sign_log_with(log, &signers, sign).await?));
        }
        system.retire_checkpoint_keys(1).await?;
        Ok(signed)
    }
}

impl PlatformWriter<'_> {
    /// Enters a key that took the place of one that was lost or stolen, in every log too.
    fn enter_renewed_log_key(&mut self, begun: &LogKeyBegun) -> Result<()> {
        let environment = self.store().environment();
        dialect::lock(self.connection, LOCK)?;
        enter(self.connection, begun)?;
        let kind = SecurityEventKind::LogKeyRenewed;
        let all: Vec<InstitutionId> =
            institution::table.order(institution::id).select(institution::id).load(self.connection)?;
        for institution in all {
            let event = NewSecurityEvent { kind, institution: Some(institution), user: None, address: "" };
            security_event::insert(self.connection, environment, &event)?;
            self.enter(institution, |tenant| {
                tenant.touch(ObjectKind::Institution, institution.as_uuid());
                Ok(())
            })?;
        }
        let event = NewSecurityEvent { kind, institution: None, user: None, address: "" };
        security_event::insert(self.connection, environment, &event)?;
        self.touch(ObjectKind::Institution, InstitutionId::PLATFORM.as_uuid());
        Ok(())
    }
}
