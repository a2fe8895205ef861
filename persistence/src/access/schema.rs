//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Ids are the 16 bytes of a UUID, times microseconds since 1970 in UTC, dates ISO 8601 text; other `Binary`
//! columns are sealed values, digests or tokens' hashes.

diesel::table! {
    account (id) {
        id -> Binary,
        institution_id -> Nullable<Binary>,
        email_index -> Binary,
        role -> Text,
        state -> Text,
        password_hash -> Nullable<Text>,
        password_set_at -> Nullable<BigInt>,
        created_at -> BigInt,
        strikes -> Integer,
        rights -> Nullable<Text>,
        last_day -> Nullable<Text>,
        reminded -> Nullable<Text>,
    }
}

diesel::table! {
    old_password (account_id, set_at) {
        account_id -> Binary,
        set_at -> BigInt,
        password_hash -> Text,
    }
}

diesel::table! {
    second_factor (account_id, state) {
        account_id -> Binary,
        state -> Text,
        secret -> Binary,
        confirmed_at -> Nullable<BigInt>,
        last_step -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    recovery_code (account_id, code_hash) {
        account_id -> Binary,
        code_hash -> Binary,
        state -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    right_change (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        user_id -> Binary,
        changed_by -> Binary,
        changed_at -> BigInt,
        content -> Binary,
    }
}

diesel::table! {
    login_failure (id) {
        id -> Binary,
        occurred_at -> BigInt,
        email_index -> Binary,
        address_index -> Binary,
        settled -> Integer,
    }
}

diesel::table! {
    api_token (id) {
        id -> Binary,
        institution_id -> Binary,
        name -> Binary,
        kind -> Text,
        token_hash -> Binary,
        rights -> Text,
        networks -> Text,
        created_by -> Binary,
        created_at -> BigInt,
        expires_on -> Text,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitation (id) {
        id -> Binary,
        account_id -> Binary,
        token_hash -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    session (id) {
        id -> Binary,
        account_id -> Binary,
        created_at -> BigInt,
        last_activity_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_token (token_hash) {
        token_hash -> Binary,
        session_id -> Binary,
        issued_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    users (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        first_name -> Binary,
        infix -> Binary,
        last_name -> Binary,
        gender -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    letter (id) {
        id -> Binary,
        account_id -> Binary,
        content -> Binary,
        attempts -> Integer,
        due_at -> BigInt,
        lease_until -> BigInt,
        created_at -> BigInt,
    }
}

diesel::joinable!(session -> account (account_id));
diesel::joinable!(invitation -> account (account_id));
