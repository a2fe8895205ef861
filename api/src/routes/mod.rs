//! Every operation of the API: a folder for each area, a file for each resource.

pub mod access;
pub mod audit;
pub mod children;
pub mod docs;
pub mod evidence;
pub mod incidents;
pub mod institutions;
pub mod password;
pub mod platform;
pub mod retention;
pub mod service;
pub mod support;

use crate::http::area::Area;
use crate::http::endpoint::Endpoint;

/// The area that is asked for all day.
const BUSIEST: &str = "children";

/// The areas with their resources, in the order of the OpenAPI document. Here a resource is mounted.
pub fn areas() -> [Area; 9] {
    [
        Area::new(
            "access",
            "Users and what they may do: logging in, passwords, second factors, rights and API tokens.",
            [
                access::sessions::endpoints(),
                access::open_sessions::endpoints(),
                access::memberships::endpoints(),
                access::credentials::endpoints(),
                access::second_factor::endpoints(),
                // Before users: `/users/_move-addresses` is no user.
                access::email_addresses::endpoints(),
                access::users::endpoints(),
                access::user_rights::endpoints(),
                access::invitations::endpoints(),
                access::password_resets::endpoints(),
                access::access_settings::endpoints(),
                access::api_tokens::endpoints(),
                access::colleagues::endpoints(),
                access::address_exceptions::endpoints(),
            ],
        ),
        Area::new(
            "children",
            "The children who are followed, their groups, what is seen of their development, and the \
             frameworks that say what to look for.",
            [
                children::pupils::endpoints(),
                children::birth_dates::endpoints(),
                children::notes::endpoints(),
                children::notes_of_several::endpoints(),
                children::registrations::endpoints(),
                children::readiness::endpoints(),
                children::batches::endpoints(),
                children::due_registrations::endpoints(),
                children::follow_ups::endpoints(),
                children::overviews::endpoints(),
                children::parent_reports::endpoints(),
                children::overviews::group_report::endpoints(),
                children::goals::endpoints(),
                children::groups::endpoints(),
                children::placements::endpoints(),
                children::additional_groups::endpoints(),
                children::frameworks::endpoints(),
                children::imports::endpoints(),
                children::school_year_transitions::endpoints(),
                children::archive::endpoints(),
                children::departures::endpoints(),
                children::placement_changes::endpoints(),
                children::framework_choices::endpoints(),
                children::changes::endpoints(),
                children::changes::stream::endpoints(),
            ],
        ),
        Area::new(
            "institutions",
            "Schools and childcare organisations, what each has agreed to use, and their users as the \
             processor's staff sees them.",
            [
                institutions::institutions::endpoints(),
                institutions::organisations::endpoints(),
                institutions::licences::endpoints(),
                institutions::contacts::endpoints(),
                institutions::licence_holders::endpoints(),
                institutions::agreements::endpoints(),
                institutions::contract_documents::endpoints(),
                institutions::locations::endpoints(),
                institutions::administrator_recoveries::endpoints(),
                institutions::contact_persons::endpoints(),
                institutions::processor_contact::endpoints(),
                institutions::instructions::endpoints(),
                institutions::webhook_endpoints::endpoints(),
                institutions::forced_processings::endpoints(),
            ],
        ),
        Area::new(
            "support",
            "How the processor's staff looks into an institution to help it: consents, couplings, requests, \
             support sessions, and what is seen in them.",
            [
                support::couplings::endpoints(),
                support::support_consents::endpoints(),
                support::support_requests::endpoints(),
                support::support_sessions::endpoints(),
                support::support_view::endpoints(),
            ],
        ),
        Area::new(
            "retention",
            "How long what is kept about children is kept, what holds it, what is destroyed when, and the \
             certificates of that.",
            [
                retention::holds::endpoints(),
                retention::policy::endpoints(),
                retention::forecast::endpoints(),
                retention::destructions::endpoints(),
                retention::certificates::endpoints(),
            ],
        ),
        Area::new(
            "platform",
            "The processor's own staff, its subprocessors, and security events that may be an attack.",
            [
                platform::security_events::endpoints(),
                platform::processor_staff::endpoints(),
                platform::staff_right_changes::endpoints(),
                platform::subprocessors::endpoints(),
                platform::subprocessors::checks::endpoints(),
                platform::subprocessors::says::endpoints(),
                platform::institution_endings::endpoints(),
            ],
        ),
        Area::new(
            "audit",
            "The audit log of an institution: who did what with whose data, when and for what purpose.",
            [
                audit::entries::endpoints(),
                audit::checkpoints::endpoints(),
                audit::export::endpoints(),
                audit::access_logs::endpoints(),
                audit::readers::endpoints(),
                audit::exposure::endpoints(),
                audit::log_reviews::endpoints(),
                audit::disclosures::endpoints(),
            ],
        ),
        Area::new(
            "evidence",
            "What the contracts promise, clause by clause: how it is met, what proves it, what is missing, and the \
             records of evidence outside the software.",
            [evidence::clauses::endpoints(), evidence::records::endpoints(), evidence::audits::endpoints()],
        ),
        Area::new(
            "incidents",
            "The register of security incidents, of which some are a datalek: reporting one, what was done about it, and \
             the 72 hours to tell the authority.",
            [
                incidents::reports::endpoints(),
                incidents::stages::endpoints(),
                incidents::contents::endpoints(),
                incidents::decisions::endpoints(),
                incidents::drafts::endpoints(),
                incidents::telling::endpoints(),
                incidents::cases::endpoints(),
            ],
        ),
    ]
}

/// All operations below `/v1`. Paths are tried in this order, so what is asked for all day comes first.
pub fn endpoints() -> Vec<Endpoint> {
    let mut areas = areas();
    areas.sort_by_key(|area| area.name != BUSIEST);
    areas.into_iter().flat_map(|area| area.endpoints).collect()
}
