//! `groeilijn demo`: a school that never was, to try the system with, or many of them to measure it with.

mod clock;
mod judgements;
mod names;
mod notes;
mod school;

use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::password::Password;
use groeilijn_domain::access::second_factor::TotpSecret;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_persistence::{Error, Result};

use self::clock::TravellingClock;
use self::school::{DemoSchool, Founder};
use super::{environment, say};
use crate::runtime;
use crate::server::Service;
use crate::settings::Settings;

/// The password of every demo account. It is no secret: the accounts exist only where `demo` made them.
const PASSWORD: &str = "Regenboog-2026";

/// What the authenticator app of every demo account of the processor's staff has. It is no secret either.
const SECOND_FACTOR: &[u8; 20] = b"groeilijn demo staff";

/// The address of the platform administrator of the demo.
const PLATFORM_ADMINISTRATOR: &str = "platform@groeilijn.example";

/// What `demo` is told.
#[derive(Args)]
pub(super) struct Demo {
    /// Many schools instead of one: INSTITUTIONSxGROUPSxPUPILS, the last two for each institution and group.
    #[arg(long, value_name = "SIZE")]
    scale: Option<Scale>,
}

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    institutions: usize,
    groups: usize,
    pupils: usize,
    /// How many half-years back the children have been followed.
    half_years: usize,
    /// How many notes each child has.
    notes: usize,
}

impl Scale {
    /// One believable school: three groups of twenty-five, two years of notes and registrations.
    const SCHOOL: Self = Self { institutions: 1, groups: 3, pupils: 25, half_years: 4, notes: 24 };
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Vec<usize> = text.split('x').map_while(|part| part.parse().ok()).collect();
        match numbers.as_slice() {
            &[institutions, groups, pupils] if institutions * groups * pupils > 0 => {
                Ok(Self { institutions, groups, pupils, half_years: 1, notes: 1 })
            }
            _ => Err("must be three numbers such as 200x10x25".to_owned()),
        }
    }
}

/// Makes the demo when the database is empty, and prints how to log in to it.
pub(super) async fn run(demo: &Demo, settings: &Settings) -> Result<()> {
    let scale = demo.scale.unwrap_or(Scale::SCHOOL);
    let present = Service::open(settings, environment()).await?;
    if !is_demo(&present).await? {
        require_empty(&present).await?;
        let now = present.state().environment().now();
        let clock = Arc::new(TravellingClock::new(now));
        let service = Service::open(settings, runtime::environment_with(clock.clone())).await?;
        let founder = Founder::new(&service, clock, now, scale).await?;
        founder.found_platform().await?;
        for number in 0..scale.institutions {
            founder.found_school(&DemoSchool::number(number)?).await?;
        }
    }
    print_logins()
}

/// Whether `demo` has been here before.
async fn is_demo(service: &Service) -> Result<bool> {
    let address = address(PLATFORM_ADMINISTRATOR)?;
    service.state().store.has_account(&address).await
}

/// A demo goes into an empty installation only: its passwords are known to everybody.
async fn require_empty(service: &Service) -> Result<()> {
    let platform = service.state().store.platform(super::init::context(
        &service.state().store,
        "fillDemo",
        groeilijn_domain::activity::ProcessingActivity::OperateService,
    ));
    let institutions =
        platform.read(groeilijn_persistence::Cost::Rows, |reader| reader.institutions(None, 1)).await?;
    if institutions.is_empty() {
        return Ok(());
    }
    Err(Error::internal("the database holds institutions; a demo goes into an empty one only"))
}

fn address(text: &str) -> Result<EmailAddress> {
    EmailAddress::parse(text).map_err(Error::internal)
}

/// Who of the processor's staff can log in, as what.
fn processor_logins() -> Result<Vec<(ProcessorFunction, EmailAddress)>> {
    let address = |function| match function {
        ProcessorFunction::PlatformAdministrator => address(PLATFORM_ADMINISTRATOR),
        function => address(&format!("{}@groeilijn.example", function.code())),
    };
    ProcessorFunction::ALL.into_iter().map(|function| Ok((function, address(function)?))).collect()
}

fn password() -> Result<Password> {
    Password::new(PASSWORD.to_owned()).map_err(|_| Error::internal("the demo's password breaks the rules"))
}

fn second_factor() -> TotpSecret {
    TotpSecret::from_bytes(*SECOND_FACTOR)
}

fn print_logins() -> Result<()> {
    let school = DemoSchool::number(0)?;
    say(format_args!("Demo logins, all with the password {PASSWORD}"))?;
    for (function, email) in school.logins()? {
        say(format_args!("  {:<22} {}", function.code(), email.as_str()))?;
    }
    let secret = second_factor().base32();
    say(format_args!("and of the processor's staff, with codes of an app that has the secret {}", *secret))?;
    for (function, email) in processor_logins()? {
        say(format_args!("  {:<22} {}", function.code(), email.as_str()))?;
    }
    Ok(())
}
