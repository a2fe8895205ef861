//! Files that are encrypted to somebody who is not here: whoever makes a backup cannot read an older one.
//!
//! The form is that of age (age-encryption.org/v1), so that its own program opens them too.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::str::FromStr as _;

use groeilijn_persistence::Result;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::folder::{new_private_file, told};
use super::manifest::FileDigest;

const BUFFER: usize = 1 << 16;

/// Whom backups are encrypted to.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

impl Recipient {
    /// Reads a public key, `age1…`.
    pub fn parse(text: &str) -> Option<Self> {
        age::x25519::Recipient::from_str(text).ok().map(Self)
    }

    /// What is written to the result is encrypted into `target`. It has to be finished.
    ///
    /// # Errors
    /// When `target` cannot be written.
    pub fn seal<W: Write>(&self, target: W) -> io::Result<age::stream::StreamWriter<W>> {
        let recipients = std::iter::once(&self.0 as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        encryptor.wrap_output(target)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What opens backups.
pub struct Identities(Vec<age::x25519::Identity>);

impl Identities {
    /// Reads the secret keys in a file, as `age-keygen` makes it.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is none in it.
    pub fn read(path: &Path) -> Result<Self> {
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| told(path, &error))?);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys =
            lines.map(|line| age::x25519::Identity::from_str(line).map_err(|_| ())).collect::<Result<_, _>>();
        match keys {
            Ok(keys) if !Vec::is_empty(&keys) => Ok(Self(keys)),
            _ => Err(told(path, &"it holds no secret key of age (AGE-SECRET-KEY-1…)")),
        }
    }
}

/// Encrypts the file `from` into the new file `to`, which is on the disk when this returns. Gives the digests of what was
/// read and of what was written.
///
/// # Errors
/// When one cannot be read or the other not be written.
pub fn encrypt(recipient: &Recipient, from: &Path, to: &Path) -> Result<(FileDigest, FileDigest)> {
    let mut source = Digesting::new(File::open(from).map_err(|error| told(from, &error))?);
    let target = new_private_file(to).map_err(|error| told(to, &error))?;
    let mut target = Digesting::new(BufWriter::with_capacity(BUFFER, target));
    let write = |source: &mut Digesting<File>, target: &mut Digesting<BufWriter<File>>| {
        let mut sealing = recipient.seal(&mut *target)?;
        copy(source, &mut sealing)?;
        sealing.finish()?;
        target.inner.flush()?;
        target.inner.get_ref().sync_all()
    };
    write(&mut source, &mut target).map_err(|error| told(to, &error))?;
    Ok((source.digest(), target.digest()))
}

/// What is in the file `from`, to be read to its end: an error tells when it was altered or cut off.
///
/// # Errors
/// When it cannot be read, and when none of the identities opens it.
pub fn opened(identities: &Identities, from: &Path) -> Result<impl Read> {
    let source = File::open(from).map_err(|error| told(from, &error))?;
    let decryptor = age::Decryptor::new_buffered(BufReader::with_capacity(BUFFER, source))
        .map_err(|_| told(from, &"it is not a file of age"))?;
    let keys = identities.0.iter().map(|key| key as &dyn age::Identity);
    decryptor.decrypt(keys).map_err(|_| told(from, &"the secret key in --identity does not open it"))
}

/// Decrypts the file `from` into the new file `to`, which is on the disk when this returns.
///
/// # Errors
/// As [`opened`], when it was altered or cut off, and when the new file cannot be written.
pub fn decrypt(identities: &Identities, from: &Path, to: &Path) -> Result<FileDigest> {
    let mut opened = opened(identities, from)?;
    let target = new_private_file(to).map_err(|error| told(to, &error))?;
    let mut target = Digesting::new(target);
    copy(&mut opened, &mut target).map_err(|error| told(to, &error))?;
    target.inner.sync_all().map_err(|error| told(to, &error))?;
    Ok(target.digest())
}

/// The digest of what is in the file `from`.
///
/// # Errors
/// As [`opened`], and when it was altered or cut off.
pub fn digest_of_content(identities: &Identities, from: &Path) -> Result<FileDigest> {
    let mut opened = Digesting::new(opened(identities, from)?);
    copy(&mut opened, &mut io::sink()).map_err(|error| told(from, &error))?;
    Ok(opened.digest())
}

/// The digest of a file.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> Result<FileDigest> {
    let mut source = Digesting::new(File::open(path).map_err(|error| told(path, &error))?);
    copy(&mut source, &mut io::sink()).map_err(|error| told(path, &error))?;
    Ok(source.digest())
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = Zeroizing::new(vec![0; BUFFER]);
    loop {
        let read = from.read(&mut buffer)?;
        let Some(some) = buffer.get(..read).filter(|some| !some.is_empty()) else { return Ok(()) };
        to.write_all(some)?;
    }
}

/// Takes the digest of what passes.
struct Digesting<T> {
    inner: T,
    sha256: Sha256,
    bytes: u64,
}

impl<T> Digesting<T> {
    fn new(inner: T) -> Self {
        Self { inner, sha256: Sha256::new(), bytes: 0 }
    }

    fn pass(&mut self, some: &[u8]) {
        self.sha256.update(some);
        self.bytes += u64::try_from(some.len()).unwrap_or_default();
    }

    fn digest(self) -> FileDigest {
        FileDigest { bytes: self.bytes, sha256: hex::encode(self.sha256.finalize()) }
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.pass(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<T: Write> Write for Digesting<T> {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(some)?;
        self.pass(some.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
