//! Why a letter was not sent.
use std::io;

use lettre::transport::smtp;

/// Replies that refuse our login and say nothing of the letter (RFC 4954, 4 and 6).
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// Why a letter was not sent. What a server says may repeat an address or a name, so only its code is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The settings of the transport are not right.
    #[error("the mail settings are not right: {0}")]
    Settings(&'static str),
    /// No message can be made of the letter, or its addresses are not ones that mail can be sent to.
    #[error("the letter cannot be written as a message")]
    Unwritable,
    /// The server refused the letter for good, with this code (5xx).
    #[error("the mail server refused the letter ({0})")]
    Refused(u16),
    /// The server does not take the letter now, with this code (4xx).
    #[error("the mail server does not take the letter now ({0})")]
    Postponed(u16),
    /// The server did not let us in, with this code. The settings are wrong, not the letter: it is to be kept.
    #[error("the mail server refused the login ({0})")]
    Login(u16),
    /// There was no answer in time.
    #[error("the mail server did not answer in time")]
    TimedOut,
    /// The server could not be reached, or not in the way that the settings ask for: without TLS, with a
    /// certificate that is not trusted, or without a login.
    #[error("the mail server could not be reached as the settings ask")]
    Unreachable,
    /// The folder of letters could not be written.
    #[error("the folder of letters could not be written ({0})")]
    Folder(io::ErrorKind),
}

impl MailError {
    /// Whether the same letter would be refused each time, so that it is no use to try again.
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Unwritable | Self::Refused(_))
    }

    pub(crate) fn from_smtp(error: &smtp::Error) -> Self {
        match error.status().map(u16::from) {
            Some(code) if LOGIN_REFUSED.contains(&code) => Self::Login(code),
            Some(code) if error.is_permanent() => Self::Refused(code),
            Some(code) => Self::Postponed(code),
            None if error.is_timeout() => Self::TimedOut,
            None => Self::Unreachable,
        }
    }
}

impl From<io::Error> for MailError {
    /// Only the kind: the text may hold a path.
    fn from(error: io::Error) -> Self {
        Self::Folder(error.kind())
    }
}
