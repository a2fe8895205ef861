//! Whether the time of a reply tells a stranger what is wrong (C060, C063).

use std::time::Duration;

use super::super::Error;
use super::super::output::{say, verdict};
use super::super::servers::Server;
use super::super::stop::Stop;
use super::attempt::{Attempt, address, agent};

/// How often each kind is tried: once with an account of each of so many institutions.
const ATTEMPTS: u64 = 150;
/// How far the largest median may be above the smallest.
const MOST_APART: f64 = 1.05;

/// The medians, in microseconds.
pub(super) struct Timing([(&'static str, f64); 3]);

/// Tries an account that is not there, a wrong password and a blocked account, in turns.
pub(super) fn measure(server: &Server, stop: &Stop) -> Result<Timing, Error> {
    let agent = agent();
    let refused = |attempt: Attempt| {
        stop.check()?;
        match attempt.send(&agent, server)? {
            (401, took) => Ok(took),
            (status, _) => Err(Error::of("a login that must be refused", status)),
        }
    };
    for number in 0..ATTEMPTS {
        for _ in 0..3 {
            refused(Attempt::wrong("administrator", number, address(1, number)))?;
        }
    }
    let mut took: [Vec<Duration>; 3] = Default::default();
    for number in 0..ATTEMPTS {
        let [unknown, wrong, blocked] = &mut took;
        unknown.push(refused(Attempt::wrong("nobody", number, address(2, number)))?);
        wrong.push(refused(Attempt::wrong("teacher", number, address(3, number)))?);
        blocked.push(refused(Attempt::right("administrator", number, address(4, number)))?);
    }
    let [unknown, wrong, blocked] = took.map(median);
    Ok(Timing([("unknown", unknown), ("wrong password", wrong), ("blocked", blocked)]))
}

fn median(mut took: Vec<Duration>) -> f64 {
    took.sort();
    took.get(took.len() / 2).map_or(f64::NAN, |middle| middle.as_secs_f64() * 1e6)
}

impl Timing {
    /// The largest median beside the smallest.
    fn apart(&self) -> f64 {
        let medians = self.0.map(|(_, median)| median);
        let largest = medians.into_iter().fold(f64::MIN, f64::max);
        largest / medians.into_iter().fold(f64::MAX, f64::min)
    }

    pub(super) fn is_reached(&self) -> bool {
        (1.0..=MOST_APART).contains(&self.apart())
    }

    pub(super) fn print(&self) -> Result<(), Error> {
        let medians: Vec<_> = self.0.iter().map(|(name, median)| format!("{name} {median:.0} µs")).collect();
        say(format_args!(
            "logins that are refused, medians of {ATTEMPTS}: {}; {:.1}% apart, at most {:.0}% | {}",
            medians.join(", "),
            (self.apart() - 1.0) * 100.0,
            (MOST_APART - 1.0) * 100.0,
            verdict(self.is_reached()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_medians_that_are_farthest_apart_count() {
        let apart = |medians: [f64; 3]| Timing(medians.map(|median| ("", median)));
        assert!(apart([1000.0, 1050.0, 1020.0]).is_reached());
        assert!(!apart([1000.0, 1020.0, 1051.0]).is_reached());
        assert!(!apart([f64::NAN, f64::NAN, f64::NAN]).is_reached());
    }

    #[test]
    fn the_middle_one_is_the_median() {
        assert_eq!(median([3, 1, 2].map(Duration::from_micros).to_vec()), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
