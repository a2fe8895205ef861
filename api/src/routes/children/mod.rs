//! Children and groups, and what is seen of their development.

pub mod frameworks;
pub mod groups;
pub mod imports;
pub mod notes;
pub mod overviews;
pub mod placements;
pub mod pupils;
pub mod registrations;

use crate::http::area::Area;

/// The name of the area.
pub const NAME: &str = "children";

/// The resources of the area. Paths are tried in this order.
pub fn area() -> Area {
    let endpoints = [
        pupils::endpoints(),
        notes::endpoints(),
        registrations::endpoints(),
        overviews::endpoints(),
        groups::endpoints(),
        placements::endpoints(),
        frameworks::endpoints(),
        imports::endpoints(),
    ];
    Area {
        name: NAME,
        description: "The children who are followed, their groups, what is seen of their development, and the frameworks that say what to look for.",
        endpoints: endpoints.into_iter().flatten().collect(),
    }
}
