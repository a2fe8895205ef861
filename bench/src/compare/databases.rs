//! The databases: made once, and copied for each run, so that what one run writes does not burden the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;
use super::process::output;
use super::servers::{Programs, ours};
use super::stop::Stop;
use crate::world;

/// The folders with a database of each server, gone with the value.
pub(super) struct Databases {
    run: PathBuf,
}

impl Databases {
    /// Copies the databases in `folder`, after making them if they are not there.
    pub(super) fn prepare(folder: &Path, programs: &Programs, stop: &Stop) -> Result<Self, Error> {
        let made_ours = make(&folder.join("ours"), |new| {
            output(ours(programs, new).arg("init"), stop)?;
            let scale = format!("{}x{}x{}", world::INSTITUTIONS, world::GROUPS, world::PUPILS);
            output(ours(programs, new).args(["demo", "--scale", &scale]), stop).map(drop)
        })?;
        let made_floor = make(&folder.join("floor"), |new| {
            output(Command::new(&programs.floor).arg("fill").arg(floor_file(new)), stop).map(drop)
        })?;
        let databases = Self { run: folder.join("run") };
        remove(&databases.run)?;
        copy(&made_ours, &databases.ours())?;
        copy(&made_floor, &databases.floor())?;
        Ok(databases)
    }

    /// The folder of ours.
    pub(super) fn ours(&self) -> PathBuf {
        self.run.join("ours")
    }

    /// The folder of the bare server.
    pub(super) fn floor(&self) -> PathBuf {
        self.run.join("floor")
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        let _ = remove(&self.run);
    }
}

/// The bare server's database in its folder.
pub(super) fn floor_file(folder: &Path) -> PathBuf {
    folder.join("floor.sqlite")
}

/// Makes a folder unless it is there; under another name until it is whole.
fn make(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
    if !folder.exists() {
        let new = folder.with_extension("partial");
        remove(&new)?;
        fs::create_dir_all(&new).map_err(Error::at(&new))?;
        super::report::progress(format_args!("making {}", folder.display()))?;
        fill(&new)?;
        fs::rename(&new, folder).map_err(Error::at(folder))?;
    }
    Ok(folder.to_owned())
}

fn remove(folder: &Path) -> Result<(), Error> {
    if folder.exists() { fs::remove_dir_all(folder).map_err(Error::at(folder)) } else { Ok(()) }
}

/// Copies the files; folders, such as the one for letters, are made when they are needed.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::at(to))?;
    for entry in fs::read_dir(from).map_err(Error::at(from))? {
        let entry = entry.map_err(Error::at(from))?;
        if entry.path().is_dir() {
            continue;
        }
        fs::copy(entry.path(), to.join(entry.file_name())).map_err(Error::at(&entry.path()))?;
    }
    Ok(())
}
