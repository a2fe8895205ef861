//! What a flood of guesses from one network does to those who log in elsewhere, and to those who are logged in.

use std::net::Ipv6Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::super::Error;
use super::super::output::{say, verdict};
use super::super::schools::{self, School};
use super::super::servers::Server;
use super::super::stop::Stop;
use super::attempt::{Attempt, address, agent};

/// How many guesses come each second, from all over one IPv6 /48.
const GUESSES: u64 = 600;
/// How many clients guess: more than may wait at once, so that those who wait do not keep the others from guessing.
const GUESSERS: usize = 48;
/// What part of them has to have come, in percent.
const LEAST_SENT: u64 = 95;
/// How many log in elsewhere, and how often.
const HONEST: u64 = 50;
const HONEST_EVERY: Duration = Duration::from_millis(300);
/// How many of those have to be let in.
const LEAST_SERVED: u64 = 48;
/// How often one pupil is read.
const READ_EVERY: Duration = Duration::from_millis(5);
/// How much longer reads may take.
const MOST_SLOWER: f64 = 2.0;

/// What was seen in a while.
#[derive(Default)]
struct Seen {
    served: u64,
    p99: Duration,
}

/// What a flood showed.
pub(super) struct Flood {
    quiet: Seen,
    flooded: Seen,
    /// How many guesses were answered, in percent of those that should have come.
    sent: u64,
}

/// Lets the same people log in and read with and without a flood.
pub(super) fn measure(server: &Server, stop: &Stop) -> Result<Flood, Error> {
    let schools = schools::of_ours(&server.address)?;
    let quiet = people(server, &schools, 5, stop)?;
    let (begun, over, sent) = (Instant::now(), AtomicBool::new(false), AtomicU64::new(0));
    let ticket = AtomicU64::new(0);
    let (flooded, took) = thread::scope(|scope| {
        let guessers: Vec<_> =
            (0..GUESSERS).map(|_| scope.spawn(|| guess(server, begun, &ticket, &sent, &over))).collect();
        let flooded = people(server, &schools, 6, stop);
        let took = begun.elapsed();
        over.store(true, Ordering::Relaxed);
        guessers.into_iter().try_for_each(joined)?;
        flooded.map(|flooded| (flooded, took))
    })?;
    let due = u128::from(GUESSES) * took.as_millis() / 1000;
    let sent = u128::from(sent.load(Ordering::Relaxed)) * 100 / due.max(1);
    Ok(Flood { quiet, flooded, sent: u64::try_from(sent).unwrap_or(u64::MAX) })
}

/// Guesses whenever it is time, until it is over.
fn guess(
    server: &Server,
    begun: Instant,
    ticket: &AtomicU64,
    sent: &AtomicU64,
    over: &AtomicBool,
) -> Result<(), Error> {
    let agent = agent();
    while !over.load(Ordering::Relaxed) {
        let number = ticket.fetch_add(1, Ordering::Relaxed);
        let due = Duration::from_micros(number * 1_000_000 / GUESSES);
        thread::sleep(due.saturating_sub(begun.elapsed()));
        let (status, _) = Attempt::wrong("nobody", number, within_one_site(number)).send(&agent, server)?;
        if ![401, 429, 503].contains(&status) {
            return Err(Error::of("a guess", status));
        }
        sent.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// An address in one /48, each in a /64 of its own.
fn within_one_site(number: u64) -> String {
    let [.., high, low] = number.to_be_bytes();
    Ipv6Addr::new(0x2001, 0xdb8, 1, u16::from_be_bytes([high, low]), 0, 0, 0, 1).to_string()
}

/// Some log in, each from a network of their own, while somebody reads.
fn people(server: &Server, schools: &[School], networks: u8, stop: &Stop) -> Result<Seen, Error> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| read(server, schools, &over));
        let served = log_in(server, networks, stop);
        over.store(true, Ordering::Relaxed);
        let p99 = joined(reader)?;
        Ok(Seen { served: served?, p99 })
    })
}

fn log_in(server: &Server, networks: u8, stop: &Stop) -> Result<u64, Error> {
    let agent = agent();
    let mut served = 0;
    for number in 0..HONEST {
        stop.check()?;
        let begun = Instant::now();
        let honest = Attempt::right("pedagogical-coach", number, address(networks, number));
        served += u64::from(honest.send(&agent, server)?.0 == 201);
        thread::sleep(HONEST_EVERY.saturating_sub(begun.elapsed()));
    }
    Ok(served)
}

/// Reads one pupil after another until it is over: how long the slowest of a hundred took.
fn read(server: &Server, schools: &[School], over: &AtomicBool) -> Result<Duration, Error> {
    let agent = agent();
    let mut took = Vec::new();
    let pupils = schools.iter().flat_map(|school| school.pupils.iter().map(move |pupil| (school, pupil)));
    for (school, pupil) in pupils.cycle() {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let begun = Instant::now();
        let reply = agent
            .get(format!("{}/v1/pupils/{pupil}", server.address))
            .header("Authorization", format!("Bearer {}", school.token))
            .call()
            .map_err(|error| Error::of("read a pupil", error))?;
        if reply.status() != 200 {
            return Err(Error::of("read a pupil", reply.status()));
        }
        let took_this = begun.elapsed();
        took.push(took_this);
        thread::sleep(READ_EVERY.saturating_sub(took_this));
    }
    Ok(p99(took))
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took.get(took.len() * 99 / 100).copied().unwrap_or(Duration::MAX)
}

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, Error>>) -> Result<T, Error> {
    thread.join().map_err(|_| Error::of("a flood", "a client failed"))?
}

impl Flood {
    fn slower(&self) -> f64 {
        self.flooded.p99.as_secs_f64() / self.quiet.p99.as_secs_f64()
    }

    pub(super) fn is_reached(&self) -> bool {
        self.sent >= LEAST_SENT && self.flooded.served >= LEAST_SERVED && self.slower() <= MOST_SLOWER
    }

    pub(super) fn print(&self) -> Result<(), Error> {
        say(format_args!(
            "{GUESSES} guesses a second from one /48 ({}% of them came): of {HONEST} logins elsewhere {} served ({} \
             without), at least {LEAST_SERVED}; p99 of reads {:.1} ms, {:.1} without, at most {MOST_SLOWER} times | {}",
            self.sent,
            self.flooded.served,
            self.quiet.served,
            self.flooded.p99.as_secs_f64() * 1e3,
            self.quiet.p99.as_secs_f64() * 1e3,
            verdict(self.is_reached()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(sent: u64, served: u64, p99: u64) -> Flood {
        let seen = |served, p99| Seen { served, p99: Duration::from_millis(p99) };
        Flood { quiet: seen(50, 10), flooded: seen(served, p99), sent }
    }

    #[test]
    fn nearly_all_are_served_and_reads_are_not_much_slower() {
        assert!(flood(95, 48, 20).is_reached());
        for not in [flood(94, 50, 10), flood(100, 47, 10), flood(100, 50, 21)] {
            assert!(!not.is_reached());
        }
    }

    #[test]
    fn each_guess_comes_from_another_network_of_one_site() {
        assert_eq!(within_one_site(0), "2001:db8:1::1");
        assert_eq!(within_one_site(0x1_0203), "2001:db8:1:203::1");
    }

    #[test]
    fn one_of_a_hundred_is_slower() {
        assert_eq!(p99((0..200).map(Duration::from_millis).collect()), Duration::from_millis(198));
        assert_eq!(p99(Vec::new()), Duration::MAX);
    }
}
