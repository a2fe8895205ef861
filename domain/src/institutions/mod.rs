//! Institutions, and what each has agreed to use.

pub mod contact;
pub mod institution;
pub mod licence;
pub mod licence_state;
pub mod organisation;
pub mod service;
