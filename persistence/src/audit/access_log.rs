//! Who has seen a child or a user, when and why, from the index of the audit log (C096).

use std::collections::HashMap;

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::audit::access_log::{AccessLog, Seen, Times};
use groeilijn_domain::audit::entry::{ActorKind, Object, ObjectKind};
use groeilijn_domain::values::ids::{InstitutionId, PupilId, SupportSessionId, UserId};
use groeilijn_engine::audit::query::{EntryFilter, StoredEntry, visit};
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::access::user::KnownUser;
use crate::handles::tenant::TenantReader;

/// How many entries about one child or user are counted at once.
const MOST_ENTRIES: u64 = 50_000;

/// From when until when entries are counted, in UTC: before `until`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The moment after the last.
    pub until: Option<Timestamp>,
}

/// Who asked, as far as the institution knows them.
#[derive(Clone, PartialEq, Eq)]
pub enum Known {
    /// A user of the institution.
    User(KnownUser),
    /// A member of the processor's staff, who looked in a support session.
    Staff(ProcessorFunction),
    /// Nothing but on which side they stand.
    Nothing,
}

/// Who has seen somebody.
pub struct FoundAccess {
    /// How many entries the log had.
    pub size: u64,
    /// When it was counted, in UTC.
    pub counted_at: Timestamp,
    /// Everybody, who was there last first.
    pub lines: Vec<(Seen, Times, Known)>,
}

impl TenantReader<'_> {
    /// Who has seen a child of the institution.
    ///
    /// # Errors
    /// [`Error::NotFound`](groeilijn_engine::error::Error::NotFound);
    /// [`Error::Conflict`](groeilijn_engine::error::Error::Conflict) `too-many-entries`.
    pub fn access_to_pupil(&mut self, id: PupilId, period: Period) -> Result<FoundAccess> {
        self.child(id)?;
        self.access_to((ObjectKind::Pupil, id.as_uuid()), period)
    }

    /// Who has seen what is known of a user of the institution.
    ///
    /// # Errors
    /// As [`Self::access_to_pupil`].
    pub fn access_to_user(&mut self, id: UserId, period: Period) -> Result<FoundAccess> {
        self.user(id)?;
        self.access_to((ObjectKind::User, id.as_uuid()), period)
    }

    /// Who has seen what is known of the actor.
    ///
    /// # Errors
    /// [`Error::Conflict`](groeilijn_engine::error::Error::Conflict) `too-many-entries`.
    pub fn access_to_self(&mut self, period: Period) -> Result<FoundAccess> {
        let kind = match self.institution() {
            InstitutionId::PLATFORM => ObjectKind::ProcessorStaff,
            _ => ObjectKind::User,
        };
        let own = (kind, self.actor()?.user.as_uuid());
        self.touch(own.0, own.1);
        self.access_to(own, period)
    }

    fn access_to(&mut self, whom: Object, period: Period) -> Result<FoundAccess> {
        let filter = EntryFilter {
            objects: vec![whom],
            from: period.from,
            until: period.until,
            ..EntryFilter::default()
        };
        let (institution, counted_at) = (self.institution(), self.now());
        let mut log = AccessLog::default();
        let size = visit(self.connection, institution, &filter, None, MOST_ENTRIES, |entry| {
            count(&mut log, entry);
            Ok(())
        })?;
        let mut known = HashMap::new();
        let mut lines = Vec::new();
        for (seen, times) in log.lines() {
            let who = (seen.by_kind, seen.by, seen.support_session);
            let found = match known.get(&who) {
                Some(found) => Known::clone(found),
                None => self.known(&seen)?,
            };
            known.insert(who, found.clone());
            lines.push((seen, times, found));
        }
        Ok(FoundAccess { size, counted_at, lines })
    }

    fn known(&mut self, seen: &Seen) -> Result<Known> {
        let found = match (seen.by_kind, seen.by, seen.support_session) {
            (ActorKind::InstitutionUser, Some(id), _) => {
                self.known_user(UserId::from_uuid(id))?.map(Known::User)
            }
            (ActorKind::PlatformUser, _, Some(session)) => self.function_in(session)?.map(Known::Staff),
            _ => None,
        };
        Ok(found.unwrap_or(Known::Nothing))
    }
}

fn count(log: &mut AccessLog, entry: &StoredEntry) {
    let Some(body) = &entry.body else { return };
    let support = body.objects.iter().find(|(kind, _)| *kind == ObjectKind::SupportSession);
    let in_support = body.actor_kind == ActorKind::PlatformUser;
    let seen = Seen {
        by_kind: body.actor_kind,
        by: body.actor,
        support_session: support.filter(|_| in_support).map(|(_, id)| SupportSessionId::from_uuid(*id)),
        activity: body.activity,
        outcome: body.outcome,
    };
    log.count(seen, &body.operation, body.occurred_at);
}
