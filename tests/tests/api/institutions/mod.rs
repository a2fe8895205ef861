mod contacts;
mod forced_processings;
#[allow(clippy::module_inception, reason = "a resource is called as its area is")]
mod institutions;
mod instructions;
mod licences;
mod organisations;
