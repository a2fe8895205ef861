//! People who go on working, each at a pace of their own: they read children and write notes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ureq::Agent;

use super::super::Error;
use super::super::schools::School;

/// How many read, and how many write.
const READERS: usize = 6;
const WRITERS: usize = 2;

/// How long each waits after a reply.
const PAUSE: Duration = Duration::from_millis(10);

/// A note of some 200 bytes.
const NOTE: &str = r#"{"text":"Bouwt samen met een ander kind een garage van blokken, overlegt over de ingang en legt uit waarom de grote auto er niet in past. Zoekt daarna zelf een hogere steun."}"#;

/// What people saw in a while.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How long each reply took, the shortest first.
    took: Vec<Duration>,
    /// How many requests were refused, or got no reply.
    pub(super) refused: usize,
}

impl Seen {
    /// How many requests there were.
    pub(super) fn requests(&self) -> usize {
        self.took.len()
    }

    /// How long so many of a hundred replies took at most.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let at = self.took.len() * percent / 100;
        self.took.get(at.min(self.took.len().saturating_sub(1))).copied().unwrap_or(Duration::MAX)
    }

    fn add(&mut self, took: Duration, is_served: bool) {
        self.took.push(took);
        self.refused += usize::from(!is_served);
    }

    fn with(mut self, other: Self) -> Self {
        self.took.extend(other.took);
        self.refused += other.refused;
        self
    }
}

/// Lets people work as long as `work` takes, and gives what it gave and what they saw.
///
/// # Errors
/// What `work` fails with.
pub(super) fn beside<T>(
    address: &str,
    schools: &[School],
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<(T, Seen), Error> {
    let (over, seen) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let done = thread::scope(|scope| {
        for number in 0..READERS + WRITERS {
            let (over, seen) = (&over, &seen);
            scope.spawn(move || {
                let own = go_on(address, schools, number, over);
                seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(own);
            });
        }
        let done = work();
        over.store(true, Ordering::Relaxed);
        done
    })?;
    let seen = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut all = seen.into_iter().fold(Seen::default(), Seen::with);
    all.took.sort();
    Ok((done, all))
}

/// One request after another, about one child after another, until it is over.
fn go_on(address: &str, schools: &[School], number: usize, over: &AtomicBool) -> Seen {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut seen = Seen::default();
    let children = schools.iter().flat_map(|school| school.pupils.iter().map(move |pupil| (school, pupil)));
    // Each begins somewhere else.
    for (school, pupil) in children.cycle().skip(number * 101) {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let (path, bearer) = (format!("{address}/v1/pupils/{pupil}"), format!("Bearer {}", school.token));
        let begun = Instant::now();
        let (reply, wanted) = if number < READERS {
            (agent.get(path).header("Authorization", bearer).call(), 200)
        } else {
            let write = agent.post(format!("{path}/notes")).header("Authorization", bearer);
            (write.header("Content-Type", "application/json").send(NOTE), 201)
        };
        let is_served = reply.is_ok_and(|mut reply| {
            // A reply is there when all of it is.
            reply.status() == wanted && reply.body_mut().read_to_vec().is_ok()
        });
        seen.add(begun.elapsed(), is_served);
        thread::sleep(PAUSE);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(took: impl IntoIterator<Item = u64>) -> Seen {
        Seen { took: took.into_iter().map(Duration::from_millis).collect(), refused: 0 }
    }

    #[test]
    fn a_percentile_is_one_of_what_was_seen() {
        let hundred = seen(1..=100);
        assert_eq!(hundred.percentile(50), Duration::from_millis(51));
        assert_eq!(hundred.percentile(99), Duration::from_millis(100));
        assert_eq!(seen([7]).percentile(99), Duration::from_millis(7));
    }

    #[test]
    fn what_several_saw_is_taken_together() {
        let mut refused = Seen::default();
        refused.add(Duration::from_millis(3), false);
        let both = seen([1, 2]).with(refused);
        assert_eq!((both.requests(), both.refused), (3, 1));
    }
}
