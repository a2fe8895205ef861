//! What a new installation needs: databases, keys, the frameworks, and somebody to enter the first institution.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::platform::processor_staff::ProcessorStaffFields;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::platform::key_owner;
use groeilijn_persistence::{Actor, AuditContext, Error, Result, Store};
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::audit_context::without_request;
use crate::root_key;
use crate::routes::access::invitations::invitation;
use crate::server::{Service, store_options};
use crate::settings::Settings;

/// The frameworks that come with the program, in Dutch and English. A version never changes (C072): a better one is
/// another file. The newest of what most institutions want is the last, because overviews of children whom nobody has
/// registered yet are arranged by the framework that was entered last.
const FRAMEWORKS: [&str; 6] = [
    include_str!("../../frameworks/groeilijn-basis-0-7/v1.nl.json"),
    include_str!("../../frameworks/groeilijn-basis-0-7/v1.en.json"),
    include_str!("../../frameworks/groeilijn-early-0-4/v1.nl.json"),
    include_str!("../../frameworks/groeilijn-early-0-4/v1.en.json"),
    include_str!("../../frameworks/groeilijn-basis-0-7/v2.en.json"),
    include_str!("../../frameworks/groeilijn-basis-0-7/v2.nl.json"),
];

/// Makes the databases, the keys and the frameworks that the settings name, and opens the service on them. What
/// is there already stays.
///
/// # Errors
/// When something cannot be made; the text is for the operator.
pub async fn create(settings: &Settings, environment: Environment) -> Result<Service> {
    Store::create(&store_options(settings)?, &root_key::source(&settings.keys)?, &environment).await?;
    let service = Service::open(settings, environment).await?;
    install_frameworks(&service.state().store).await?;
    Ok(service)
}

async fn install_frameworks(store: &Store) -> Result<()> {
    let platform = store.platform(context(store, "installFrameworks", ProcessingActivity::MaintainFramework));
    for text in FRAMEWORKS {
        let document = serde_json::from_str(text).map_err(Error::internal)?;
        let id = store.environment().uuid().into();
        platform.write(move |writer| writer.install_framework(id, &document)).await?;
    }
    Ok(())
}

/// Why the register of rights has a platform administrator whom nobody with an account entered.
const FIRST_ADMINISTRATOR: &str = "Entered by the operator with `groeilijn init`.";

/// A platform administrator whom nobody with an account can enter, because there is none yet.
pub struct FirstAdministrator {
    /// Their name.
    pub name: PersonName,
    /// Where the link is sent.
    pub email: EmailAddress,
    /// The confidentiality statement that they signed (C045).
    pub statement: ConfidentialityStatement,
}

/// What the first administrator sets the password with.
pub struct Invited {
    /// The token of the link. Whoever has it chooses the password, so it never goes to the log.
    pub token: Zeroizing<String>,
    /// Until when the link works, in UTC.
    pub expires_at: Timestamp,
}

/// Makes the account of a platform administrator, who signed a confidentiality statement (C045) and sets the password
/// with the link that is returned, and sent when the service runs.
///
/// # Errors
/// [`Error::Conflict`] `email-in-use`.
pub async fn create_platform_administrator(store: &Store, who: FirstAdministrator) -> Result<Invited> {
    let FirstAdministrator { name, email, statement } = who;
    let invitation = invitation(store.environment()).map_err(Error::internal)?;
    let invited = Invited { token: invitation.token.clone(), expires_at: invitation.expires_at };
    let id = UserId::from_uuid(store.environment().uuid());
    let function = ProcessorFunction::PlatformAdministrator;
    let fields = ProcessorStaffFields { name, email, function };
    let reason = ShortText::parse(FIRST_ADMINISTRATOR).map_err(Error::internal)?;
    store
        .platform(context(store, "createPlatformAdministrator", ProcessingActivity::AdministerAccess))
        .entering(InstitutionId::PLATFORM, vec![key_owner::staff(id)])
        .write(move |writer| {
            writer.create_processor_staff(id, &fields, &reason, &invitation)?;
            writer.record_statement(id, &statement, &reason)
        })
        .await?;
    Ok(invited)
}

/// The audit context of what the operator does with the program itself, without being logged in.
pub fn context(store: &Store, operation: &'static str, activity: ProcessingActivity) -> AuditContext {
    let actor = Actor::staff(UserId::from_uuid(Uuid::nil()), ProcessorFunction::PlatformAdministrator);
    without_request(store.environment(), actor, operation, activity)
}
