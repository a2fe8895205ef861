//! The tar file: written with what comes, and read one entry after the other, so that it is never in memory as a whole.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read, Write};

use groeilijn_persistence::continuity::resource::Resource;
use groeilijn_persistence::{Error, Result};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::manifest::{DataFile, MANIFEST, Manifest};

/// tar goes by blocks of so many bytes.
const BLOCK: u64 = 512;

/// The largest manifest, in bytes.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// Writes a tar file.
pub(super) struct Writing<W> {
    target: W,
    at: u64,
    /// What is still to come of the present entry, and how much it is filled up with.
    left: u64,
    filling: u64,
}

impl<W: Write> Writing<W> {
    /// Into `target`; every entry is of the moment `at`.
    pub(super) fn new(target: W, at: Timestamp) -> Self {
        Self { target, at: u64::try_from(at.as_second()).unwrap_or_default(), left: 0, filling: 0 }
    }

    /// Begins an entry of so many bytes, which are written next.
    pub(super) fn begin(&mut self, name: &str, bytes: u64) -> io::Result<()> {
        self.end()?;
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(self.at);
        header.set_cksum();
        self.target.write_all(header.as_bytes())?;
        self.left = bytes;
        self.filling = bytes.next_multiple_of(BLOCK) - bytes;
        Ok(())
    }

    /// Writes an entry.
    pub(super) fn file(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.begin(name, content.len() as u64)?;
        self.write_all(content.as_bytes())
    }

    /// Ends the present entry.
    fn end(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(io::Error::other("an entry is shorter than was said"));
        }
        let filling = std::mem::take(&mut self.filling);
        io::copy(&mut io::repeat(0).take(filling), &mut self.target).map(|_| ())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.end()?;
        io::copy(&mut io::repeat(0).take(2 * BLOCK), &mut self.target)?;
        Ok(self.target)
    }
}

impl<W: Write> Write for Writing<W> {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        let some =
            some.get(..usize::try_from(self.left).unwrap_or(usize::MAX).min(some.len())).unwrap_or_default();
        if some.is_empty() {
            return Err(io::Error::other("an entry is longer than was said"));
        }
        let written = self.target.write(some)?;
        self.left -= written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// Reads the archive whose manifest has the SHA-256 `told`: `begin` is told what it says of itself, then `line` of every line.
/// Each file is held against its digest when it was read.
///
/// # Errors
/// When it is another one or damaged, or something is missing in it; what `begin` and `line` refuse.
pub(super) fn read<S>(
    source: impl Read,
    told: &[u8; 32],
    begin: impl FnOnce(&Manifest) -> Result<S>,
    mut line: impl FnMut(&mut S, &'static Resource, u64, &str) -> Result<()>,
) -> Result<(Manifest, S)> {
    let mut archive = tar::Archive::new(source);
    let mut entries = archive.entries().map_err(damaged)?;
    let mut next = || entries.next().transpose().map_err(damaged);
    let manifest = loop {
        let Some(entry) = next()? else {
            return Err(Error::internal(format!("there is no {MANIFEST} in it")));
        };
        if name_of(&entry)? == MANIFEST {
            let mut bytes = Vec::new();
            entry.take(LARGEST_MANIFEST).read_to_end(&mut bytes).map_err(damaged)?;
            if Sha256::digest(&bytes).as_slice() != told {
                return Err(Error::internal(format!(
                    "it is not the export that is meant: its {MANIFEST} has another SHA-256 than the one that was told"
                )));
            }
            break Manifest::parse(&bytes)?;
        }
    };
    let mut state = begin(&manifest)?;
    let mut files = manifest.files.iter();
    while let Some(entry) = next()? {
        let name = name_of(&entry)?;
        if !name.ends_with(".ndjson") {
            continue;
        }
        let file = files.next().filter(|file| file.name == name);
        let file = file.ok_or_else(|| Error::internal(format!("{name} is not where {MANIFEST} has it")))?;
        let resource = file.resource().ok_or_else(|| Error::internal(format!("{name} is not known")))?;
        let mut number = 0;
        let found = lines(BufReader::new(entry), (&name, resource.longest_line), |text| {
            number += 1;
            line(&mut state, resource, number, text)
        })?;
        let (bytes, sha256) = found;
        if (number, bytes, &sha256) != (file.lines, file.bytes, &file.sha256) {
            return Err(Error::internal(format!(
                "{name} is not what {MANIFEST} says: it was changed or is damaged"
            )));
        }
    }
    match files.next() {
        Some(DataFile { name, .. }) => Err(Error::internal(format!("{name} is missing"))),
        None => Ok((manifest, state)),
    }
}

fn damaged(error: impl Display) -> Error {
    Error::internal(format!("it was changed, cut off or is damaged ({error})"))
}

fn name_of(entry: &tar::Entry<'_, impl Read>) -> Result<String> {
    let path = entry.path().map_err(damaged)?;
    Ok(path.to_str().unwrap_or_default().trim_start_matches("./").to_owned())
}

/// Runs `each` on every line. Gives how many bytes there were, and their digest.
fn lines(
    mut source: impl BufRead,
    (name, longest): (&str, u64),
    mut each: impl FnMut(&str) -> Result<()>,
) -> Result<(u64, String)> {
    let (mut bytes, mut digest, mut line) = (0, Sha256::new(), Vec::new());
    loop {
        line.clear();
        let length = source.by_ref().take(longest).read_until(b'\n', &mut line).map_err(damaged)?;
        if length == 0 {
            return Ok((bytes, hex::encode(digest.finalize())));
        }
        if length as u64 == longest && !line.ends_with(b"\n") {
            return Err(Error::internal(format!("{name} has a line of more than {longest} bytes")));
        }
        bytes += length as u64;
        digest.update(&line);
        let text = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
        each(text.ok_or_else(|| Error::internal(format!("{name} is not text in lines")))?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_as_long_as_was_said() {
        let mut writing = Writing::new(Vec::new(), Timestamp::UNIX_EPOCH);
        writing.begin("a", 2).unwrap();
        assert!(writing.write_all(b"abc").is_err());
        let mut writing = Writing::new(Vec::new(), Timestamp::UNIX_EPOCH);
        writing.begin("a", 2).unwrap();
        assert!(writing.begin("b", 1).is_err());
    }

    #[test]
    fn ordinary_tools_read_what_is_written() {
        let mut writing = Writing::new(Vec::new(), Timestamp::UNIX_EPOCH);
        writing.file("a.txt", "een").unwrap();
        writing.file("b.txt", &"x".repeat(512)).unwrap();
        writing.file("c.txt", "").unwrap();
        let bytes = writing.finish().unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let read: Vec<(String, u64)> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (name_of(&entry).unwrap(), entry.size()))
            .collect();
        assert_eq!(read, [("a.txt".to_owned(), 3), ("b.txt".to_owned(), 512), ("c.txt".to_owned(), 0)]);
    }
}
