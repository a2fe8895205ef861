//! Whom an account, a session, a token, a network address or a support session touched, from the whole log of the period
//! (C035, C126).

use groeilijn_domain::audit::entry::{ActorKind, ObjectKind};
use groeilijn_domain::audit::exposure::{Counted, Exposure};
use groeilijn_domain::values::ids::{ActorId, ApiTokenId, SessionId, SupportSessionId};
use groeilijn_domain::values::network::{Network, admits_text};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::audit::ending::tells_since;
use groeilijn_engine::audit::query::{EntryFilter, StoredEntry, visit};
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use super::entries::opened_address;
use crate::handles::tenant::TenantReader;

/// How many entries are gone through for an account, a session or a token.
const MOST_SCANNED: u64 = 1_000_000;
/// How many entries are gone through for a network address, each of which is opened.
const MOST_OPENED: u64 = 250_000;
/// How many entries of one support session are counted.
const MOST_NAMED: u64 = 250_000;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspect {
    /// Everything that this user, member of staff or token asked.
    Actor(ActorId),
    /// What was asked in this session.
    Session(SessionId),
    /// What was asked with this token.
    ApiToken(ApiTokenId),
    /// What was asked from this network, which may be one address.
    Network(Network),
    /// What was asked in this support session.
    SupportSession(SupportSessionId),
}

/// In which period, and up to which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// From this moment on, in UTC.
    pub from: Timestamp,
    /// Before this moment, in UTC.
    pub until: Timestamp,
    /// Of the first so many entries of the log; all that it has when nothing is said.
    pub size: Option<u64>,
}

/// What was found.
pub struct FoundExposure {
    /// How many entries the log had, or was asked for: the same question with that gets the same answer.
    pub size: u64,
    /// Of how many entries in the period the network address could not be read, because its key was destroyed with the
    /// person. Of these it is not known whether they belong to it.
    pub unreadable: u64,
    /// Whom it touched.
    pub exposure: Exposure,
}

impl TenantReader<'_> {
    /// Whom something touched at the institution: counted to the last entry, or not at all.
    ///
    /// # Errors
    /// [`Error::Conflict`](groeilijn_engine::error::Error::Conflict) `too-many-entries`;
    /// [`Error::Invalid`](groeilijn_engine::error::Error::Invalid) `too-large` for `as_of`, and `ended` for `from` when the log
    /// no longer tells what was asked then.
    pub fn exposure(&mut self, suspect: Suspect, extent: Extent) -> Result<FoundExposure> {
        let (institution, keys) = (self.institution(), self.keys());
        if let Some(since) = tells_since(self.connection, institution)?.filter(|since| extent.from < *since) {
            let detail = format!("the log tells what was asked since {since}: an entry ends after two years");
            return Err(Error::invalid("from", Refusal::new("ended", detail)));
        }
        let (filter, most) = filter(suspect, extent);
        let (mut exposure, mut unreadable) = (Exposure::default(), 0);
        let size = visit(self.connection, institution, &filter, extent.size, most, |entry: &StoredEntry| {
            let Some(body) = &entry.body else { return Ok(()) };
            if let Suspect::Network(network) = suspect {
                let address = opened_address(keys, institution, body)?;
                unreadable += u64::from(address.is_none() && body.address.is_some());
                if !address.is_some_and(|address| admits_text(&[network], &address)) {
                    return Ok(());
                }
            }
            if matches!(suspect, Suspect::ApiToken(_)) && body.actor_kind != ActorKind::ApiToken {
                return Ok(());
            }
            exposure.count(&Counted {
                operation: &body.operation,
                outcome: body.outcome,
                at: body.occurred_at,
                touched: &body.objects,
            });
            Ok(())
        })?;
        self.touch(ObjectKind::Institution, institution.as_uuid());
        Ok(FoundExposure { size, unreadable, exposure })
    }
}

fn filter(suspect: Suspect, extent: Extent) -> (EntryFilter, u64) {
    let all = EntryFilter { from: Some(extent.from), until: Some(extent.until), ..EntryFilter::default() };
    match suspect {
        Suspect::Actor(id) => (EntryFilter { actor: Some(id.as_uuid()), ..all }, MOST_SCANNED),
        Suspect::ApiToken(id) => (EntryFilter { actor: Some(id.as_uuid()), ..all }, MOST_SCANNED),
        Suspect::Session(id) => (EntryFilter { session: Some(id), ..all }, MOST_SCANNED),
        Suspect::Network(_) => (all, MOST_OPENED),
        Suspect::SupportSession(id) => {
            let named = (ObjectKind::SupportSession, id.as_uuid());
            // Entries of who looked at the session name it too; they are of another one.
            (EntryFilter { objects: vec![named], session: Some(id.into()), ..all }, MOST_NAMED)
        }
    }
}
