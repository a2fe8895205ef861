//! Where a feed goes on, and what its reader knew of by then: what a cursor holds.

use std::collections::BTreeSet;

use groeilijn_domain::children::feed::Reached;
use groeilijn_domain::values::ids::{GroupId, SupportRequestId, UserId};
use groeilijn_engine::audit::following::MARK_LEN;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::handles::tenant::Reach;

/// Names the form; another form gets another number.
const FORMAT: u8 = 1;

/// The most bytes of what somebody reaches: sealed and in base64 it fits the address of a request.
const MOST_BYTES: usize = 4_000;

/// What the reader of a feed knew of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Everything that there was.
    Everything,
    /// These groups and children.
    These(Reached),
    /// More than a cursor holds: only whether it is still the same can be told.
    Digest([u8; 32]),
}

impl Known {
    /// What is kept of it in a cursor.
    pub(super) fn of(reached: Option<Reached>) -> Self {
        let Some(reached) = reached else { return Self::Everything };
        let written = written(&reached);
        if written.len() > MOST_BYTES {
            Self::Digest(Sha256::digest(&written).into())
        } else {
            Self::These(reached)
        }
    }
}

/// Where a feed goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// The first entry of the log that was not told as a whole.
    pub sequence: u64,
    /// How many of its objects were told.
    pub within: u32,
    /// What the log was like before that entry.
    pub mark: [u8; MARK_LEN],
    /// What its reader was told of, a bit for each kind.
    pub kinds: u8,
    /// How far she reached.
    pub reach: Reach,
    /// What she knew of.
    pub known: Known,
}

impl Position {
    /// As it stands in a cursor, before that is sealed.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.within.to_be_bytes());
        out.extend_from_slice(&self.mark);
        out.push(self.kinds);
        let (tag, of) = match self.reach {
            Reach::Institution => (0, Uuid::nil()),
            Reach::GroupsOf(user) => (1, user.as_uuid()),
            Reach::LocationsOf(user) => (2, user.as_uuid()),
            Reach::Group(group) => (3, group.as_uuid()),
            Reach::Request(request) => (4, request.as_uuid()),
        };
        out.push(tag);
        out.extend_from_slice(of.as_bytes());
        match &self.known {
            Known::Everything => out.push(0),
            Known::These(reached) => {
                out.push(1);
                out.extend(written(reached));
            }
            Known::Digest(digest) => {
                out.push(2);
                out.extend_from_slice(digest);
            }
        }
        out
    }

    /// The position with these bytes; `None` when none has them.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let [FORMAT] = take(&mut rest)? else { return None };
        let sequence = u64::from_be_bytes(take(&mut rest)?);
        let within = u32::from_be_bytes(take(&mut rest)?);
        let (mark, [kinds]) = (take(&mut rest)?, take(&mut rest)?);
        let ([tag], of) = (take(&mut rest)?, Uuid::from_bytes(take(&mut rest)?));
        let reach = match tag {
            0 => Reach::Institution,
            1 => Reach::GroupsOf(UserId::from_uuid(of)),
            2 => Reach::LocationsOf(UserId::from_uuid(of)),
            3 => Reach::Group(GroupId::from_uuid(of)),
            4 => Reach::Request(SupportRequestId::from_uuid(of)),
            _ => return None,
        };
        let known = match take(&mut rest)? {
            [0] => Known::Everything,
            [1] => Known::These(Reached { groups: read_ids(&mut rest)?, pupils: read_ids(&mut rest)? }),
            [2] => Known::Digest(take(&mut rest)?),
            _ => return None,
        };
        rest.is_empty().then_some(Self { sequence, within, mark, kinds, reach, known })
    }
}

fn written(reached: &Reached) -> Vec<u8> {
    let mut out = Vec::new();
    write_ids(&reached.groups, &mut out);
    write_ids(&reached.pupils, &mut out);
    out
}

/// How many there are, then of each how many bytes it begins with that the one before it has as well, and the others: ids
/// that were made at one time begin alike.
fn write_ids(ids: &BTreeSet<Uuid>, out: &mut Vec<u8>) {
    out.extend_from_slice(&(ids.len() as u64).to_be_bytes());
    let mut before = Uuid::nil();
    for id in ids {
        let alike =
            before.as_bytes().iter().zip(id.as_bytes()).take_while(|(one, other)| one == other).count();
        out.push(alike as u8);
        out.extend(id.as_bytes().iter().skip(alike));
        before = *id;
    }
}

fn read_ids(rest: &mut &[u8]) -> Option<BTreeSet<Uuid>> {
    let count = u64::from_be_bytes(take(rest)?);
    let (mut ids, mut id) = (BTreeSet::new(), *Uuid::nil().as_bytes());
    for _ in 0..count {
        let [alike] = take(rest)?;
        for byte in id.iter_mut().skip(alike.into()) {
            [*byte] = take(rest)?;
        }
        ids.insert(Uuid::from_bytes(id));
    }
    Some(ids)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reach() -> impl Strategy<Value = Reach> {
        (0..5, any::<u128>()).prop_map(|(tag, of)| {
            let of = Uuid::from_u128(of);
            match tag {
                0 => Reach::Institution,
                1 => Reach::GroupsOf(UserId::from_uuid(of)),
                2 => Reach::LocationsOf(UserId::from_uuid(of)),
                3 => Reach::Group(GroupId::from_uuid(of)),
                _ => Reach::Request(SupportRequestId::from_uuid(of)),
            }
        })
    }

    fn ids(most: usize) -> impl Strategy<Value = BTreeSet<Uuid>> {
        // Of two times, so that some begin alike.
        let id =
            (0_u128..2, any::<u64>()).prop_map(|(time, rest)| Uuid::from_u128(time << 90 | u128::from(rest)));
        prop::collection::btree_set(id, 0..most)
    }

    proptest! {
        #[test]
        fn a_position_comes_back_as_it_went(
            sequence: u64, within: u32, mark: [u8; MARK_LEN], kinds: u8, reach in reach(), groups in ids(5), pupils in ids(600), all: bool,
        ) {
            let known = Known::of((!all).then_some(Reached { groups, pupils }));
            let position = Position { sequence, within, mark, kinds, reach, known };
            let bytes = position.to_bytes();
            prop_assert!(bytes.len() < MOST_BYTES + 64);
            prop_assert_eq!(Position::from_bytes(&bytes), Some(position));
            prop_assert_eq!(Position::from_bytes(&bytes[1..]), None);
            prop_assert_eq!(Position::from_bytes(&bytes[..bytes.len() - 1]), None);
        }

        #[test]
        fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut with_format = vec![FORMAT];
            with_format.extend(bytes);
            Position::from_bytes(&with_format);
        }
    }

    #[test]
    fn a_school_of_three_hundred_children_fits() {
        let pupils =
            (0..300).map(|number: u128| Uuid::from_u128(0x0199_9999_0000 << 80 | number << 70)).collect();
        let reached = Reached { groups: BTreeSet::new(), pupils };
        assert_eq!(Known::of(Some(reached.clone())), Known::These(reached));
    }
}
