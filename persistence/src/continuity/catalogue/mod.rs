//! Everything that an export of an institution holds, and what it does not hold.

mod access;
mod children;
mod incidents;
mod institutions;
mod log;
mod retention;
mod support;

use super::resource::{Member, Resource};

/// All kinds of resources, each behind those that it refers to.
pub static CATALOGUE: [&Resource; 52] = [
    &institutions::ORGANISATIONS,
    &institutions::CONTRACT_DOCUMENTS,
    &children::FRAMEWORKS,
    &institutions::INSTITUTION,
    &institutions::MAIL_DOMAINS,
    &institutions::LICENCE,
    &institutions::LICENCE_HOLDER,
    &institutions::LOCATIONS,
    &institutions::AGREEMENTS,
    &access::USERS,
    &access::RIGHT_CHANGES,
    &children::GROUPS,
    &access::USER_GROUPS,
    &access::USER_LOCATIONS,
    &children::PUPILS,
    &children::EARLIER_BIRTH_DATES,
    &children::PLACEMENTS,
    &children::ADDITIONAL_GROUPS,
    &children::PLACEMENT_CHANGES,
    &children::NOTES,
    &children::NOTE_REVISIONS,
    &children::REGISTRATIONS,
    &children::REGISTRATION_VERSIONS,
    &children::FOLLOW_UPS,
    &children::GOALS,
    &children::GOAL_PUPILS,
    &children::GOAL_OFFERS,
    &retention::RETENTION_POLICY,
    &retention::STATUTORY_TERMS,
    &retention::HOLDS,
    &institutions::CONTACT_PERSONS,
    &institutions::INSTRUCTIONS,
    &institutions::EXTRA_PROCESSINGS,
    &institutions::FORCED_PROCESSINGS,
    &institutions::ADMINISTRATOR_RECOVERIES,
    &children::SCHOOL_FILE_IMPORTS,
    &support::SUPPORT_CONSENTS,
    &support::COUPLINGS,
    &support::SUPPORT_REQUESTS,
    &support::SUPPORT_REQUEST_PUPILS,
    &support::SUPPORT_SESSIONS,
    &support::SUBPROCESSORS,
    &support::SUBPROCESSOR_OBJECTIONS,
    &support::TRANSFER_CONSENTS,
    &retention::DESTRUCTIONS,
    &retention::DESTRUCTION_SUBJECTS,
    &incidents::INCIDENTS,
    &incidents::INCIDENT_RECORDS,
    &log::AUDIT_ENTRIES,
    &log::SECURITY_EVENTS,
    &log::LOG_REVIEWS,
    &log::DISCLOSURES,
];

/// The kind of resources of this name.
pub fn resource(name: &str) -> Option<&'static Resource> {
    CATALOGUE.into_iter().find(|resource| resource.name == name)
}

/// Whether a member is taken in with its line: not when it names what stays in the export.
pub fn enters(member: &Member) -> bool {
    member.of.and_then(resource).is_none_or(Resource::enters)
}

/// Columns that stand in an export with another table, and those of that table that do not.
pub static WITH_OTHERS: [(&str, &[(&str, &str)]); 1] = [("membership", &access::NOT_OF_MEMBERSHIPS)];

/// The tables that an export does not hold, each with the reason.
pub static NOT_EXPORTED: &[(&str, &str)] = &[
    ("account", "a login belongs to a person and to the installation; she chooses a password anew"),
    ("invitation", "a link works where it was made"),
    ("session", "everybody logs in anew"),
    ("refresh_token", "everybody logs in anew"),
    ("old_password", "it is the hash of a password"),
    ("second_factor", "its secret is under the key of the login; it is set up anew"),
    ("recovery_code", "as of second factors"),
    ("login_failure", "it is about who tried to get into this installation, and is kept for minutes"),
    ("password_reset", "as of failed logins"),
    ("letter", "what waits to be sent is sent by the installation that it was written in"),
    ("api_token", "of a token only its hash is kept; programs get new ones"),
    ("idempotency", "it is kept for a day, for requests to this installation"),
    ("job", "it is done within minutes, by this installation"),
    ("key_end", "keys do not move"),
    ("audit_tree", "its size and root stand in the manifest"),
    (
        "audit_checkpoint",
        "it proves the log of one installation, which stays; who wants them fetches them before",
    ),
    ("audit_cosignature", "as of the checkpoints"),
    ("audit_witness", "its witnesses know the logs of one installation"),
    ("audit_tile", "its hashes follow from the leaf hashes of the entries"),
    ("audit_log_key", "it is about the keys of one installation, and the export of the log names them"),
    ("audit_object", "it is the index of the entries, which name their objects themselves"),
    (
        "school_year_transition",
        "it is for undoing one act within a week; the groups and placements that it made are exported",
    ),
    ("import_part", "files that were sent and their reports end within 14 days, with keys of their own"),
    ("processor_staff", "it is about people of the processor, not of the institution"),
    ("confidentiality_statement", "as of the processor's staff"),
    ("staff_right_change", "as of the processor's staff"),
    ("subprocessor_check", "it is the processor's own evidence"),
    ("institution_ending", "it is made when the institution was destroyed, and then nothing is exported"),
    ("destruction_confirmation", "as of ended institutions"),
    ("webhook_endpoint", "its receiver trusts this installation; it is entered anew, with another secret"),
    ("webhook_delivery", "as of the endpoints"),
    ("evidence_record", "it is the processor's own evidence"),
    ("audit_stage", "it is about the processor that was audited; both parties have the documents"),
    ("audit_confirmation", "as of the stages of audits"),
];
