//! Making an export.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::disclosure::Disclosure;
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::{DisclosureId, InstitutionId};
use groeilijn_persistence::continuity::Reading;
use groeilijn_persistence::continuity::catalogue::CATALOGUE;
use groeilijn_persistence::continuity::resource::Resource;
use groeilijn_persistence::continuity::schema::schema;
use groeilijn_persistence::{Cost, Error, PlatformWriter, Result, Store, TenantReader};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::archive::Writing;
use super::manifest::{AuditLog, DataFile, FORMAT, MANIFEST, Manifest};
use crate::backup::folder::{new_private_file, told};
use crate::backup::sealed_file::Recipient;
use crate::installation::context;

const README: &str = include_str!("readme.md");

/// The kind whose lines are the audit log.
const LOG: &str = "audit-entries";

/// An export that was made.
pub struct Exported {
    /// What it holds.
    pub manifest: Manifest,
    /// SHA-256 of that, by which the receiver knows that it is this export and no other.
    pub manifest_sha256: [u8; 32],
}

/// Exports everything of an institution, as it is at one moment, into the new file `to`, encrypted to `recipient`. It is in
/// the institution's log and register of disclosures before anything is read.
///
/// # Errors
/// [`Error::NotFound`] when there is no such institution; when it was destroyed; when the file is there or cannot be written.
pub async fn export(
    store: &Store,
    institution: InstitutionId,
    recipient: &Recipient,
    to: &Path,
) -> Result<Exported> {
    if to.exists() {
        return Err(told(to, &"it is there already"));
    }
    let unfinished = Unfinished::beside(to)?;
    let platform = store.platform(context(store, "exportInstitution", ProcessingActivity::OperateService));
    let (at, sealing, path) = (store.environment().now(), recipient.clone(), unfinished.0.clone());
    let of = json!({"recipient": recipient.to_string(), "exportedAt": at});
    let disclosure = Disclosure::of_export(&recipient.to_string(), at);
    let id = DisclosureId::from_uuid(store.environment().uuid());
    let recorded = move |writer: &mut PlatformWriter<'_>| {
        writer.enter(institution, |tenant| {
            tenant.record_export(&of)?;
            tenant.record_disclosure(id, &disclosure).map(drop)
        })
    };
    platform.write(recorded).await?;
    let exported =
        platform.read_in(institution, Cost::Scan, move |reader| write(reader, at, &sealing, &path)).await?;
    unfinished.gets_its_name(to)?;
    Ok(exported)
}

/// The file while it is written: it goes when it does not come to its end.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(to: &Path) -> Result<Self> {
        let path = to.with_added_extension("unfinished");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(&path, &error)),
            _ => Ok(Self(path)),
        }
    }

    /// Puts it where it belongs, unless something came there meanwhile: the name is taken first, and then given to it.
    fn gets_its_name(self, to: &Path) -> Result<()> {
        new_private_file(to).map_err(|error| told(to, &error))?;
        fs::rename(&self.0, to).map_err(|error| {
            // The name goes again: nothing is under it.
            let _ = fs::remove_file(to);
            told(to, &error)
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It has its name, or is of no use.
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes the archive. Everything is read twice, at the same moment: first to know how much it is, for that stands before it
/// in the archive, and never is more of it in memory than a line.
fn write(
    reader: &mut TenantReader<'_>,
    at: Timestamp,
    recipient: &Recipient,
    path: &Path,
) -> Result<Exported> {
    let mut reading = reader.begin_export()?;
    let institution = reader.own_institution()?;
    let mut log = Frontier::default();
    let mut files = Vec::with_capacity(CATALOGUE.len());
    for resource in CATALOGUE {
        files.push(survey(reader, &mut reading, resource, &mut log)?);
    }
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        institution_id: institution.id.as_uuid(),
        institution_name: institution.fields.name,
        exported_at: at,
        audit_log: AuditLog { size: log.size(), root: hex::encode(log.root()) },
        files,
    };
    let unwritten = |error: io::Error| told(path, &error);
    let file = new_private_file(path).map_err(unwritten)?;
    let sealing = recipient.seal(BufWriter::new(file)).map_err(unwritten)?;
    let mut writing = Writing::new(sealing, at);
    writing.file("README.md", README).map_err(unwritten)?;
    let text = manifest.to_json()?;
    writing.file(MANIFEST, &text).map_err(unwritten)?;
    let mut reading = reader.begin_export()?;
    for (resource, file) in CATALOGUE.into_iter().zip(&manifest.files) {
        let schema = serde_json::to_string_pretty(&schema(resource)).map_err(Error::internal)?;
        writing.file(&format!("{}.schema.json", resource.name), &schema).map_err(unwritten)?;
        writing.begin(&file.name, file.bytes).map_err(unwritten)?;
        reader
            .export(&mut reading, resource, |line| writing.write_all(&bytes_of(line)?).map_err(unwritten))?;
    }
    let finish = || writing.finish()?.finish()?.into_inner()?.sync_all();
    finish().map_err(unwritten)?;
    Ok(Exported { manifest, manifest_sha256: Sha256::digest(text).into() })
}

/// How much there is of a kind, and its digest.
fn survey(
    reader: &mut TenantReader<'_>,
    reading: &mut Reading,
    resource: &'static Resource,
    log: &mut Frontier,
) -> Result<DataFile> {
    let (mut lines, mut bytes, mut digest) = (0, 0, Sha256::new());
    let unreadable = reader.export(reading, resource, |line| {
        let text = bytes_of(line)?;
        lines += 1;
        bytes += text.len() as u64;
        digest.update(&text);
        if resource.name == LOG {
            log.push(leaf_of(line).ok_or(Error::Unreadable(resource.table))?);
        }
        Ok(())
    })?;
    let (name, sha256) = (format!("{}.ndjson", resource.name), hex::encode(digest.finalize()));
    Ok(DataFile { name, lines, unreadable, bytes, sha256 })
}

fn leaf_of(entry: &Map<String, Value>) -> Option<[u8; 32]> {
    hex::decode(entry.get("leafHash")?.as_str()?).ok()?.try_into().ok()
}

fn bytes_of(line: &Map<String, Value>) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line).map_err(Error::internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c080_a_file_that_came_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("school.age");
        let finished = |to: &Path| {
            let unfinished = Unfinished::beside(to).unwrap();
            fs::write(&unfinished.0, "export").unwrap();
            unfinished.gets_its_name(to)
        };
        finished(&to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "export");
        fs::write(&to, "something else").unwrap();
        finished(&to).unwrap_err();
        assert_eq!(fs::read_to_string(&to).unwrap(), "something else");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
