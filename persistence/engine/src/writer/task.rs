//! Entries of the writer's queue, and what they leave to be done at the end of their transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::audit::pending::PendingEntry;
use crate::database::connection::AnyConnection;
use crate::error::Result;
use crate::last_use::Used;

/// What a piece of work leaves to be done at the end of its transaction.
#[derive(Default)]
pub struct Batch {
    /// Entries for the audit log, in the order in which things happened.
    pub entries: Vec<PendingEntry>,
    /// Entries that stay when the work itself fails and is undone: what was refused is on record.
    pub refused: Vec<PendingEntry>,
    /// What was used, and when: see [`crate::last_use`].
    pub(super) last_uses: BTreeMap<Used, Timestamp>,
}

pub(super) type Work = Box<dyn FnOnce(&mut AnyConnection, &mut Batch) -> Result<()> + Send>;

/// Something to write, and the channel on which its outcome is reported once it is durable.
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) done: oneshot::Sender<Result<()>>,
}

/// Something to write. Only work can fail on its own, so only work needs a savepoint.
pub(super) enum Task {
    Work(Work),
    Entries(Vec<PendingEntry>),
    LastUse(Used, Timestamp),
    /// Nothing but the question whether a change could be written.
    Probe,
}
