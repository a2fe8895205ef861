//! Adding to an incident: in one's own institution, or by the processor in the institution whose incident it is.

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::incidents::RecordContent;
use groeilijn_domain::values::ids::IncidentId;
use groeilijn_persistence::incidents::adding::NewRecord;
use groeilijn_persistence::incidents::draft::DraftFacts;
use groeilijn_persistence::incidents::stored::WholeIncident;
use groeilijn_persistence::{Cost, Error, TenantReader, TenantWriter};
use jiff::Timestamp;

use super::bodies::Incident;
use crate::http::access::Access;
use crate::http::create::{IdempotentCreation, New, View, create, create_on_platform};
use crate::http::idempotency::IdempotencyKey;
use crate::http::problem::Problem;
use crate::http::reply::Created;

/// Adds a record, and gives the incident as it is now with that record alone: an answer, and the time that the writer takes
/// for it, do not grow with what was added before.
pub(super) async fn add<P, A, V>(
    access: &Access<P, A, V>,
    request: &HttpRequest,
    id: IncidentId,
    key: IdempotencyKey,
    digest: &[u8; 32],
    record: (RecordContent, Option<Timestamp>),
) -> Result<Created<Incident>, Problem> {
    let new = NewRecord { content: record.0, at: record.1 };
    let creation = IdempotentCreation::new(request, key, digest);
    let as_now =
        move |whole: WholeIncident| New { location: location(id), ids: id, view: View::unrevised(whole) };
    if access.scope() == Scope::Platform {
        let platform = access.platform();
        let institution = platform.read(Cost::Rows, move |reader| reader.institution_of_incident(id)).await?;
        return create_on_platform(
            creation,
            &platform,
            move |writer| writer.enter(institution, |tenant| added(tenant, id, &new)).map(as_now),
            move |writer, id| {
                writer.enter(institution, |tenant| tenant.incident_with_last_record(id)).map(View::unrevised)
            },
        )
        .await;
    }
    create(
        creation,
        &access.tenant()?,
        move |writer| added(writer, id, &new).map(as_now),
        |writer, id| writer.incident_with_last_record(id).map(View::unrevised),
    )
    .await
}

fn added(writer: &mut TenantWriter<'_>, id: IncidentId, new: &NewRecord) -> Result<WholeIncident, Error> {
    writer.add_to_incident(id, new)?;
    writer.incident_with_last_record(id)
}

/// Reads an incident where it is.
pub(super) async fn read<P, A, V>(
    access: &Access<P, A, V>,
    id: IncidentId,
) -> Result<WholeIncident, Problem> {
    read_with(access, id, move |reader| reader.incident(id)).await
}

/// Reads what the draft of its notice is made of.
pub(super) async fn read_draft<P, A, V>(
    access: &Access<P, A, V>,
    id: IncidentId,
) -> Result<DraftFacts, Problem> {
    read_with(access, id, move |reader| reader.incident_draft(id)).await
}

async fn read_with<P, A, V, T: Send + 'static>(
    access: &Access<P, A, V>,
    id: IncidentId,
    work: impl FnOnce(&mut TenantReader<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    if access.scope() == Scope::Platform {
        let platform = access.platform();
        let institution = platform.read(Cost::Rows, move |reader| reader.institution_of_incident(id)).await?;
        return Ok(platform.read_in(institution, Cost::Scan, work).await?);
    }
    Ok(access.tenant()?.read(Cost::Scan, work).await?)
}

/// Where an incident is.
pub(super) fn location(id: IncidentId) -> String {
    format!("/v1/incidents/{id}")
}
