//! Holds: that something is not destroyed for now, why, and when that is looked at again (C109).

use crate::values::text::code_list;

code_list! {
    /// What a hold keeps from being destroyed.
    pub enum HoldSubject {
        /// All that is kept of one child.
        Pupil = "pupil",
        /// All that is kept of the institution.
        Institution = "institution",
    }
}
