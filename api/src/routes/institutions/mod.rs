//! Institutions, what each has agreed to use, and their users as the processor sees them.

pub mod contacts;
pub mod institutions;
pub mod licences;
mod reach;

use crate::http::area::Area;

/// The name of the area.
pub const NAME: &str = "institutions";

/// The resources of the area. Paths are tried in this order.
pub fn area() -> Area {
    let endpoints = [institutions::endpoints(), licences::endpoints(), contacts::endpoints()];
    Area {
        name: NAME,
        description: "Schools and childcare organisations, what each has agreed to use, and whom the processor can reach there.",
        endpoints: endpoints.into_iter().flatten().collect(),
    }
}
