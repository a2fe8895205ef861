//! The letters that a service without a mail server laid in its folder.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How long a letter may take to be written.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A folder of letters.
#[derive(Clone)]
pub struct Mailbox(PathBuf);

impl Mailbox {
    /// The letters in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The letters to an address so far, the oldest first.
    pub fn letters(&self, email: &str) -> Vec<String> {
        let Ok(folder) = fs::read_dir(&self.0) else { return Vec::new() };
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        let texts = paths.into_iter().map(|path| fs::read_to_string(path).unwrap());
        let to = format!("To: {}\r\n", email.to_lowercase());
        texts.filter(|text| text.to_lowercase().contains(&to.to_lowercase())).collect()
    }

    /// The letters to an address with this in their text, once there are as many.
    #[track_caller]
    pub fn wait_for(&self, email: &str, holding: &str, count: usize) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let mut letters = self.letters(email);
            letters.retain(|letter| letter.contains(holding));
            if letters.len() >= count {
                return letters;
            }
            assert!(begun.elapsed() < PATIENCE, "{count} letters with {holding}: {}", letters.len());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// The tokens to choose a password with that were sent to an address, the oldest first, once there are as many.
    #[track_caller]
    pub fn tokens(&self, email: &str, count: usize) -> Vec<String> {
        self.links(email, "#token=", count)
    }

    /// The tokens to join an institution with that were sent to an address, the oldest first, once there are as many.
    #[track_caller]
    pub fn joining_tokens(&self, email: &str, count: usize) -> Vec<String> {
        self.links(email, "#join=", count)
    }

    /// The tokens to confirm an address with that were sent to an address, the oldest first, once there are as many.
    #[track_caller]
    pub fn address_tokens(&self, email: &str, count: usize) -> Vec<String> {
        self.links(email, "#address=", count)
    }

    #[track_caller]
    fn links(&self, email: &str, mark: &str, count: usize) -> Vec<String> {
        let token = |letter: &String| {
            let (_, rest) = letter.split_once(mark).unwrap();
            rest.split_whitespace().next().unwrap().to_owned()
        };
        self.wait_for(email, mark, count).iter().map(token).collect()
    }

    /// The latest token to choose a password with that was sent to an address.
    #[track_caller]
    pub fn token(&self, email: &str) -> String {
        self.tokens(email, 1).pop().unwrap()
    }
}
