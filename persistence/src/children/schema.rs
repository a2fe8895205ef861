//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Ids are the 16 bytes of a UUID, times microseconds since 1970 in UTC, dates ISO 8601 text; other `Binary`
//! columns are sealed values, digests or tokens' hashes.

diesel::table! {
    framework (id) {
        id -> Binary,
        code -> Text,
        version -> Integer,
        locale -> Text,
        title -> Text,
        state -> Text,
        document -> Text,
        revision -> Integer,
        created_at -> BigInt,
        published_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    groups (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        name -> Binary,
        location -> Binary,
        school_key -> Binary,
        school_year -> Text,
        revision -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    user_group (institution_id, user_id, group_id) {
        institution_id -> Binary,
        user_id -> Binary,
        group_id -> Binary,
    }
}

diesel::table! {
    pupil (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        first_name -> Binary,
        infix -> Binary,
        last_name -> Binary,
        gender -> Binary,
        home_language -> Binary,
        birth_date -> Binary,
        vve -> Binary,
        day_parts_per_week -> Binary,
        particulars -> Binary,
        eck_id -> Binary,
        school_key -> Binary,
        revision -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    placement (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        pupil_id -> Binary,
        group_id -> Binary,
        placed_on -> Text,
        ended_on -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    note (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        pupil_id -> Binary,
        author_id -> Binary,
        observed_on -> Text,
        text -> Binary,
        lines -> Binary,
        revision -> Integer,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    note_revision (institution_id, note_id, revision) {
        institution_id -> Binary,
        note_id -> Binary,
        revision -> Integer,
        observed_on -> Text,
        text -> Binary,
        lines -> Binary,
        written_at -> BigInt,
    }
}

diesel::table! {
    registration (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        pupil_id -> Binary,
        group_id -> Binary,
        framework_id -> Binary,
        half_year -> Text,
        registered_on -> Text,
        draft_version -> Nullable<Integer>,
        final_version -> Nullable<Integer>,
        revision -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    registration_version (institution_id, registration_id, version) {
        institution_id -> Binary,
        registration_id -> Binary,
        version -> Integer,
        state -> Text,
        author_id -> Binary,
        judgements -> Binary,
        reason -> Binary,
        created_at -> BigInt,
        changed_at -> BigInt,
        finalised_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    import (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        format -> Text,
        state -> Text,
        author_id -> Binary,
        lines_total -> Integer,
        lines_done -> Integer,
        counts -> Text,
        failure -> Nullable<Text>,
        revision -> Integer,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    import_part (institution_id, id) {
        institution_id -> Binary,
        id -> Binary,
        import_id -> Binary,
        kind -> Text,
        number -> Integer,
        content -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    framework,
    groups,
    note,
    placement,
    pupil,
    registration,
    registration_version,
    user_group
);
