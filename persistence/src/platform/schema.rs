//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Ids are the 16 bytes of a UUID, times microseconds since 1970 in UTC, dates ISO 8601 text; other `Binary`
//! columns are sealed values, digests or tokens' hashes.

diesel::table! {
    processor_staff (id) {
        id -> Binary,
        first_name -> Binary,
        infix -> Binary,
        last_name -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    confidentiality_statement (id) {
        id -> Binary,
        staff_id -> Binary,
        signed_on -> Text,
        document_sha256 -> Binary,
        recorded_by -> Binary,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    security_event (id) {
        id -> Binary,
        institution_id -> Nullable<Binary>,
        occurred_at -> BigInt,
        kind -> Text,
        account_id -> Nullable<Binary>,
        address -> Text,
    }
}
