//! Every operation of the API, a file for each resource.

pub mod groups;
pub mod pupils;
pub mod service;

use crate::http::endpoint::Endpoint;

/// All operations below `/v1`.
pub fn endpoints() -> Vec<Endpoint> {
    [groups::endpoints(), pupils::endpoints()].into_iter().flatten().collect()
}
