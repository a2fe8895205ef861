//! What a crowd that logs in at one moment costs, and how soon whoever cannot be served hears it.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::super::Error;
use super::super::output::{say, verdict};
use super::super::servers::Server;
use super::super::stop::Stop;
use super::attempt::{Attempt, address, agent};

/// How many log in at one moment.
const CROWD: u64 = 200;
/// How much memory one hash takes, in KiB: what the service is set to when nobody says otherwise.
const ARGON2_KIB: u64 = 47_104;
/// How long a refusal for want of room may take.
const MOST_REFUSAL: Duration = Duration::from_millis(100);

/// What a crowd showed.
pub(super) struct Crowd {
    /// How many were let in.
    served: usize,
    /// How long those took who were not: they were told at once to come back.
    refused: Vec<Duration>,
    /// By how much the memory grew at most, in KiB.
    grown: u64,
    /// How many hash at once.
    permits: u64,
}

/// Lets everybody log in at one moment.
pub(super) fn measure(server: &Server, stop: &Stop) -> Result<Crowd, Error> {
    stop.check()?;
    // One less than the processors, as the service has it.
    let permits = thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let start = Barrier::new(usize::try_from(CROWD + 1).unwrap_or(usize::MAX));
    let (before, replies) = thread::scope(|scope| {
        let everybody: Vec<_> = (0..CROWD)
            .map(|number| {
                let start = &start;
                scope.spawn(move || {
                    let agent = agent();
                    // What a connection takes is not what a login takes.
                    let connected = agent.get(format!("{}/healthz", server.address)).call();
                    start.wait();
                    start.wait();
                    connected.map_err(|error| Error::of("connect", error))?;
                    let function = if number % 2 == 0 { "teacher" } else { "management" };
                    Attempt::right(function, number / 2, address(0, number)).send(&agent, server)
                })
            })
            .collect();
        start.wait();
        let before =
            server.process.memory_kib().and_then(|memory| server.process.forget_peak().map(|()| memory));
        start.wait();
        let replies: Vec<_> = everybody.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (before, replies)
    });
    let grown = server.process.peak_memory_kib()?.saturating_sub(before?);
    let (mut served, mut refused) = (0, Vec::new());
    for reply in replies {
        match reply.map_err(|_| Error::of("log in", "a client failed"))?? {
            (201, _) => served += 1,
            (503, took) => refused.push(took),
            (status, _) => return Err(Error::of("log in", status)),
        }
    }
    Ok(Crowd { served, refused, grown, permits: u64::try_from(permits).unwrap_or(1) })
}

impl Crowd {
    /// The memory of the hashes, and a fifth more.
    fn most_grown(&self) -> u64 {
        self.permits * ARGON2_KIB * 6 / 5
    }

    fn slowest_refusal(&self) -> Duration {
        self.refused.iter().copied().max().unwrap_or_default()
    }

    pub(super) fn is_reached(&self) -> bool {
        self.served > 0 && self.grown <= self.most_grown() && self.slowest_refusal() <= MOST_REFUSAL
    }

    pub(super) fn print(&self) -> Result<(), Error> {
        say(format_args!(
            "\n{CROWD} logins at one moment: {} served; {} told to come back, the slowest in {:.0} ms of {}; memory \
             {:.1} MiB more, of {:.1} | {}",
            self.served,
            self.refused.len(),
            self.slowest_refusal().as_secs_f64() * 1e3,
            MOST_REFUSAL.as_millis(),
            mebibytes(self.grown),
            mebibytes(self.most_grown()),
            verdict(self.is_reached()),
        ))
    }
}

#[allow(clippy::cast_precision_loss, reason = "memory is far below 2^53 KiB")]
fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(served: usize, refused_in: u64, grown: u64) -> Crowd {
        Crowd { served, refused: vec![Duration::from_millis(refused_in)], grown, permits: 1 }
    }

    #[test]
    fn somebody_is_served_in_little_memory_and_the_others_hear_soon() {
        assert!(crowd(17, 100, 56_524).is_reached());
        assert!(!crowd(0, 1, 0).is_reached());
        assert!(!crowd(17, 101, 0).is_reached());
        assert!(!crowd(17, 1, 56_525).is_reached());
    }
}
