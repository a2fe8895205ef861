//! By what the school's own administration knows a child.

use crate::values::text::bounded_text;

bounded_text! {
    /// The key that a school's own administration gives a child, by which a school file is recognised to be about it. Never a
    /// citizen service number (C030). Compared character by character.
    SchoolKey(256, Refused)
}
