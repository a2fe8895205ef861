mod administrator_recoveries;
mod agreements;
mod contacts;
mod contract_documents;
#[allow(clippy::module_inception, reason = "a resource is called as its area is")]
mod forced_processings;
mod institutions;
mod instructions;
mod licence_holders;
mod licences;
mod locations;
mod organisations;
