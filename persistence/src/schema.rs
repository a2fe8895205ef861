//! The tables, as diesel sees them: one description for both databases.
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
    security_event (id) {
        id -> Binary,
        institution_id -> Nullable<Binary>,
        occurred_at -> BigInt,
        kind -> Text,
        account_id -> Nullable<Binary>,
        address -> Text,
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
    idempotency (actor_id, idempotency_key) {
        actor_id -> Binary,
        idempotency_key -> Text,
        fingerprint -> Binary,
        created_at -> BigInt,
        status -> Integer,
        location -> Nullable<Text>,
        revision -> Nullable<Integer>,
        body -> Binary,
    }
}

diesel::table! {
    job (id) {
        id -> Binary,
        institution_id -> Binary,
        account_id -> Binary,
        kind -> Text,
        lease_until -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    audit_tree (institution_id) {
        institution_id -> Binary,
        size -> BigInt,
        frontier -> Binary,
    }
}

diesel::table! {
    audit_entry (institution_id, sequence) {
        institution_id -> Binary,
        sequence -> BigInt,
        occurred_at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Binary>,
        session_id -> Nullable<Binary>,
        address -> Text,
        trace_id -> Binary,
        span_id -> Binary,
        activity -> Text,
        operation -> Text,
        objects -> Binary,
        outcome -> Text,
        change_digest -> Nullable<Binary>,
        detail -> Nullable<Binary>,
        leaf_hash -> Binary,
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

diesel::table! {
    system_key (key_id) {
        key_id -> Binary,
        purpose -> Text,
        wrapped -> Binary,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    institution_key (key_id) {
        key_id -> Binary,
        institution_id -> Binary,
        wrapped -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    subject_key (key_id) {
        key_id -> Binary,
        institution_id -> Binary,
        subject_id -> Binary,
        wrapped -> Binary,
        created_at -> BigInt,
    }
}

diesel::joinable!(session -> account (account_id));
diesel::joinable!(support_session -> session (id));
diesel::joinable!(invitation -> account (account_id));
diesel::joinable!(api_token -> institution (institution_id));

diesel::allow_tables_to_appear_in_same_query!(
    letter,
    institution,
    institution_domain,
    licence,
    account,
    second_factor,
    api_token,
    invitation,
    session,
    support_consent,
    support_session,
    refresh_token,
    framework,
    idempotency,
    job,
    audit_tree,
    audit_entry,
    users,
    groups,
    user_group,
    pupil,
    placement,
    note,
    note_revision,
    registration,
    registration_version,
    import,
    import_part,
);
