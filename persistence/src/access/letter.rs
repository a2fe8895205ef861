//! Letters that wait to be sent: written in the transaction that they tell of, so that none is lost and none is sent
//! of what did not happen.
//!
//! A row holds what the letter is about, sealed under the addressee's own key. Who that is, is looked up when it is
//! sent; when it was sent, the row is gone.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::values::ids::{InstitutionId, LetterId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::account::read_actor;
use crate::access::schema::{account, letter};
use crate::convert::{micros, uuid};
use crate::handles::store::Store;

const TABLE: &str = "letter";

/// How long to wait before a letter is tried again, by how often it was tried; after the last it is given up.
const PAUSES: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(3),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
];

/// What a letter is about. It names nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum LetterContent {
    /// A link to choose a password.
    SetPassword {
        /// The token of the invitation.
        token: String,
        /// Until when it can be used, in UTC.
        until: Timestamp,
    },
    /// The password must be changed before a day.
    PasswordExpires {
        /// The day, in Amsterdam.
        on: Date,
    },
    /// Three wrong passwords blocked the account (C060).
    AccountBlocked,
    /// The processor opened emergency access to the institution (C013).
    EmergencyAccess {
        /// From when, in UTC.
        from: Timestamp,
        /// Until when, in UTC.
        until: Timestamp,
    },
}

impl LetterContent {
    /// Whether the letter is of no use any more at the moment `now`: its link has ended.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        matches!(self, Self::SetPassword { until, .. } if *until <= now)
    }
}

/// A letter that is held to be sent.
pub struct WaitingLetter {
    /// Its id, which stays the same when it is tried again.
    pub id: LetterId,
    /// To whom.
    pub to: Actor,
    /// What it is about.
    pub content: LetterContent,
    attempts: i32,
    /// Until when it is held, in microseconds since 1970 in UTC: also the proof of holding it.
    lease_until: i64,
}

fn place(id: Uuid, to: Actor) -> RowPlace {
    let institution = to.institution.unwrap_or(InstitutionId::PLATFORM);
    RowPlace { institution, table: TABLE, row: id, subject: Some(to.account.as_uuid()) }
}

/// Leaves a letter to be sent when this transaction is committed.
pub(crate) fn queue(
    connection: &mut AnyConnection,
    store: &Store,
    to: Actor,
    content: &LetterContent,
) -> Result<()> {
    let environment = store.environment();
    let (id, now) = (environment.uuid(), micros(environment.now()));
    let mut row = RowSealer::new(store.keys(), environment, place(id, to))?;
    diesel::insert_into(letter::table)
        .values((
            letter::id.eq(id.as_bytes().as_slice()),
            letter::account_id.eq(to.account.as_bytes().as_slice()),
            letter::content.eq(row.json("content", content)?),
            letter::attempts.eq(0),
            letter::due_at.eq(now),
            letter::lease_until.eq(0),
            letter::created_at.eq(now),
        ))
        .execute(connection)?;
    store.data().writer().bell().pull();
    Ok(())
}

type LetterRow = (Vec<u8>, Vec<u8>, Vec<u8>, i32, i64, Option<Vec<u8>>, String);

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
                let Some((id, account, content, attempts, held, institution, role)) = due(connection, now)?
                else {
                    return Ok(None);
                };
                let until = micros(now + lease);
                let own = letter::table.find(id.clone()).filter(letter::lease_until.eq(held));
                if diesel::update(own).set(letter::lease_until.eq(until)).execute(connection)? == 0 {
                    return Ok(None);
                }
                let to = read_actor(&account, institution.as_deref(), &role)?;
                let id = uuid(&id, TABLE)?;
                match RowOpener::new(store.keys(), place(id, to)).json("content", &content) {
                    Ok(content) => {
                        let id = LetterId::from_uuid(id);
                        Ok(Some(WaitingLetter { id, to, content, attempts, lease_until: until }))
                    }
                    Err(Error::Unreadable(_)) => {
                        diesel::delete(letter::table.find(id.as_bytes().as_slice())).execute(connection)?;
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
        self.data()
            .writer()
            .run(move |connection, _| {
                diesel::delete(letter::table.find(id.as_bytes().as_slice())).execute(connection)?;
                Ok(())
            })
            .await
    }

    /// Leaves a letter that could not be sent for later; `false` when it was tried often enough and is given up.
    pub async fn postpone_letter(&self, letter: &WaitingLetter, now: Timestamp) -> Result<bool> {
        let attempts = letter.attempts + 1;
        let pause = usize::try_from(letter.attempts).ok().and_then(|tried| PAUSES.get(tried)).copied();
        let Some(pause) = pause else {
            self.letter_done(letter).await?;
            return Ok(false);
        };
        let (id, held, due_at) = (letter.id, letter.lease_until, micros(now + pause));
        self.data()
            .writer()
            .run(move |connection, _| {
                let own = letter::table.find(id.as_bytes().as_slice()).filter(letter::lease_until.eq(held));
                diesel::update(own)
                    .set((
                        letter::attempts.eq(attempts),
                        letter::due_at.eq(due_at),
                        letter::lease_until.eq(0),
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

fn due(connection: &mut AnyConnection, now: Timestamp) -> Result<Option<LetterRow>> {
    Ok(letter::table
        .inner_join(account::table.on(account::id.eq(letter::account_id)))
        .filter(letter::due_at.le(micros(now)))
        .filter(letter::lease_until.lt(micros(now)))
        .order((letter::due_at, letter::id))
        .select((
            letter::id,
            letter::account_id,
            letter::content,
            letter::attempts,
            letter::lease_until,
            account::institution_id,
            account::role,
        ))
        .first(connection)
        .optional()?)
}
