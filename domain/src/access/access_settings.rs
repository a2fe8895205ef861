//! Who gets into an institution, beside having a password.

use crate::values::network::Network;

/// What an institution asks of everybody who logs in, and whom it lets in from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// The networks from which users log in and work; without any there is no limit (C065).
    pub login_networks: Vec<Network>,
    /// Whether every administrator needs a second factor. A contract profile may ask it all the same.
    pub administrators_need_second_factor: bool,
    /// Whether the processor may couple no adviser to the institution (C099). One that was approved before goes on.
    pub couplings_forbidden: bool,
}
