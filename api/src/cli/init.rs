//! `groeilijn init`: what a new installation needs, once and explicitly.

use clap::Args;
use groeilijn_domain::access::Role;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::email::EmailAddress;
use groeilijn_domain::ids::UserId;
use groeilijn_persistence::{Actor, AuditContext, Error, Result, Store, TraceContext};

use super::{environment, say};
use crate::routes::invitations::invite;
use crate::server::{Service, store_options};
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
    let environment = environment();
    Store::create(&store_options(settings)?, &settings.keys.root_key_file, &environment).await?;
    let service = Service::open(settings, environment).await?;
    let store = &service.state().store;
    install_frameworks(store).await?;
    say(format_args!("the databases, the keys and the frameworks are there"))?;
    match init.platform_administrator {
        Some(email) => create_platform_administrator(store, &email).await,
        None => Ok(()),
    }
}

/// The frameworks that come with the program, in Dutch and English.
const FRAMEWORKS: [&str; 2] = [
    include_str!("../../../frameworks/groeilijn-basis-0-7.nl.json"),
    include_str!("../../../frameworks/groeilijn-basis-0-7.en.json"),
];

async fn install_frameworks(store: &Store) -> Result<()> {
    let platform = store.platform(context(store, "installFrameworks", ProcessingActivity::MaintainFramework));
    for text in FRAMEWORKS {
        let document = serde_json::from_str(text).map_err(Error::internal)?;
        let id = store.environment().uuid().into();
        platform.write(move |writer| writer.install_framework(id, &document)).await?;
    }
    Ok(())
}

async fn create_platform_administrator(store: &Store, email: &str) -> Result<()> {
    let email = EmailAddress::parse(email).map_err(Error::internal)?;
    let (kept, given) = invite(store.environment()).map_err(Error::internal)?;
    let id = UserId::from_uuid(store.environment().uuid());
    store
        .platform(context(store, "createPlatformAdministrator", ProcessingActivity::AdministerAccess))
        .write(move |writer| writer.create_platform_account(id, &email, &kept))
        .await?;
    say(format_args!(
        "set the password of the platform administrator before {} with POST /v1/invitations/_accept and this \
         token:\n{}",
        given.expires_at, given.token
    ))
}

/// The audit context of what a command does: nobody is logged in yet.
pub(super) fn context(store: &Store, operation: &'static str, activity: ProcessingActivity) -> AuditContext {
    let actor = Actor {
        account: UserId::from_uuid(uuid::Uuid::nil()),
        role: Role::PlatformAdministrator,
        institution: None,
    };
    let environment = store.environment();
    let trace = TraceContext { trace_id: environment.bytes(), span_id: environment.bytes() };
    AuditContext { actor, session: None, address: String::new(), trace, operation, activity }
}
