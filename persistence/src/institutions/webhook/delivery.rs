//! What the programs are told: an outbox, written in the transaction that it tells of, so that nothing is lost and nothing is
//! told that did not happen.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::webhook::{DeliveryState, WebhookEvent, WebhookMessage, pause_after};
use groeilijn_domain::values::calendar::to_micros;
use groeilijn_domain::values::ids::{InstitutionId, WebhookDeliveryId, WebhookEndpointId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::handles::store::Store;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::webhook_delivery;

/// Until when a message is held that nobody holds.
const NOT_HELD: Timestamp = Timestamp::UNIX_EPOCH;

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = webhook_delivery)]
pub struct StoredDelivery {
    /// Its id, which stays the same when it is sent again.
    pub id: WebhookDeliveryId,
    /// The program that it is for.
    #[diesel(column_name = endpoint_id)]
    pub endpoint: WebhookEndpointId,
    /// What happened.
    pub event: WebhookEvent,
    /// What it is about.
    #[diesel(column_name = subject_id)]
    pub subject: Uuid,
    /// When it happened, in UTC.
    pub occurred_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// How often sending it failed.
    pub attempts: i32,
    /// When it is tried next, in UTC, as long as it waits.
    pub due_at: Timestamp,
    /// When it was tried last, in UTC.
    pub tried_at: Option<Timestamp>,
    /// What the receiver answered then; none when it did not.
    pub status: Option<i32>,
}

impl StoredDelivery {
    /// What is told.
    pub fn message(&self) -> WebhookMessage {
        WebhookMessage { event: self.event, occurred_at: self.occurred_at, subject: self.subject }
    }
}

/// A message that is held to be sent.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = webhook_delivery)]
pub struct ClaimedDelivery {
    /// The institution whose program it is for.
    #[diesel(column_name = institution_id)]
    pub institution: InstitutionId,
    /// Its id.
    pub id: WebhookDeliveryId,
    attempts: i32,
    due_at: Timestamp,
    /// Until when it is held, in UTC to the microsecond: also the proof of holding it.
    lease_until: Timestamp,
}

impl TenantReader<'_> {
    /// The messages for a program, the newest first, before the one with id `before`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such program.
    pub fn webhook_deliveries(
        &mut self,
        endpoint: WebhookEndpointId,
        before: Option<WebhookDeliveryId>,
        limit: i64,
    ) -> Result<Vec<StoredDelivery>> {
        self.require_endpoint(endpoint)?;
        let last = before.unwrap_or_else(|| WebhookDeliveryId::from_uuid(Uuid::max()));
        Ok(webhook_delivery::table
            .filter(webhook_delivery::institution_id.is(self.institution()))
            .filter(webhook_delivery::endpoint_id.is(endpoint))
            .filter(webhook_delivery::id.before(last))
            .order(webhook_delivery::id.desc())
            .limit(limit)
            .select(columns::<StoredDelivery>())
            .load(self.connection)?)
    }

    /// One message.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn webhook_delivery(&mut self, id: WebhookDeliveryId) -> Result<StoredDelivery> {
        let found: Option<StoredDelivery> = webhook_delivery::table
            .filter(webhook_delivery::institution_id.is(self.institution()))
            .filter(webhook_delivery::id.is(id))
            .select(columns::<StoredDelivery>())
            .first(self.connection)
            .optional()?;
        let found = found.ok_or(Error::NotFound)?;
        self.touch(ObjectKind::WebhookEndpoint, found.endpoint.as_uuid());
        Ok(found)
    }
}

impl TenantWriter<'_> {
    /// Leaves a message for each program that is told of `event`, to be sent when this transaction is committed; none while the
    /// institution has webhooks switched off (C038).
    pub(crate) fn tell_programs(&mut self, event: WebhookEvent, subject: Uuid) -> Result<()> {
        if self.is_told()? {
            for endpoint in self.endpoints_for(event)? {
                self.leave(endpoint, event, subject)?;
            }
        }
        Ok(())
    }

    /// Leaves a message with which the institution sees whether a program hears.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `endpoint-ended`, `not-switched-on`, and `delivery-waits` while one before it
    /// was not sent yet.
    pub fn try_webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<StoredDelivery> {
        self.require_live(id)?;
        self.require_told()?;
        if self.is_being_tried(id)? {
            let detail = "the one before it was not sent yet";
            return Err(Error::Conflict(Refusal::new("delivery-waits", detail)));
        }
        let left = self.leave(id, WebhookEvent::Test, id.as_uuid())?;
        self.webhook_delivery(left)
    }

    /// Has a message sent once more, with the same id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `delivery-waits` when it is still to be sent, `endpoint-ended` and
    /// `not-switched-on`.
    pub fn replay_webhook_delivery(&mut self, id: WebhookDeliveryId) -> Result<StoredDelivery> {
        let stored = self.webhook_delivery(id)?;
        self.require_live(stored.endpoint)?;
        self.require_told()?;
        if stored.state == DeliveryState::Waiting {
            return Err(Error::Conflict(Refusal::new("delivery-waits", "it is still to be sent")));
        }
        let (institution, now) = (self.institution(), self.now());
        let settled = webhook_delivery::table
            .filter(webhook_delivery::institution_id.is(institution))
            .filter(webhook_delivery::id.is(id))
            .filter(webhook_delivery::state.is(stored.state));
        diesel::update(settled)
            .set((
                webhook_delivery::state.is(DeliveryState::Waiting),
                webhook_delivery::attempts.eq(0),
                webhook_delivery::due_at.is(now),
                webhook_delivery::lease_until.is(NOT_HELD),
            ))
            .execute(self.connection)?;
        self.webhook_delivery(id)
    }

    fn is_being_tried(&mut self, endpoint: WebhookEndpointId) -> Result<bool> {
        let untried = webhook_delivery::table
            .filter(webhook_delivery::institution_id.is(self.institution()))
            .filter(webhook_delivery::endpoint_id.is(endpoint))
            .filter(webhook_delivery::event.is(WebhookEvent::Test))
            .filter(webhook_delivery::state.is(DeliveryState::Waiting))
            .filter(webhook_delivery::attempts.eq(0));
        Ok(diesel::select(diesel::dsl::exists(untried)).get_result(self.connection)?)
    }

    fn leave(
        &mut self,
        endpoint: WebhookEndpointId,
        event: WebhookEvent,
        subject: Uuid,
    ) -> Result<WebhookDeliveryId> {
        let (id, now) = (WebhookDeliveryId::from_uuid(self.environment().uuid()), self.now());
        diesel::insert_into(webhook_delivery::table)
            .values((
                webhook_delivery::institution_id.is(self.institution()),
                webhook_delivery::id.is(id),
                webhook_delivery::endpoint_id.is(endpoint),
                webhook_delivery::event.is(event),
                webhook_delivery::subject_id.is(subject),
                webhook_delivery::occurred_at.is(now),
                webhook_delivery::state.is(DeliveryState::Waiting),
                webhook_delivery::attempts.eq(0),
                webhook_delivery::due_at.is(now),
                webhook_delivery::lease_until.is(NOT_HELD),
            ))
            .execute(self.connection)?;
        Ok(id)
    }
}

impl Store {
    /// Takes the message that has been due longest and that nobody holds at the moment `now`, of an institution to which
    /// nothing is being sent: a program that does not answer keeps only its own institution waiting. When who takes it dies,
    /// another process takes it over after `lease`: so it is sent at least once, and receivers know it by its id.
    ///
    /// # Errors
    /// When the database is busy, or cannot be read or written.
    pub async fn claim_delivery(
        &self,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<ClaimedDelivery>> {
        let held = diesel::alias!(webhook_delivery as held);
        let is_served = diesel::dsl::exists(
            held.filter(held.field(webhook_delivery::institution_id).eq(webhook_delivery::institution_id))
                .filter(held.field(webhook_delivery::state).is(DeliveryState::Waiting))
                .filter(diesel::dsl::not(held.field(webhook_delivery::lease_until).before(now))),
        );
        let due = webhook_delivery::table
            .filter(diesel::dsl::not(is_served))
            .filter(webhook_delivery::state.is(DeliveryState::Waiting))
            .filter(webhook_delivery::due_at.until(now))
            .filter(webhook_delivery::lease_until.before(now))
            .order((webhook_delivery::due_at, webhook_delivery::id))
            .select(columns::<ClaimedDelivery>());
        let found: Option<ClaimedDelivery> =
            self.data().read(Cost::Rows, move |connection| Ok(due.first(connection).optional()?)).await?;
        let Some(free) = found else { return Ok(None) };
        let held = ClaimedDelivery { lease_until: to_micros(now + lease), ..free };
        let taken =
            self.put_delivery(free, Outcome { lease_until: held.lease_until, ..Outcome::of(free) }).await?;
        Ok(taken.then_some(held))
    }

    /// Writes down what became of sending a message at the moment `now`: `answer` is the receiver's, if it gave one.
    ///
    /// # Errors
    /// When the database is busy or cannot be written.
    pub async fn delivery_tried(
        &self,
        claimed: ClaimedDelivery,
        now: Timestamp,
        answer: Option<u16>,
    ) -> Result<()> {
        let attempts = claimed.attempts.saturating_add(1);
        let arrived = answer.is_some_and(|status| (200..300).contains(&status));
        let (state, due_at) = match pause_after(attempts.try_into().unwrap_or(u16::MAX)) {
            _ if arrived => (DeliveryState::Delivered, now),
            Some(pause) => (DeliveryState::Waiting, now + pause),
            None => (DeliveryState::GivenUp, now),
        };
        let tried = Some((now, answer.map(i32::from)));
        self.put_delivery(claimed, Outcome { state, attempts, due_at, lease_until: NOT_HELD, tried })
            .await
            .map(drop)
    }

    /// Gives a message up that is to be sent no longer.
    ///
    /// # Errors
    /// When the database is busy or cannot be written.
    pub async fn give_up_delivery(&self, claimed: ClaimedDelivery) -> Result<()> {
        let over = Outcome { state: DeliveryState::GivenUp, lease_until: NOT_HELD, ..Outcome::of(claimed) };
        self.put_delivery(claimed, over).await.map(drop)
    }

    /// Changes how a message stands, if it still is held as it was. Of all who try at once, one succeeds.
    async fn put_delivery(&self, held: ClaimedDelivery, outcome: Outcome) -> Result<bool> {
        self.data()
            .writer()
            .run(move |connection, _| {
                let own = webhook_delivery::table
                    .filter(webhook_delivery::institution_id.is(held.institution))
                    .filter(webhook_delivery::id.is(held.id))
                    .filter(webhook_delivery::lease_until.is(held.lease_until));
                let put = diesel::update(own)
                    .set((
                        webhook_delivery::state.is(outcome.state),
                        webhook_delivery::attempts.eq(outcome.attempts),
                        webhook_delivery::due_at.is(outcome.due_at),
                        webhook_delivery::lease_until.is(outcome.lease_until),
                    ))
                    .execute(connection)?;
                if let Some((at, status)) = outcome.tried {
                    let own = webhook_delivery::table
                        .filter(webhook_delivery::institution_id.is(held.institution))
                        .filter(webhook_delivery::id.is(held.id));
                    diesel::update(own)
                        .set((webhook_delivery::tried_at.is(Some(at)), webhook_delivery::status.eq(status)))
                        .execute(connection)?;
                }
                Ok(put == 1)
            })
            .await
    }
}

/// How a message stands afterwards.
struct Outcome {
    state: DeliveryState,
    attempts: i32,
    due_at: Timestamp,
    lease_until: Timestamp,
    /// When it was sent, and what the receiver answered.
    tried: Option<(Timestamp, Option<i32>)>,
}

impl Outcome {
    /// As it was claimed.
    fn of(claimed: ClaimedDelivery) -> Self {
        Self {
            state: DeliveryState::Waiting,
            attempts: claimed.attempts,
            due_at: claimed.due_at,
            lease_until: claimed.lease_until,
            tried: None,
        }
    }
}
