//! PDF files that open with a password: AES-256, as PDF 2.0 has it (ISO 32000-2, security handler of revision 6).

use std::collections::BTreeMap;
use std::sync::Arc;

use groeilijn_domain::access::document_password::DocumentPassword;
use lopdf::encryption::crypt_filters::{Aes256CryptFilter, CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions};
use zeroize::Zeroizing;

/// What the file calls its one cipher.
const CIPHER: &[u8] = b"StdCF";

/// A file that was written here, encrypted under a key of its own that the password opens, and nothing else does.
///
/// # Errors
/// When the file cannot be read or written: a mistake in the program.
pub(crate) fn locked(
    file: &[u8],
    password: &DocumentPassword,
    key: &Zeroizing<[u8; 32]>,
) -> lopdf::Result<Vec<u8>> {
    let mut document = Document::load_mem(file)?;
    "2.0".clone_into(&mut document.version);
    let cipher: Arc<dyn CryptFilter> = Arc::new(Aes256CryptFilter);
    let state = EncryptionState::try_from(EncryptionVersion::V5 {
        encrypt_metadata: true,
        crypt_filters: BTreeMap::from([(CIPHER.to_vec(), cipher)]),
        file_encryption_key: key.as_slice(),
        stream_filter: CIPHER.to_vec(),
        string_filter: CIPHER.to_vec(),
        // Whoever opens it may print and copy it: a prohibition would only be kept by readers that want to.
        owner_password: password.expose(),
        user_password: password.expose(),
        permissions: Permissions::all(),
    })?;
    document.encrypt(&state)?;
    let mut locked = Vec::new();
    document.save_to(&mut locked)?;
    Ok(locked)
}
