//! Programs of the institution that are told of events (C124).

use groeilijn_domain::institutions::webhook::{DeliveryState, WebhookAddress, WebhookEvent, events};
use groeilijn_domain::values::ids::{LoggedObjectId, UserId, WebhookDeliveryId, WebhookEndpointId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::institutions::webhook::{
    NewWebhookEndpoint, StoredDelivery, StoredWebhookEndpoint,
};
use groeilijn_persistence::{Cost, Error};
use groeilijn_webhook::{SECRET_BYTES, SigningSecret};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::described::{counted, within};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerLicence;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on webhooks.
    pub fn endpoints;

    /// List the webhook endpoints
    ///
    /// The programs that are told of events, in the order in which they were entered, with those that were taken away.
    GET "/webhook-endpoints" => list_webhook_endpoints: "A page of endpoints.";

    /// Enter a webhook endpoint
    ///
    /// From now on it is sent a message for each of its events, by POST, as Standard Webhooks describes: the headers
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`, and a body with `type`, `timestamp` and the id of what it is
    /// about in `data`. It names nobody: a receiver that wants to know more asks this API. What is not answered with a status
    /// of 200 to 299 is sent again, for some days, so a receiver may see one `webhook-id` twice.
    ///
    /// The operator may have named receivers in its own network, each for the institutions that it is for: any other gets
    /// `private-network`.
    ///
    /// Refused with 409 `not-switched-on` as long as the institution has webhooks switched off (`webhooks` of the extra
    /// processings), which needs an accepted instruction (C038). The secret that signs is in this reply and nowhere else;
    /// it takes no `Idempotency-Key`: take away an endpoint whose secret got lost.
    POST "/webhook-endpoints" => create_webhook_endpoint: "The endpoint was entered."
        .refusing(&[ProblemKind::Conflict]);

    /// Read a webhook endpoint
    ///
    /// Where it is and what it is told of.
    GET "/webhook-endpoints/{webhookEndpointId}" => read_webhook_endpoint: "The endpoint.";

    /// Take a webhook endpoint away
    ///
    /// It is told nothing more, also not what still waits. It stays in the list.
    DELETE "/webhook-endpoints/{webhookEndpointId}" => end_webhook_endpoint: "It is told nothing more.";

    /// Try a webhook endpoint
    ///
    /// Sends it a message of the type `endpoint.test`. Its deliveries say what became of it.
    POST "/webhook-endpoints/{webhookEndpointId}/_test" => try_webhook_endpoint: "The message is to be sent."
        .refusing(&[ProblemKind::Conflict]);

    /// List the deliveries to a webhook endpoint
    ///
    /// What it was told and is to be told, the newest first.
    GET "/webhook-endpoints/{webhookEndpointId}/deliveries" => list_webhook_deliveries: "A page of deliveries.";

    /// Send a delivery again
    ///
    /// One that arrived or was given up, with the same `webhook-id`. 409 `delivery-waits` when it is still to be sent.
    POST "/webhook-deliveries/{webhookDeliveryId}/_replay" => replay_webhook_delivery: "It is sent again."
        .refusing(&[ProblemKind::Conflict]);
}

request_body! {
    /// A program that is to be told of events.
    pub struct WebhookEndpointCreation {
        /// Where it is: `https://`, the name of a host, and a path if there is one. Never a network address, and no name that
        /// leads to a private network: nothing is sent there. It must not hold anything about a person.
        url: WebhookAddress,
        /// What it is told of.
        events: Vec<WebhookEvent> = counted(1..=WebhookEvent::ALL.len()),
    }

    example {
        "url": "https://hooks.school.example/groeilijn",
        "events": ["incident.reported", "incident.high-risk-suspected", "incident.updated"],
    }
}

reply_body! {
    /// A program that is told of events.
    pub struct WebhookEndpoint {
        /// The endpoint's id.
        id: WebhookEndpointId,
        /// Where it is.
        url: WebhookAddress,
        /// What it is told of.
        events: Vec<WebhookEvent>,
        /// The user who entered it.
        made_by: UserId,
        /// When it was entered, in UTC.
        made_at: Timestamp,
        /// When it was taken away, in UTC; null when it was not.
        ended_at: Option<Timestamp>,
    }
}

reply_body! {
    /// A new endpoint.
    pub struct IssuedWebhookEndpoint {
        /// What is known of it.
        webhook_endpoint: WebhookEndpoint,
        /// What its messages are signed with, as Standard Webhooks writes it (`whsec_…`). It is shown this once. As secret as a
        /// password.
        secret: String,
    }
}

reply_body! {
    /// A message to a program.
    pub struct WebhookDelivery {
        /// The delivery's id; `webhook-id` in the message.
        id: WebhookDeliveryId,
        /// What happened.
        event: WebhookEvent,
        /// The id of what it is about.
        subject_id: LoggedObjectId,
        /// When it happened, in UTC.
        occurred_at: Timestamp,
        /// How it stands.
        state: DeliveryState,
        /// How often it was sent in vain since it was last asked for.
        attempts: i32 = within(0, 9),
        /// When it is sent next, in UTC; null when it is not.
        next_attempt_at: Option<Timestamp>,
        /// When it was sent last, in UTC.
        tried_at: Option<Timestamp>,
        /// The status that the receiver answered then; null when it did not answer.
        status: Option<i32> = within(100, 999),
    }
}

query_params! {
    pub struct ListWebhookEndpoints {
        /// How many endpoints one page has.
        page: Page<WebhookEndpointId>,
    }
}

query_params! {
    pub struct ListWebhookDeliveries {
        /// How many deliveries one page has.
        page: Page<WebhookDeliveryId>,
    }
}

impl From<StoredWebhookEndpoint> for WebhookEndpoint {
    fn from(stored: StoredWebhookEndpoint) -> Self {
        Self {
            id: stored.id,
            url: stored.address,
            events: stored.events.into_iter().collect(),
            made_by: stored.made_by,
            made_at: stored.made_at,
            ended_at: stored.ended_at,
        }
    }
}

impl From<StoredDelivery> for WebhookDelivery {
    fn from(stored: StoredDelivery) -> Self {
        let waits = stored.state == DeliveryState::Waiting;
        Self {
            id: stored.id,
            event: stored.event,
            subject_id: LoggedObjectId::from_uuid(stored.subject),
            occurred_at: stored.occurred_at,
            state: stored.state,
            attempts: stored.attempts,
            next_attempt_at: waits.then_some(stored.due_at),
            tried_at: stored.tried_at,
            status: stored.status,
        }
    }
}

async fn list_webhook_endpoints(
    access: Access<part::Webhooks, action::Read, AdministerLicence>,
    query: ListWebhookEndpoints,
) -> Result<Listed<WebhookEndpoint>, Problem> {
    let ListWebhookEndpoints { page } = query;
    let (after, rows) = (page.after, page.rows);
    let found =
        access.tenant()?.read(Cost::Rows, move |reader| reader.webhook_endpoints(after, rows)).await?;
    page.reply(found, |endpoint| endpoint.id, WebhookEndpoint::from)
}

async fn create_webhook_endpoint(
    access: Access<part::Webhooks, action::Create, AdministerLicence>,
    JsonBody(body, _): JsonBody<WebhookEndpointCreation>,
) -> Result<Created<IssuedWebhookEndpoint>, Problem> {
    let tenant = access.tenant()?;
    let webhooks = &access.state().webhooks;
    if access.institution().is_some_and(|institution| webhooks.keeps_from(institution, &body.url)) {
        let detail = "this name is of the operator's network, and not for this institution";
        return Err(Error::invalid("url", Refusal::new("private-network", detail)).into());
    }
    let secret = Zeroizing::new(tenant.environment().bytes::<SECRET_BYTES>());
    let new = NewWebhookEndpoint {
        id: WebhookEndpointId::from_uuid(tenant.environment().uuid()),
        address: body.url,
        secret: Zeroizing::new(secret.to_vec()),
        events: events(&body.events).map_err(invalid_field("events"))?,
    };
    let id = new.id;
    let made = tenant.write(move |writer| writer.create_webhook_endpoint(&new)).await?;
    let secret = SigningSecret::from_bytes(secret.to_vec());
    let body =
        IssuedWebhookEndpoint { webhook_endpoint: made.into(), secret: secret.shown().as_str().to_owned() };
    reply::created(&format!("/v1/webhook-endpoints/{id}"), &body, 1)
}

async fn read_webhook_endpoint(
    access: Access<part::Webhooks, action::Read, AdministerLicence>,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Shown<WebhookEndpoint>, Problem> {
    let found = access.tenant()?.read(Cost::Rows, move |reader| reader.webhook_endpoint(id)).await?;
    reply::view(&WebhookEndpoint::from(found))
}

async fn end_webhook_endpoint(
    access: Access<part::Webhooks, action::Delete, AdministerLicence>,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<NoContent, Problem> {
    access.tenant()?.write(move |writer| writer.end_webhook_endpoint(id)).await?;
    Ok(NoContent)
}

async fn try_webhook_endpoint(
    access: Access<part::Webhooks, action::Change, AdministerLicence>,
    PathId(id): PathId<WebhookEndpointId>,
) -> Result<Shown<WebhookDelivery>, Problem> {
    let left = access.tenant()?.write(move |writer| writer.try_webhook_endpoint(id)).await?;
    reply::view(&WebhookDelivery::from(left))
}

async fn list_webhook_deliveries(
    access: Access<part::Webhooks, action::Read, AdministerLicence>,
    PathId(endpoint): PathId<WebhookEndpointId>,
    query: ListWebhookDeliveries,
) -> Result<Listed<WebhookDelivery>, Problem> {
    let ListWebhookDeliveries { page } = query;
    let (before, rows) = (page.after, page.rows);
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.webhook_deliveries(endpoint, before, rows))
        .await?;
    page.reply(found, |delivery| delivery.id, WebhookDelivery::from)
}

async fn replay_webhook_delivery(
    access: Access<part::Webhooks, action::Change, AdministerLicence>,
    PathId(id): PathId<WebhookDeliveryId>,
) -> Result<Shown<WebhookDelivery>, Problem> {
    let replayed = access.tenant()?.write(move |writer| writer.replay_webhook_delivery(id)).await?;
    reply::view(&WebhookDelivery::from(replayed))
}
