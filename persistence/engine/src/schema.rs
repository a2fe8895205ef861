//! The engine's own tables, as diesel sees them.

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, EntryActorKind, EntryOutcome, InstitutionId, Moment, SessionId};

    audit_entry (institution_id, sequence) {
        institution_id -> InstitutionId,
        sequence -> BigInt,
        occurred_at -> Nullable<Moment>,
        actor_kind -> Nullable<EntryActorKind>,
        actor_id -> Nullable<AnyId>,
        session_id -> Nullable<SessionId>,
        address -> Nullable<Binary>,
        trace_id -> Nullable<Binary>,
        span_id -> Nullable<Binary>,
        activity -> Nullable<Text>,
        operation -> Nullable<Text>,
        objects -> Nullable<Binary>,
        outcome -> Nullable<EntryOutcome>,
        change_digest -> Nullable<Binary>,
        detail -> Nullable<Binary>,
        leaf_hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{InstitutionId, Moment};

    audit_checkpoint (institution_id, size) {
        institution_id -> InstitutionId,
        size -> BigInt,
        root -> Binary,
        signed_at -> Moment,
        note -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{InstitutionId, Moment};

    audit_cosignature (institution_id, size, witness) {
        institution_id -> InstitutionId,
        size -> BigInt,
        witness -> Text,
        cosigned_at -> Moment,
        line -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::InstitutionId;

    audit_tile (institution_id, level, number) {
        institution_id -> InstitutionId,
        level -> Integer,
        number -> BigInt,
        root -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, InstitutionId};

    audit_object (institution_id, block, kind, object_id, sequence) {
        institution_id -> InstitutionId,
        block -> BigInt,
        kind -> Integer,
        object_id -> AnyId,
        sequence -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{InstitutionId, Moment};

    audit_tree (institution_id) {
        institution_id -> InstitutionId,
        size -> BigInt,
        frontier -> Binary,
        last_at -> Moment,
        indexed -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, Moment};

    idempotency (actor_id, idempotency_key) {
        actor_id -> AnyId,
        idempotency_key -> Text,
        fingerprint -> Binary,
        created_at -> Moment,
        status -> Integer,
        location -> Nullable<Text>,
        revision -> Nullable<Integer>,
        created_ids -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, InstitutionId, Moment, UserId};

    job (id) {
        id -> AnyId,
        institution_id -> InstitutionId,
        user_id -> UserId,
        kind -> Text,
        lease_until -> BigInt,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, InstitutionId, Moment};

    key_end (institution_id, kind, subject_id) {
        institution_id -> InstitutionId,
        kind -> Text,
        subject_id -> AnyId,
        ends_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Moment;

    system_key (key_id) {
        key_id -> Binary,
        purpose -> Text,
        parent_id -> Binary,
        parent_version -> Integer,
        wrapped -> Binary,
        created_at -> Moment,
        retired_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{InstitutionId, Moment};

    institution_key (key_id, version) {
        key_id -> Binary,
        version -> Integer,
        institution_id -> InstitutionId,
        parent_id -> Binary,
        parent_version -> Integer,
        wrapped -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::{AnyId, InstitutionId, Moment};

    subject_key (key_id) {
        key_id -> Binary,
        institution_id -> InstitutionId,
        kind -> Text,
        subject_id -> AnyId,
        parent_id -> Nullable<Binary>,
        parent_version -> Nullable<Integer>,
        wrapped -> Nullable<Binary>,
        created_at -> Moment,
        destroyed_at -> Nullable<Moment>,
    }
}
