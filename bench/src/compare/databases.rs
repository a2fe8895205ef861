//! The databases: made once, and copied for each run, so that what one run writes does not burden the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Error;
use super::output::progress;
use super::process::output;
use super::programs::{Floor, Programs, groeilijn};
use super::stop::Stop;
use crate::world;

/// How many institutions there are, how many groups in each, and how many pupils in each of these.
pub(super) type Size = [u64; 3];

/// As much as the bare server has.
const WHOLE: Size = [world::INSTITUTIONS, world::GROUPS, world::PUPILS];

/// The folders with a database of each server, gone with the value.
pub(super) struct Databases<'a> {
    /// Where they are made.
    made: &'a Path,
    /// Where their copies for this run are.
    run: PathBuf,
    stop: &'a Stop,
}

impl<'a> Databases<'a> {
    /// Those in `folder`, none of them copied yet.
    pub(super) fn within(folder: &'a Path, stop: &'a Stop) -> Result<Self, Error> {
        let databases = Self { made: folder, run: folder.join("run"), stop };
        remove(&databases.run)?;
        Ok(databases)
    }

    /// A copy of the database of ours, which is made if it is not there.
    pub(super) fn ours(&self, programs: &Programs) -> Result<PathBuf, Error> {
        self.copy_of("ours-51000", |new| self.fill(&programs.ours, WHOLE, new))
    }

    /// A copy of the database of another build of ours. It makes its own, since it may lay its tables out otherwise;
    /// after that build is made anew, so is the database.
    pub(super) fn of_build(&self, build: &Path) -> Result<PathBuf, Error> {
        let at = Error::at(build);
        let changed = fs::metadata(build).and_then(|file| file.modified()).map_err(at)?;
        let seconds = changed.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.copy_of(&format!("other-51000-{seconds}"), |new| self.fill(build, WHOLE, new))
    }

    /// A copy of a database of ours with as much as `size` says, in which `more` enters what else there is to be; it is made
    /// if it is not there. The name tells what is in it.
    pub(super) fn of_size(
        &self,
        programs: &Programs,
        name: &str,
        size: Size,
        more: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        self.copy_of(name, |new| {
            self.fill(&programs.ours, size, new)?;
            more(new)
        })
    }

    /// A copy of the database of a floor, which is made if it is not there. The number in its name goes up with each change
    /// of its tables, so that an older one is not taken for it.
    pub(super) fn floor(&self, floor: Floor, programs: &Programs) -> Result<PathBuf, Error> {
        let name = match floor {
            Floor::Bare => "floor-3",
            Floor::WithDuties => "floor-with-duties-2",
        };
        self.copy_of(name, |new| output(&mut programs.fill_floor(floor, new), self.stop).map(drop))
    }

    fn fill(&self, build: &Path, size: Size, new: &Path) -> Result<(), Error> {
        output(groeilijn(build, new).arg("init"), self.stop)?;
        let [institutions, groups, pupils] = size;
        let scale = format!("{institutions}x{groups}x{pupils}");
        output(groeilijn(build, new).args(["demo", "--scale", &scale]), self.stop).map(drop)
    }

    fn copy_of(&self, name: &str, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
        let (made, run) = (self.made.join(name), self.run.join(name));
        make(&made, fill)?;
        remove(&run)?;
        copy(&made, &run)?;
        Ok(run)
    }
}

impl Drop for Databases<'_> {
    fn drop(&mut self) {
        let _ = remove(&self.run);
    }
}

/// Makes a folder unless it is there; under another name until it is whole.
fn make(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    if !folder.exists() {
        let new = folder.with_extension("partial");
        remove(&new)?;
        fs::create_dir_all(&new).map_err(Error::at(&new))?;
        progress(format_args!("making {}", folder.display()))?;
        fill(&new)?;
        fs::rename(&new, folder).map_err(Error::at(folder))?;
    }
    Ok(())
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
