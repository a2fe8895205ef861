//! A password that somebody wants to try.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::values::ids::InstitutionId;

use super::failure::Tally;

/// A password that somebody wants to try: of which account, and where from.
pub struct Guess {
    pub(super) tally: Tally,
    /// The index of the address under the key that is coming into use.
    pub(super) next_index: Option<Vec<u8>>,
    pub(super) address: String,
    /// The institution that was asked for.
    pub(super) institution: Option<InstitutionId>,
    /// Who is logged in, if somebody is.
    pub(super) session: Option<Actor>,
}

impl Guess {
    /// Where it comes from.
    pub fn address(&self) -> &str {
        &self.address
    }
}
