//! Backups by the program itself: made beside a running server, checked, put back.

mod drill;
mod kills;
mod nightly;
mod refused;
mod taking;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use diesel::sql_query;
use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::postgres::{self, APPLICATION};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_institution;
use groeilijn_tests::{Client, Database, Installation, School};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Program, command};

/// The role on PostgreSQL that backs up.
const BACKUP_ROLE: &str = "groeilijn_backup";

/// Where the backups of one test go, and what opens them.
struct Vault {
    folder: TempDir,
    recipient: String,
}

impl Vault {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = age::x25519::Identity::generate();
        let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
        fs::write(folder.path().join("identity"), format!("# for tests\n{secret}\n")).unwrap();
        Self { recipient: identity.to_public().to_string(), folder }
    }

    fn here(&self) -> PathBuf {
        self.folder.path().join("first")
    }

    fn there(&self) -> PathBuf {
        self.folder.path().join("second")
    }

    fn identity(&self) -> String {
        self.folder.path().join("identity").display().to_string()
    }

    /// A command of the program that knows where backups go.
    fn command(&self, installation: &Installation, arguments: &[&str]) -> Command {
        let mut command = command(installation, arguments);
        command
            .env("GROEILIJN_BACKUP__FOLDER", self.here())
            .env("GROEILIJN_BACKUP__SECOND_FOLDER", self.there())
            .env("GROEILIJN_BACKUP__RECIPIENT", &self.recipient)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        if let Some([data, keys]) = by_backup_role(installation) {
            command.env("GROEILIJN_BACKUP__DATABASE_URL", data).env("GROEILIJN_BACKUP__KEYS_URL", keys);
        }
        command
    }

    /// Has a server on an installation make backups at night.
    fn use_for(&self, installation: &mut Installation) {
        installation.set("backup.folder", self.here().to_str().unwrap());
        installation.set("backup.second_folder", self.there().to_str().unwrap());
        installation.set("backup.recipient", &self.recipient);
        if let Some([data, keys]) = by_backup_role(installation) {
            installation.set("backup.database_url", &data);
            installation.set("backup.keys_url", &keys);
        }
    }

    /// Makes a backup.
    #[track_caller]
    fn back_up(&self, installation: &Installation) -> String {
        said(self.command(installation, &["backup"]).output().unwrap())
    }

    /// Puts the newest backup back: the data, and the keys if they are wanted too.
    fn restore(&self, installation: &Installation, wanted: &[&str]) -> Output {
        let identity = self.identity();
        let mut arguments = vec!["restore".to_owned(), "--identity".to_owned(), identity];
        for want in wanted {
            arguments.push(format!("--{want}"));
            if matches!(*want, "data" | "keys") {
                arguments.push(newest(&self.here(), want).display().to_string());
            }
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        self.command(installation, &arguments).output().unwrap()
    }
}

/// The addresses of data and keys on PostgreSQL for the role that backs up.
fn by_backup_role(installation: &Installation) -> Option<[String; 2]> {
    if installation.database() == Database::Sqlite {
        return None;
    }
    postgres::cluster().unwrap().make_role(BACKUP_ROLE, "BYPASSRLS CREATEDB IN ROLE pg_read_all_data");
    let settings = installation.settings();
    let by_role = |url: &str| url.replace(&format!("user={APPLICATION}"), &format!("user={BACKUP_ROLE}"));
    Some([by_role(&settings.database.url), by_role(&settings.keys.url)])
}

/// Destroys the key of a child at this moment, as its destruction does.
fn destroy(installation: &Installation, now: &TestClock, school: &str, pupil: &str) {
    let owner = key_owner::pupil(PupilId::from_uuid(pupil.parse().unwrap()));
    let school = InstitutionId::from_uuid(school.parse().unwrap());
    installation.with_store(now, async |store| store.keys().destroy(school, owner).await.unwrap());
}

/// What a command said that did what it was told.
#[track_caller]
fn said(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The backups of one half in a folder, the oldest first.
fn backups(folder: &Path, half: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder.join(half))
        .map_or_else(|_| Vec::new(), |entries| entries.map(|entry| entry.unwrap().path()).collect());
    found.sort();
    found
}

#[track_caller]
fn newest(folder: &Path, half: &str) -> PathBuf {
    backups(folder, half).pop().unwrap()
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

/// What is in a folder and not finished.
fn unfinished(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".unfinished")).count()
}

/// A place for an installation that is restored: nothing but the root key, from the safe.
fn empty_place(of: &Installation) -> Installation {
    let bare = Installation::bare(of.database()).unwrap();
    fs::copy(of.settings().keys.root_key_file, bare.settings().keys.root_key_file).unwrap();
    bare
}

/// A school with a group and three children, one of whom has a note.
fn school_with_children(anyone: &Client) -> (School, Vec<String>) {
    let school = School::found(anyone);
    let children: Vec<_> = ["Noor", "Sam", "Mila"]
        .into_iter()
        .map(|name| school.admin.post("/v1/pupils", &crate::durability::pupil(name)).expect(201).id())
        .collect();
    (school, children)
}

/// The administrator of a school, who has to log in anew after a restore.
#[track_caller]
fn log_in(program: &Program, school: &School) -> Client {
    let body = new_institution(&school.domain);
    program.anyone().log_in(&text(&body["administrator"]["email"]), PASSWORD)
}

/// Takes the second entry of a log away, as no trigger lets anybody.
fn lose_an_audit_entry(installation: &Installation) {
    let [mut data, _] = installation.owned();
    let off = match installation.database() {
        Database::Sqlite => "DROP TRIGGER audit_entry_kept",
        Database::Postgres => {
            "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_kept; ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY"
        }
    };
    data.batch_execute(off).unwrap();
    assert!(sql_query("DELETE FROM audit_entry WHERE sequence = 1").execute(&mut data).unwrap() > 0);
}

/// What the API answers about children and users, by path; `NotFound` where it has nothing.
fn answers(admin: &Client, children: &[String]) -> Vec<(String, u16, Value)> {
    let paths = ["/v1/pupils", "/v1/users", "/v1/groups"].map(str::to_owned).into_iter();
    let each = children.iter().map(|id| format!("/v1/pupils/{id}"));
    let mut all: Vec<_> = paths
        .chain(each)
        .map(|path| {
            let reply = admin.get(&path);
            let body = if reply.status == 200 { reply.json() } else { Value::Null };
            (path, reply.status, body)
        })
        .collect();
    let found = admin.post("/v1/pupils/_search", &json!({"name": "Fantasie"}));
    all.push(("search".to_owned(), found.status, found.json()));
    all
}
