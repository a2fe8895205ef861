//! Which tables of different areas a query may name together; those of one area stand in its `schema.rs`.

use crate::access::schema::{account, api_token, invitation, membership, session};
use crate::children::schema::{follow_up, groups, placement, pupil};
use crate::children::stay::stay;
use crate::institutions::schema::{institution, institution_domain, licence};
use crate::support::schema::{support_consent, support_request_pupil, support_session};

diesel::joinable!(support_session -> session (id));
diesel::joinable!(api_token -> institution (institution_id));
diesel::joinable!(licence -> institution (institution_id));

diesel::allow_tables_to_appear_in_same_query!(
    account,
    api_token,
    institution,
    invitation,
    licence,
    membership,
    session,
    support_consent,
    support_session
);

diesel::allow_tables_to_appear_in_same_query!(institution, institution_domain);
diesel::allow_tables_to_appear_in_same_query!(follow_up, support_request_pupil);
diesel::allow_tables_to_appear_in_same_query!(groups, support_request_pupil);
diesel::allow_tables_to_appear_in_same_query!(placement, support_request_pupil);
diesel::allow_tables_to_appear_in_same_query!(pupil, support_request_pupil);
diesel::allow_tables_to_appear_in_same_query!(stay, support_request_pupil);
