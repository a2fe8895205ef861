//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here; `Binary` ones hold sealed values,
//! digests and tokens' hashes.

use groeilijn_domain::access;
use groeilijn_engine::{code_columns, id_columns, json_columns};

id_columns! { AccountId ApiTokenId InvitationId LetterId RightChangeId }

code_columns! {
    AccountState: access::session::AccountState,
    AddressDue: access::email_address::AddressDue,
    ApiTokenKind: access::api_token::ApiTokenKind,
    Function: access::Function,
    InvitationKind: access::invitation::InvitationKind,
    ProcessorFunction: access::ProcessorFunction,
    Reminder: access::credential::Reminder,
    SecondFactorState: access::second_factor::SecondFactorState,
    SessionEnd: access::session::SessionEnd,
}

// For each part the actions: also `ApiTokenScopes`.
json_columns! { ActionsByPart: access::UserRights }

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::{AccountId, AccountState, ProcessorFunction, Reminder};

    account (id) {
        id -> AccountId,
        email_index -> Binary,
        next_email_index -> Nullable<Binary>,
        processor_function -> Nullable<ProcessorFunction>,
        state -> AccountState,
        password_hash -> Nullable<Text>,
        password_set_at -> Nullable<Moment>,
        second_factor_at -> Nullable<Moment>,
        created_at -> Moment,
        strikes -> Integer,
        reminded -> Nullable<Reminder>,
        proof -> Binary,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{AccountId, AccountState, ActionsByPart, AddressDue, Function};

    membership (institution_id, user_id) {
        institution_id -> InstitutionId,
        user_id -> UserId,
        account_id -> AccountId,
        function -> Function,
        state -> AccountState,
        accepted_at -> Nullable<Moment>,
        rights -> Nullable<ActionsByPart>,
        last_day -> Nullable<Day>,
        proof -> Binary,
        address_due -> Nullable<AddressDue>,
        limited_to_locations -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::AccountId;

    old_password (account_id, set_at) {
        account_id -> AccountId,
        set_at -> Moment,
        password_hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::{AccountId, SecondFactorState};

    second_factor (account_id, state) {
        account_id -> AccountId,
        state -> SecondFactorState,
        secret -> Binary,
        last_step -> Nullable<BigInt>,
        created_at -> Moment,
        proof -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::{AccountId, SecondFactorState};

    recovery_code (account_id, code_hash) {
        account_id -> AccountId,
        code_hash -> Binary,
        state -> SecondFactorState,
        used_at -> Nullable<Moment>,
        proof -> Binary,
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
        proof -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment};
    use super::{AccountId, InvitationId, InvitationKind};

    invitation (id) {
        id -> InvitationId,
        account_id -> AccountId,
        institution_id -> Nullable<InstitutionId>,
        kind -> InvitationKind,
        token_hash -> Binary,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        proof -> Binary,
        address -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, SessionId};
    use super::{AccountId, SessionEnd};

    session (id) {
        id -> SessionId,
        account_id -> AccountId,
        institution_id -> Nullable<InstitutionId>,
        created_at -> Moment,
        last_used_at -> Moment,
        expires_at -> Moment,
        ended_at -> Nullable<Moment>,
        end_reason -> Nullable<SessionEnd>,
        proof -> Binary,
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
        proof -> Binary,
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
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};

    users (institution_id, id) {
        institution_id -> InstitutionId,
        id -> UserId,
        name -> Binary,
        gender -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> Moment,
        ended_at -> Nullable<Moment>,
        address_exception -> Nullable<Binary>,
        address_exception_until -> Nullable<Day>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::LetterId;

    letter (id) {
        id -> LetterId,
        institution_id -> Nullable<InstitutionId>,
        user_id -> UserId,
        content -> Binary,
        attempts -> Integer,
        due_at -> Moment,
        lease_until -> Moment,
        created_at -> Moment,
        addressee -> Nullable<Text>,
    }
}

diesel::joinable!(session -> account (account_id));
diesel::joinable!(membership -> account (account_id));

diesel::allow_tables_to_appear_in_same_query!(membership, users);
