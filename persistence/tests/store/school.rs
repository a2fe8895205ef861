//! A fictitious school with two groups, a pupil in the first, and a teacher of each.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{Function, GivenGroups, ProcessorFunction, Role, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::framework::FrameworkDocument;
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::institutions::institution::InstitutionFields;
use groeilijn_domain::institutions::institution::{ContractProfile, InstitutionKind};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{
    FrameworkId, GroupId, InstitutionId, InvitationId, PlacementId, PupilId, UserId,
};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::{Label, NamePart};
use groeilijn_persistence::access::invitation::NewInvitation;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::environment::{Clock, Environment, Random};
use groeilijn_persistence::keys::{RootKeyFile, RootKeySource};
use groeilijn_persistence::{
    Actor, AuditContext, Platform, Result, Store, StoreOptions, Tenant, TenantWriter, TraceContext, access,
    children,
};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// The Dutch framework that comes along.
pub(crate) const DUTCH: &str = include_str!("../../../frameworks/groeilijn-basis-0-7/v1.nl.json");
/// The same in English.
pub(crate) const ENGLISH: &str = include_str!("../../../frameworks/groeilijn-basis-0-7/v1.en.json");

const KEY_STORE: &str = "keys.db";

pub(crate) fn document(text: &str) -> FrameworkDocument {
    serde_json::from_str(text).unwrap()
}

/// Each look at the clock is a millisecond later, so that ids are in order.
pub(crate) struct Ticking(AtomicU64);

impl Ticking {
    /// Lets time pass.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.fetch_add(1, Ordering::Relaxed)).unwrap();
        let start: Timestamp = "2026-11-21T09:30:00Z".parse().unwrap();
        Timestamp::from_millisecond(start.as_millisecond() + passed).unwrap()
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (byte, value) in bytes.iter_mut().rev().zip(count.iter().rev().cycle()) {
            *byte = *value;
        }
    }
}

/// The school and its database, which goes with it.
pub(crate) struct School {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Ticking>,
    pub(crate) pupil: PupilId,
    pub(crate) teacher: UserId,
    pub(crate) neighbour: UserId,
    pub(crate) institution: InstitutionId,
    folder: TempDir,
}

impl School {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ticking(0.into()));
        let environment = Environment::new(clock.clone(), Arc::new(Counting(1.into())));
        let options = StoreOptions {
            data: DatabaseUrl::Sqlite(folder.path().join("data.db")),
            second_keys: None,
            keys: DatabaseUrl::Sqlite(folder.path().join(KEY_STORE)),
            readers: 1,
            serve_role: "groeilijn".to_owned(),
            connections: 20,
            parallel: 4,
        };
        let root = folder.path().join("root.key");
        Store::create(&options, &RootKeySource::File(root.clone()), &environment).await.unwrap();
        let key = RootKeyFile::open(&root, environment.clone()).unwrap();
        let store = Store::open(&options, Arc::new(key), environment.clone()).await.unwrap();
        let school = Self {
            store,
            clock,
            pupil: PupilId::from_uuid(environment.uuid()),
            teacher: UserId::from_uuid(environment.uuid()),
            neighbour: UserId::from_uuid(environment.uuid()),
            institution: InstitutionId::from_uuid(environment.uuid()),
            folder,
        };
        school.furnish().await.unwrap();
        school
    }

    /// The file of the key store.
    pub(crate) fn key_store(&self) -> PathBuf {
        self.folder.path().join(KEY_STORE)
    }

    async fn furnish(&self) -> Result<()> {
        let (pupil, teacher, neighbour) = (self.pupil, self.teacher, self.neighbour);
        let people = vec![
            children::key_owner::pupil(pupil),
            access::key_owner::user(teacher),
            access::key_owner::user(neighbour),
        ];
        let platform = self.platform();
        let environment = platform.environment().clone();
        let group = || GroupId::from_uuid(environment.uuid());
        let (butterflies, beetles) = (group(), group());
        let placement = PlacementId::from_uuid(environment.uuid());
        let institution = self.institution;
        platform
            .founding(institution, people)
            .write(move |writer| {
                writer.enter(institution, |writer| {
                    writer.create_institution(&fields(), &[], None)?;
                    writer.create_group(butterflies, &new_group("De Vlinders"), None)?;
                    writer.create_group(beetles, &new_group("De Kevers"), None)?;
                    hire(writer, teacher, "vlinders@school.example", butterflies)?;
                    hire(writer, neighbour, "kevers@school.example", beetles)?;
                    let child = writer.create_pupil(pupil, &child(), None, &[])?;
                    let butterflies = writer.reached_group(butterflies)?;
                    writer.place(placement, child, butterflies, date(2026, 8, 31))?;
                    Ok(())
                })
            })
            .await
    }

    /// The data of the school as a teacher sees it.
    pub(crate) fn as_teacher(&self, account: UserId) -> Tenant {
        let role = Role::Institution(Function::Teacher);
        self.store.tenant(context(account, role, Some(self.institution)), Scope::OwnGroups).unwrap()
    }

    /// The platform as its administrator sees it.
    pub(crate) fn platform(&self) -> Platform {
        let account = UserId::from_uuid(uuid::Uuid::nil());
        self.store.platform(context(account, Role::Processor(ProcessorFunction::PlatformAdministrator), None))
    }

    /// Installs a framework and tells its id.
    pub(crate) async fn install(&self, text: &str) -> FrameworkId {
        let id = FrameworkId::from_uuid(self.store.environment().uuid());
        let document = document(text);
        self.platform().write(move |writer| writer.install_framework(id, &document)).await.unwrap();
        id
    }
}

fn context(user: UserId, role: Role, institution: Option<InstitutionId>) -> AuditContext {
    AuditContext {
        actor: Actor { account: user.into(), user, role, institution }.into(),
        session: None,
        support: None,
        address: "192.0.2.1".to_owned(),
        trace: TraceContext { trace_id: [1; 16], span_id: [2; 8] },
        operation: "test",
        activity: ProcessingActivity::FollowDevelopment,
    }
}

fn fields() -> InstitutionFields {
    InstitutionFields {
        kind: InstitutionKind::ALL[0],
        name: "Basisschool Voorbeeld".to_owned(),
        brin: None,
        childcare_number: None,
        contract_profile: ContractProfile::ALL[0],
    }
}

fn new_group(name: &str) -> NewGroup {
    NewGroup {
        name: Label::parse(name).unwrap(),
        school_year: SchoolYear::parse("2026-2027").unwrap(),
        location: None,
        location_id: None,
    }
}

fn name(first: &str, last: &str) -> PersonName {
    PersonName { first: NamePart::parse(first).unwrap(), infix: None, last: NamePart::parse(last).unwrap() }
}

fn hire(writer: &mut TenantWriter<'_>, id: UserId, email: &str, group: GroupId) -> Result<()> {
    let email = EmailAddress::parse(email).unwrap();
    let person = UserFields::new(name("Juf", "Voorbeeld"), Gender::Female, email, Function::Teacher);
    let staff = UserFields { groups: GivenGroups::always([group]), ..person };
    let mut token_hash = [0; 32];
    token_hash[..16].copy_from_slice(id.as_bytes());
    let invitation = NewInvitation {
        id: InvitationId::from_uuid(id.as_uuid()),
        token: Default::default(),
        token_hash,
        expires_at: "2026-12-01T00:00:00Z".parse().unwrap(),
    };
    writer.create_user(id, &staff, &invitation).map(|_| ())
}

pub(crate) fn child() -> PupilFields {
    PupilFields {
        name: name("Noor", "Fictief"),
        gender: Gender::Female,
        home_language: None,
        birth_date: date(2022, 2, 28),
        vve: None,
        day_parts_per_week: None,
        weeks_premature: None,
        year_level: None,
        particulars: None,
        eck_id: None,
    }
}
