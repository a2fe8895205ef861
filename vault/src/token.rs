//! The token that Vault knows this program by.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

/// Where the token is: whoever renews it writes it there anew.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// In a file that nobody but its owner and their group may read.
    File(PathBuf),
    /// In a file that the service manager hands to the process: it looks after who reads it.
    Credential(PathBuf),
}

impl TokenSource {
    fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Credential(path) => path,
        }
    }

    fn read(&self) -> Result<Zeroizing<String>, String> {
        let told = |why: &dyn std::fmt::Display| format!("the token in {}: {why}", self.path().display());
        if let Self::File(path) = self {
            check_private(path).map_err(|why| told(&why))?;
        }
        let text = fs::read_to_string(self.path()).map(Zeroizing::new).map_err(|error| told(&error))?;
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(told(&"it is not one line of letters, digits and signs"));
        }
        Ok(Zeroizing::new(token.to_owned()))
    }
}

/// A token as it was last read.
pub(crate) struct Token {
    source: TokenSource,
    read: Mutex<Zeroizing<String>>,
}

impl Token {
    /// Reads the token.
    ///
    /// # Errors
    /// When it cannot be read, in words.
    pub(crate) fn read(source: TokenSource) -> Result<Self, String> {
        let read = Mutex::new(source.read()?);
        Ok(Self { source, read })
    }

    /// The token.
    pub(crate) fn get(&self) -> Zeroizing<String> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads it again when Vault refused `refused`. Gives whether it is another one now.
    pub(crate) fn is_renewed_since(&self, refused: &str) -> bool {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match self.source.read() {
            Ok(token) => *read = token,
            Err(why) => tracing::warn!("{why}"),
        }
        read.as_str() != refused
    }
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(|error: io::Error| error.to_string())?;
    if metadata.permissions().mode() & 0o007 == 0 {
        Ok(())
    } else {
        Err("others may read it; its mode must be 0640 or 0600".to_owned())
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_one_line_that_others_do_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let source = TokenSource::File(path.clone());
        assert!(Token::read(source.clone()).is_err_and(|why| why.contains("token")));
        let write = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        };
        for (text, mode) in
            [("hvs.abc", 0o644), ("", 0o600), (" \n", 0o600), ("a b", 0o600), ("a\r\nX: y", 0o600)]
        {
            write(text, mode);
            assert!(Token::read(source.clone()).is_err(), "{text:?} {mode:o}");
        }
        write("hvs.abc\n", 0o640);
        let token = Token::read(source).unwrap();
        assert_eq!(token.get().as_str(), "hvs.abc");
        assert!(!token.is_renewed_since("hvs.abc"));
        write("hvs.def\n", 0o600);
        assert!(token.is_renewed_since("hvs.abc"));
        fs::remove_file(&path).unwrap();
        assert!(!token.is_renewed_since("hvs.def"));
        assert_eq!(token.get().as_str(), "hvs.def");
    }
}
