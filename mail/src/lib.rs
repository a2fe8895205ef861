//! How letters leave the service.
//!
//! A [`Letter`] is what somebody is told: Dutch plain text with the addressee's name and at most a link, never
//! anything about a pupil. A [`Transport`] hands it to a mail server, or lays it in a folder where there is none.
//! Which letters wait, and when one is tried again, is for the caller; a [`MailError`] says whether trying again
//! makes sense.
#![deny(missing_docs)]

mod error;
mod files;
mod letter;
mod letters;
mod message;
mod moment;
mod transport;

pub use self::error::MailError;
pub use self::letter::Letter;
pub use self::transport::{Security, SmtpSettings, Transport};
