//! How a letter is handed over: to a mail server or to a folder.
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use groeilijn_domain::values::email::EmailAddress;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use zeroize::Zeroizing;

use crate::error::MailError;
use crate::files::Folder;
use crate::letter::Letter;
use crate::message::Writer;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// Starts unencrypted and upgrades to TLS before anything is sent (port 587); never goes on without TLS.
    StartTls,
    /// Unencrypted; only for a server on this computer.
    None,
}

/// How to reach the mail server, and from whom letters are. It may hold a password, so it cannot be printed.
pub struct SmtpSettings {
    /// Name or IP address of the server; its certificate must be for this one.
    pub host: String,
    /// Port of the server.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who logs in; together with `password`, or not at all.
    pub username: Option<String>,
    /// The password of `username`.
    pub password: Option<Zeroizing<String>>,
    /// From which address letters are.
    pub from: EmailAddress,
    /// What is shown beside that address.
    pub from_name: String,
    /// PEM certificates of an authority to trust besides the public ones.
    pub extra_root: Option<Vec<u8>>,
    /// How long sending one letter may take, from the connection to the server's last answer.
    pub timeout: Duration,
}

/// Sends letters, as many as it is given and several at once.
pub struct Transport {
    writer: Writer,
    way: Way,
}

enum Way {
    Smtp { mailer: Box<AsyncSmtpTransport<Tokio1Executor>>, timeout: Duration },
    Files(Folder),
}

impl Transport {
    /// By way of a mail server. Each letter has a connection of its own: they are few, and nothing is left open
    /// or running in between.
    ///
    /// # Errors
    /// When the settings are not right: nothing is asked of the server yet.
    pub fn smtp(settings: &SmtpSettings) -> Result<Self, MailError> {
        let writer = Writer::new(&settings.from, &settings.from_name)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls(settings)?)
            .hello_name(ClientId::Domain(writer.domain().to_owned()))
            .timeout(Some(settings.timeout));
        if let Some(credentials) = credentials(settings)? {
            builder = builder.credentials(credentials);
        }
        Ok(Self { writer, way: Way::Smtp { mailer: Box::new(builder.build()), timeout: settings.timeout } })
    }

    /// As files `ID.eml` in a folder, which is made with mode 0700.
    ///
    /// # Errors
    /// When the folder cannot be made, or others may look into it.
    pub fn files(folder: PathBuf, from: &EmailAddress, from_name: &str) -> Result<Self, MailError> {
        Ok(Self { writer: Writer::new(from, from_name)?, way: Way::Files(Folder::open(folder)?) })
    }

    /// Sends a letter. After an error it may have arrived all the same, when only the answer was lost: sending
    /// it again gives it the same Message-ID.
    ///
    /// # Errors
    /// Why it was not sent; `MailError::is_permanent` tells whether to try again.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        match &self.way {
            // The mailer's own limit is for connecting alone.
            Way::Smtp { mailer, timeout } => {
                tokio::time::timeout(*timeout, mailer.send(self.writer.for_server(letter)?))
                    .await
                    .map_err(|_| MailError::TimedOut)?
                    .map(drop)
                    .map_err(|error| MailError::from_smtp(&error))
            }
            Way::Files(folder) => folder.put(letter.id, self.writer.for_file(letter)?.formatted()).await,
        }
    }
}

fn tls(settings: &SmtpSettings) -> Result<Tls, MailError> {
    match settings.security {
        Security::Tls => Ok(Tls::Wrapper(tls_parameters(settings)?)),
        Security::StartTls => Ok(Tls::Required(tls_parameters(settings)?)),
        Security::None if is_loopback(&settings.host) => Ok(Tls::None),
        Security::None => {
            Err(MailError::Settings("only a mail server on this computer may be reached without TLS"))
        }
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, MailError> {
    // Named here, so that no other crate's choice of features changes whom we trust.
    let mut builder =
        TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = &settings.extra_root {
        builder = builder.add_root_certificate(certificate(pem)?);
    }
    builder.build().map_err(|_| not_a_certificate())
}

fn certificate(pem: &[u8]) -> Result<Certificate, MailError> {
    // The reader takes a file without any certificate for an empty list of them.
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begin.len()).any(|window| window == begin) {
        return Err(not_a_certificate());
    }
    Certificate::from_pem(pem).map_err(|_| not_a_certificate())
}

const fn not_a_certificate() -> MailError {
    MailError::Settings("the certificate to trust must be in PEM")
}

/// The mailer needs a copy of the password that is not wiped: it logs in anew for each letter.
fn credentials(settings: &SmtpSettings) -> Result<Option<Credentials>, MailError> {
    match (&settings.username, &settings.password) {
        (Some(username), Some(password)) => {
            Ok(Some(Credentials::new(username.clone(), password.as_str().to_owned())))
        }
        (None, None) => Ok(None),
        _ => Err(MailError::Settings("a login is both a user name and a password")),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
