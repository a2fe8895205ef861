//! Letters that wait to be sent: written in the transaction that they tell of, so that none is lost and none is sent
//! of what did not happen.
//!
//! A row holds what the letter is about, sealed under the addressee's own key. Who that is, is looked up when it is
//! sent; when it was sent, the row is gone.

use groeilijn_domain::access::letter::{LetterContent, pause_after};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::values::calendar::to_micros;
use groeilijn_domain::values::ids::LetterId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::{SignedDuration, Timestamp};

use crate::access::actor::ActorRow;
use crate::access::key_owner;
use crate::access::schema::{account, letter};
use crate::handles::store::Store;

const TABLE: &str = "letter";

/// Until when a letter is held that nobody holds.
const NOT_HELD: Timestamp = Timestamp::UNIX_EPOCH;

/// A letter that is held to be sent.
pub struct WaitingLetter {
    /// Its id, which stays the same when it is tried again.
    pub id: LetterId,
    /// To whom.
    pub to: Actor,
    /// What it is about.
    pub content: LetterContent,
    /// How often sending it failed.
    attempts: i32,
    /// Until when it is held, in UTC to the microsecond: also the proof of holding it.
    lease_until: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = letter)]
struct LetterRow {
    id: LetterId,
    content: Vec<u8>,
    attempts: i32,
    lease_until: Timestamp,
}

fn place(id: LetterId, to: Actor) -> RowPlace {
    RowPlace { institution: to.realm(), table: TABLE, row: id.as_uuid(), owner: key_owner::of(to) }
}

/// Leaves a letter to be sent when this transaction is committed.
pub(crate) fn queue(
    connection: &mut AnyConnection,
    store: &Store,
    to: Actor,
    content: &LetterContent,
) -> Result<()> {
    let environment = store.environment();
    let (id, now) = (LetterId::from_uuid(environment.uuid()), environment.now());
    let mut row = RowSealer::new(store.keys(), environment, place(id, to))?;
    diesel::insert_into(letter::table)
        .values((
            letter::id.is(id),
            letter::account_id.is(to.account),
            letter::content.eq(row.json("content", content)?),
            letter::attempts.eq(0),
            letter::due_at.is(now),
            letter::lease_until.is(NOT_HELD),
            letter::created_at.is(now),
        ))
        .execute(connection)?;
    store.data().writer().bell().pull();
    Ok(())
}

impl Store {
    /// Takes the letter that has been due longest and that nobody holds at the moment `now`, if there is one. What
    /// cannot be opened, because its addressee's key is gone, is thrown away.
    pub async fn claim_letter(&self, now: Timestamp, lease: SignedDuration) -> Result<Option<WaitingLetter>> {
        let store = self.clone();
        let any = self.data().read(Cost::Rows, move |connection| Ok(due(connection, now)?.is_some())).await?;
        if !any {
            return Ok(None);
        }
        self.data()
            .writer()
            .run(move |connection, _| {
                let Some((row, to)) = due(connection, now)? else { return Ok(None) };
                let lease_until = to_micros(now + lease);
                if !hold(connection, &row, lease_until)? {
                    return Ok(None);
                }
                let (id, to) = (row.id, to.into());
                match RowOpener::new(store.keys(), place(id, to)).json("content", &row.content) {
                    Ok(content) => {
                        Ok(Some(WaitingLetter { id, to, content, attempts: row.attempts, lease_until }))
                    }
                    Err(Error::Unreadable(_)) => {
                        remove(connection, id)?;
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            })
            .await
    }

    /// Takes away a letter that was sent, or that cannot be.
    pub async fn letter_done(&self, letter: &WaitingLetter) -> Result<()> {
        let id = letter.id;
        self.data().writer().run(move |connection, _| remove(connection, id)).await
    }

    /// Leaves a letter that could not be sent for later; `false` when it was tried often enough and is given up.
    pub async fn postpone_letter(&self, letter: &WaitingLetter, now: Timestamp) -> Result<bool> {
        let Some(pause) = pause_after(letter.attempts) else {
            self.letter_done(letter).await?;
            return Ok(false);
        };
        let (id, held, attempts) = (letter.id, letter.lease_until, letter.attempts + 1);
        self.data()
            .writer()
            .run(move |connection, _| {
                let own = letter::table.filter(letter::id.is(id)).filter(letter::lease_until.is(held));
                diesel::update(own)
                    .set((
                        letter::attempts.eq(attempts),
                        letter::due_at.is(now + pause),
                        letter::lease_until.is(NOT_HELD),
                    ))
                    .execute(connection)?;
                Ok(())
            })
            .await?;
        Ok(true)
    }

    /// Waits until a letter was left to be sent by this process.
    pub async fn letter_left(&self) {
        self.data().writer().bell().rung().await;
    }
}

fn due(connection: &mut AnyConnection, now: Timestamp) -> Result<Option<(LetterRow, ActorRow)>> {
    Ok(letter::table
        .inner_join(account::table.on(account::id.eq(letter::account_id)))
        .filter(letter::due_at.until(now))
        .filter(letter::lease_until.before(now))
        .order((letter::due_at, letter::id))
        .select((columns::<LetterRow>(), columns::<ActorRow>()))
        .first(connection)
        .optional()?)
}

/// Holds a letter until a moment. Of all who try at once, one succeeds.
fn hold(connection: &mut AnyConnection, row: &LetterRow, until: Timestamp) -> Result<bool> {
    let own = letter::table.filter(letter::id.is(row.id)).filter(letter::lease_until.is(row.lease_until));
    Ok(diesel::update(own).set(letter::lease_until.is(until)).execute(connection)? == 1)
}

fn remove(connection: &mut AnyConnection, id: LetterId) -> Result<()> {
    diesel::delete(letter::table.filter(letter::id.is(id))).execute(connection)?;
    Ok(())
}
