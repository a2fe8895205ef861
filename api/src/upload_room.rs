//! Room in memory for school files: they cannot exhaust it together, and no school takes it from the others.
//!
//! A file takes what it has sent so far while it arrives; a slow one takes little. Once it has arrived it takes a place
//! of its institution, and what examining it costs, and keeps both until it is entered.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use groeilijn_domain::values::ids::InstitutionId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::http::problem::Problem;
use crate::http::receive::Room;

/// Memory is shared out in pieces of this many bytes.
const PIECE: u64 = 64 << 10;

/// What examining a file costs for each of its bytes, at most: the file, its values, and these sealed.
const COST_OF_A_BYTE: u64 = 3;

/// What examining a file costs besides, at most: the plan of as many records as a file may have.
const COST_OF_RECORDS: u64 = 64 << 20;

/// The part of the memory that the files of one institution may take while they arrive.
const SHARE: u64 = 4;

/// How soon a client may try again when there is no room, in seconds.
const RETRY_AFTER_SECONDS: u32 = 10;

/// How long a file that has arrived waits for others.
const PATIENCE: Duration = Duration::from_secs(10);

/// The room there is. Clones share it.
#[derive(Clone)]
pub struct UploadRoom {
    memory: Arc<Semaphore>,
    pieces: u64,
    institutions: Arc<Mutex<HashMap<InstitutionId, Taken>>>,
}

/// What an institution has taken.
#[derive(Default)]
struct Taken {
    arriving: u64,
    is_examined: bool,
}

impl UploadRoom {
    /// The least memory that there is any use of, in bytes.
    pub const LEAST_MEMORY: u64 = 2 * (COST_OF_RECORDS + (COST_OF_A_BYTE << 20));

    /// Room of so many bytes.
    pub fn new(memory: u64) -> Self {
        let pieces = memory / PIECE;
        let permits = usize::try_from(pieces).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { memory: Arc::new(Semaphore::new(permits)), pieces, institutions: Arc::default() }
    }

    /// The most bytes of a file: two of them can be examined at the same time.
    pub fn most_bytes(&self) -> usize {
        let each = (self.pieces * PIECE / 2).saturating_sub(COST_OF_RECORDS) / COST_OF_A_BYTE;
        usize::try_from(each).unwrap_or(usize::MAX)
    }

    /// Room for a file of an institution that begins to arrive.
    pub fn begin(&self, institution: InstitutionId) -> FileRoom {
        FileRoom { room: self.clone(), institution, permit: None, arriving: 0, held: 0, is_examined: false }
    }

    fn taken_by<T>(&self, institution: InstitutionId, work: impl FnOnce(&mut Taken) -> T) -> T {
        let mut institutions = self.institutions.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = institutions.entry(institution).or_default();
        let outcome = work(taken);
        if taken.arriving == 0 && !taken.is_examined {
            institutions.remove(&institution);
        }
        outcome
    }
}

/// The room of one file; it is free again when this is dropped.
pub struct FileRoom {
    room: UploadRoom,
    institution: InstitutionId,
    permit: Option<OwnedSemaphorePermit>,
    arriving: u64,
    /// The pieces that are held to examine it, those of its arrival among them.
    held: u64,
    is_examined: bool,
}

impl FileRoom {
    /// Takes the place of the institution for a file of so many bytes that has arrived, and the memory to examine it.
    ///
    /// # Errors
    /// 503 when another file of the institution is examined, or others use the memory for long.
    pub async fn examine(&mut self, bytes: usize) -> Result<(), Problem> {
        let is_free =
            self.room.taken_by(self.institution, |taken| !std::mem::replace(&mut taken.is_examined, true));
        if !is_free {
            return Err(no_room("another file of the institution is examined"));
        }
        self.is_examined = true;
        self.held = self.arriving;
        self.grow(bytes).await
    }

    /// Takes the memory to examine a file that turns out to count as so many bytes, because it was packed.
    ///
    /// # Errors
    /// 503 when others use the memory for long.
    pub async fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let needed = pieces(COST_OF_RECORDS + COST_OF_A_BYTE * bytes as u64);
        let more = needed.saturating_sub(self.held).min(u64::from(u32::MAX));
        let waiting = self.room.memory.clone().acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX));
        let permit = timeout(PATIENCE, waiting).await.map_err(|_| no_room("others use the memory"))?;
        self.keep(permit.map_err(Problem::internal)?);
        self.held += more;
        Ok(())
    }

    fn keep(&mut self, permit: OwnedSemaphorePermit) {
        match &mut self.permit {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
    }
}

impl Room for FileRoom {
    fn hold(&mut self, bytes: usize) -> Result<(), Problem> {
        let more = pieces(bytes as u64).saturating_sub(self.arriving);
        if more == 0 {
            return Ok(());
        }
        let most = self.room.pieces / SHARE;
        let has_share = self.room.taken_by(self.institution, |taken| {
            let fits = taken.arriving + more <= most;
            taken.arriving += if fits { more } else { 0 };
            fits
        });
        if !has_share {
            return Err(no_room("files of the institution use its share of the memory"));
        }
        self.arriving += more;
        let taken = self.room.memory.clone().try_acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX));
        self.keep(taken.map_err(|_| no_room("others use the memory"))?);
        Ok(())
    }
}

impl Drop for FileRoom {
    fn drop(&mut self) {
        self.room.taken_by(self.institution, |taken| {
            taken.arriving = taken.arriving.saturating_sub(self.arriving);
            taken.is_examined &= !self.is_examined;
        });
    }
}

fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE)
}

fn no_room(why: &str) -> Problem {
    Problem::unavailable(RETRY_AFTER_SECONDS).because(why)
}

/// The memory that this process can have, in bytes, as far as the system tells: of the machine, or of its container.
pub fn memory_of_machine() -> Option<u64> {
    let limit = |path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let total = fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(total_of);
    let containers = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].map(limit);
    containers.into_iter().chain([total]).flatten().min()
}

/// What `/proc/meminfo` says that there is.
fn total_of(meminfo: &str) -> Option<u64> {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(total.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn school(number: u128) -> InstitutionId {
        InstitutionId::from_uuid(Uuid::from_u128(number))
    }

    /// Room for two files of 8 MiB.
    fn room() -> UploadRoom {
        UploadRoom::new(2 * (COST_OF_RECORDS + COST_OF_A_BYTE * (8 << 20)))
    }

    #[test]
    fn the_largest_file_follows_from_the_memory() {
        assert_eq!(room().most_bytes(), 8 << 20);
        assert_eq!(UploadRoom::new(UploadRoom::LEAST_MEMORY).most_bytes(), 1 << 20);
        assert_eq!(UploadRoom::new(0).most_bytes(), 0);
    }

    #[actix_web::test]
    async fn one_file_of_an_institution_is_examined_at_a_time() {
        let room = room();
        let [mut one, mut other, mut elsewhere] = [school(1), school(1), school(2)].map(|id| room.begin(id));
        for file in [&mut one, &mut other, &mut elsewhere] {
            file.hold(8 << 20).unwrap();
        }
        one.examine(8 << 20).await.unwrap();
        assert!(other.examine(8 << 20).await.is_err());
        drop(other);
        elsewhere.examine(8 << 20).await.unwrap();
        drop(one);
        room.begin(school(1)).examine(100).await.unwrap();
    }

    #[test]
    fn an_institution_has_a_share_while_its_files_arrive() {
        let room = room();
        let share = usize::try_from(room.pieces * PIECE / SHARE).unwrap();
        let mut large = room.begin(school(1));
        large.hold(share).unwrap();
        let mut one_more = room.begin(school(1));
        assert!(one_more.hold(1).is_err());
        room.begin(school(2)).hold(share).unwrap();
        drop((large, one_more));
        room.begin(school(1)).hold(share).unwrap();
        assert!(room.institutions.lock().unwrap().is_empty());
        assert_eq!(room.memory.available_permits() as u64, room.pieces);
    }

    #[actix_web::test(start_paused = true)]
    async fn a_file_waits_for_others_and_not_for_ever() {
        let room = room();
        let [mut one, mut other, mut third] = [1, 2, 3].map(|number| room.begin(school(number)));
        one.examine(8 << 20).await.unwrap();
        other.examine(8 << 20).await.unwrap();
        assert!(third.examine(1 << 20).await.is_err());
        drop((one, third));
        room.begin(school(3)).examine(1 << 20).await.unwrap();
    }

    #[actix_web::test(start_paused = true)]
    async fn a_file_that_was_packed_takes_what_it_unpacks_to() {
        let room = room();
        let mut packed = room.begin(school(1));
        packed.hold(1 << 20).unwrap();
        packed.examine(1 << 20).await.unwrap();
        packed.grow(8 << 20).await.unwrap();
        packed.grow(2 << 20).await.unwrap();
        let used = room.pieces - room.memory.available_permits() as u64;
        assert_eq!(used, pieces(COST_OF_RECORDS + COST_OF_A_BYTE * (8 << 20)));
        let mut other = room.begin(school(2));
        other.examine(8 << 20).await.unwrap();
        assert!(packed.grow(17 << 20).await.is_err());
        drop((packed, other));
        assert_eq!(room.memory.available_permits() as u64, room.pieces);
    }

    #[test]
    fn the_machine_tells_its_memory() {
        assert_eq!(total_of("MemFree:  1 kB\nMemTotal:       16 kB\n"), Some(16 << 10));
        assert_eq!(total_of("MemFree:  1 kB\n"), None);
    }
}
