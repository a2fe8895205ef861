//! The feed of changes for a client that keeps copies, such as a phone that is not always on the network (C143).

mod cursor;
mod seconds;
pub mod stream;

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::HttpRequest;
use groeilijn_domain::access::Part;
use groeilijn_domain::children::feed::{ChangeKind, FeedKind};
use groeilijn_domain::values::ids::{LoggedObjectId, PupilId};
use groeilijn_persistence::children::feed::{FeedChange, FeedPage};
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;

use self::cursor::FeedCursor;
use self::seconds::Seconds;
use crate::http::access::{Access, action, part};
use crate::http::failure::refused_in_query;
use crate::http::guard::Guard;
use crate::http::guard::activity::FollowDevelopment;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::query::Limit;
use crate::http::reply::{self, Shown};
use crate::waiting::NoPlace;
use crate::{operations, query_params, reply_body};

/// How long the whole may take: the longest wait, and some time to read.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// How often a database that other processes write to is looked at by who waits.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// How soon somebody with too many waiting requests may ask again, in seconds.
const RETRY_AFTER_SECONDS: u32 = 10;

operations! {
    /// The operations on the feed of changes.
    pub fn endpoints;

    /// Follow the changes
    ///
    /// For a client that keeps copies. It asks once without `after`, which gives the `cursor` of now and no changes; then it
    /// reads what it keeps; then it asks on and on with `after` the `cursor` of the reply before. Each change that was made
    /// since is told once, in the order in which they were made, and none is left out, whoever writes at the same time: a
    /// cursor is to be kept in one go with what its reply told.
    ///
    /// A change names no contents: the client reads what it names, and deletes its copy of what it is refused with 404. It is
    /// about what the caller may read and reaches now. Children and groups that came within her reach since the cursor, or
    /// left it, are told first. Who does not reach the whole institution is told that instead of that a child or group is new
    /// or gone. A child that is being destroyed may be told twice.
    ///
    /// With `waitSeconds` the reply comes as soon as there is something to tell, and else, without changes, when the time is
    /// up or the server stops.
    GET "/changes" => follow_changes: "The changes since the cursor."
        .within(TIME_LIMIT)
        .refusing(&[ProblemKind::TooManyRequests]);
}

reply_body! {
    /// Some changes, in the order in which they were made.
    pub struct Changes {
        /// The changes; none when nothing changed.
        changes: Vec<ChangeItem>,
        /// Where the feed goes on: `after` of the next request. Only for the same user.
        cursor: FeedCursor,
        /// Whether there is more to tell already.
        more: bool,
    }
}

reply_body! {
    /// That something changed. What it is like now is to be read.
    pub struct ChangeItem {
        /// What it is.
        kind: FeedKind,
        /// Its id: that of the pupil, group, note, registration or goal.
        id: LoggedObjectId,
        /// The child that it is about; null for a group and a goal. A pupil's own id for a pupil.
        pupil_id: Option<PupilId>,
        /// What happened to it. `in-reach`: read it, and all that you keep of it; `out-of-reach`, `removed` and `destroyed`:
        /// delete it, and of a child everything about it; otherwise read it anew.
        change: ChangeKind,
        /// When that was decided, in UTC; for what came within reach or left it, when that was found.
        at: Timestamp,
    }
}

impl From<FeedChange> for ChangeItem {
    fn from(FeedChange { at, kind, id, pupil, change }: FeedChange) -> Self {
        Self { kind, id: LoggedObjectId::from_uuid(id), pupil_id: pupil, change, at }
    }
}

impl From<FeedPage> for Changes {
    fn from(FeedPage { changes, cursor, more }: FeedPage) -> Self {
        Self {
            changes: changes.into_iter().map(ChangeItem::from).collect(),
            cursor: FeedCursor(cursor),
            more,
        }
    }
}

query_params! {
    pub struct FollowChanges {
        /// The `cursor` of the reply before; without it the feed begins now.
        after: Option<FeedCursor>,
        /// How many changes one reply has at most.
        limit: Limit,
        /// How many seconds to wait for a change when there is none; not at all when absent.
        wait_seconds: Option<Seconds<30>>,
    }
}

/// What each kind is read by.
const fn part_of(kind: FeedKind) -> Part {
    match kind {
        FeedKind::Pupil => Part::Pupils,
        FeedKind::Group => Part::Groups,
        FeedKind::Note => Part::Notes,
        FeedKind::Registration => Part::Registrations,
        FeedKind::Goal => Part::Overviews,
    }
}

type Follower = Access<part::Pupils, action::Read, FollowDevelopment>;

async fn follow_changes(
    mut access: Follower,
    request: HttpRequest,
    query: FollowChanges,
) -> Result<Shown<Changes>, Problem> {
    let FollowChanges { after, limit, wait_seconds } = query;
    let tenant = access.tenant()?;
    let wait = wait_seconds.map(Seconds::duration).filter(|wait| !wait.is_zero() && after.is_some());
    let mut place = match wait {
        Some(_) => Some(access.state().waiting.place(access.principal().id()).map_err(no_place)?),
        None => None,
    };
    let mut time_is_up = std::pin::pin!(tokio::time::sleep(wait.unwrap_or_default()));
    // From before the first look on, so that nothing is missed in between.
    let mut following = tenant.news();
    let mut after = after.map(|cursor| cursor.0);
    loop {
        let page = look(&access, after, limit, refused_in_query).await?;
        let Some(place) = place.as_mut().filter(|_| page.changes.is_empty() && !page.more) else {
            return reply::view(&Changes::from(page));
        };
        tokio::select! {
            () = following.news() => {}
            () = tokio::time::sleep(LOOK_AGAIN), if tenant.is_shared() => {}
            () = &mut time_is_up => return reply::view(&Changes::from(page)),
            () = place.stopping() => return reply::view(&Changes::from(page)),
        }
        after = Some(page.cursor);
        // Meanwhile the session may have ended, or what she may do and reaches may be something else.
        access = Follower::establish(&request).await?;
    }
}

async fn look(
    access: &Follower,
    after: Option<Vec<u8>>,
    limit: Limit,
    refused: impl Fn(Error) -> Problem,
) -> Result<FeedPage, Problem> {
    let kinds: Vec<_> =
        FeedKind::ALL.into_iter().filter(|kind| access.reads_as_far(part_of(*kind))).collect();
    let tenant = access.tenant()?;
    let look = tenant.read_log(Cost::Scan, move |reader| reader.feed(after.as_deref(), &kinds, limit.get()));
    look.await.map_err(refused)
}

fn no_place(why: NoPlace) -> Problem {
    match why {
        NoPlace::Full => Problem::unavailable(RETRY_AFTER_SECONDS),
        NoPlace::TooMany => Problem {
            retry_after: NonZeroU32::new(RETRY_AFTER_SECONDS),
            ..Problem::of(ProblemKind::TooManyRequests)
        },
    }
}
