//! What was added to an incident, as it is read.

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{RecordFacts, RecordKind, Recorded};
use groeilijn_domain::values::ids::{IncidentId, IncidentRecordId, InstitutionId, UserId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::tenant::TenantReader;
use crate::incidents::key_owner;
use crate::incidents::schema::incident_record;
use crate::incidents::stored::{StoredRecord, until_ended};

pub(super) const TABLE: &str = "incident_record";

#[derive(Queryable, Selectable)]
#[diesel(table_name = incident_record)]
struct RecordRow {
    id: IncidentRecordId,
    number: i32,
    kind: RecordKind,
    code: Option<String>,
    at: Timestamp,
    recorded_at: Timestamp,
    author_kind: ActorKind,
    author_id: Option<UserId>,
    content: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = incident_record)]
struct RecordedRow {
    incident_id: IncidentId,
    kind: RecordKind,
    code: Option<String>,
    at: Timestamp,
    recorded_at: Timestamp,
    author_kind: ActorKind,
}

fn facts(kind: RecordKind, code: Option<&str>) -> Result<RecordFacts> {
    RecordFacts::kept(kind, code).ok_or(Error::Unreadable(TABLE))
}

/// What was added to each of these incidents of an institution, in order and without the texts.
pub(super) fn records_of(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    incidents: impl IntoIterator<Item = IncidentId>,
) -> Result<HashMap<IncidentId, Vec<Recorded>>> {
    let rows: Vec<RecordedRow> = incident_record::table
        .filter(incident_record::institution_id.is(institution))
        .filter(incident_record::incident_id.eq_any(incidents.into_iter().map(OneOf)))
        .order((incident_record::incident_id, incident_record::number))
        .select(columns::<RecordedRow>())
        .load(connection)?;
    let mut found: HashMap<IncidentId, Vec<Recorded>> = HashMap::new();
    for row in rows {
        let facts = facts(row.kind, row.code.as_deref())?;
        let recorded = Recorded { facts, at: row.at, recorded_at: row.recorded_at, by: row.author_kind };
        found.entry(row.incident_id).or_default().push(recorded);
    }
    Ok(found)
}

/// What was added to an incident after the record with the number `after`, in order and with the texts that the caller is
/// shown: who reported it sees how it goes on, and not what others wrote about people.
pub(super) fn records_of_incident(
    reader: &mut TenantReader<'_>,
    incident: IncidentId,
    after: i32,
) -> Result<Vec<StoredRecord>> {
    let rows: Vec<RecordRow> = incident_record::table
        .filter(incident_record::institution_id.is(reader.institution()))
        .filter(incident_record::incident_id.is(incident))
        .filter(incident_record::number.gt(after))
        .order(incident_record::number)
        .select(columns::<RecordRow>())
        .load(reader.connection)?;
    let open = |row: RecordRow| {
        let content = if reader.is_shown_texts_of(row.author_id) {
            let mut opener = reader.opener(TABLE, row.id.as_uuid(), key_owner::incident(incident));
            until_ended(opener.json("content", &row.content))?
        } else {
            None
        };
        Ok(StoredRecord {
            id: row.id,
            number: row.number,
            recorded: Recorded {
                facts: facts(row.kind, row.code.as_deref())?,
                at: row.at,
                recorded_at: row.recorded_at,
                by: row.author_kind,
            },
            author: row.author_id,
            content,
        })
    };
    rows.into_iter().map(open).collect()
}
