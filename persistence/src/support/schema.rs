//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values.

use std::collections::BTreeSet;

use groeilijn_domain::access::Part;
use groeilijn_domain::support;
use groeilijn_engine::{code_columns, id_columns, list_columns, parsed_columns};

id_columns! { CouplingId SupportConsentId SupportRequestId }

code_columns! {
    ConsentKind: support::ConsentKind,
    CouplingReport: support::CouplingReport,
    RequestChannel: support::RequestChannel,
    SupportKind: support::SupportKind,
}

parsed_columns! { CaseId: support::CaseId, |text| Some(support::CaseId::kept(text.to_owned())) }

list_columns! { Parts: BTreeSet<Part>, |part| part.code(), Part::from_code }

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{ConsentKind, SupportConsentId};

    support_consent (institution_id, id) {
        institution_id -> InstitutionId,
        id -> SupportConsentId,
        user_id -> UserId,
        kind -> ConsentKind,
        created_at -> Moment,
        ends_at -> Moment,
        withdrawn_at -> Nullable<Moment>,
        code -> Binary,
        staff_id -> Nullable<UserId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{CouplingId, CouplingReport};

    coupling (id) {
        id -> CouplingId,
        institution_id -> InstitutionId,
        adviser_id -> UserId,
        starts_on -> Day,
        ends_on -> Day,
        report -> CouplingReport,
        agreement -> Binary,
        created_by -> UserId,
        created_at -> Moment,
        approved_by -> Nullable<UserId>,
        approved_at -> Nullable<Moment>,
        decoupled_by -> Nullable<UserId>,
        decoupled_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use crate::children::schema::GroupId;
    use super::{Parts, RequestChannel, SupportRequestId};

    support_request (id) {
        id -> SupportRequestId,
        institution_id -> InstitutionId,
        made_by -> UserId,
        created_at -> Moment,
        question -> Binary,
        asked_by -> Binary,
        channel -> Nullable<RequestChannel>,
        received_on -> Nullable<Day>,
        group_id -> Nullable<GroupId>,
        parts -> Parts,
        approved_by -> Nullable<UserId>,
        approved_at -> Nullable<Moment>,
        closed_by -> Nullable<UserId>,
        closed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use groeilijn_engine::columns::InstitutionId;
    use crate::children::schema::PupilId;
    use super::SupportRequestId;

    support_request_pupil (institution_id, request_id, pupil_id) {
        institution_id -> InstitutionId,
        request_id -> SupportRequestId,
        pupil_id -> PupilId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, SessionId, UserId};
    use super::{CaseId, CouplingId, Parts, SupportConsentId, SupportKind, SupportRequestId};

    // The id is that of the session which it is.
    support_session (id) {
        id -> SessionId,
        institution_id -> InstitutionId,
        staff_id -> UserId,
        kind -> SupportKind,
        user_id -> Nullable<UserId>,
        case_id -> Nullable<CaseId>,
        consent_id -> Nullable<SupportConsentId>,
        coupling_id -> Nullable<CouplingId>,
        request_id -> Nullable<SupportRequestId>,
        reason -> Binary,
        free_text -> Integer,
        free_text_reason -> Binary,
        parts -> Parts,
        starts_at -> Moment,
        ends_at -> Moment,
        proof -> Binary,
    }
}
