//! `groeilijn demo`: a school that never was, to try the system with, or many of them to measure it with.

mod clock;
mod judgements;
mod logins;
mod names;
mod notes;
mod scale;
mod school;

use std::sync::Arc;

use clap::Args;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_persistence::{Cost, Error, Result};

use self::clock::TravellingClock;
use self::logins::{PASSWORD, PLATFORM_ADMINISTRATOR, address, processor_logins, second_factor};
use self::scale::Scale;
use self::school::{DemoSchool, Founder};
use super::output::say;
use crate::installation::context;
use crate::runtime::{environment, environment_with};
use crate::server::{Service, claim, store_options};
use crate::settings::Settings;

/// What `demo` is told.
#[derive(Args)]
pub(super) struct Demo {
    /// Many schools instead of one: INSTITUTIONSxGROUPSxPUPILS, the last two for each institution and group.
    #[arg(long, value_name = "SIZE")]
    scale: Option<Scale>,
}

/// Makes the demo when the database is empty, and prints how to log in to it.
pub(super) async fn run(demo: &Demo, settings: &Settings) -> Result<()> {
    let scale = demo.scale.unwrap_or(Scale::SCHOOL);
    let _claims = claim(&store_options(settings)?)?;
    let present = Service::open(settings, environment()).await?;
    if !is_demo(&present).await? {
        require_empty(&present).await?;
        let now = present.state().environment().now();
        let clock = Arc::new(TravellingClock::new(now));
        let service = Service::open(settings, environment_with(clock.clone())).await?;
        let founder = Founder::new(&service, clock, now, scale).await?;
        founder.found_platform().await?;
        for number in 0..scale.institutions {
            founder.found_school(&DemoSchool::number(number)?).await?;
        }
    }
    print_logins(settings)
}

/// Whether `demo` has been here before.
async fn is_demo(service: &Service) -> Result<bool> {
    let address = address(PLATFORM_ADMINISTRATOR)?;
    service.state().store.has_account(&address).await
}

/// A demo goes into an empty installation only: its passwords are known to everybody.
async fn require_empty(service: &Service) -> Result<()> {
    let store = &service.state().store;
    let platform = store.platform(context(store, "fillDemo", ProcessingActivity::OperateService));
    let institutions = platform.read(Cost::Rows, |reader| reader.institutions(None, 1)).await?;
    if institutions.is_empty() {
        return Ok(());
    }
    Err(Error::internal("the database holds institutions; a demo goes into an empty one only"))
}

fn print_logins(settings: &Settings) -> Result<()> {
    let school = DemoSchool::number(0)?;
    say(format_args!("Logins of the demo school, all with the password {PASSWORD}:"))?;
    for (function, email) in school.logins()? {
        say(format_args!("  {:<22} {}", function.code(), email.as_str()))?;
    }
    say(format_args!("and of the processor's staff, with the same password and a code besides:"))?;
    for (function, email) in processor_logins()? {
        say(format_args!("  {:<22} {}", function.code(), email.as_str()))?;
    }
    let secret = second_factor().base32();
    say(format_args!(
        "Their codes come from an authenticator app that has the secret {0}, or from\n  python3 \
         tools/second_factor_code.py {0}",
        *secret
    ))?;
    let origin = settings.http.origin();
    say(format_args!(
        "Once it is served, with `groeilijn serve`:\n  \
         {origin}/docs/      read the API and try it: log in with POST /v1/sessions, and give the accessToken\n  \
         {origin}/password   choose a password, log in, set up a second factor\n  \
         README.md                         a walk through it with curl: a school file, a note, a registration"
    ))
}
