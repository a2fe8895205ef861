//! What the institution and the processor tell each other of an incident (C044, C124, C125, C131, C132).

use jiff::SignedDuration;

use crate::values::text::code_list;

/// Within which time the other side says that it knows of an incident: after that everybody is written to again.
pub const ACKNOWLEDGED_WITHIN: SignedDuration = SignedDuration::from_hours(4);

/// How long after it was reported it is looked at whether an incident was acknowledged.
pub const LOOKED_AT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

code_list! {
    /// What a letter about an incident says. It names nobody, and nothing that happened.
    pub enum IncidentNews {
        /// An incident was reported.
        Reported = "reported",
        /// An incident is suspected to bring people a high risk.
        HighRisk = "high-risk",
        /// The processor is going to notify the authority for several institutions (C128).
        NoticeIntended = "notice-intended",
        /// The other side told the authority something.
        AuthorityTold = "authority-told",
        /// There are costs, a claim or a fine (C133).
        Cost = "cost",
        /// Something was added as it develops (C124).
        Updated = "updated",
        /// It is taken for something else than before, so that the clock runs or does not (C131).
        Classified = "classified",
        /// It was decided whether the authority or people are told (C127).
        Decided = "decided",
        /// Nobody of the other side said to know of it.
        Unacknowledged = "unacknowledged",
    }
}

code_list! {
    /// What one side tells the other as an incident develops.
    pub enum UpdateKind {
        /// What became known since.
        Development = "development",
        /// What was done about it.
        Measure = "measure",
        /// That the processor can no longer do what the contract asks (C044).
        CannotComply = "cannot-comply",
    }
}
