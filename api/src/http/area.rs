//! An area of the API: what the OpenAPI document calls a tag.

use super::endpoint::Endpoint;

/// Resources that belong together. Its folder in `routes` has the same name.
pub struct Area {
    /// The name: the tag of its operations.
    pub name: &'static str,
    /// What it is about, in one sentence.
    pub description: &'static str,
    /// Its operations.
    pub endpoints: Vec<Endpoint>,
}

impl Area {
    /// An area with these resources, of which the paths are tried in this order.
    pub fn new(
        name: &'static str,
        description: &'static str,
        resources: impl IntoIterator<Item = Vec<Endpoint>>,
    ) -> Self {
        Self { name, description, endpoints: resources.into_iter().flatten().collect() }
    }
}
