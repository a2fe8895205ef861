mod contacts;
#[allow(clippy::module_inception, reason = "a resource is called as its area is")]
mod forced_processings;
mod institutions;
mod instructions;
mod licences;
mod organisations;
