//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values,
//! digests and tokens' hashes.

use groeilijn_domain::access;
use groeilijn_engine::{code_columns, id_columns, json_columns};

id_columns! { ApiTokenId InvitationId LetterId RightChangeId }

code_columns! {
    AccountState: access::session::AccountState,
    ApiTokenKind: access::api_token::ApiTokenKind,
    Reminder: access::credential::Reminder,
    Role: access::Role,
    SecondFactorState: access::second_factor::SecondFactorState,
    SessionEnd: access::session::SessionEnd,
}

// For each part the actions: also `ApiTokenScopes`.
json_columns! { ActionsByPart: access::UserRights }

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{AccountState, ActionsByPart, Reminder, Role};

    account (id) {
        id -> UserId,
        institution_id -> Nullable<InstitutionId>,
        email_index -> Binary,
        role -> Role,
        state -> AccountState,
        password_hash -> Nullable<Text>,
        password_set_at -> Nullable<Moment>,
        created_at -> Moment,
        strikes -> Integer,
        rights -> Nullable<ActionsByPart>,
        last_day -> Nullable<Day>,
        reminded -> Nullable<Reminder>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};

    old_password (account_id, set_at) {
        account_id -> UserId,
        set_at -> Moment,
        password_hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::SecondFactorState;

    second_factor (account_id, state) {
        account_id -> UserId,
        state -> SecondFactorState,
        secret -> Binary,
        confirmed_at -> Nullable<Moment>,
        last_step -> Nullable<BigInt>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::SecondFactorState;

    recovery_code (account_id, code_hash) {
        account_id -> UserId,
        code_hash -> Binary,
        state -> SecondFactorState,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::RightChangeId;

    right_change (institution_id, id) {
        institution_id -> InstitutionId,
        id -> RightChangeId,
        user_id -> UserId,
        changed_by -> UserId,
        changed_at -> Moment,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Moment};

    login_failure (id) {
        id -> AnyId,
        occurred_at -> Moment,
        email_index -> Binary,
        address_index -> Binary,
        site_index -> Nullable<Binary>,
        settled -> Integer,
        alerted -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{ActionsByPart, ApiTokenId, ApiTokenKind};
    use crate::institutions::schema::Networks;

    api_token (id) {
        id -> ApiTokenId,
        institution_id -> InstitutionId,
        name -> Binary,
        kind -> ApiTokenKind,
        token_hash -> Binary,
        rights -> ActionsByPart,
        networks -> Networks,
        created_by -> UserId,
        created_at -> Moment,
        expires_on -> Day,
        last_used_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::InvitationId;

    invitation (id) {
        id -> InvitationId,
        account_id -> UserId,
        token_hash -> Binary,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, SessionId, UserId};
    use super::SessionEnd;

    session (id) {
        id -> SessionId,
        account_id -> UserId,
        created_at -> Moment,
        last_used_at -> Moment,
        expires_at -> Moment,
        ended_at -> Nullable<Moment>,
        end_reason -> Nullable<SessionEnd>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, SessionId};

    refresh_token (token_hash) {
        token_hash -> Binary,
        session_id -> SessionId,
        issued_at -> Moment,
        used_at -> Nullable<Moment>,
        used_from -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Moment};

    password_reset (id) {
        id -> AnyId,
        requested_at -> Moment,
        email_index -> Binary,
        address_index -> Binary,
        site_index -> Nullable<Binary>,
        carried_out -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};

    users (institution_id, id) {
        institution_id -> InstitutionId,
        id -> UserId,
        first_name -> Binary,
        infix -> Binary,
        last_name -> Binary,
        gender -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::LetterId;

    letter (id) {
        id -> LetterId,
        account_id -> UserId,
        content -> Binary,
        attempts -> Integer,
        due_at -> Moment,
        lease_until -> Moment,
        created_at -> Moment,
    }
}

diesel::joinable!(session -> account (account_id));
diesel::joinable!(invitation -> account (account_id));
