//! The programs themselves: where they are, and what their messages are signed with.

use std::collections::BTreeSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::instruction::ExtraProcessing;
use groeilijn_domain::institutions::webhook::{WebhookAddress, WebhookEvent, WebhookMessage, check_room};
use groeilijn_domain::values::ids::{UserId, WebhookDeliveryId, WebhookEndpointId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::webhook_endpoint;

const TABLE: &str = "webhook_endpoint";

/// A program to be told of events.
pub struct NewWebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub address: WebhookAddress,
    /// What its messages are signed with.
    pub secret: Zeroizing<Vec<u8>>,
    /// What it is told of.
    pub events: BTreeSet<WebhookEvent>,
}

/// A program that is told of events, as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredWebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub address: WebhookAddress,
    /// What it is told of.
    pub events: BTreeSet<WebhookEvent>,
    /// Which user entered it.
    pub made_by: UserId,
    /// When it was entered, in UTC.
    pub made_at: Timestamp,
    /// When it was taken away, in UTC.
    pub ended_at: Option<Timestamp>,
}

/// What is needed to send a message.
pub struct Dispatch {
    /// Where to.
    pub address: WebhookAddress,
    /// What it is signed with.
    pub secret: Zeroizing<Vec<u8>>,
    /// What is told.
    pub message: WebhookMessage,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_endpoint)]
struct EndpointRow {
    id: WebhookEndpointId,
    address: Vec<u8>,
    secret: Vec<u8>,
    events: BTreeSet<WebhookEvent>,
    made_by: UserId,
    made_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The programs that are told of events, in the order in which they were entered, those that were taken away too, after
    /// the one with id `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn webhook_endpoints(
        &mut self,
        after: Option<WebhookEndpointId>,
        limit: i64,
    ) -> Result<Vec<StoredWebhookEndpoint>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &WebhookEndpointId, limit| {
            Ok(webhook_endpoint::table
                .filter(webhook_endpoint::institution_id.is(institution))
                .filter(webhook_endpoint::id.after(*after))
                .order(webhook_endpoint::id)
                .limit(limit)
                .select(columns::<EndpointRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &EndpointRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_endpoint(row);
                reader.readable(id, opened)
            },
        )
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<StoredWebhookEndpoint> {
        let row = self.endpoint_row(id)?;
        self.open_endpoint(row)
    }

    /// What is needed to send a message; `None` when it is to be sent no longer: its program was taken away, or the institution
    /// switched webhooks off (C038).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn dispatch(&mut self, delivery: WebhookDeliveryId) -> Result<Option<Dispatch>> {
        let delivery = self.webhook_delivery(delivery)?;
        let row = self.endpoint_row(delivery.endpoint)?;
        if row.ended_at.is_some() || !self.is_told()? {
            return Ok(None);
        }
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let secret = opener.bytes("secret", &row.secret)?.ok_or(Error::Unreadable(TABLE))?;
        let StoredWebhookEndpoint { address, .. } = self.open_endpoint(row)?;
        Ok(Some(Dispatch { address, secret, message: delivery.message() }))
    }

    /// Whether the institution has webhooks switched on.
    pub(super) fn is_told(&mut self) -> Result<bool> {
        let switches = self.extra_processings()?;
        let is_on =
            switches.iter().any(|one| one.processing == ExtraProcessing::Webhooks && one.on_since.is_some());
        Ok(is_on)
    }

    /// The programs that are told of an event now.
    pub(super) fn endpoints_for(&mut self, event: WebhookEvent) -> Result<Vec<WebhookEndpointId>> {
        let live: Vec<(WebhookEndpointId, BTreeSet<WebhookEvent>)> = webhook_endpoint::table
            .filter(webhook_endpoint::institution_id.is(self.institution()))
            .filter(webhook_endpoint::ended_at.is_null())
            .order(webhook_endpoint::id)
            .select((webhook_endpoint::id, webhook_endpoint::events))
            .load(self.connection)?;
        Ok(live.into_iter().filter(|(_, events)| events.contains(&event)).map(|(id, _)| id).collect())
    }

    /// That there is such a program, whether or not its address can be read.
    pub(super) fn require_endpoint(&mut self, id: WebhookEndpointId) -> Result<()> {
        self.endpoint_row(id)?;
        self.touch(ObjectKind::WebhookEndpoint, id.as_uuid());
        Ok(())
    }

    /// That a program is still told of events.
    pub(super) fn require_live(&mut self, id: WebhookEndpointId) -> Result<()> {
        self.touch(ObjectKind::WebhookEndpoint, id.as_uuid());
        match self.endpoint_row(id)?.ended_at {
            None => Ok(()),
            Some(_) => {
                Err(Error::conflict("endpoint-ended", "the endpoint was taken away: enter another one"))
            }
        }
    }

    fn endpoint_row(&mut self, id: WebhookEndpointId) -> Result<EndpointRow> {
        let row = webhook_endpoint::table
            .filter(webhook_endpoint::institution_id.is(self.institution()))
            .filter(webhook_endpoint::id.is(id))
            .select(columns::<EndpointRow>())
            .first(self.connection)
            .optional()?;
        row.ok_or(Error::NotFound)
    }

    fn open_endpoint(&mut self, row: EndpointRow) -> Result<StoredWebhookEndpoint> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let address = opener.required_kept("address", &row.address, WebhookAddress::kept)?;
        self.touch(ObjectKind::WebhookEndpoint, row.id.as_uuid());
        Ok(StoredWebhookEndpoint {
            id: row.id,
            address,
            events: row.events,
            made_by: row.made_by,
            made_at: row.made_at,
            ended_at: row.ended_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters a program that is told of events from now on.
    ///
    /// # Errors
    /// [`Error::Conflict`] `not-switched-on` as long as the institution has webhooks switched off (C038); `too-many`.
    pub fn create_webhook_endpoint(&mut self, new: &NewWebhookEndpoint) -> Result<StoredWebhookEndpoint> {
        let (institution, now, made_by) = (self.institution(), self.now(), self.actor()?.user);
        dialect::lock_institution(self.connection, institution)?;
        self.require_told()?;
        let live: i64 = webhook_endpoint::table
            .filter(webhook_endpoint::institution_id.is(institution))
            .filter(webhook_endpoint::ended_at.is_null())
            .count()
            .get_result(self.connection)?;
        check_room(usize::try_from(live).map_err(Error::internal)?).map_err(Error::Conflict)?;
        let mut row = self.sealer(TABLE, new.id.as_uuid(), self.shared_owner())?;
        let address = row.text("address", Some(new.address.as_str()));
        let secret = row.bytes("secret", Some(&new.secret));
        self.sealed(row);
        diesel::insert_into(webhook_endpoint::table)
            .values((
                webhook_endpoint::institution_id.is(institution),
                webhook_endpoint::id.is(new.id),
                webhook_endpoint::address.eq(address),
                webhook_endpoint::secret.eq(secret),
                webhook_endpoint::events.is(new.events.clone()),
                webhook_endpoint::made_by.is(made_by),
                webhook_endpoint::made_at.is(now),
            ))
            .execute(self.connection)?;
        self.webhook_endpoint(new.id)
    }

    /// Takes a program away: it is told nothing more, also of what happened before. It stays listed.
    ///
    /// # Errors
    /// [`Error::NotFound`] also when it was taken away before.
    pub fn end_webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<()> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        let live = webhook_endpoint::table
            .filter(webhook_endpoint::institution_id.is(institution))
            .filter(webhook_endpoint::id.is(id))
            .filter(webhook_endpoint::ended_at.is_null());
        let ended = diesel::update(live)
            .set((webhook_endpoint::ended_by.is(Some(actor)), webhook_endpoint::ended_at.is(Some(now))))
            .execute(self.connection)?;
        if ended == 0 {
            return Err(Error::NotFound);
        }
        self.touch(ObjectKind::WebhookEndpoint, id.as_uuid());
        Ok(())
    }

    /// That the institution has webhooks switched on.
    pub(super) fn require_told(&mut self) -> Result<()> {
        if self.is_told()? {
            return Ok(());
        }
        let detail = "the institution has to switch webhooks on first, under its extra processings";
        Err(Error::Conflict(Refusal::new("not-switched-on", detail)))
    }
}
