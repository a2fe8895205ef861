//! `groeilijn init`: what a new installation needs, once and explicitly.

use clap::Args;
use groeilijn_domain::email::EmailAddress;
use groeilijn_persistence::{Error, Result};

use super::{environment, say};
use crate::installation;
pub(super) use crate::installation::context;
use crate::settings::Settings;

/// What `init` is told.
#[derive(Args)]
pub(super) struct Init {
    /// The e-mail address of the platform administrator, who enters institutions. Without one, only the
    /// databases, the keys and the frameworks are made.
    #[arg(long, value_name = "EMAIL")]
    platform_administrator: Option<String>,
}

/// Makes databases, keys, frameworks and the platform administrator.
pub(super) async fn run(init: Init, settings: &Settings) -> Result<()> {
    let email = init.platform_administrator.as_deref().map(EmailAddress::parse);
    let email = email.transpose().map_err(Error::internal)?;
    let service = installation::create(settings, environment()).await?;
    say(format_args!("the databases, the keys and the frameworks are there"))?;
    let Some(email) = email else { return Ok(()) };
    let invitation = installation::create_platform_administrator(&service.state().store, &email).await?;
    say(format_args!(
        "set the password of the platform administrator before {} with POST /v1/invitations/_accept and this \
         token:\n{}",
        invitation.expires_at, invitation.token
    ))
}
