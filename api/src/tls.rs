//! TLS that ends in the server itself (C064), with a certificate and a key from files that are read again when they
//! change: TLS 1.2 and 1.3, HTTP/1.1.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use groeilijn_persistence::{Error, Result};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::settings::HttpSettings;

/// How often it is seen whether the files changed.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What tells one state of the files from another: when each was changed, and its size.
type Stamp = [(SystemTime, u64); 2];

/// What connections are encrypted with, as the files had it when they were last read.
pub struct Tls {
    certificate_file: PathBuf,
    key_file: PathBuf,
    read: Mutex<Stamp>,
    current: RwLock<Arc<CertifiedKey>>,
}

/// How the service is to be reached: with TLS of its own, or without where nobody else listens in.
///
/// # Errors
/// When one of the two files is named without the other; when neither is and the service can be reached from other
/// machines, unless a proxy is named that ends TLS (C064); when a file cannot be used.
pub fn of_settings(http: &HttpSettings) -> Result<Option<Arc<Tls>>> {
    match (&http.tls_certificate_file, &http.tls_key_file) {
        (Some(certificate), Some(key)) => Tls::open(certificate.clone(), key.clone()).map(Arc::new).map(Some),
        (Some(_), None) => Err(Error::internal("http.tls_key_file: goes with http.tls_certificate_file")),
        (None, Some(_)) => Err(Error::internal("http.tls_certificate_file: goes with http.tls_key_file")),
        (None, None) if http.address.is_loopback() || !http.trusted_proxies.is_empty() => Ok(None),
        (None, None) => Err(Error::internal(
            "http.address: other machines reach it, and passwords would travel unencrypted; set \
             http.tls_certificate_file and http.tls_key_file, or name the proxy that ends TLS in \
             http.trusted_proxies, or listen on 127.0.0.1",
        )),
    }
}

impl Tls {
    fn open(certificate_file: PathBuf, key_file: PathBuf) -> Result<Self> {
        let stamp = stamp(&certificate_file, &key_file)?;
        let current = RwLock::new(Arc::new(load(&certificate_file, &key_file)?));
        Ok(Self { certificate_file, key_file, read: Mutex::new(stamp), current })
    }

    /// What a listener needs.
    ///
    /// # Errors
    /// When the library has no protocol version or cipher suite left.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?;
        Ok(config.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Reads the files again if they changed, whenever a minute has passed or the process is told to (SIGHUP). What
    /// cannot be used leaves the present certificate in use, and is told in the log. The process is listened to from
    /// the call on.
    pub fn keep_fresh(self: Arc<Self>) -> impl Future<Output = ()> {
        let mut told = Told::new();
        async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = told.asked() => {}
                }
                match self.refresh() {
                    Ok(true) => tracing::info!("the TLS certificate was read again"),
                    Ok(false) => {}
                    Err(error) => tracing::error!(%error, "the present TLS certificate stays in use"),
                }
            }
        }
    }

    /// Reads the files again if they changed since they were last read, and tells whether they did.
    fn refresh(&self) -> Result<bool> {
        let now = stamp(&self.certificate_file, &self.key_file)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read == now {
            return Ok(false);
        }
        let fresh = Arc::new(load(&self.certificate_file, &self.key_file)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        *read = now;
        Ok(true)
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tls")
            .field("certificate_file", &self.certificate_file)
            .finish_non_exhaustive()
    }
}

/// The certificate, those that vouch for it, and the key that belongs to it.
fn load(certificate_file: &Path, key_file: &Path) -> Result<CertifiedKey> {
    let certificate =
        |cause: &dyn fmt::Display| of_file("http.tls_certificate_file", certificate_file, cause);
    let key = |cause: &dyn fmt::Display| of_file("http.tls_key_file", key_file, cause);
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate_file)
        .and_then(Iterator::collect)
        .map_err(|error| certificate(&error))?;
    if chain.is_empty() {
        return Err(certificate(&"no certificate in it"));
    }
    check_private(key_file).map_err(|error| key(&error))?;
    let private = PrivateKeyDer::from_pem_file(key_file).map_err(|error| key(&error))?;
    CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(|error| key(&error))
}

/// That not everybody on the machine can read the key.
#[cfg(unix)]
fn check_private(key_file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(key_file)?.permissions().mode();
    if mode & 0o007 == 0 {
        Ok(())
    } else {
        Err(io::Error::other("everybody can read it; set its mode to 0600"))
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> io::Result<()> {
    Ok(())
}

fn stamp(certificate_file: &Path, key_file: &Path) -> Result<Stamp> {
    let of = |setting, path: &Path| {
        let found = fs::metadata(path).and_then(|found| Ok((found.modified()?, found.len())));
        found.map_err(|error| of_file(setting, path, &error))
    };
    Ok([of("http.tls_certificate_file", certificate_file)?, of("http.tls_key_file", key_file)?])
}

fn of_file(setting: &str, path: &Path, cause: &dyn fmt::Display) -> Error {
    Error::internal(format!("{setting}: {}: {cause}", path.display()))
}

/// Hears when the process is told to look at its files.
struct Told {
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Told {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = signal(SignalKind::hangup());
        if let Err(error) = &hangup {
            tracing::warn!(%error, "SIGHUP is not heard");
        }
        Self { hangup: hangup.ok() }
    }

    #[cfg(unix)]
    async fn asked(&mut self) {
        match &mut self.hangup {
            // It never ends: there is one for each process.
            Some(hangup) => drop(hangup.recv().await),
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn asked(&mut self) {
        std::future::pending().await
    }
}
