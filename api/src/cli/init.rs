//! `groeilijn init`: what a new installation needs, once and explicitly.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use groeilijn_domain::platform::confidentiality_statement::{ConfidentialityStatement, check_signed_on};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::{EmailAddress, check_organisation_domain};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::NamePart;
use groeilijn_persistence::{Error, Result};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::output::say;
use crate::installation::{self, FirstAdministrator};
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
    #[arg(long, value_name = "NAME", requires = "platform_administrator")]
    first_name: Option<String>,
    /// Their last name.
    #[arg(long, value_name = "NAME", requires = "platform_administrator")]
    last_name: Option<String>,
    /// The confidentiality statement that they signed: only its digest is kept.
    #[arg(long, value_name = "FILE", requires = "platform_administrator")]
    statement: Option<PathBuf>,
    /// The day on which they signed it, as in 2026-11-21.
    #[arg(long, value_name = "DATE", requires = "platform_administrator")]
    signed_on: Option<String>,
}

impl Init {
    /// The platform administrator, if there is to be one, when it is `today` in Amsterdam. Every wrong argument is told
    /// at once.
    fn administrator(self, today: Date) -> Result<Option<FirstAdministrator>> {
        let all =
            (self.platform_administrator, self.first_name, self.last_name, self.statement, self.signed_on);
        let (Some(email), Some(first), Some(last), Some(statement), Some(signed_on)) = all else {
            return Ok(None);
        };
        let mut mistakes = Vec::new();
        let mut arguments = Arguments(&mut mistakes);
        let email = arguments.take("--platform-administrator", own_address(&email));
        let first = arguments.take("--first-name", name(&first));
        let last = arguments.take("--last-name", name(&last));
        let document_sha256 = arguments.take("--statement", digest(&statement));
        let signed_on = arguments.take("--signed-on", day(&signed_on, today));
        match (email, first, last, document_sha256, signed_on) {
            (Some(email), Some(first), Some(last), Some(document_sha256), Some(signed_on)) => {
                let name = PersonName { first, infix: None, last };
                let statement = ConfidentialityStatement { signed_on, document_sha256 };
                Ok(Some(FirstAdministrator { name, email, statement }))
            }
            _ => Err(Error::internal(format!("nothing was made:\n  {}", mistakes.join("\n  ")))),
        }
    }
}

/// Collects what is wrong with the arguments.
struct Arguments<'a>(&'a mut Vec<String>);

impl Arguments<'_> {
    fn take<T>(&mut self, argument: &'static str, value: Result<T, String>) -> Option<T> {
        value.map_err(|mistake| self.0.push(format!("{argument}: {mistake}"))).ok()
    }
}

fn told(refusal: Refusal) -> String {
    refusal.detail
}

/// An address at the processor's own domain: what is sent to any other, others can read (C054).
fn own_address(text: &str) -> Result<EmailAddress, String> {
    let email = EmailAddress::parse(text).map_err(told)?;
    check_organisation_domain(&email.domain()).map_err(told)?;
    Ok(email)
}

/// A name, and not what stands for one in an example.
fn name(text: &str) -> Result<NamePart, String> {
    let name = NamePart::parse(text).map_err(told)?;
    if name.as_str().chars().any(char::is_alphabetic) { Ok(name) } else { Err("must be a name".to_owned()) }
}

fn digest(path: &Path) -> Result<[u8; 32], String> {
    let document = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if document.is_empty() {
        return Err(format!("{}: the file is empty", path.display()));
    }
    Ok(Sha256::digest(document).into())
}

fn day(text: &str, today: Date) -> Result<Date, String> {
    let day = text.parse().map_err(|_| "must be a day such as 2026-11-21".to_owned())?;
    check_signed_on(day, today).map_err(told)?;
    Ok(day)
}

/// Makes databases, keys, frameworks and the platform administrator.
pub(super) async fn run(init: Init, settings: &Settings) -> Result<()> {
    let environment = environment();
    let administrator = init.administrator(amsterdam_date(environment.now()))?;
    let _claims = claim(&store_options(settings)?)?;
    let service = installation::create(settings, environment).await?;
    say(format_args!("the databases, the keys and the frameworks are there"))?;
    let Some(administrator) = administrator else { return Ok(()) };
    let invitation =
        installation::create_platform_administrator(&service.state().store, administrator).await?;
    let until = invitation.expires_at;
    if settings.mail.smtp_server.is_some() {
        return say(format_args!(
            "when `groeilijn serve` runs, the platform administrator is sent a link to choose a password, good until \
             {until}"
        ));
    }
    // To who typed the command, and to nobody else: not to the log, which others read.
    say(format_args!(
        "now run `groeilijn serve`, and let the platform administrator choose a password with this link, which works \
         once, until {until}:\n\n{}#token={}\n\n`serve` puts it into {} as a letter as well, because there is no \
         mail server (mail.smtp_server)",
        settings.password_page(),
        *invitation.token,
        settings.mail.folder.display()
    ))
}
