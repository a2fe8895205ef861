//! A backup of a gigabyte, and putting it back into an empty place: how long an installation is away that is lost.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use age::secrecy::ExposeSecret as _;
use ureq::Agent;

use super::super::Error;
use super::super::output::{progress, say};
use super::super::programs::{Programs, groeilijn};
use super::super::schools::{self, School};
use super::super::servers::Server;
use super::super::stop::Stop;
use super::timed;

/// How large the data is.
const BYTES: u64 = 1_000_000_000;

/// How many write until it is that large, and how long a note of theirs is.
const WRITERS: usize = 8;
const NOTE_CHARACTERS: usize = 9_900;

/// The files of an installation that hold data and keys.
const DATA: &str = "data.sqlite";
const KEYS: &str = "keys.sqlite";
const ROOT_KEY: &str = "root.key";

/// Has teachers write notes until the data in a folder is a gigabyte.
pub(in super::super) fn fill(programs: &Programs, folder: &Path, stop: &Stop) -> Result<(), Error> {
    let server = Server::of_build("ours", &programs.ours, folder, stop)?;
    let schools = schools::some_of_ours(&server.address, 0..8)?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (server, schools, over) = (&server, &schools, &over);
                scope.spawn(move || write(&server.address, schools, number, over))
            })
            .collect();
        let filled = wait_until_large(folder, stop);
        over.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().map_err(|_| Error::of("fill", "a writer failed"))??;
        }
        filled
    })
}

fn wait_until_large(folder: &Path, stop: &Stop) -> Result<(), Error> {
    while size(&folder.join(DATA))? < BYTES {
        stop.check()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// One long note after another.
fn write(address: &str, schools: &[School], number: usize, over: &AtomicBool) -> Result<(), Error> {
    let agent: Agent = Agent::config_builder().build().into();
    let sentence = "Bouwt een toren van blokken en vertelt erbij. ";
    let text: String = sentence.chars().cycle().take(NOTE_CHARACTERS).collect();
    let note = serde_json::json!({ "text": text.trim_end() });
    let children = schools.iter().flat_map(|school| school.pupils.iter().map(move |pupil| (school, pupil)));
    for (school, pupil) in children.cycle().skip(number * 101) {
        if over.load(Ordering::Relaxed) {
            break;
        }
        agent
            .post(format!("{address}/v1/pupils/{pupil}/notes"))
            .header("Authorization", format!("Bearer {}", school.token))
            .send_json(&note)
            .map_err(|error| Error::of("write a note", error))?;
    }
    Ok(())
}

/// Makes a backup of the data in a folder, puts it back elsewhere, and prints how long each took beside a plain copy of the
/// same files.
pub(in super::super) fn measure(programs: &Programs, folder: &Path, stop: &Stop) -> Result<(), Error> {
    progress(format_args!("measuring a backup, and putting it back"))?;
    let place = folder.join("elsewhere");
    fs::create_dir_all(&place).map_err(Error::at(&place))?;
    let copied =
        [plain_copy(folder, &place)?, plain_copy(folder, &place)?].into_iter().min().unwrap_or_default();
    let bytes = size(&folder.join(DATA))? + size(&folder.join(KEYS))?;

    let backups = folder.join("backups").join("here");
    let (secret, recipient) = identity(&place)?;
    let settings = |mut command: Command| {
        command.env("GROEILIJN_BACKUP__FOLDER", &backups).env("GROEILIJN_BACKUP__RECIPIENT", &recipient);
        command
    };
    // Its own folder, since a backup may not lie beside what it is of.
    let source = folder.join("source");
    move_into(folder, &source)?;
    let made = timed(settings(groeilijn(&programs.ours, &source)).arg("backup"), stop)?;

    let restored = folder.join("restored");
    fs::create_dir_all(&restored).map_err(Error::at(&restored))?;
    copy(&source.join(ROOT_KEY), &restored.join(ROOT_KEY))?;
    let mut command = settings(groeilijn(&programs.ours, &restored));
    command.arg("restore").arg("--identity").arg(&secret);
    for half in ["data", "keys"] {
        command.arg(format!("--{half}")).arg(newest(&backups.join(half))?);
    }
    let put_back = timed(&mut command, stop)?;
    let begun = Instant::now();
    Server::of_build("ours", &programs.ours, &restored, stop)?;
    let started = begun.elapsed();

    say(format_args!("\n{} MB of data and keys", bytes / 1_000_000))?;
    for (what, took) in
        [("plain copy, on the disk", copied), ("backup, checked", made), ("restore", put_back)]
    {
        let seconds = took.as_secs_f64();
        say(format_args!(
            "{what:<24} {seconds:>6.1} s | {:>6.0} MB/s | {:.1} times a plain copy",
            megabytes(bytes) / seconds,
            seconds / copied.as_secs_f64()
        ))?;
    }
    say(format_args!("{:<24} {:>6.1} s", "until a server answers", started.as_secs_f64()))
}

#[allow(clippy::cast_precision_loss, reason = "a few gigabytes are far below 2^53")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn size(path: &Path) -> Result<u64, Error> {
    fs::metadata(path).map(|file| file.len()).map_err(Error::at(path))
}

/// Copies data and keys, and says how long it took until they were on the disk.
fn plain_copy(from: &Path, to: &Path) -> Result<Duration, Error> {
    let begun = Instant::now();
    for name in [DATA, KEYS] {
        copy(&from.join(name), &to.join(name))?;
    }
    let took = begun.elapsed();
    for name in [DATA, KEYS] {
        let path = to.join(name);
        fs::remove_file(&path).map_err(Error::at(&path))?;
    }
    Ok(took)
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map_err(Error::at(from))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(Error::at(to))
}

/// Moves all files of a folder into one that is made in it.
fn move_into(folder: &Path, within: &Path) -> Result<(), Error> {
    fs::create_dir_all(within).map_err(Error::at(within))?;
    for entry in fs::read_dir(folder).map_err(Error::at(folder))? {
        let entry = entry.map_err(Error::at(folder))?;
        if entry.path().is_file() {
            fs::rename(entry.path(), within.join(entry.file_name())).map_err(Error::at(&entry.path()))?;
        }
    }
    Ok(())
}

/// A new key for backups: the file with the secret, and the public one.
fn identity(folder: &Path) -> Result<(PathBuf, String), Error> {
    let identity = age::x25519::Identity::generate();
    let path = folder.join("backups.key");
    fs::write(&path, identity.to_string().expose_secret()).map_err(Error::at(&path))?;
    Ok((path, identity.to_public().to_string()))
}

/// The backup in a folder with one.
fn newest(folder: &Path) -> Result<PathBuf, Error> {
    let entries = fs::read_dir(folder).map_err(Error::at(folder))?;
    let newest = entries.flatten().map(|entry| entry.path()).max();
    newest.ok_or_else(|| Error::of(folder.display(), "there is no backup in it"))
}
