//! Whether the time of asking for a new password tells a stranger if there is such an account: its own, and that of a
//! request right behind it.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use ureq::Agent;

use super::super::Error;
use super::super::output::{say, verdict};
use super::super::schools::domain;
use super::super::servers::Server;
use super::super::stop::Stop;
use super::attempt::{address, agent};

/// Whose passwords are forgotten, at each of so many institutions.
const FUNCTIONS: [&str; 3] = ["childcare-worker", "quality-officer", "intern-begeleider"];
const INSTITUTIONS: u64 = 200;
/// How far from a guess a single sample may be: 0.5 is a guess, 1 is certainty. Three standard errors of so many samples.
const FARTHEST: f64 = 0.05;

/// Requests are carried out once a second, and only so many may wait for it: each sample makes two.
const SAMPLES_IN_A_BEAT: u64 = 400;
const BEAT: Duration = Duration::from_millis(1_500);

/// How long the requests took.
#[derive(Default)]
struct Took {
    own: Vec<Duration>,
    behind: Vec<Duration>,
}

/// How well one sample tells an account from none: the area under the curve.
pub(super) struct Resets {
    own: f64,
    behind: f64,
}

/// Asks for accounts that are there and for some that are not, in no order, each with a request of a bystander right
/// behind it.
pub(super) fn measure(server: &Server, stop: &Stop) -> Result<Resets, Error> {
    let agents = [agent(), agent()];
    let (mut known, mut unknown) = (Took::default(), Took::default());
    let mut number = 0_u64;
    for institution in 0..INSTITUTIONS {
        for function in FUNCTIONS {
            stop.check()?;
            let is_known_first = number.count_ones().is_multiple_of(2);
            for is_known in [is_known_first, !is_known_first] {
                let (whose, took) = if is_known {
                    (function.to_owned(), &mut known)
                } else {
                    (format!("no-{function}"), &mut unknown)
                };
                sample(server, &agents, &whose, institution, number, took)?;
                number += 1;
                if number.is_multiple_of(SAMPLES_IN_A_BEAT) {
                    thread::sleep(BEAT);
                }
            }
        }
    }
    Ok(Resets { own: area(&known.own, &unknown.own), behind: area(&known.behind, &unknown.behind) })
}

fn sample(
    server: &Server,
    [stranger, bystander]: &[Agent; 2],
    whose: &str,
    institution: u64,
    number: u64,
    took: &mut Took,
) -> Result<(), Error> {
    let email = format!("{whose}@{}", domain(institution));
    took.own.push(ask(server, stranger, &email, &address(7, number))?);
    let elsewhere = format!("bystander-{number}@elsewhere.example");
    took.behind.push(ask(server, bystander, &elsewhere, &address(8, number))?);
    Ok(())
}

fn ask(server: &Server, agent: &Agent, email: &str, from: &str) -> Result<Duration, Error> {
    let begun = Instant::now();
    let reply = agent
        .post(format!("{}/v1/password-resets", server.address))
        .header("X-Forwarded-For", from)
        .send_json(json!({ "email": email }))
        .map_err(|error| Error::of("forget a password", error))?;
    match reply.status().as_u16() {
        202 => Ok(begun.elapsed()),
        status => Err(Error::of("forget a password", status)),
    }
}

/// How often one of the first took longer than one of the second, where as long counts half (Mann and Whitney).
#[allow(clippy::cast_precision_loss, reason = "some hundreds of samples")]
fn area(first: &[Duration], second: &[Duration]) -> f64 {
    let longer: usize = first
        .iter()
        .map(|one| {
            second.iter().map(|other| 2 * usize::from(one > other) + usize::from(one == other)).sum::<usize>()
        })
        .sum();
    longer as f64 / (2 * first.len() * second.len()) as f64
}

impl Resets {
    pub(super) fn is_reached(&self) -> bool {
        [self.own, self.behind].iter().all(|area| (area - 0.5).abs() <= FARTHEST)
    }

    pub(super) fn print(&self) -> Result<(), Error> {
        say(format_args!(
            "forgotten passwords, whether one sample of {} tells that there is such an account: AUC {:.3}, of a request \
             right behind it {:.3}; at most {FARTHEST} from 0.5 | {}",
            INSTITUTIONS * 3,
            self.own,
            self.behind,
            verdict(self.is_reached()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(milliseconds: &[u64]) -> Vec<Duration> {
        milliseconds.iter().copied().map(Duration::from_millis).collect()
    }

    #[test]
    fn the_area_is_one_half_where_nothing_is_told() {
        let area = |first: &[u64], second: &[u64]| area(&samples(first), &samples(second));
        assert_eq!(area(&[1, 2, 3], &[1, 2, 3]), 0.5);
        assert_eq!(area(&[4, 5], &[1, 2, 3]), 1.0);
        assert_eq!(area(&[1, 4], &[2, 3]), 0.5);
        assert!(area(&[], &[]).is_nan());
    }

    #[test]
    fn telling_in_either_way_is_telling() {
        assert!(Resets { own: 0.46, behind: 0.54 }.is_reached());
        for (own, behind) in [(0.56, 0.5), (0.5, 0.44), (f64::NAN, 0.5)] {
            assert!(!Resets { own, behind }.is_reached());
        }
    }
}
