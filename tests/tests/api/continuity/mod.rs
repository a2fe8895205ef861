//! Exports of one institution in open formats, and taking them in on another installation (C080).

mod catalogue;
mod command;
mod forged;
mod refused;
mod round_trip;
mod schemas;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use groeilijn_api::backup::sealed_file::{Identities, Recipient};
use groeilijn_api::continuity::{Imported, export, import};
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_persistence::database::rows::{Cell, insert};
use groeilijn_persistence::{Error, Result};
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::{Database, Installation, Server};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// When everything happens.
const NOW: &str = "2026-11-21T09:30:00Z";

/// Somebody whom exports are for, and a place to put them.
struct Receiver {
    folder: TempDir,
    secret: age::x25519::Identity,
}

impl Receiver {
    fn new() -> Self {
        let (folder, secret) = (tempfile::tempdir().unwrap(), age::x25519::Identity::generate());
        let text = age::secrecy::ExposeSecret::expose_secret(&secret.to_string()).to_owned();
        fs::write(folder.path().join("identity"), text).unwrap();
        Self { folder, secret }
    }

    fn recipient(&self) -> String {
        self.secret.to_public().to_string()
    }

    fn identity(&self) -> PathBuf {
        self.folder.path().join("identity")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Has an institution exported beside the server that runs.
    fn export(&self, server: &Server, institution: &str, name: &str) -> Result<PathBuf> {
        let to = self.file(name);
        let (id, recipient) = (institution_id(institution), Recipient::parse(&self.recipient()).unwrap());
        server.installation().with_store(&TestClock::at(NOW), async |store| {
            export(store, id, &recipient, &to).await.map(|_| to.clone())
        })
    }

    /// Has an export taken in, of which was told what it is.
    fn import(&self, installation: &Installation, from: &Path) -> Result<Imported> {
        self.import_told(installation, from, self.manifest_sha256(from))
    }

    /// The same, where the manifest was told to have this digest.
    fn import_told(&self, installation: &Installation, from: &Path, told: [u8; 32]) -> Result<Imported> {
        let identities = Identities::read(&self.identity())?;
        installation
            .with_store(&TestClock::at(NOW), async |store| import(store, identities, from, told).await)
    }

    /// SHA-256 of the manifest in an export; of nothing when it does not open.
    fn manifest_sha256(&self, path: &Path) -> [u8; 32] {
        let is_opened = age::decrypt(&self.secret, &fs::read(path).unwrap()).is_ok();
        let manifest = is_opened.then(|| self.files(path)["manifest.json"].clone());
        <sha2::Sha256 as sha2::Digest>::digest(manifest.unwrap_or_default()).into()
    }

    /// What is said when an export is refused.
    #[track_caller]
    fn refusal(&self, installation: &Installation, from: &Path) -> String {
        self.refusal_told(installation, from, self.manifest_sha256(from))
    }

    /// The same, where the manifest was told to have this digest.
    #[track_caller]
    fn refusal_told(&self, installation: &Installation, from: &Path, told: [u8; 32]) -> String {
        match self.import_told(installation, from, told) {
            Ok(_) => panic!("it was taken in"),
            Err(error) => error.to_string(),
        }
    }

    /// The bytes of an export, opened as age itself would.
    fn opened(&self, path: &Path) -> Vec<u8> {
        age::decrypt(&self.secret, &fs::read(path).unwrap()).unwrap()
    }

    /// The files in an export, by name.
    fn files(&self, path: &Path) -> BTreeMap<String, Vec<u8>> {
        let bytes = self.opened(path);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut files = BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.insert(name, content);
        }
        files
    }

    /// Makes an export with these files in the order of its manifest, with its digests brought up to date when `signed`.
    fn remade(&self, files: &BTreeMap<String, Vec<u8>>, digests: Digests, name: &str) -> PathBuf {
        let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        if digests == Digests::Anew {
            for file in manifest["files"].as_array_mut().unwrap() {
                let content = &files[file["name"].as_str().unwrap()];
                file["bytes"] = content.len().into();
                file["lines"] = content.iter().filter(|byte| **byte == b'\n').count().into();
                file["sha256"] = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(content)).into();
            }
        }
        let mut archive = tar::Builder::new(Vec::new());
        let mut add = |name: &str, content: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            archive.append_data(&mut header, name, content).unwrap();
        };
        add("manifest.json", manifest.to_string().as_bytes());
        for file in manifest["files"].as_array().unwrap() {
            let name = file["name"].as_str().unwrap();
            if let Some(content) = files.get(name) {
                add(name, content);
            }
        }
        let sealed = age::encrypt(&self.secret.to_public(), &archive.into_inner().unwrap()).unwrap();
        let path = self.file(name);
        fs::write(&path, sealed).unwrap();
        path
    }
}

/// What a manifest says of files that were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digests {
    /// What they are now.
    Anew,
    /// What they were.
    AsBefore,
}

fn institution_id(text: &str) -> InstitutionId {
    InstitutionId::from_uuid(text.parse().unwrap())
}

/// The documents on the lines of a file.
fn lines(files: &BTreeMap<String, Vec<u8>>, kind: &str) -> Vec<Value> {
    let text = String::from_utf8(files[&format!("{kind}.ndjson")].clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Publishes the contract documents of an export on another installation, each under the id that `id` gives.
fn publish_documents(files: &BTreeMap<String, Vec<u8>>, target: &Installation, id: impl Fn(&Value) -> Uuid) {
    let text = |value: &Value| Cell::Text(value.as_str().unwrap().to_owned());
    for document in lines(files, "contract-documents") {
        let row = vec![
            ("id", Cell::Bytes(id(&document).into_bytes().to_vec())),
            ("kind", text(&document["kind"])),
            ("version", text(&document["version"])),
            ("language", text(&document["language"])),
            ("summary", text(&document["summary"])),
            ("text", text(&document["text"])),
            ("sha256", Cell::Bytes(hex::decode(document["sha256"].as_str().unwrap()).unwrap())),
            ("published_by", Cell::Bytes(id_of(&document["publishedBy"]).into_bytes().to_vec())),
            (
                "published_at",
                Cell::Integer(
                    document["publishedAt"].as_str().unwrap().parse::<Timestamp>().unwrap().as_microsecond(),
                ),
            ),
        ];
        insert(&mut target.raw_data(), "contract_document", row).unwrap();
    }
}

/// The id that a value is.
fn id_of(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

/// An installation on the other database, on which nothing was entered; none where there is no such database.
fn other_installation(server: &Server) -> Option<Installation> {
    Installation::fresh(match server.installation().database() {
        Database::Sqlite => Database::Postgres,
        Database::Postgres => Database::Sqlite,
    })
}

/// How many rows a query counts: it gives one number, called `count`.
fn count(connection: &mut AnyConnection, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    sql_query(query).get_result::<Counted>(connection).unwrap().count
}

/// That something was not found, and nothing else.
fn is_not_found<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotFound))
}
