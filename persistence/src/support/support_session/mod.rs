//! Support sessions: how the processor's staff looks into an institution, and what each look rests on (C010–C013,
//! C048). Each is a row among the sessions too, with the same id.

mod begin;
mod end;
pub(crate) mod in_use;
mod stored;

pub use begin::NewSupportSession;
pub use in_use::SupportInUse;
pub use stored::StoredSupportSession;
