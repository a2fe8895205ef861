//! Letters that wait to be sent: written in the transaction that they tell of, so that none is lost and none is sent
//! of what did not happen.
//!
//! A row holds what the letter is about, sealed under the addressee's own key: a person with an account, a licence holder
//! or a contact person. Who that is, is looked up when it is sent; when it was sent, the row is gone.

use groeilijn_domain::access::letter::{LetterContent, pause_after};
use groeilijn_domain::access::principal::Person;
use groeilijn_domain::values::calendar::to_micros;
use groeilijn_domain::values::ids::{ContactPersonId, InstitutionId, LetterId, LicenceHolderId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::access::key_owner;
use crate::access::schema::letter;
use crate::handles::store::Store;
use crate::institutions::key_owner::{contact_person, licence_holder};

const TABLE: &str = "letter";

/// Until when a letter is held that nobody holds.
const NOT_HELD: Timestamp = Timestamp::UNIX_EPOCH;

/// How long a program leaves alone what only a newer one knows.
const TIME_FOR_A_NEWER: SignedDuration = SignedDuration::from_mins(1);

/// What the column says of a letter to a licence holder; nothing of one to a person with an account.
const TO_LICENCE_HOLDER: &str = "licence-holder";

/// What the column says of a letter to a contact person.
const TO_CONTACT_PERSON: &str = "contact-person";

/// To whom a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// Somebody with an account.
    Person(Person),
    /// The licence holder of an institution.
    LicenceHolder {
        /// The institution.
        institution: InstitutionId,
        /// Her id.
        id: LicenceHolderId,
    },
    /// A contact person of an institution.
    ContactPerson {
        /// The institution.
        institution: InstitutionId,
        /// Her id.
        id: ContactPersonId,
    },
}

impl Addressee {
    /// The institution that knows the addressee; none for the processor's own staff.
    pub const fn institution(self) -> Option<InstitutionId> {
        match self {
            Self::Person(person) => person.institution,
            Self::LicenceHolder { institution, .. } | Self::ContactPerson { institution, .. } => {
                Some(institution)
            }
        }
    }
}

/// A letter that is held to be sent.
pub struct WaitingLetter {
    /// Its id, which stays the same when it is tried again.
    pub id: LetterId,
    /// To whom.
    pub to: Addressee,
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
    institution_id: Option<InstitutionId>,
    user_id: UserId,
    content: Vec<u8>,
    attempts: i32,
    due_at: Timestamp,
    lease_until: Timestamp,
    addressee: Option<String>,
}

impl LetterRow {
    fn to(&self) -> Addressee {
        match (self.institution_id, self.addressee.as_deref()) {
            (Some(institution), Some(TO_LICENCE_HOLDER)) => Addressee::LicenceHolder {
                institution,
                id: LicenceHolderId::from_uuid(self.user_id.as_uuid()),
            },
            (Some(institution), Some(TO_CONTACT_PERSON)) => Addressee::ContactPerson {
                institution,
                id: ContactPersonId::from_uuid(self.user_id.as_uuid()),
            },
            (institution, _) => Addressee::Person(Person { user: self.user_id, institution }),
        }
    }
}

/// A letter that is due.
struct Due {
    row: LetterRow,
    opened: Opened,
}

/// What is in a letter.
enum Opened {
    Content(LetterContent),
    OfNewerKind,
    /// Nobody can read it any more.
    Gone,
    Not(Error),
}

fn place(id: LetterId, to: Addressee) -> RowPlace {
    let (institution, owner) = match to {
        Addressee::Person(person) => (person.realm(), key_owner::of(person)),
        Addressee::LicenceHolder { institution, id } => (institution, licence_holder(id)),
        Addressee::ContactPerson { institution, id } => (institution, contact_person(id)),
    };
    RowPlace { institution, table: TABLE, row: id.as_uuid(), owner }
}

/// Leaves a letter to be sent when this transaction is committed.
pub(crate) fn queue(
    connection: &mut AnyConnection,
    store: &Store,
    to: Person,
    content: &LetterContent,
) -> Result<()> {
    queue_to(connection, store, Addressee::Person(to), content)
}

/// The same, to whoever it is.
pub(crate) fn queue_to(
    connection: &mut AnyConnection,
    store: &Store,
    to: Addressee,
    content: &LetterContent,
) -> Result<()> {
    queue_document(connection, store, to, content)
}

fn queue_document(
    connection: &mut AnyConnection,
    store: &Store,
    to: Addressee,
    content: &impl Serialize,
) -> Result<()> {
    let environment = store.environment();
    let (user, addressee) = match to {
        Addressee::Person(person) => (person.user, None),
        Addressee::LicenceHolder { id, .. } => (UserId::from_uuid(id.as_uuid()), Some(TO_LICENCE_HOLDER)),
        Addressee::ContactPerson { id, .. } => (UserId::from_uuid(id.as_uuid()), Some(TO_CONTACT_PERSON)),
    };
    let (id, now) = (LetterId::from_uuid(environment.uuid()), environment.now());
    let mut row = RowSealer::new(store.keys(), environment, place(id, to))?;
    diesel::insert_into(letter::table)
        .values((
            letter::id.is(id),
            letter::institution_id.is(to.institution()),
            letter::user_id.is(user),
            letter::addressee.eq(addressee),
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
    /// Takes the letter that has been due longest and that nobody holds at the moment `now`, if there is one that can be
    /// opened. It is thrown away when its addressee's key was destroyed, left to a newer program when it is of a kind
    /// that this one does not know, and tried again later when it cannot be opened for now.
    pub async fn claim_letter(&self, now: Timestamp, lease: SignedDuration) -> Result<Option<WaitingLetter>> {
        while let Some(Due { row, opened }) = self.due_letter(now).await? {
            let id = row.id;
            match opened {
                Opened::Content(content) => {
                    let lease_until = to_micros(now + lease);
                    if self.put(&row, row.attempts, None, lease_until).await? {
                        return Ok(Some(WaitingLetter {
                            id,
                            to: row.to(),
                            content,
                            attempts: row.attempts,
                            lease_until,
                        }));
                    }
                }
                Opened::OfNewerKind => {
                    tracing::warn!(letter = %id, "a letter of an unknown kind is left to a newer program");
                    self.put(&row, row.attempts, Some(now + TIME_FOR_A_NEWER), NOT_HELD).await?;
                }
                Opened::Gone => {
                    tracing::warn!(letter = %id, "a letter is thrown away: its addressee's key was destroyed");
                    self.throw_away(id).await?;
                }
                Opened::Not(error) if error.is_passing() => return Err(error),
                Opened::Not(error) => {
                    tracing::error!(%error, letter = %id, "a letter cannot be opened");
                    self.postpone(&row, now).await?;
                }
            }
        }
        Ok(None)
    }

    /// The letter that has been due longest, opened on a reader: it may have to wait for its key.
    async fn due_letter(&self, now: Timestamp) -> Result<Option<Due>> {
        let store = self.clone();
        self.data()
            .read(Cost::Scan, move |connection| {
                let Some(row) = due(connection, now)? else { return Ok(None) };
                let opened = open(&store, &row);
                Ok(Some(Due { row, opened }))
            })
            .await
    }

    /// Changes when a letter is due, who holds it and how often it was tried, if it still is as it was read. Of all who
    /// try at once, one succeeds.
    async fn put(
        &self,
        row: &LetterRow,
        attempts: i32,
        due_at: Option<Timestamp>,
        lease_until: Timestamp,
    ) -> Result<bool> {
        let (id, held, due_at) = (row.id, row.lease_until, due_at.unwrap_or(row.due_at));
        self.data()
            .writer()
            .run(move |connection, _| {
                let own = letter::table.filter(letter::id.is(id)).filter(letter::lease_until.is(held));
                let put = diesel::update(own)
                    .set((
                        letter::attempts.eq(attempts),
                        letter::due_at.is(due_at),
                        letter::lease_until.is(lease_until),
                    ))
                    .execute(connection)?;
                Ok(put == 1)
            })
            .await
    }

    async fn throw_away(&self, id: LetterId) -> Result<()> {
        self.data().writer().run(move |connection, _| remove(connection, id)).await
    }

    /// Leaves a letter for later, or gives it up when it was tried often enough.
    async fn postpone(&self, row: &LetterRow, now: Timestamp) -> Result<()> {
        let Some(pause) = pause_after(row.attempts) else {
            tracing::error!(letter = %row.id, "a letter was tried often enough and is given up");
            return self.throw_away(row.id).await;
        };
        self.put(row, row.attempts + 1, Some(now + pause), NOT_HELD).await.map(drop)
    }

    /// Takes away a letter that was sent, or that cannot be.
    pub async fn letter_done(&self, letter: &WaitingLetter) -> Result<()> {
        self.throw_away(letter.id).await
    }

    /// Leaves a letter that could not be sent for later, or gives it up when it was tried often enough.
    pub async fn postpone_letter(&self, letter: &WaitingLetter, now: Timestamp) -> Result<()> {
        // What is opened is not needed to postpone it.
        let row = LetterRow {
            id: letter.id,
            institution_id: None,
            user_id: UserId::from_uuid(letter.id.as_uuid()),
            content: Vec::new(),
            attempts: letter.attempts,
            due_at: now,
            lease_until: letter.lease_until,
            addressee: None,
        };
        self.postpone(&row, now).await
    }

    /// Waits until a letter was left to be sent by this process.
    pub async fn letter_left(&self) {
        self.data().writer().bell().rung().await;
    }
}

fn due(connection: &mut AnyConnection, now: Timestamp) -> Result<Option<LetterRow>> {
    Ok(letter::table
        .filter(letter::due_at.until(now))
        .filter(letter::lease_until.before(now))
        .order((letter::due_at, letter::id))
        .select(columns::<LetterRow>())
        .first(connection)
        .optional()?)
}

/// What is in a letter, as far as it can be known here and now.
fn open(store: &Store, row: &LetterRow) -> Opened {
    match RowOpener::new(store.keys(), place(row.id, row.to())).bytes("content", &row.content) {
        Ok(text) => {
            let text = text.unwrap_or_default();
            serde_json::from_slice(&text).map_or(Opened::OfNewerKind, Opened::Content)
        }
        Err(Error::Destroyed) => Opened::Gone,
        Err(error) => Opened::Not(error),
    }
}

fn remove(connection: &mut AnyConnection, id: LetterId) -> Result<()> {
    diesel::delete(letter::table.filter(letter::id.is(id))).execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::children::import::tests::School;

    const LEASE: SignedDuration = SignedDuration::from_mins(2);

    /// Later than the moment at which the store stands, which is that of a letter that nobody holds.
    fn soon(store: &Store) -> Timestamp {
        store.environment().now() + SignedDuration::from_secs(1)
    }

    /// A store in which nothing waits, with somebody to write to.
    async fn addressee() -> (School, Addressee) {
        let school = School::new().await;
        let invitation = school.store.claim_letter(soon(&school.store), LEASE).await.unwrap().unwrap();
        school.store.letter_done(&invitation).await.unwrap();
        (school, invitation.to)
    }

    async fn leave(store: &Store, to: Addressee, document: serde_json::Value) {
        let own = store.clone();
        let queued =
            store.data().writer().run(move |connection, _| queue_document(connection, &own, to, &document));
        queued.await.unwrap();
    }

    async fn waiting(store: &Store) -> i64 {
        let count = |connection: &mut AnyConnection| Ok(letter::table.count().get_result(connection)?);
        store.data().read(Cost::Rows, count).await.unwrap()
    }

    #[tokio::test]
    async fn a_letter_of_an_unknown_kind_is_left_and_keeps_no_other_waiting() {
        let (school, to) = addressee().await;
        let (store, now) = (&school.store, soon(&school.store));
        leave(store, to, json!({"about": "what-comes-later", "with": 1})).await;
        leave(store, to, json!({"about": "account-blocked"})).await;
        let known = store.claim_letter(now, LEASE).await.unwrap().unwrap();
        assert!(known.content == LetterContent::AccountBlocked);
        store.letter_done(&known).await.unwrap();
        for days in 0..3 {
            let later = now + SignedDuration::from_hours(24 * days);
            assert!(store.claim_letter(later, LEASE).await.unwrap().is_none());
            assert_eq!(waiting(store).await, 1);
        }
    }

    #[tokio::test]
    async fn a_letter_that_cannot_be_opened_is_tried_again_for_a_day() {
        let (school, to) = addressee().await;
        let (store, mut now) = (&school.store, soon(&school.store));
        leave(store, to, json!({"about": "account-blocked"})).await;
        let damage = |connection: &mut AnyConnection, _: &mut groeilijn_engine::writer::Batch| {
            diesel::update(letter::table).set(letter::content.eq(vec![0; 100])).execute(connection)?;
            Ok(())
        };
        store.data().writer().run(damage).await.unwrap();
        let mut tried = 0;
        while waiting(store).await == 1 {
            assert!(store.claim_letter(now, LEASE).await.unwrap().is_none());
            tried += 1;
            now += SignedDuration::from_hours(12);
        }
        assert_eq!(tried, 8);
    }
}
