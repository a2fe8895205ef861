//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values and
//! digests.

use groeilijn_domain::platform;
use groeilijn_engine::{code_columns, id_columns, json_columns, parsed_columns};
use serde::{Deserialize, Serialize};

id_columns! { SecurityEventId StaffRightChangeId SubprocessorId SubprocessorCheckId SubprocessorObjectionId DestructionConfirmationId }

code_columns! {
    SecurityEventKind: platform::security_event::SecurityEventKind,
    CheckOutcome: platform::subprocessor::CheckOutcome,
    Safeguard: platform::transfer::Safeguard,
}

parsed_columns! { Country: platform::transfer::Country, |text| platform::transfer::Country::parse(text).ok() }

json_columns! { Passages: PassageList }

/// The passages of a contract as they are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PassageList(pub(crate) Vec<KeptPassage>);

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptPassage {
    /// The code of the duty.
    pub(crate) duty: platform::subprocessor::SubprocessorDuty,
    pub(crate) text: String,
    pub(crate) document_sha256: [u8; 32],
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};

    processor_staff (id) {
        id -> UserId,
        name -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> Moment,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Day, Moment, UserId};

    confidentiality_statement (id) {
        id -> AnyId,
        staff_id -> UserId,
        signed_on -> Day,
        document_sha256 -> Binary,
        recorded_by -> UserId,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::StaffRightChangeId;

    staff_right_change (id) {
        id -> StaffRightChangeId,
        staff_id -> UserId,
        changed_by -> UserId,
        changed_at -> Moment,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{SecurityEventId, SecurityEventKind};

    security_event (id) {
        id -> SecurityEventId,
        institution_id -> Nullable<InstitutionId>,
        occurred_at -> Moment,
        kind -> SecurityEventKind,
        user_id -> Nullable<UserId>,
        address -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::{Country, Passages, Safeguard, SubprocessorId};

    subprocessor (id) {
        id -> SubprocessorId,
        replaces_id -> Nullable<SubprocessorId>,
        name -> Text,
        place -> Text,
        country -> Country,
        task -> Text,
        access -> Text,
        safeguard -> Nullable<Safeguard>,
        passages -> Passages,
        announced_by -> UserId,
        announced_at -> Moment,
        ended_by -> Nullable<UserId>,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, Moment, UserId};
    use super::{CheckOutcome, SubprocessorCheckId, SubprocessorId};

    subprocessor_check (id) {
        id -> SubprocessorCheckId,
        subprocessor_id -> SubprocessorId,
        checked_on -> Day,
        outcome -> CheckOutcome,
        document_sha256 -> Binary,
        recorded_by -> UserId,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{SubprocessorId, SubprocessorObjectionId};

    subprocessor_objection (id) {
        id -> SubprocessorObjectionId,
        institution_id -> InstitutionId,
        subprocessor_id -> SubprocessorId,
        reason -> Binary,
        made_by -> UserId,
        made_at -> Moment,
        withdrawn_by -> Nullable<UserId>,
        withdrawn_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, InstitutionId, Moment, UserId};
    use super::{Country, Safeguard, SubprocessorId};

    transfer_consent (id) {
        id -> AnyId,
        institution_id -> InstitutionId,
        subprocessor_id -> SubprocessorId,
        country -> Country,
        safeguard -> Safeguard,
        given_by -> UserId,
        given_at -> Moment,
        withdrawn_by -> Nullable<UserId>,
        withdrawn_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};

    institution_ending (institution_id) {
        institution_id -> InstitutionId,
        ended_on -> Day,
        asked_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{DestructionConfirmationId, SubprocessorId};

    destruction_confirmation (id) {
        id -> DestructionConfirmationId,
        institution_id -> InstitutionId,
        subprocessor_id -> SubprocessorId,
        due_on -> Day,
        confirmed_on -> Nullable<Day>,
        document_sha256 -> Nullable<Binary>,
        recorded_by -> Nullable<UserId>,
        recorded_at -> Nullable<Moment>,
    }
}
