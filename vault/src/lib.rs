//! The root key in the transit engine of HashiCorp Vault, or of one that speaks the same language, such as OpenBao.
//!
//! Only keys pass, of institutions and of the installation, and they only to be wrapped and unwrapped: nothing about
//! anybody, and no name of an institution either. What is bound to a wrapped key is passed along as associated data.
#![deny(missing_docs)]

mod client;
mod root;
mod service;
mod token;
mod transit;

pub use client::{Roots, is_address};
pub use service::{Vault, VaultSettings};
pub use token::TokenSource;
