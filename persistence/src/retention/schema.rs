//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` columns are sealed values.

use groeilijn_domain::retention::hold;
use groeilijn_engine::{code_columns, id_columns};

id_columns! { HoldId }

code_columns! { HoldSubject: hold::HoldSubject }

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Day, InstitutionId, Moment, UserId};
    use super::{HoldId, HoldSubject};

    retention_hold (institution_id, id) {
        institution_id -> InstitutionId,
        id -> HoldId,
        subject_kind -> HoldSubject,
        subject_id -> AnyId,
        reason -> Binary,
        author_id -> UserId,
        review_on -> Day,
        made_at -> Moment,
        lifted_at -> Nullable<Moment>,
        lifted_by -> Nullable<UserId>,
    }
}
