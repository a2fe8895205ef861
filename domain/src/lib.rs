//! What is true and who may do what: the rules of Groeilijn.
//!
//! Plain functions of plain values. The time, the actor and the stored facts come in as arguments, a
//! decision comes out. Nothing here reads a clock, draws a random number or touches a database, so every
//! rule can be tested at any moment and for any facts.
#![deny(missing_docs)]

pub mod access;
pub mod activity;
pub mod audit;
pub mod children;
pub mod evidence;
pub mod incidents;
pub mod institutions;
pub mod platform;
pub mod retention;
pub mod support;
pub mod values;
