//! What can be wrong with an audit log that was taken along, each in a sentence for whoever checks it.

use std::fmt;

use jiff::Timestamp;

use super::checkpoint::CheckpointFault;
use super::cosignature::CosignatureFault;
use super::export::FORMAT;

/// Something that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The text does not begin as one does.
    NoExport,
    /// The first line says that it is of one institution, and names the log of another.
    OtherOrigin,
    /// A line, counted from 1, is neither an entry nor the end.
    Unreadable(u64),
    /// What an entry says does not have the hash under which it stands in the log.
    Altered(u64),
    /// Entries from the first to the last number are not there.
    Missing(u64, u64),
    /// An entry stands behind one with a higher number, or is there twice.
    OutOfOrder(u64),
    /// An entry is older than one before it.
    Earlier(u64),
    /// An entry has no body, although one before it has: bodies end in the order of the log.
    Hidden(u64),
    /// So many entries have no body, although the first that has one, if any, is too young for theirs to have ended.
    HiddenEarly(u64, Option<Timestamp>),
    /// The first line or the last one names another number of entries than was signed.
    OtherSize {
        /// How many it names.
        said: u64,
        /// How many were signed.
        signed: u64,
    },
    /// There are lines behind the end.
    BehindTheEnd,
    /// The end is missing; so many entries came before.
    BrokenOff(u64),
    /// The checkpoint at the end is not believed.
    Checkpoint(CheckpointFault),
    /// The checkpoint at the end does not have the cosignature of this witness.
    NotWitnessed(String, CosignatureFault),
    /// The checkpoint at the end is of another log.
    OtherLog(String),
    /// The checkpoint is of fewer entries than there are.
    Unsigned {
        /// How many were signed.
        signed: u64,
        /// How many there are.
        entries: u64,
    },
    /// The tree of the entries has another root than was signed.
    OtherRoot(u64),
    /// An older checkpoint, under its name here, is not believed.
    Older(String, CheckpointFault),
    /// An older checkpoint is of another log.
    OlderOfOtherLog(String, String),
    /// The first entries are not those of an older checkpoint, which had so many.
    NotAContinuation(String, u64),
    /// An older checkpoint had more entries than the log has now.
    Shorter {
        /// Which checkpoint.
        older: String,
        /// How many entries it had.
        had: u64,
        /// How many there are.
        has: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoExport => {
                write!(f, "the file does not begin as an export of an audit log of this form ({FORMAT})")
            }
            Self::OtherOrigin => write!(f, "the first line names one institution and the log of another"),
            Self::Unreadable(line) => write!(f, "line {line} is neither an entry nor the end of an export"),
            Self::Altered(entry) => write!(
                f,
                "entry {entry} was altered, moved, or taken from the log of another institution: what it says does not \
                 have the hash that it stands under"
            ),
            Self::Missing(from, to) if from == to => write!(f, "entry {from} is missing"),
            Self::Missing(from, to) => write!(f, "the entries from {from} to {to} are missing"),
            Self::OutOfOrder(entry) => write!(f, "entry {entry} is not in its place in the order of the log"),
            Self::Earlier(entry) => write!(f, "entry {entry} says that it is older than the one before it"),
            Self::Hidden(entry) => write!(
                f,
                "what entry {entry} says was taken away, although an older one still has what it says"
            ),
            Self::HiddenEarly(ended, None) => {
                write!(f, "what each of the {ended} entries says was taken away")
            }
            Self::HiddenEarly(ended, Some(first)) => write!(
                f,
                "what the first {ended} entries say was taken away, although the one behind them is of {first}: an entry \
                 ends after two years, so they were hidden, unless nothing was entered for months before it"
            ),
            Self::OtherSize { said, signed } => {
                write!(f, "the file says that there are {said} entries, and {signed} were signed")
            }
            Self::BehindTheEnd => {
                write!(f, "there are lines behind the checkpoint, which has to be the last")
            }
            Self::BrokenOff(entries) => {
                write!(f, "the file breaks off after {entries} entries: the checkpoint at the end is missing")
            }
            Self::Checkpoint(fault) => write!(f, "the checkpoint at the end is not believed: {fault}"),
            Self::NotWitnessed(name, fault) => {
                write!(f, "the witness {name} does not vouch for the checkpoint at the end: {fault}")
            }
            Self::OtherLog(name) => write!(f, "the checkpoint at the end is of another log: {name}"),
            Self::Unsigned { signed, entries } => {
                write!(f, "there are {entries} entries, and the checkpoint was signed of {signed}")
            }
            Self::OtherRoot(size) => write!(
                f,
                "these {size} entries are not those that the checkpoint was signed of: the log was altered after it was \
                 signed"
            ),
            Self::Older(name, fault) => write!(f, "the older checkpoint {name} is not believed: {fault}"),
            Self::OlderOfOtherLog(name, log) => {
                write!(f, "the older checkpoint {name} is of another log: {log}")
            }
            Self::NotAContinuation(name, size) => write!(
                f,
                "the log is not a continuation of the older checkpoint {name}: its first {size} entries were altered \
                 since"
            ),
            Self::Shorter { older, had, has } => write!(
                f,
                "the log was cut off: the older checkpoint {older} was signed of {had} entries, and there are {has}"
            ),
        }
    }
}
