//! What a registration holds, as one document.

use serde::{Deserialize, Serialize};

/// The document. `J` is as much of the judgements as is written or read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<J> {
    /// The child's age on the day it was registered, in completed months.
    pub(super) age_months: u16,
    /// What was judged.
    pub(super) judgements: J,
}
