//! The processor's own staff, and what may be an attack.

pub mod processor_staff;
pub mod security_events;

use crate::http::area::Area;

/// The name of the area.
pub const NAME: &str = "platform";

/// The resources of the area. Paths are tried in this order.
pub fn area() -> Area {
    let endpoints = [security_events::endpoints(), processor_staff::endpoints()];
    Area {
        name: NAME,
        description: "The processor's own staff, and security events.",
        endpoints: endpoints.into_iter().flatten().collect(),
    }
}
