//! The feed of changes for a client that keeps copies: what the audit log says that was done, as far as the caller reaches,
//! and who came within her reach or left it (C143).

mod position;
mod told;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::feed::{ChangeKind, FeedKind, Reached, changing, not_a_cursor, start_anew};
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::audit::following::{self, MARK_LEN};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use uuid::Uuid;

use self::position::{Known, Position};
pub use self::told::FeedChange;
use self::told::Visible;
use crate::children::reach::children_of;
use crate::children::schema::{groups, pupil};
use crate::handles::tenant::{Reach, TenantReader};

/// What a cursor is sealed as.
const TABLE: &str = "feed_cursor";

/// How many entries of the log are read at once: those of a usual page, and one that tells whether there is more.
const AT_ONCE: i64 = 128;
/// How many entries of the log one page goes through: most of them are reads, and whoever was away long goes on from there.
const MOST_LOOKED_AT: u64 = 20_000;

/// Some changes, in the order in which they are to be taken in.
pub struct FeedPage {
    /// The changes.
    pub changes: Vec<FeedChange>,
    /// Where to go on, sealed for the caller.
    pub cursor: Vec<u8>,
    /// Whether more is there already.
    pub more: bool,
}

impl TenantReader<'_> {
    /// At most `limit` changes of these kinds since a cursor; without one none, and where the feed begins.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `after`: `not-a-cursor` for what this caller did not get, `start-anew` when the log, or how far
    /// she reaches, is not what it was.
    pub fn feed(&mut self, after: Option<&[u8]>, kinds: &[FeedKind], limit: usize) -> Result<FeedPage> {
        let size = following::size(self.connection, self.institution())?;
        let present = self.reached_now(kinds)?;
        let begins = Position {
            sequence: size,
            within: 0,
            mark: [0; MARK_LEN],
            kinds: kinds.iter().fold(0, |bits, kind| bits | 1 << *kind as u8),
            reach: self.reach(),
            known: Known::of(present.clone()),
        };
        let Some(after) = after else {
            return Ok(FeedPage { changes: Vec::new(), cursor: self.seal_cursor(begins)?, more: false });
        };
        let mut position = self.open_cursor(after)?;
        let same_rights = (position.reach, position.kinds) == (begins.reach, begins.kinds);
        if !same_rights || !self.still_tells(&position)? {
            return Err(refused(start_anew()));
        }
        let mut changes = self.new_reach(&mut position.known, present.as_ref(), limit)?;
        let known_all = position.known == begins.known;
        let mut more = !known_all;
        if known_all {
            let visible = Visible { kinds, reached: present.as_ref() };
            let (told, on) = self.told_since(&mut position, size, &visible, limit - changes.len())?;
            changes.extend(told);
            more = on;
        }
        for change in &changes {
            match change.pupil {
                Some(pupil) => self.touch(ObjectKind::Pupil, pupil.as_uuid()),
                None => self.touch(change.kind.object(), change.id),
            }
        }
        Ok(FeedPage { changes, cursor: self.seal_cursor(position)?, more })
    }

    /// Who came within reach since what was `known`, and who left it, as far as the page has room; takes that in.
    fn new_reach(
        &mut self,
        known: &mut Known,
        present: Option<&Reached>,
        room: usize,
    ) -> Result<Vec<FeedChange>> {
        let (Known::These(reached), Some(present)) = (&mut *known, present) else {
            let same = *known == Known::of(present.cloned());
            return if same { Ok(Vec::new()) } else { Err(refused(start_anew())) };
        };
        let mut news = reached.until(present);
        news.truncate(room);
        let there = self.there(&news)?;
        let at = self.now();
        let told = news.into_iter().map(|(kind, id, change)| {
            reached.tell(kind, id, change);
            let change = match (kind, change) {
                (_, ChangeKind::InReach) => change,
                _ if there.contains(&id) => change,
                (FeedKind::Group, _) => ChangeKind::Removed,
                _ => ChangeKind::Destroyed,
            };
            let pupil = (kind == FeedKind::Pupil).then(|| PupilId::from_uuid(id));
            FeedChange { at, kind, id, pupil, change }
        });
        Ok(told.collect())
    }

    /// Which of these are there still, whether or not the caller reaches them.
    fn there(&mut self, news: &[(FeedKind, Uuid, ChangeKind)]) -> Result<Vec<Uuid>> {
        let of = |wanted: FeedKind| {
            let left = move |(kind, id, change): &(FeedKind, Uuid, ChangeKind)| {
                (*kind == wanted && *change == ChangeKind::OutOfReach).then_some(*id)
            };
            news.iter().filter_map(left)
        };
        let institution = self.institution();
        let pupils: Vec<PupilId> = children_of!(institution)
            .filter(pupil::id.eq_any(of(FeedKind::Pupil).map(|id| OneOf(PupilId::from_uuid(id)))))
            .select(pupil::id)
            .load(self.connection)?;
        let groups: Vec<GroupId> = groups::table
            .filter(groups::institution_id.is(institution))
            .filter(groups::id.eq_any(of(FeedKind::Group).map(|id| OneOf(GroupId::from_uuid(id)))))
            .select(groups::id)
            .load(self.connection)?;
        let pupils = pupils.into_iter().map(|id| id.as_uuid());
        Ok(pupils.chain(groups.into_iter().map(|id| id.as_uuid())).collect())
    }

    /// What the log tells that the caller may know of from a position on, as far as the page has room; moves the position
    /// on. Says whether there is more.
    fn told_since(
        &mut self,
        position: &mut Position,
        size: u64,
        visible: &Visible<'_>,
        room: usize,
    ) -> Result<(Vec<FeedChange>, bool)> {
        let operations: Vec<_> = changing().collect();
        let end = size.min(position.sequence.saturating_add(MOST_LOOKED_AT));
        let (mut from, mut told) = (position.sequence, Vec::new());
        // One more than there is room for: whether it is there tells whether there is more.
        while from < end && told.len() <= room {
            let done = following::done(self.connection, self.institution(), from..end, &operations, AT_ONCE)?;
            from = match done.last() {
                Some(last) if done.len() as i64 == AT_ONCE => last.sequence + 1,
                _ => end,
            };
            let found = self.told(&done, visible)?;
            told.extend(
                found
                    .into_iter()
                    .filter(|told| (told.sequence, told.within) > (position.sequence, position.within)),
            );
        }
        let more = told.len() > room;
        told.truncate(room);
        match told.last() {
            Some(last) if more => (position.sequence, position.within) = (last.sequence, last.within),
            _ if more => {}
            _ => (position.sequence, position.within) = (end, 0),
        }
        Ok((told.into_iter().map(|told| told.change).collect(), more || end < size))
    }

    /// Whether the log tells everything from a position on: not when it was put back to an earlier state, nor when what it said
    /// has ended.
    fn still_tells(&mut self, position: &Position) -> Result<bool> {
        let (institution, sequence) = (self.institution(), position.sequence);
        let is_same = following::mark(self.connection, institution, sequence)? == Some(position.mark);
        Ok(is_same && following::tells_from(self.connection, institution, sequence)?)
    }

    /// What the caller reaches now; `None` when that is everything.
    fn reached_now(&mut self, kinds: &[FeedKind]) -> Result<Option<Reached>> {
        if self.reach() == Reach::Institution {
            return Ok(None);
        }
        let pupils = self.pupils_in_reach()?;
        let groups = if kinds.contains(&FeedKind::Group) { self.groups_in_reach()? } else { Vec::new() };
        Ok(Some(Reached {
            groups: groups.into_iter().map(|id| id.as_uuid()).collect(),
            pupils: pupils.into_iter().map(|id| id.as_uuid()).collect(),
        }))
    }

    fn seal_cursor(&mut self, mut position: Position) -> Result<Vec<u8>> {
        let mark = following::mark(self.connection, self.institution(), position.sequence)?;
        position.mark = mark.ok_or_else(|| Error::internal("an entry of the log is gone"))?;
        let mut sealer = self.sealer(TABLE, self.principal().id(), self.shared_owner())?;
        Ok(sealer.bytes("cursor", Some(&position.to_bytes())))
    }

    fn open_cursor(&mut self, cursor: &[u8]) -> Result<Position> {
        let mut opener = self.opener(TABLE, self.principal().id(), self.shared_owner());
        let opened = match opener.bytes("cursor", cursor) {
            Err(Error::Unreadable(_)) => None,
            opened => opened?,
        };
        opened.and_then(|bytes| Position::from_bytes(&bytes)).ok_or_else(|| refused(not_a_cursor()))
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::invalid("after", refusal)
}
