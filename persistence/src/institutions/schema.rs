//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Ids are the 16 bytes of a UUID, times microseconds since 1970 in UTC, dates ISO 8601 text; other `Binary`
//! columns are sealed values, digests or tokens' hashes.

diesel::table! {
    institution (id) {
        id -> Binary,
        kind -> Text,
        name -> Text,
        brin -> Nullable<Text>,
        contract_profile -> Text,
        revision -> Integer,
        created_at -> BigInt,
        login_networks -> Text,
        administrators_need_second_factor -> Integer,
    }
}

diesel::table! {
    institution_domain (institution_id, domain) {
        institution_id -> Binary,
        domain -> Text,
    }
}

diesel::table! {
    licence (institution_id) {
        institution_id -> Binary,
        products -> Text,
        start_date -> Text,
        end_date -> Nullable<Text>,
        state -> Text,
        terms_version -> Nullable<Text>,
        terms_accepted_by -> Nullable<Binary>,
        terms_accepted_at -> Nullable<BigInt>,
        revision -> Integer,
        created_at -> BigInt,
    }
}
