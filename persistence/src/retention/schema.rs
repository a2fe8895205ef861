//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` columns are sealed values.

use groeilijn_domain::retention::{destruction as destructions, plan, term};
use groeilijn_engine::{code_columns, id_columns};

id_columns! { DestructionId HoldId SubjectId }

code_columns! {
    DestructionState: destructions::DestructionState,
    Rule: plan::Rule,
    StatutoryKind: term::StatutoryKind,
    SubjectKind: plan::SubjectKind,
    TermBasis: term::TermBasis,
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Day, InstitutionId, Moment, UserId};
    use super::{HoldId, SubjectKind};

    retention_hold (institution_id, id) {
        institution_id -> InstitutionId,
        id -> HoldId,
        subject_kind -> SubjectKind,
        subject_id -> AnyId,
        reason -> Binary,
        author_id -> UserId,
        review_on -> Day,
        made_at -> Moment,
        lifted_at -> Nullable<Moment>,
        lifted_by -> Nullable<UserId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};

    retention_policy (institution_id) {
        institution_id -> InstitutionId,
        months -> Nullable<Integer>,
        revision -> Integer,
        changed_at -> Moment,
        looked_on -> Nullable<Day>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::InstitutionId;
    use super::StatutoryKind;

    statutory_term (institution_id, position) {
        institution_id -> InstitutionId,
        position -> Integer,
        kind -> StatutoryKind,
        months -> Integer,
        provision -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{DestructionId, DestructionState};

    destruction (institution_id, id) {
        institution_id -> InstitutionId,
        id -> DestructionId,
        state -> DestructionState,
        requested_by -> Nullable<UserId>,
        reason -> Nullable<Binary>,
        created_at -> Moment,
        begins_at -> Nullable<Moment>,
        approved_by -> Nullable<UserId>,
        stopped_by -> Nullable<UserId>,
        stop_reason -> Nullable<Binary>,
        begun_at -> Nullable<Moment>,
        before_size -> Nullable<BigInt>,
        before_root -> Nullable<Binary>,
        lease_until -> Moment,
        destroyed_at -> Nullable<Moment>,
        complete_on -> Nullable<Day>,
        certificate -> Nullable<Text>,
        completion -> Nullable<Text>,
        revision -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId};
    use super::{DestructionId, Rule, SubjectId, SubjectKind, TermBasis};

    destruction_item (institution_id, destruction_id, subject_id) {
        institution_id -> InstitutionId,
        destruction_id -> DestructionId,
        subject_id -> SubjectId,
        kind -> SubjectKind,
        rule -> Rule,
        months -> Nullable<Integer>,
        basis -> Nullable<TermBasis>,
        due_on -> Day,
        outcome -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(destruction, destruction_item);
