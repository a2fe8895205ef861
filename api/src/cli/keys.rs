//! `groeilijn keys`: rotating keys, and how they stand.

use clap::{Subcommand, ValueEnum};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::log_key::LogKeyCause;
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::access::login_index::IndexRotation;
use groeilijn_persistence::audit::checkpoints::Signing;
use groeilijn_persistence::keys::{InstitutionKeys, KeyStatus, OwnerKeys, RootKeyUse, SystemKeyUse};
use groeilijn_persistence::{Error, Part, Principal, Recovered, Result, Store};
use jiff::Timestamp;

use super::output::say;
use crate::audit_context::without_request;
use crate::root_key;
use crate::runtime::environment;
use crate::server;
use crate::settings::Settings;

/// What is done with keys.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a key anew, while the server goes on.
    Rotate {
        /// Which key.
        which: Rotated,
    },
    /// Begin another key to sign checkpoints of audit logs with, because the present one was lost or stolen. Every institution
    /// finds it in its log and among its security events. On SQLite no server may run.
    RenewCheckpoints {
        /// What became of the present key.
        #[arg(long, value_enum)]
        because: Became,
        /// What happened, in a sentence that every institution may read. Name nobody.
        #[arg(long)]
        reason: String,
    },
    /// Make the key store anew from the second one (keys.second_url), when it was lost or put back from before. No server may
    /// run.
    Recover,
    /// Tell how many keys there are of which kind, under which versions of the keys above them, and how many were
    /// destroyed. It says nothing about anybody.
    Status,
}

/// What became of a key.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Became {
    /// It is gone from the key store, or cannot be opened. What it signed last is taken as it is, and each log has to continue
    /// it.
    Lost,
    /// Somebody else may have it. What it signed last has to be right, and from then on it is not believed.
    Stolen,
}

/// A key that is rotated.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Rotated {
    /// Adds a root key; `keys rotate institutions` then wraps everything under it and takes the older ones away.
    Root,
    /// Makes every institution's key anew, and wraps all other keys under the newest ones.
    Institutions,
    /// Makes a new key for the index that accounts are found by; to be run again when every server was started anew.
    LoginIndex,
    /// Makes a new key to sign access tokens with; the server uses it from its next start.
    Signing,
    /// Makes a new key to sign certificates of destruction with, which the server uses from its next start; what earlier ones
    /// signed goes on to hold.
    Certificates,
    /// Makes a new key to sign checkpoints of audit logs with, from the next one on; what earlier ones signed goes on to
    /// hold.
    Checkpoints,
}

/// Does it.
pub(super) async fn run(keys: Keys, settings: &Settings) -> Result<()> {
    match keys {
        Keys::Rotate { which: Rotated::Root } => rotate_root(settings),
        Keys::Rotate { which: Rotated::Institutions } => rotate_institutions(settings).await,
        Keys::Rotate { which: Rotated::LoginIndex } => rotate_login_index(settings).await,
        Keys::Rotate { which: Rotated::Signing } => rotate_signing(settings).await,
        Keys::Rotate { which: Rotated::Certificates } => rotate_certificates(settings).await,
        Keys::Rotate { which: Rotated::Checkpoints } => rotate_checkpoints(settings).await,
        Keys::RenewCheckpoints { because, reason } => renew_checkpoints(because, &reason, settings).await,
        Keys::Recover => recover(settings),
        Keys::Status => tell(&status(settings).await?),
    }
}

fn rotate_root(settings: &Settings) -> Result<()> {
    root_key::open(&settings.keys, environment())?.add().map_err(Error::of(Part::RootKey))?;
    match &settings.keys.vault_address {
        Some(_) => say(format_args!(
            "Vault wraps with a new version of the key: run `groeilijn keys rotate institutions`"
        )),
        None => say(format_args!(
            "copy {} to every server and into the safe, then run `groeilijn keys rotate institutions`",
            settings.keys.root_key_file.display()
        )),
    }
}

fn recover(settings: &Settings) -> Result<()> {
    let options = server::store_options(settings)?;
    if options.second().is_none() {
        return Err(Error::internal("keys.second_url names no second key store"));
    }
    let _claims = server::claim(&options)?;
    let [first, second] = [&settings.keys.url, &settings.keys.second_url];
    match Store::recover_keys(&options, &environment())? {
        Recovered::Anew => say(format_args!("{first} is what {second} is")),
        Recovered::Same => say(format_args!("both key stores are the same already: nothing was done")),
        Recovered::Destroyed => say(format_args!(
            "what was destroyed in either is destroyed in both; {first} knows all that {second} does, and more: the \
             server brings that one up to date as it starts"
        )),
    }
}

async fn rotate_institutions(settings: &Settings) -> Result<()> {
    let options = server::store_options(settings)?;
    let root = root_key::open(&settings.keys, environment())?;
    let rewrapped = Store::rotate_keys(&options, root, &environment()).await?;
    say(format_args!("{rewrapped} keys were wrapped anew"))
}

async fn rotate_login_index(settings: &Settings) -> Result<()> {
    let options = server::store_options(settings)?;
    let _claims = server::claim(&options)?;
    let store = Store::open(&options, root_key::open(&settings.keys, environment())?, environment()).await?;
    match store.rotate_login_index().await? {
        IndexRotation::KeyMade => say(format_args!(
            "a new key was made: start every server anew, then run `groeilijn keys rotate login-index` again"
        )),
        IndexRotation::Done { accounts, unreadable } => say(format_args!(
            "{accounts} accounts are found by the new key, and {unreadable} are not, because their address cannot be \
             read; start every server anew"
        )),
    }
}

async fn rotate_signing(settings: &Settings) -> Result<()> {
    let root = root_key::open(&settings.keys, environment())?;
    Store::rotate_signing_key(&server::store_options(settings)?, root, &environment()).await?;
    say(format_args!(
        "restart every server: tokens are signed with the new key then, and those of the last one hold"
    ))
}

async fn rotate_certificates(settings: &Settings) -> Result<()> {
    let root = root_key::open(&settings.keys, environment())?;
    Store::rotate_certificate_key(&server::store_options(settings)?, root, &environment()).await?;
    say(format_args!(
        "restart every server: certificates are signed with the new key then; tell those who check them to read \
         /v1/certificate-keys again"
    ))
}

async fn rotate_checkpoints(settings: &Settings) -> Result<()> {
    let root = root_key::open(&settings.keys, environment())?;
    Store::rotate_checkpoint_key(&server::store_options(settings)?, root, &environment()).await?;
    say(format_args!(
        "checkpoints are signed with the new key; tell those who check them to read /v1/audit-log again"
    ))
}

async fn renew_checkpoints(because: Became, reason: &str, settings: &Settings) -> Result<()> {
    let reason = ShortText::parse(reason)
        .map_err(|refusal| Error::internal(format!("--reason {}", refusal.detail)))?;
    let cause = match because {
        Became::Lost => LogKeyCause::Loss,
        Became::Stolen => LogKeyCause::Theft,
    };
    let options = server::store_options(settings)?;
    let _claims = server::claim(&options)?;
    let store = Store::open(&options, root_key::open(&settings.keys, environment())?, environment()).await?;
    let service = Principal::Service { institution: None };
    let activity = ProcessingActivity::OperateService;
    let context = without_request(store.environment(), service, "renewLogKey", activity);
    let signed = store.platform(context).renew_log_key(cause, reason).await?;
    let altered: Vec<_> = signed
        .iter()
        .filter_map(|(log, signing)| match signing {
            Signing::Signed(_) => None,
            Signing::Refused { mismatch, .. } => Some(format!("the log of {log} was altered: {mismatch}")),
        })
        .collect();
    say(format_args!("{} logs are signed with the new key", signed.len() - altered.len()))?;
    say(format_args!(
        "tell those who check them to read /v1/audit-log again, and which key they may not believe"
    ))?;
    if altered.is_empty() { Ok(()) } else { Err(Error::internal(altered.join("\n  "))) }
}

async fn status(settings: &Settings) -> Result<KeyStatus> {
    let root = root_key::open(&settings.keys, environment())?;
    Store::key_status(&server::store_options(settings)?, root, &environment()).await
}

fn tell(status: &KeyStatus) -> Result<()> {
    for RootKeyUse { id, version, is_there, keys } in &status.root {
        let missing = if *is_there { "" } else { ", MISSING: what it wraps cannot be read" };
        say(format_args!("root key {id} version {version}: wraps {keys} keys{missing}"))?;
    }
    for SystemKeyUse { purpose, in_use, since, retired } in &status.system {
        say(format_args!("system key {purpose}: {in_use} in use since {}, {retired} retired", day(*since)))?;
    }
    for InstitutionKeys { version, keys, since } in &status.institutions {
        say(format_args!("institution key version {version}: {keys} since {}", day(*since)))?;
    }
    for OwnerKeys { kind, under, keys, since } in &status.owners {
        match under {
            Some(under) => say(format_args!(
                "{kind} key under institution key version {under}: {keys} since {}",
                day(*since)
            ))?,
            None => say(format_args!("{kind} key destroyed: {keys} since {}", day(*since)))?,
        }
    }
    Ok(())
}

fn day(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "-".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
}
