//! `groeilijn init`: what a new installation needs, once and explicitly.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::NamePart;
use groeilijn_persistence::{Error, Result};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::output::say;
use crate::installation;
use crate::runtime::environment;
use crate::server::{claim, store_options};
use crate::settings::Settings;

/// What `init` is told.
#[derive(Args)]
pub(super) struct Init {
    /// The e-mail address of the platform administrator, who enters institutions. Without one, only the
    /// databases, the keys and the frameworks are made.
    #[arg(long, value_name = "EMAIL", requires_all = ["first_name", "last_name", "statement", "signed_on"])]
    platform_administrator: Option<String>,
    /// Their first name.
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Their last name.
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// The confidentiality statement that they signed: only its digest is kept.
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    /// The day on which they signed it, as in 2026-11-21.
    #[arg(long, value_name = "DATE")]
    signed_on: Option<Date>,
}

impl Init {
    /// The platform administrator, if there is to be one.
    fn administrator(self) -> Result<Option<(PersonName, EmailAddress, ConfidentialityStatement)>> {
        let all =
            (self.platform_administrator, self.first_name, self.last_name, self.statement, self.signed_on);
        let (Some(email), Some(first), Some(last), Some(statement), Some(signed_on)) = all else {
            return Ok(None);
        };
        let name = PersonName {
            first: NamePart::parse(&first).map_err(Error::internal)?,
            infix: None,
            last: NamePart::parse(&last).map_err(Error::internal)?,
        };
        let email = EmailAddress::parse(&email).map_err(Error::internal)?;
        let unreadable = |error| Error::internal(format!("{}: {error}", statement.display()));
        let document_sha256 = Sha256::digest(fs::read(&statement).map_err(unreadable)?).into();
        Ok(Some((name, email, ConfidentialityStatement { signed_on, document_sha256 })))
    }
}

/// Makes databases, keys, frameworks and the platform administrator.
pub(super) async fn run(init: Init, settings: &Settings) -> Result<()> {
    let administrator = init.administrator()?;
    let _claims = claim(&store_options(settings)?)?;
    let service = installation::create(settings, environment()).await?;
    say(format_args!("the databases, the keys and the frameworks are there"))?;
    let Some((name, email, statement)) = administrator else { return Ok(()) };
    let store = &service.state().store;
    let until = installation::create_platform_administrator(store, name, email, statement).await?;
    say(format_args!(
        "when `groeilijn serve` runs, the platform administrator is sent a link to choose a password, good until {until}"
    ))
}
