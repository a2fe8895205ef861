//! Turns to hash a password, shared out by network: whoever waits in a long line keeps nobody in a short one waiting.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use groeilijn_engine::error::{Error, Result};
use tokio::sync::oneshot::{self, Receiver, Sender};

/// How many from one network may wait for each turn, and how many from everywhere: more are told to come back at once,
/// so that whoever waits is served soon.
const WAITING_PER_NETWORK: usize = 16;
const WAITING: usize = 64;

/// So many turns, and a line of those who wait for each network. The lines are served in rotation.
#[derive(Clone)]
pub(super) struct Turns {
    shared: Arc<Mutex<Shared>>,
    parallel: usize,
}

/// A turn. It goes to whoever is next when it is dropped.
pub(super) struct Permit {
    turns: Option<Turns>,
}

struct Shared {
    free: usize,
    lines: VecDeque<Line>,
}

struct Line {
    network: String,
    waiting: VecDeque<Sender<Permit>>,
}

enum Place {
    Served(Permit),
    Waits(Receiver<Permit>),
}

impl Turns {
    /// As many turns at once as `parallel`.
    pub(super) fn new(parallel: usize) -> Self {
        let shared = Shared { free: parallel, lines: VecDeque::new() };
        Self { shared: Arc::new(Mutex::new(shared)), parallel }
    }

    /// Waits for a turn in the line of a network.
    ///
    /// # Errors
    /// [`Error::Busy`], at once, when too many wait already; later, for the last of the longest line, when somebody with
    /// a shorter one comes.
    pub(super) async fn next(&self, network: &str) -> Result<Permit> {
        match self.enter(network)? {
            Place::Served(permit) => Ok(permit),
            Place::Waits(turn) => turn.await.map_err(|_| Error::Busy),
        }
    }

    fn enter(&self, network: &str) -> Result<Place> {
        let mut shared = self.lock();
        if shared.free > 0 {
            shared.free -= 1;
            return Ok(Place::Served(self.permit()));
        }
        shared.forget_who_left();
        let own = shared.waiting_of(network);
        let is_full = shared.lines.iter().map(Line::len).sum::<usize>() >= self.parallel * WAITING;
        if own >= self.parallel * WAITING_PER_NETWORK || is_full && !shared.send_away_for(own) {
            return Err(Error::Busy);
        }
        let (sender, turn) = oneshot::channel();
        shared.join(network, sender);
        Ok(Place::Waits(turn))
    }

    /// Gives a turn that has ended to the first of the next line who still waits.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut shared = self.lock();
                let next = shared.next();
                if next.is_none() {
                    shared.free += 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(self.permit()) {
                Ok(()) => return,
                // It left at this moment; this one must not be passed on from within.
                Err(mut permit) => permit.turns = None,
            }
        }
    }

    fn permit(&self) -> Permit {
        Permit { turns: Some(self.clone()) }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing in here panics halfway.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn waiting_of(&self, network: &str) -> usize {
        self.lines.iter().find(|line| line.network == network).map_or(0, Line::len)
    }

    fn join(&mut self, network: &str, sender: Sender<Permit>) {
        match self.lines.iter_mut().find(|line| line.network == network) {
            Some(line) => line.waiting.push_back(sender),
            None => {
                self.lines.push_back(Line { network: network.to_owned(), waiting: VecDeque::from([sender]) });
            }
        }
    }

    /// Makes room for somebody in whose line so many wait, at the cost of the last of the longest; `false` when no line
    /// is longer than theirs would be.
    fn send_away_for(&mut self, own: usize) -> bool {
        let longest = self.lines.iter_mut().max_by_key(|line| line.len());
        longest.filter(|line| line.len() > own + 1).and_then(|line| line.waiting.pop_back()).is_some()
    }

    fn forget_who_left(&mut self) {
        for line in &mut self.lines {
            line.waiting.retain(|waiting| !waiting.is_closed());
        }
        self.lines.retain(|line| line.len() > 0);
    }

    /// The first of the line whose turn it is, which goes behind the others.
    fn next(&mut self) -> Option<Sender<Permit>> {
        while let Some(mut line) = self.lines.pop_front() {
            if let Some(first) = line.waiting.pop_front() {
                if line.len() > 0 {
                    self.lines.push_back(line);
                }
                return Some(first);
            }
        }
        None
    }
}

impl Line {
    fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    type Served = UnboundedSender<&'static str>;

    /// Somebody who waits for a turn and says so when it comes.
    async fn waits(turns: &Turns, network: &'static str, served: &Served) -> JoinHandle<Result<()>> {
        let (turns, served) = (turns.clone(), served.clone());
        let task = tokio::spawn(async move {
            let permit = turns.next(network).await?;
            served.send(network).unwrap();
            drop(permit);
            Ok(())
        });
        yield_now().await;
        task
    }

    /// Who was served, in order, once all are gone who wait.
    async fn order(served: Served, mut order: UnboundedReceiver<&'static str>) -> Vec<&'static str> {
        drop(served);
        let mut networks = Vec::new();
        while let Some(network) = order.recv().await {
            networks.push(network);
        }
        networks
    }

    #[tokio::test]
    async fn c079_the_lines_are_served_in_rotation() {
        let (turns, (served, networks)) = (Turns::new(1), unbounded_channel());
        let first = turns.next("flood").await.unwrap();
        for network in ["flood", "flood", "flood", "school", "flood", "home"] {
            waits(&turns, network, &served).await;
        }
        drop(first);
        let networks = order(served, networks).await;
        assert_eq!(networks, ["flood", "school", "home", "flood", "flood", "flood"]);
    }

    #[tokio::test]
    async fn one_network_has_so_many_places_and_others_have_theirs() {
        let (turns, (served, _networks)) = (Turns::new(1), unbounded_channel());
        let _first = turns.next("flood").await.unwrap();
        for _ in 0..WAITING_PER_NETWORK {
            assert!(!waits(&turns, "flood", &served).await.is_finished());
        }
        assert!(matches!(turns.next("flood").await, Err(Error::Busy)));
        assert!(!waits(&turns, "school", &served).await.is_finished());
    }

    #[tokio::test]
    async fn the_last_of_the_longest_line_gives_way() {
        let (turns, (served, _networks)) = (Turns::new(1), unbounded_channel());
        let _first = turns.next("0").await.unwrap();
        let networks = ["1", "2", "3", "4"];
        let mut last = Vec::new();
        for network in networks {
            for _ in 0..WAITING / networks.len() {
                last.push(waits(&turns, network, &served).await);
            }
        }
        assert!(!waits(&turns, "school", &served).await.is_finished());
        yield_now().await;
        assert_eq!(last.iter().filter(|task| task.is_finished()).count(), 1);
    }

    #[tokio::test]
    async fn where_all_lines_are_as_long_whoever_comes_is_told_at_once() {
        let (turns, (served, _networks)) = (Turns::new(1), unbounded_channel());
        let _first = turns.next("0").await.unwrap();
        let networks: Vec<&'static str> = (0..WAITING).map(|number| &*number.to_string().leak()).collect();
        for network in networks {
            waits(&turns, network, &served).await;
        }
        assert!(matches!(turns.next("school").await, Err(Error::Busy)));
    }

    #[tokio::test]
    async fn who_left_takes_no_turn_and_no_place() {
        let (turns, (served, networks)) = (Turns::new(1), unbounded_channel());
        let first = turns.next("school").await.unwrap();
        for _ in 0..WAITING_PER_NETWORK {
            let task = waits(&turns, "school", &served).await;
            task.abort();
            yield_now().await;
        }
        waits(&turns, "school", &served).await;
        drop(first);
        assert_eq!(order(served, networks).await, ["school"]);
        assert!(turns.next("school").await.is_ok());
    }
}
