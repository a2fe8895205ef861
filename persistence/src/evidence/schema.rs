//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold digests.

use groeilijn_domain::evidence::{audit, kind, record};
use groeilijn_engine::{code_columns, id_columns, json_columns};
use serde::{Deserialize, Serialize};

id_columns! { AuditId EvidenceRecordId }

code_columns! {
    AuditConfirmationKind: audit::AuditConfirmationKind,
    AuditPayer: audit::AuditPayer,
    AuditStage: audit::AuditStage,
    EvidenceKind: kind::EvidenceKind,
    EvidenceOutcome: record::EvidenceOutcome,
}

json_columns! { ClauseNumbers: ClauseNumberList }

/// The numbers of clauses as they are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClauseNumberList(pub(crate) Vec<u8>);

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{ClauseNumbers, EvidenceKind, EvidenceOutcome, EvidenceRecordId};

    evidence_record (id) {
        id -> EvidenceRecordId,
        replaces_id -> Nullable<EvidenceRecordId>,
        kind -> EvidenceKind,
        title -> Text,
        dated_on -> Day,
        valid_until -> Nullable<Day>,
        document_sha256 -> Binary,
        document_bytes -> BigInt,
        outcome -> EvidenceOutcome,
        owner_id -> UserId,
        review_on -> Day,
        clauses -> ClauseNumbers,
        institution_id -> Nullable<InstitutionId>,
        recorded_by -> UserId,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{AuditId, AuditPayer, AuditStage};

    audit_stage (audit_id, stage) {
        audit_id -> AuditId,
        stage -> AuditStage,
        institution_id -> InstitutionId,
        on_day -> Day,
        document_sha256 -> Binary,
        document_bytes -> BigInt,
        major_faults -> Nullable<Integer>,
        paid_by -> Nullable<AuditPayer>,
        taken_by -> UserId,
        taken_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{AuditConfirmationKind, AuditId};

    audit_confirmation (audit_id, kind) {
        audit_id -> AuditId,
        kind -> AuditConfirmationKind,
        institution_id -> InstitutionId,
        objections_sha256 -> Nullable<Binary>,
        objections_bytes -> Nullable<BigInt>,
        confirmed_by -> UserId,
        confirmed_at -> Moment,
    }
}
