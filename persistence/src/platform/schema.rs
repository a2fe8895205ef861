//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values and
//! digests.

use groeilijn_domain::platform;
use groeilijn_engine::{code_columns, id_columns};

id_columns! { SecurityEventId StaffRightChangeId }

code_columns! { SecurityEventKind: platform::security_event::SecurityEventKind }

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
