//! Every operation of the API: a folder for each area, a file for each resource.

pub mod access;
pub mod children;
pub mod institutions;
pub mod platform;
pub mod service;
pub mod support;

use crate::http::area::Area;
use crate::http::endpoint::Endpoint;

/// The areas, in the order of the OpenAPI document.
pub fn areas() -> [Area; 5] {
    [access::area(), institutions::area(), children::area(), support::area(), platform::area()]
}

/// All operations below `/v1`. Paths are tried in this order, so what is asked for all day comes first.
pub fn endpoints() -> Vec<Endpoint> {
    let mut areas = areas();
    areas.sort_by_key(|area| area.name != children::NAME);
    areas.into_iter().flat_map(|area| area.endpoints).collect()
}
