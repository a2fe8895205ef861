//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Ids are the 16 bytes of a UUID, times microseconds since 1970 in UTC, dates ISO 8601 text; other `Binary`
//! columns are sealed values, digests or tokens' hashes.

diesel::table! {
    support_consent (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        user_id -> Binary,
        kind -> Text,
        created_at -> BigInt,
        ends_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    coupling (id) {
        id -> Binary,
        institution_id -> Binary,
        adviser_id -> Binary,
        starts_on -> Text,
        ends_on -> Text,
        agreement -> Binary,
        created_by -> Binary,
        created_at -> BigInt,
        decoupled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    support_session (id) {
        id -> Binary,
        institution_id -> Binary,
        staff_id -> Binary,
        kind -> Text,
        user_id -> Nullable<Binary>,
        case_id -> Nullable<Text>,
        consent_id -> Nullable<Binary>,
        coupling_id -> Nullable<Binary>,
        reason -> Binary,
        parts -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
    }
}
