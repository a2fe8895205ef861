//! Values that every area uses: one that exists is valid.

pub mod bsn;
pub mod calendar;
pub mod email;
pub mod ids;
pub mod language;
pub mod network;
pub mod person;
pub mod refusal;
pub mod text;
