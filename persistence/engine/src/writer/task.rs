//! What is put into the writer's queue, and what it leaves to be done at the end of its transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::audit::tree::PendingEntry;
use crate::database::connection::AnyConnection;
use crate::error::Result;
use crate::last_use::Used;

/// What a piece of work leaves to be done at the end of its transaction.
#[derive(Default)]
pub struct Batch {
    /// Entries for the audit log, in the order in which things happened.
    pub entries: Vec<PendingEntry>,
    /// What was used, and when: see [`crate::last_use`].
    pub(super) last_uses: BTreeMap<Used, Timestamp>,
}

pub(super) type Work = Box<dyn FnOnce(&mut AnyConnection, &mut Batch) -> Result<()> + Send>;

/// What is to be written, and whom to tell when it is durable.
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) done: oneshot::Sender<Result<()>>,
}

/// What is to be written. Only work can fail by itself, so only work needs a savepoint.
pub(super) enum Task {
    Work(Work),
    Entries(Vec<PendingEntry>),
    LastUse(Used, Timestamp),
}
