mod contacts;
#[allow(clippy::module_inception, reason = "a resource is called as its area is")]
mod institutions;
mod licences;
mod organisations;
