//! How the processor's staff helps an institution, and what it sees while it does.

pub mod couplings;
pub mod support_consents;
pub mod support_sessions;
pub mod support_view;

use crate::http::area::Area;

/// The name of the area.
pub const NAME: &str = "support";

/// The resources of the area. Paths are tried in this order.
pub fn area() -> Area {
    let endpoints = [
        couplings::endpoints(),
        support_consents::endpoints(),
        support_sessions::endpoints(),
        support_view::endpoints(),
    ];
    Area {
        name: NAME,
        description: "How the processor's staff looks into an institution to help it: consents, couplings, sessions, and what they show.",
        endpoints: endpoints.into_iter().flatten().collect(),
    }
}
