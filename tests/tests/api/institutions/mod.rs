mod administrator_recoveries;
mod agreements;
mod contacts;
mod contract_documents;
mod forced_processings;
#[allow(clippy::module_inception, reason = "a resource is called as its area is")]
mod institutions;
mod instructions;
mod licence_holders;
mod licences;
mod locations;
mod organisations;
mod processor_contact;
mod webhook_endpoints;
