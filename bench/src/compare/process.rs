//! Other programs: none of them outlives the one who started it.

use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{fs, thread};

use super::Error;
use super::stop::Stop;

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Microseconds in the unit of `/proc/PID/stat`, which is a hundredth of a second on every Linux.
const TICK_MICROSECONDS: u64 = 10_000;

/// A program that runs until it is dropped.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        let name = Path::new(command.get_program()).display().to_string();
        command.spawn().map(Self).map_err(|error| match (error.kind(), name.as_str()) {
            (io::ErrorKind::NotFound, "wrk") => Error::NoLoadGenerator,
            _ => Error::of(name, error),
        })
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.0.try_wait().map_err(|error| Error::of("waiting for a program", error))
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// The processor time that it has used, in microseconds, in user mode and for it in the kernel.
    pub(super) fn cpu_microseconds(&self) -> Result<u64, Error> {
        let path = format!("/proc/{}/stat", self.0.id());
        let stat = fs::read_to_string(&path).map_err(Error::at(path.as_ref()))?;
        cpu_ticks(&stat)
            .map(|ticks| ticks * TICK_MICROSECONDS)
            .ok_or_else(|| Error::of(path, "not as expected"))
    }

    /// The memory that it has in use, in KiB.
    pub(super) fn memory_kib(&self) -> Result<u64, Error> {
        self.status_kib("VmRSS:")
    }

    /// The most memory that it had in use since [`Self::forget_peak`], in KiB.
    pub(super) fn peak_memory_kib(&self) -> Result<u64, Error> {
        self.status_kib("VmHWM:")
    }

    /// Counts the most memory in use from now on.
    pub(super) fn forget_peak(&self) -> Result<(), Error> {
        let path = format!("/proc/{}/clear_refs", self.0.id());
        fs::write(&path, "5").map_err(Error::at(path.as_ref()))
    }

    fn status_kib(&self, field: &str) -> Result<u64, Error> {
        let path = format!("/proc/{}/status", self.0.id());
        let status = fs::read_to_string(&path).map_err(Error::at(path.as_ref()))?;
        kib(&status, field).ok_or_else(|| Error::of(path, "not as expected"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fields 14 and 15. The name before them, in brackets, may hold anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(ticks()? + ticks()?)
}

/// What a field of `/proc/PID/status` says, which is in KiB.
fn kib(status: &str, field: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(field))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

/// Runs a program to its end and returns what it prints.
///
/// # Errors
/// When it fails, or this process is told to stop in the meantime.
pub(super) fn output(command: &mut Command, stop: &Stop) -> Result<String, Error> {
    let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let status = loop {
        stop.check()?;
        match process.ended()? {
            Some(status) => break status,
            None => thread::sleep(LOOK_EVERY),
        }
    };
    let name = Path::new(command.get_program()).display().to_string();
    let mut text = String::new();
    if let Some(mut printed) = process.0.stdout.take() {
        printed.read_to_string(&mut text).map_err(|error| Error::of(&name, error))?;
    }
    if status.success() { Ok(text) } else { Err(Error::of(name, status)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 9 0 0 0 120 34 0 0 20 0 3 0 99";
        assert_eq!(cpu_ticks(stat), Some(154));
        assert_eq!(cpu_ticks("7 (a) S 1"), None);
    }

    #[test]
    fn memory_is_found_by_its_name() {
        let status = "Name:\tx\nVmHWM:\t  9000 kB\nVmRSS:\t  8000 kB\n";
        assert_eq!((kib(status, "VmRSS:"), kib(status, "VmHWM:")), (Some(8000), Some(9000)));
        assert_eq!(kib(status, "VmData:"), None);
    }

    #[test]
    fn a_failing_or_missing_program_is_an_error() {
        let stop = Stop::default();
        assert_eq!(output(Command::new("echo").arg("x"), &stop).unwrap(), "x\n");
        assert!(output(&mut Command::new("false"), &stop).is_err());
        assert!(output(&mut Command::new("no-such-program"), &stop).is_err());
    }
}
