//! Fresh installations: a template is made once per process and database, and copied for each test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use diesel::connection::SimpleConnection;
use groeilijn_api::installation::{FirstAdministrator, create, create_platform_administrator};
use groeilijn_api::root_key;
use groeilijn_api::runtime::environment_with;
use groeilijn_api::server::store_options;
use groeilijn_api::settings::Settings;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::NamePart;
use groeilijn_persistence::Store;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::keys::SigningKey;
use tempfile::TempDir;

use crate::accounts::{PLATFORM_ADMINISTRATOR, PlatformLogin, give_second_factor};
use crate::audit::{Entry, institution_id};
use crate::client::Client;
use crate::clock::{START, TestClock};
use crate::mailbox::Mailbox;
use crate::postgres::{self, Cluster};
use crate::school::set_password;
use crate::service::RunningService;

/// Where letters are kept, in the folder of the installation.
const MAIL_FOLDER: &str = "letters";

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// SQLite, in files.
    Sqlite,
    /// PostgreSQL, on a throw-away cluster of this process.
    Postgres,
}

/// An installation that was just made: databases, keys, frameworks and a platform administrator with a password.
pub struct Installation {
    folder: TempDir,
    /// The databases that were copied for it on the shared cluster, and go with it.
    copies: Vec<String>,
    /// The data as the service reaches it.
    data: String,
    /// The keys as the service reaches them.
    keys: String,
    /// The data and the keys as their owner reaches them, who makes and changes the tables.
    owned: [String; 2],
    /// The data as a superuser reaches it, past row-level security.
    raw_data: String,
    /// Settings over those that it has by itself, as the environment names them.
    environment: Vec<(String, String)>,
    /// The last login as the platform administrator.
    platform_login: PlatformLogin,
}

impl Installation {
    /// Runs a test on a fresh installation; where there is no such database the test is skipped, loudly.
    pub fn run(database: Database, test: impl FnOnce(&mut Self)) {
        if let Some(mut installation) = Self::fresh(database) {
            test(&mut installation);
        }
    }

    /// Where an installation can be made: on PostgreSQL there are two empty databases, otherwise nothing.
    pub fn bare(database: Database) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if database == Database::Sqlite {
            return Some(Self::sqlite(folder));
        }
        let cluster = postgres::cluster()?;
        Some(Self::copies(folder, cluster, ["template1"; 2]))
    }

    /// A copy of the template; `None` when there is no such database on this machine.
    pub fn fresh(database: Database) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let installation = match database {
            Database::Sqlite => {
                let template = SQLITE.get_or_init(sqlite_template);
                let installation = Self::sqlite(folder);
                template.write_to(installation.folder.path());
                installation
            }
            Database::Postgres => {
                let cluster = postgres::cluster()?;
                let template = POSTGRES.get_or_init(|| postgres_template(cluster));
                let installation = Self::copies(folder, cluster, ["template_data", "template_keys"]);
                template.write_to(installation.folder.path());
                installation
            }
        };
        Some(installation)
    }

    /// An installation on a cluster of its own.
    pub fn on(cluster: &Cluster) -> Self {
        for name in ["data", "keys"] {
            cluster.create(name);
        }
        install(Self::postgres(tempfile::tempdir().unwrap(), cluster, "data", "keys"))
    }

    /// A copy of the template on SQLite, in a folder in this one.
    pub fn fresh_in(parent: &Path) -> Self {
        let installation = Self::sqlite(tempfile::tempdir_in(parent).unwrap());
        SQLITE.get_or_init(sqlite_template).write_to(installation.folder.path());
        installation
    }

    fn sqlite(folder: TempDir) -> Self {
        let url = |name: &str| format!("sqlite://{}/{name}", folder.path().display());
        Self {
            data: url(DATA_FILE),
            keys: url(KEYS_FILE),
            owned: [url(DATA_FILE), url(KEYS_FILE)],
            raw_data: url(DATA_FILE),
            folder,
            copies: Vec::new(),
            environment: Vec::new(),
            platform_login: PlatformLogin::default(),
        }
    }

    fn copies(folder: TempDir, cluster: &Cluster, templates: [&str; 2]) -> Self {
        let [data, keys] = templates.map(|template| cluster.copy(template));
        let mut installation = Self::postgres(folder, cluster, &data, &keys);
        installation.copies = vec![data, keys];
        installation
    }

    fn postgres(folder: TempDir, cluster: &Cluster, data: &str, keys: &str) -> Self {
        Self {
            data: cluster.url(postgres::APPLICATION, data),
            keys: cluster.url(postgres::APPLICATION, keys),
            owned: [data, keys].map(|name| cluster.url(postgres::OWNER, name)),
            raw_data: cluster.url(postgres::SUPERUSER, data),
            folder,
            copies: Vec::new(),
            environment: Vec::new(),
            platform_login: PlatformLogin::default(),
        }
    }

    /// The settings for a service on it: everything small, and password hashing cheaper than is allowed, because a third of
    /// the time of all tests would go there; who sets its memory gets that.
    pub fn settings(&self) -> Settings {
        self.settings_on(&self.data, &self.keys)
    }

    /// The same for whoever makes and migrates the databases.
    pub fn owner_settings(&self) -> Settings {
        let [data, keys] = &self.owned;
        self.settings_on(data, keys)
    }

    fn settings_on(&self, data: &str, keys: &str) -> Settings {
        let root_key = self.folder.path().join(ROOT_KEY_FILE);
        let text = format!(
            "[database]\nurl = '{}'\nreaders = 2\n[keys]\nurl = '{}'\nroot_key_file = '{}'\n\
             [http]\nallowed_origins = ['https://app.school.example']\n[limits]\nblocking_permits = 16\n\
             [mail]\nfolder = '{}'\n[webhooks]\nown_receivers = ['hooks.school.example=127.0.0.1:1025']\n",
            data,
            keys,
            root_key.display(),
            self.folder.path().join(MAIL_FOLDER).display()
        );
        let mut settings =
            Settings::read(Some(&text), self.environment.clone()).unwrap_or_else(|error| panic!("{error}"));
        if !self.sets(HASH_MEMORY) {
            settings.password.argon2_memory_kib = CHEAP_HASH_MEMORY_KIB;
        }
        settings
    }

    fn sets(&self, setting: &str) -> bool {
        self.environment.iter().any(|(name, _)| *name == variable(setting))
    }

    /// Sets something over its own settings, by its dotted name.
    pub fn set(&mut self, setting: &str, value: &str) {
        self.environment.push((variable(setting), value.to_owned()));
    }

    /// The letters that a service on it sends.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.folder.path().join(MAIL_FOLDER))
    }

    /// The folder that holds all files of this installation.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The last login as the platform administrator, which outlives the service.
    pub(crate) fn platform_login(&self) -> PlatformLogin {
        self.platform_login.clone()
    }

    /// Which database it is on.
    pub fn database(&self) -> Database {
        if self.data.starts_with("sqlite:") { Database::Sqlite } else { Database::Postgres }
    }

    /// A connection to the data as the service has it, bound by row-level security.
    pub fn service_data(&self) -> AnyConnection {
        DatabaseUrl::parse(&self.data).unwrap().connect().unwrap()
    }

    /// Connections to the data and to the keys as their owner has them.
    pub fn owned(&self) -> [AnyConnection; 2] {
        self.owned.each_ref().map(|url| DatabaseUrl::parse(url).unwrap().connect().unwrap())
    }

    /// A connection to the keys, which stand wrapped in their database.
    pub fn raw_keys(&self) -> AnyConnection {
        DatabaseUrl::parse(&self.keys).unwrap().connect().unwrap()
    }

    /// Takes the key store away from the service on PostgreSQL, the data staying where it is.
    pub fn let_keys_go(&self) {
        postgres::cluster().unwrap().close(self.name_of_keys());
    }

    /// The end of [`Self::let_keys_go`].
    pub fn let_keys_come_back(&self) {
        postgres::cluster().unwrap().open(self.name_of_keys());
    }

    fn name_of_keys(&self) -> &str {
        let (name, _) = self.keys.trim_start_matches("postgres:///").split_once('?').unwrap();
        name
    }

    /// The keys that sign access tokens, the newest last.
    pub fn signing_keys(&self) -> Vec<SigningKey> {
        self.with_store(&TestClock::at(START), async |store| {
            store.keys().system().signing_keys().await.unwrap()
        })
    }

    /// The network address that an entry in the log of an institution was made from, as long as its key is there.
    pub fn opened_address(&self, institution: &str, entry: &Entry) -> Option<String> {
        let institution = InstitutionId::from_uuid(institution_id(institution));
        let sealed = entry.address.as_ref()?;
        self.with_store(&TestClock::at(START), async |store| {
            store.entry_address(institution, entry.principal(institution), entry.trace_id, sealed)
        })
        .unwrap_or_default()
    }

    /// Opens the installation beside the service that runs on it, as another process would that goes by this clock: nothing
    /// that the service remembers is known here.
    pub fn with_store<T>(&self, clock: &TestClock, work: impl AsyncFnOnce(&Store) -> T) -> T {
        let environment = environment_with(Arc::new(clock.clone()));
        let settings = self.settings();
        let root = root_key::open(&settings.keys, environment.clone()).unwrap();
        let options = store_options(&settings).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(&options, root, environment).await.unwrap();
            work(&store).await
        })
    }

    /// A connection to the data that sees every row, for looking at what is really kept.
    pub fn raw_data(&self) -> AnyConnection {
        DatabaseUrl::parse(&self.raw_data).unwrap().connect().unwrap()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        for copy in std::mem::take(&mut self.copies) {
            if let Some(cluster) = postgres::cluster() {
                cluster.forget(&copy);
            }
        }
    }
}

const HASH_MEMORY: &str = "password.argon2_memory_kib";

const CHEAP_HASH_MEMORY_KIB: u32 = 64;

const DATA_FILE: &str = "data.sqlite";
const KEYS_FILE: &str = "keys.sqlite";
const ROOT_KEY_FILE: &str = "root.key";

static SQLITE: OnceLock<Template> = OnceLock::new();
static POSTGRES: OnceLock<Template> = OnceLock::new();

/// The environment variable of a setting.
fn variable(setting: &str) -> String {
    format!("GROEILIJN_{}", setting.to_uppercase().replace('.', "__"))
}

/// The files of an installation.
struct Template(Vec<(&'static str, Vec<u8>)>);

impl Template {
    fn write_to(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            let path = folder.join(name);
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

fn sqlite_template() -> Template {
    let installation = install(Installation::sqlite(tempfile::tempdir().unwrap()));
    let files = [DATA_FILE, KEYS_FILE].map(|name| {
        let copy = installation.folder.path().join(format!("copy-of-{name}"));
        let original = format!("sqlite://{}/{name}", installation.folder.path().display());
        let mut connection = DatabaseUrl::parse(&original).unwrap().connect().unwrap();
        connection.batch_execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
        (name, fs::read(copy).unwrap())
    });
    Template(files.into_iter().chain([root_key(&installation)]).collect())
}

fn postgres_template(cluster: &Cluster) -> Template {
    for name in ["template_data", "template_keys"] {
        cluster.create(name);
    }
    let folder = tempfile::tempdir().unwrap();
    let installation = install(Installation::postgres(folder, cluster, "template_data", "template_keys"));
    for name in ["template_data", "template_keys"] {
        cluster.close(name);
    }
    Template(vec![root_key(&installation)])
}

fn root_key(installation: &Installation) -> (&'static str, Vec<u8>) {
    (ROOT_KEY_FILE, fs::read(installation.folder.path().join(ROOT_KEY_FILE)).unwrap())
}

/// Makes what `groeilijn init` makes, and lets the platform administrator set a password and have a second factor.
fn install(installation: Installation) -> Installation {
    let settings = installation.settings();
    let clock = TestClock::at("2026-11-20T09:00:00Z");
    let environment = environment_with(Arc::new(clock.clone()));
    let email = EmailAddress::parse(PLATFORM_ADMINISTRATOR).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let service = create(&installation.owner_settings(), environment).await.unwrap();
        let name = PersonName {
            first: NamePart::parse("Priem").unwrap(),
            infix: None,
            last: NamePart::parse("Platform").unwrap(),
        };
        let signed_on = "2026-11-19".parse().unwrap();
        let statement = ConfidentialityStatement { signed_on, document_sha256: [7; 32] };
        let store = &service.state().store;
        let who = FirstAdministrator { name, email, statement };
        create_platform_administrator(store, who).await.unwrap();
        // Long before any test, so that every code that a test needs is unused.
        clock.set("2026-08-01T09:00:00Z");
        give_second_factor(store).await;
    });
    let service = RunningService::start(settings, TestClock::at("2026-11-20T10:00:00Z"));
    set_password(&Client::new(service.address(), installation.mailbox()), PLATFORM_ADMINISTRATOR);
    drop(service);
    installation
}
