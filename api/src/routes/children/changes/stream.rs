//! The feed of changes as a stream of events that stays open (server-sent events, HTML Living Standard, section 9.2).

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Bytes;
use futures_util::stream::{self, unfold};
use groeilijn_persistence::Following;
use groeilijn_persistence::children::feed::FeedPage;
use tokio::time::{Instant, sleep, sleep_until};

use super::cursor::{FeedCursor, LastEventId};
use super::seconds::Seconds;
use super::{Changes, Follower, LOOK_AGAIN, look, no_place};
use crate::http::event_stream::{Event, EventStream};
use crate::http::failure::refused_in_query;
use crate::http::guard::Guard;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::query::Limit;
use crate::waiting::LentPlace;
use crate::{operations, query_params};

/// How long nothing is sent at most: what stands in between closes a connection that seems dead, and a session that has ended
/// or a client that has gone is noticed by then.
const STILL_HERE: Duration = Duration::from_secs(15);

/// How much longer than it was to be open a stream may take to tell what there is, before it ends and its place is another's.
const AT_MOST_LONGER: Duration = Duration::from_secs(60);

operations! {
    /// The operation on the stream of changes.
    pub fn endpoints;

    /// Stream the changes
    ///
    /// The same as `GET /changes`, as server-sent events in a reply that stays open. Each event has as its `data` what that
    /// operation replies, and as its `id` the cursor, which a client sends as `Last-Event-ID` to go on where it was. The first
    /// comes at once, the next with the next change; in between an `id` without `data` tells every 15 seconds that the
    /// server is still there. The stream ends after `openSeconds`, when the session does, when what the caller may do no longer
    /// allows it, or when the server stops: begin anew, and a refusal tells which. Without `openSeconds` it ends with what there
    /// is to tell already.
    GET "/change-events" => stream_changes: "The changes since the cursor, and those to come."
        .producing(&[EventStream::MEDIA_TYPE])
        .refusing(&[ProblemKind::TooManyRequests]);
}

query_params! {
    pub struct StreamChanges {
        /// The `cursor` where to begin; without it the stream begins now.
        after: Option<FeedCursor>,
        /// How many changes one event has at most.
        limit: Limit,
        /// How many seconds it stays open; as long as there is something to tell already when absent.
        open_seconds: Option<Seconds<600>>,
    }
}

async fn stream_changes(
    access: Follower,
    request: HttpRequest,
    LastEventId(last): LastEventId,
    query: StreamChanges,
) -> Result<EventStream, Problem> {
    let StreamChanges { after, limit, open_seconds } = query;
    let open_until = Instant::now() + open_seconds.map(Seconds::duration).unwrap_or_default();
    let place = access.state().waiting.place(access.principal().id()).map_err(no_place)?;
    // From before the first look on, so that nothing is missed in between.
    let following = access.tenant()?.news();
    let first = match last {
        Some(last) => look(&access, Some(last.0), limit, LastEventId::refused).await?,
        None => look(&access, after.map(|cursor| cursor.0), limit, refused_in_query).await?,
    };
    if request.method() == Method::HEAD {
        return Ok(EventStream::of(stream::empty()));
    }
    let stream = Stream {
        after: first.cursor.clone(),
        more: first.more,
        first: Some(first),
        access,
        request,
        limit,
        following,
        place: place.until(open_until + AT_MOST_LONGER),
        sent: Instant::now(),
        open_until,
    };
    Ok(EventStream::of(unfold(stream, async |mut stream| Some((stream.next().await?, stream)))))
}

/// Somebody who follows.
struct Stream {
    /// What was found before the stream began.
    first: Option<FeedPage>,
    /// Whether there was more to tell than the last event did.
    more: bool,
    access: Follower,
    request: HttpRequest,
    limit: Limit,
    /// Where the feed goes on.
    after: Vec<u8>,
    following: Following,
    place: LentPlace,
    /// When something was sent last.
    sent: Instant,
    open_until: Instant,
}

impl Stream {
    /// The next event, as soon as there is one; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let event = match self.first.take() {
            Some(page) => event(page),
            None => self.following_event().await,
        };
        self.sent = Instant::now();
        event
    }

    async fn following_event(&mut self) -> Option<Bytes> {
        loop {
            let longest = if self.more { AT_MOST_LONGER } else { Duration::ZERO };
            if self.place.is_stopping() || Instant::now() > self.open_until + longest {
                return None;
            }
            let page = self.look().await?;
            self.more = page.more;
            if !page.changes.is_empty() {
                return event(page);
            }
            if page.more {
                continue;
            }
            let is_shared = self.access.tenant().ok()?.is_shared();
            tokio::select! {
                () = self.following.news() => {}
                () = sleep(LOOK_AGAIN), if is_shared => {}
                () = sleep_until(self.sent + STILL_HERE) => {
                    // Whoever may no longer ask is told nothing more.
                    self.look().await?;
                    return Some(Event::still_here(&FeedCursor(self.after.clone())));
                }
                () = sleep_until(self.open_until) => return None,
                () = self.place.stopping() => return None,
            }
        }
    }

    /// What there is to tell, if she may still be told: her session may have ended, or her rights and reach be others.
    async fn look(&mut self) -> Option<FeedPage> {
        self.access = Follower::establish(&self.request).await.ok()?;
        let page = look(&self.access, Some(self.after.clone()), self.limit, refused_in_query).await.ok()?;
        self.after.clone_from(&page.cursor);
        Some(page)
    }
}

fn event(page: FeedPage) -> Option<Bytes> {
    let cursor = FeedCursor(page.cursor.clone());
    Event::of(&cursor, &Changes::from(page)).ok()
}
