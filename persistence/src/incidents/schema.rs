//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values.

use groeilijn_domain::incidents;
use groeilijn_engine::{code_columns, id_columns};

id_columns! { IncidentId IncidentCaseId IncidentRecordId }

code_columns! {
    IncidentChannel: incidents::IncidentChannel,
    IncidentKind: incidents::IncidentKind,
    IncidentSource: incidents::IncidentSource,
    RecordKind: incidents::RecordKind,
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{EntryActorKind, AnyId, InstitutionId, Moment, UserId};
    use super::{IncidentCaseId, IncidentChannel, IncidentId, IncidentKind, IncidentSource};

    incident (institution_id, id) {
        institution_id -> InstitutionId,
        id -> IncidentId,
        case_id -> IncidentCaseId,
        kind -> IncidentKind,
        source -> IncidentSource,
        channel -> Nullable<IncidentChannel>,
        known_at -> Moment,
        occurred_at -> Nullable<Moment>,
        reported_at -> Moment,
        reporter_kind -> EntryActorKind,
        reporter_id -> UserId,
        security_event_id -> Nullable<AnyId>,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{EntryActorKind, InstitutionId, Moment, UserId};
    use super::{IncidentId, IncidentRecordId, RecordKind};

    incident_record (institution_id, id) {
        institution_id -> InstitutionId,
        id -> IncidentRecordId,
        incident_id -> IncidentId,
        number -> Integer,
        kind -> RecordKind,
        code -> Nullable<Text>,
        at -> Moment,
        recorded_at -> Moment,
        author_kind -> EntryActorKind,
        author_id -> Nullable<UserId>,
        content -> Binary,
    }
}
