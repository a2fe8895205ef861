//! The tables of this area, as diesel sees them: one description for both databases.

use groeilijn_domain::audit;
use groeilijn_engine::{code_columns, id_columns};

id_columns! { LogReviewId DisclosureId }

code_columns! {
    DisclosureGround: audit::disclosure::DisclosureGround,
    LogKeyCause: audit::log_key::LogKeyCause,
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::LogReviewId;

    log_review (institution_id, id) {
        institution_id -> InstitutionId,
        id -> LogReviewId,
        reviewed_until -> Moment,
        findings -> Binary,
        next_due_on -> Day,
        reviewed_by -> UserId,
        reviewed_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{DisclosureGround, DisclosureId};

    disclosure (institution_id, id) {
        institution_id -> InstitutionId,
        id -> DisclosureId,
        ground -> DisclosureGround,
        disclosed_at -> Moment,
        content -> Binary,
        recorded_by -> Nullable<UserId>,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::LogKeyCause;

    audit_log_key (public_key, because) {
        public_key -> Binary,
        because -> LogKeyCause,
        since_at -> Moment,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment};

    audit_witness (institution_id, witness) {
        institution_id -> InstitutionId,
        witness -> Text,
        size -> BigInt,
        attempts -> Integer,
        due_at -> Moment,
        lease_until -> Moment,
    }
}
