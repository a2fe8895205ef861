//! What is true and who may do what: the rules of Groeilijn.
//!
//! Plain functions of plain values. The time, the actor and the stored facts come in as arguments, a
//! decision comes out. Nothing here reads a clock, draws a random number or touches a database, so every
//! rule can be tested at any moment and for any facts.
#![deny(missing_docs)]

pub mod access;
pub mod activity;
pub mod api_token;
pub mod audit;
pub mod bsn;
pub mod calendar;
pub mod credential;
pub mod eck_id;
pub mod email;
pub mod framework;
pub mod group;
pub mod ids;
pub mod import;
pub mod institution;
pub mod licence;
pub mod login;
pub mod merkle;
pub mod network;
pub mod note;
pub mod overview;
pub mod password;
pub mod person;
pub mod placement;
pub mod pupil;
pub mod refusal;
pub mod registration;
pub mod school_file;
pub mod second_factor;
pub mod session;
pub mod support;
pub mod text;
