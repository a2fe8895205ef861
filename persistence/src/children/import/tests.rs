//! Imports on a real store, which stands at the first of January 1970.

use std::sync::Arc;

use groeilijn_domain::access::{Function, ProcessorFunction, Role, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::import::{Counts, Failure, ImportState, Outcome};
use groeilijn_domain::children::school_file::{FileFormat, parse};
use groeilijn_domain::institutions::institution::{ContractProfile, InstitutionKind};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{ImportId, InstitutionId, InvitationId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::NamePart;
use groeilijn_engine::database::url::DatabaseUrl;
use groeilijn_engine::environment::testing;
use groeilijn_engine::keys::{RootKeyFile, RootKeySource};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{Confirmed, StoredImport};
use crate::access::invitation::NewInvitation;
use crate::access::key_owner;
use crate::{Actor, AuditContext, Cost, Error, Result, Store, StoreOptions, Tenant, TraceContext};
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::institutions::institution::InstitutionFields;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) struct School {
    pub(crate) store: Store,
    tenant: Tenant,
    _folder: TempDir,
}

fn context(actor: Actor) -> AuditContext {
    AuditContext {
        actor: actor.into(),
        session: None,
        support: None,
        address: String::new(),
        trace: TraceContext { trace_id: [1; 16], span_id: [1; 8] },
        operation: "applyImport",
        activity: ProcessingActivity::AdministerPupils,
    }
}

impl School {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = testing::environment();
        let options = StoreOptions {
            data: DatabaseUrl::Sqlite(folder.path().join("data.sqlite")),
            second_keys: None,
            keys: DatabaseUrl::Sqlite(folder.path().join("keys.sqlite")),
            readers: 2,
            serve_role: "groeilijn".to_owned(),
            connections: 20,
            parallel: 2,
        };
        let root_key = folder.path().join("root.key");
        Store::create(&options, &RootKeySource::File(root_key.clone()), &environment).await.unwrap();
        let root = Arc::new(RootKeyFile::open(&root_key, environment.clone()).unwrap());
        let store = Store::open(&options, root, environment.clone()).await.unwrap();

        let institution = InstitutionId::from_uuid(environment.uuid());
        let administrator = UserId::from_uuid(environment.uuid());
        let nobody = Actor::staff(administrator, ProcessorFunction::PlatformAdministrator);
        let platform = store.platform(context(nobody));
        let entered = platform
            .founding(institution, vec![key_owner::user(administrator)])
            .write(move |writer| {
                writer.enter(institution, |writer| {
                    let fields = InstitutionFields {
                        kind: InstitutionKind::SchoolBoard,
                        name: "Scholengroep De Verzonnen Boom".to_owned(),
                        brin: None,
                        childcare_number: None,
                        contract_profile: ContractProfile::Kijk,
                    };
                    writer.create_institution(&fields, &[], None)?;
                    let name = |text| NamePart::parse(text).unwrap();
                    let fields = UserFields::new(
                        PersonName { first: name("Bea"), infix: None, last: name("Verzonnen") },
                        Gender::Female,
                        EmailAddress::parse("bea@school.example").unwrap(),
                        Function::Administrator,
                    );
                    let invitation = NewInvitation {
                        id: InvitationId::from_uuid(writer.environment().uuid()),
                        token: Default::default(),
                        token_hash: [1; 32],
                        expires_at: Timestamp::MAX,
                    };
                    writer.create_user(administrator, &fields, &invitation)
                })
            })
            .await
            .unwrap();
        let actor = Actor {
            account: entered.account,
            user: administrator,
            role: Role::Institution(Function::Administrator),
            institution: Some(institution),
        };
        let tenant = store.tenant(context(actor), Scope::Institution).unwrap();
        Self { store, tenant, _folder: folder }
    }

    async fn examine(&self, table: &str) -> StoredImport {
        let file = parse(FileFormat::Csv, table.as_bytes()).unwrap();
        let (entering, examined) = self.tenant.examine(file, None).await.unwrap();
        entering.write(move |writer| writer.create_import(FileFormat::Csv, examined)).await.unwrap()
    }

    async fn queue(&self, import: &StoredImport) -> Result<StoredImport> {
        let (id, revision) = (import.id, import.revision);
        self.tenant.write(move |writer| writer.queue_import(id, revision, &Confirmed::default())).await
    }

    async fn apply(&self, import: &StoredImport) -> StoredImport {
        self.queue(import).await.unwrap();
        self.tenant.apply_import(import.id).await.unwrap();
        self.read(import.id).await
    }

    async fn read(&self, id: ImportId) -> StoredImport {
        self.tenant.read(Cost::Rows, move |reader| reader.import(id)).await.unwrap()
    }

    async fn pupils(&self) -> usize {
        self.tenant.read(Cost::Scan, |reader| Ok(reader.all_pupils()?.len())).await.unwrap()
    }

    async fn claim(&self, now: Timestamp) -> Option<crate::access::job::Job> {
        self.store.claim_job(now, LEASE).await.unwrap()
    }
}

/// A table of so many pupils in two groups, and one pupil that is refused.
fn table(pupils: usize) -> String {
    let rows = (0..pupils).map(|number| {
        format!("{number};Kind {number};Verzonnen;{:02}-03-1966;Groep {}\n", number % 28 + 1, number % 2)
    });
    format!(
        "leerlingnummer;voornaam;achternaam;geboortedatum;groep;postcode;Lievelingskleur\n{}x;Geen Datum;Verzonnen;;;1000 AA;rood\n",
        rows.map(|row| row.replace('\n', ";1000 AA;rood\n")).collect::<String>()
    )
}

#[tokio::test]
async fn c023_a_file_is_examined_then_carried_out_whole_and_the_second_time_changes_nothing() {
    let school = School::new().await;
    let examined = school.examine(&table(2_500)).await;
    assert_eq!((examined.state, examined.lines_total), (ImportState::Examined, 2_503));
    assert_eq!(examined.counts.groups, Counts { create: 2, ..Counts::default() });
    assert_eq!(examined.counts.pupils, Counts { create: 2_500, refuse: 1, ..Counts::default() });
    let notices = examined.notices.as_ref().unwrap();
    assert_eq!(notices.dropped.get("postcode"), Some(&2_501));
    assert_eq!(notices.ignored_columns, ["Lievelingskleur"]);
    assert_eq!(school.pupils().await, 0);

    let applied = school.apply(&examined).await;
    assert_eq!((applied.state, applied.lines_done), (ImportState::Applied, 2_503));
    assert_eq!(applied.counts, examined.counts);
    assert_eq!(school.pupils().await, 2_500);
    assert_eq!(school.claim(Timestamp::MAX - LEASE).await, None);
    assert!(
        matches!(school.queue(&applied).await, Err(Error::Conflict(refusal)) if refusal.code == "already-applied")
    );

    let again = school.examine(&table(2_500)).await;
    assert_eq!(again.counts.pupils, Counts { unchanged: 2_500, refuse: 1, ..Counts::default() });
    let again = school.apply(&again).await;
    assert_eq!(again.counts.pupils.unchanged, 2_500);
    assert_eq!(school.pupils().await, 2_500);
}

#[tokio::test]
async fn a_report_is_read_in_pages_and_by_outcome() {
    let school = School::new().await;
    let import = school.apply(&school.examine(&table(1_500)).await).await;
    let id = import.id;
    let page =
        school.tenant.read(Cost::Scan, move |reader| reader.import_lines(id, None, 999, 3)).await.unwrap();
    assert_eq!(page.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [999, 1_000, 1_001]);
    assert!(page.iter().all(|(_, line)| line.pupil().is_some()));
    let refused =
        move |reader: &mut crate::TenantReader<'_>| reader.import_lines(id, Some(Outcome::Refuse), 0, 10);
    let refused = school.tenant.read(Cost::Scan, refused).await.unwrap();
    let (place, line) = refused.first().unwrap();
    assert_eq!((refused.len(), *place, line.line), (1, 1_502, 1_502));
    assert_eq!(line.reasons.first().unwrap().code, "missing");
}

#[tokio::test]
async fn a_job_is_taken_over_when_its_lease_ends() {
    let school = School::new().await;
    let import = school.examine(&table(3)).await;
    school.queue(&import).await.unwrap();
    let start = school.store.environment().now() + SignedDuration::from_secs(1);
    let dead = school.claim(start).await.unwrap();
    assert_eq!(school.claim(start).await, None);
    let taken = school.claim(start + LEASE + LEASE).await.unwrap();
    assert_eq!((taken.id, taken.actor), (import.id.as_uuid(), dead.actor));
    assert_eq!(school.store.renew_job(dead, start, LEASE).await.unwrap(), None);
    school.store.release_job(taken).await.unwrap();
    assert!(school.claim(start).await.is_some());

    school.tenant.apply_import(import.id).await.unwrap();
    school.tenant.apply_import(import.id).await.unwrap();
    assert_eq!(school.pupils().await, 3);
}

#[tokio::test]
async fn what_failed_changed_nothing_and_its_file_is_gone() {
    let school = School::new().await;
    let import = school.examine(&table(3)).await;
    school.queue(&import).await.unwrap();
    let id = import.id;
    school.tenant.fail_import(id, Failure::Internal).await.unwrap();
    let failed = school.read(id).await;
    assert_eq!((failed.state, failed.failure), (ImportState::Failed, Some(Failure::Internal)));
    assert_eq!(school.pupils().await, 0);
    assert!(
        matches!(school.queue(&failed).await, Err(Error::Conflict(refusal)) if refusal.code == "file-gone")
    );
    assert_eq!(school.apply(&school.examine(&table(3)).await).await.state, ImportState::Applied);
    assert_eq!(school.pupils().await, 3);
}

#[tokio::test]
async fn an_import_planned_before_another_one_is_planned_anew() {
    let school = School::new().await;
    let (one, other) = (school.examine(&table(3)).await, school.examine(&table(4)).await);
    school.apply(&one).await;
    let other = school.apply(&other).await;
    assert_eq!(other.counts.pupils, Counts { create: 1, unchanged: 3, refuse: 1, ..Counts::default() });
    assert_eq!(school.pupils().await, 4);
}
