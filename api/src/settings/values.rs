//! The values of settings that have a form of their own.

use std::path::Path;
use std::str::FromStr;

use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::Security;

use crate::backup::sealed_file::Recipient;

/// How log messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// A telephone number as it is dialled from abroad: + and at most fifteen digits (E.164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telephone(String);

impl Telephone {
    /// The number, with its +.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Telephone {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix('+').ok_or(())?;
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// An e-mail address; nothing at all is none.
pub(super) fn mailbox(text: &str) -> Option<Option<EmailAddress>> {
    if text.is_empty() { Some(None) } else { EmailAddress::parse(text).ok().map(Some) }
}

/// How the connection to a mail server is protected.
pub(super) fn security_from_code(text: &str) -> Option<Security> {
    match text {
        "tls" => Some(Security::Tls),
        "starttls" => Some(Security::StartTls),
        "none" => Some(Security::None),
        _ => None,
    }
}

/// Whom backups are encrypted to; nobody when empty.
pub(super) fn recipient(text: &str) -> Option<Option<Recipient>> {
    if text.is_empty() { Some(None) } else { Recipient::parse(text).map(Some) }
}

/// Whether a text is the origin of web pages: scheme, host and port, without a path.
pub(super) fn is_origin(text: &str) -> bool {
    after_http_scheme(text).is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
    })
}

/// Whether a text is the address of a web page without a fragment.
pub(super) fn is_page(text: &str) -> bool {
    after_http_scheme(text).is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
    })
}

fn after_http_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))
}

/// Whether a text has the scheme of a database.
pub(super) fn is_database_url(url: &str) -> bool {
    ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Whether a text can be the name of a role on PostgreSQL.
pub(super) fn is_role(text: &str) -> bool {
    (1..64).contains(&text.len()) && !text.contains('\0')
}

/// Whether there is a path.
pub(super) fn is_path(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

/// The address of Vault; nothing at all is none.
pub(super) fn vault_address(text: &str) -> Option<Option<String>> {
    if text.is_empty() {
        Some(None)
    } else {
        groeilijn_vault::is_address(text).then(|| Some(text.to_owned()))
    }
}

/// Whether a text can be the name of a key in Vault.
pub(super) fn is_vault_name(text: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    is_edge(bytes.first()) && is_edge(bytes.last()) && text.bytes().all(is_inner)
}

/// Whether a text can be where something is mounted in Vault: names with strokes between them.
pub(super) fn is_vault_path(text: &str) -> bool {
    text.split('/').all(is_vault_name)
}

/// The name of a credential, which is the name of a file; nothing at all is none.
pub(super) fn credential_name(text: &str) -> Option<Option<String>> {
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    match text {
        "" => Some(None),
        "." | ".." => None,
        name => is_name.then(|| Some(name.to_owned())),
    }
}
