//! What the institution and the processor tell each other of an incident (C124, C125, C131).

use crate::values::text::code_list;

code_list! {
    /// What a letter about an incident says. It names nobody, and nothing that happened.
    pub enum IncidentNews {
        /// An incident was reported.
        Reported = "reported",
        /// An incident is suspected to bring people a high risk.
        HighRisk = "high-risk",
    }
}
