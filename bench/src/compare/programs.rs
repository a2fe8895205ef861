//! The programs that are measured, and the commands to them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// What ours is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// A server that only reads and writes.
    Bare,
    /// One with the same duties as ours.
    WithDuties,
}

impl Floor {
    /// What the tables call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::WithDuties => "floor",
        }
    }

    fn command(self, what: &str) -> String {
        match self {
            Self::Bare => what.to_owned(),
            Self::WithDuties => format!("{what}-with-duties"),
        }
    }
}

/// Where the programs are.
pub(super) struct Programs {
    /// `groeilijn`.
    pub(super) ours: PathBuf,
    /// `floor`.
    floor: PathBuf,
}

impl Programs {
    /// The programs beside this one.
    ///
    /// # Errors
    /// When one is not there, with how to build it.
    pub(super) fn beside(folder: &Path) -> Result<Self, Error> {
        let find = |name: &str| {
            let path = folder.join(name);
            let how = "not there: cargo build --profile dist -p groeilijn-api -p groeilijn-bench";
            if path.exists() { Ok(path) } else { Err(Error::of(path.display(), how)) }
        };
        Ok(Self { ours: find("groeilijn")?, floor: find("floor")? })
    }

    /// Makes a floor's database in a folder.
    pub(super) fn fill_floor(&self, floor: Floor, folder: &Path) -> Command {
        let mut command = Command::new(&self.floor);
        command.arg(floor.command("fill")).arg(floor_file(folder));
        command
    }

    /// Serves a floor's database in a folder.
    pub(super) fn serve_floor(&self, floor: Floor, folder: &Path, port: u16) -> Command {
        let mut command = Command::new(&self.floor);
        command.arg(floor.command("serve")).arg(floor_file(folder)).arg(port.to_string());
        command
    }
}

fn floor_file(folder: &Path) -> PathBuf {
    folder.join("floor.sqlite")
}

/// A build of `groeilijn` on the database in a folder, with no other setting from outside.
pub(super) fn groeilijn(build: &Path, folder: &Path) -> Command {
    let mut command = Command::new(build);
    command
        .current_dir(folder)
        .env_clear()
        .env("GROEILIJN_DATABASE__URL", "sqlite://data.sqlite")
        .env("GROEILIJN_KEYS__URL", "sqlite://keys.sqlite")
        .env("GROEILIJN_KEYS__ROOT_KEY_FILE", "root.key")
        .env("GROEILIJN_LOG__LEVEL", "warn");
    command
}
