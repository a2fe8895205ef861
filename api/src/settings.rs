//! What can be set: in a TOML file, and over that in the environment.
//!
//! `http.port` in the file is `GROEILIJN_HTTP__PORT` in the environment, where a list is written with commas.
//! An unknown setting stops the start, because a misspelt limit would be no limit.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use config::{Config, ConfigError, Environment, File, FileFormat, Value, ValueKind};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::Security;
use zeroize::Zeroizing;

use crate::http::limits::Limits;

/// All settings. Without Debug, because a database URL may hold a password.
pub struct Settings {
    /// How the service is reached.
    pub http: HttpSettings,
    /// Where data is kept.
    pub database: DatabaseSettings,
    /// Where keys are kept.
    pub keys: KeySettings,
    /// How much and how long one request may take.
    pub limits: Limits,
    /// How many requests may wait for the database at the same time; more are answered by 503.
    pub blocking_permits: usize,
    /// What is logged.
    pub log: LogSettings,
    /// How passwords are hashed.
    pub password: PasswordSettings,
    /// How letters leave.
    pub mail: MailSettings,
}

/// How the service is reached.
pub struct HttpSettings {
    /// The address to listen on.
    pub address: IpAddr,
    /// The TCP port to listen on.
    pub port: u16,
    /// The origins of web pages that may use the API.
    pub allowed_origins: Vec<String>,
    /// The proxies that are believed about whom they pass on.
    pub trusted_proxies: Vec<IpAddr>,
}

/// Where data is kept.
pub struct DatabaseSettings {
    /// `sqlite://` and a path, or `postgres://`.
    pub url: String,
    /// How many connections read at the same time.
    pub readers: u32,
}

/// Where keys are kept.
pub struct KeySettings {
    /// As [`DatabaseSettings::url`], but another database.
    pub url: String,
    /// The file that holds the root key.
    pub root_key_file: PathBuf,
}

/// What is logged.
pub struct LogSettings {
    /// The least serious messages that are logged.
    pub level: tracing::Level,
    /// How they are written.
    pub format: LogFormat,
}

/// How log messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// How passwords are hashed (Argon2id).
pub struct PasswordSettings {
    /// Memory in KiB.
    pub argon2_memory_kib: u32,
    /// Passes over that memory.
    pub argon2_passes: u32,
}

/// How letters leave. Without a mail server they are kept in a folder.
pub struct MailSettings {
    /// From which address letters are.
    pub from: EmailAddress,
    /// The folder of letters.
    pub folder: PathBuf,
    /// The page on which a user chooses a password.
    pub password_page: String,
    /// The mail server.
    pub smtp: Option<MailServer>,
}

/// A mail server (SMTP).
pub struct MailServer {
    /// Its name or IP address.
    pub server: String,
    /// Its TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who logs in, and the password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// PEM certificates of an authority to trust besides the public ones.
    pub root_file: Option<PathBuf>,
}

fn security(text: &str) -> Option<Security> {
    match text {
        "tls" => Some(Security::Tls),
        "starttls" => Some(Security::StartTls),
        "none" => Some(Security::None),
        _ => None,
    }
}

/// A setting: its dotted name, its default as text, and what it means.
pub type Setting = (&'static str, &'static str, &'static str);

const TABLE: [Setting; 26] = [
    ("http.address", "127.0.0.1", "IP address to listen on"),
    ("http.port", "8321", "TCP port to listen on"),
    (
        "http.allowed_origins",
        "",
        "origins of web pages that may use the API, such as https://app.school.example",
    ),
    ("http.trusted_proxies", "", "IP addresses of proxies that are believed about whom they pass on"),
    ("database.url", "sqlite://data/groeilijn.sqlite", "where data is kept: sqlite:// or postgres://"),
    ("database.readers", "4", "connections that read at the same time, from 1 to 128"),
    (
        "keys.url",
        "sqlite://keys/keys.sqlite",
        "where keys are kept: sqlite:// or postgres://, not where data is",
    ),
    ("keys.root_key_file", "keys/root.key", "file that holds the root key"),
    ("limits.body_bytes", "1048576", "most bytes of a JSON body, from 1024 to 16777216"),
    ("limits.import_bytes", "52428800", "most bytes of a school file, from 1024 to 52428800"),
    ("limits.body_seconds", "10", "seconds that a body may take to arrive, from 1 to 3600"),
    ("limits.request_seconds", "30", "seconds that a request may take, from 1 to 3600"),
    ("limits.blocking_permits", "16", "requests that may wait for the database at once, from 1 to 10000"),
    ("log.level", "info", "least serious messages to log: error, warn, info, debug or trace"),
    ("log.format", "text", "how to log: text or json"),
    ("password.argon2_memory_kib", "47104", "memory to hash a password with in KiB, from 47104 to 4194304"),
    ("password.argon2_passes", "1", "passes over that memory, from 1 to 16"),
    ("mail.from", "noreply@groeilijn.example", "address that letters are from"),
    ("mail.folder", "letters", "folder in which letters are kept as long as there is no mail server"),
    (
        "mail.password_page",
        "https://app.groeilijn.example/password",
        "page on which a user chooses a password; the link in a letter adds #token=…",
    ),
    ("mail.smtp_server", "", "mail server that sends letters; none when empty"),
    ("mail.smtp_port", "465", "TCP port of the mail server"),
    ("mail.smtp_security", "tls", "tls, starttls, or none for a mail server on this computer"),
    ("mail.smtp_username", "", "who logs in to the mail server; nobody when empty"),
    ("mail.smtp_password", "", "password to log in to the mail server with"),
    ("mail.smtp_root_file", "", "file with PEM certificates to trust besides the public ones"),
];

/// Why the settings are refused: every mistake, by the setting's name and never with its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

impl Settings {
    /// Every setting there is.
    pub const fn table() -> &'static [Setting] {
        &TABLE
    }

    /// Reads settings from the text of a TOML file and from the environment, which goes first.
    ///
    /// # Errors
    /// Every unknown setting and wrong value.
    pub fn read(
        file: Option<&str>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let environment =
            environment.into_iter().filter(|(name, _)| name.starts_with("GROEILIJN_")).collect();
        let config = Config::builder()
            .add_source(File::from_str(file.unwrap_or_default(), FileFormat::Toml))
            .add_source(
                Environment::with_prefix("GROEILIJN")
                    .prefix_separator("_")
                    .separator("__")
                    .source(Some(environment)),
            )
            .build()
            .map_err(unreadable)?;
        let mut reader = Reader::default();
        reader.flatten("", config.cache);
        reader.settings()
    }
}

/// The parser's own text shows the line it stumbled over, which may hold a password: only where that is.
fn unreadable(error: ConfigError) -> SettingsError {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    SettingsError(vec![text.lines().next().unwrap_or("the settings cannot be read").to_owned()])
}

/// The settings that were given, by dotted name and as text; and what is wrong with them.
#[derive(Default)]
struct Reader {
    given: BTreeMap<String, String>,
    errors: Vec<String>,
}

impl Reader {
    fn flatten(&mut self, name: &str, value: Value) {
        match value.kind {
            ValueKind::Table(table) => {
                for (key, value) in table {
                    let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                    self.flatten(&name, value);
                }
            }
            ValueKind::Array(items) => {
                let items = items.into_iter().map(|item| item.into_string().unwrap_or_default());
                self.given.insert(name.to_owned(), items.collect::<Vec<_>>().join(","));
            }
            ValueKind::Nil => {}
            _ => {
                self.given.insert(name.to_owned(), value.into_string().unwrap_or_default());
            }
        }
    }

    fn settings(mut self) -> Result<Settings, SettingsError> {
        let settings = self.take_all();
        self.errors.extend(self.given.keys().map(|name| format!("{name}: there is no such setting")));
        settings.filter(|_| self.errors.is_empty()).ok_or(SettingsError(self.errors))
    }

    /// Takes every setting before looking whether one was refused, so that all mistakes are found.
    fn take_all(&mut self) -> Option<Settings> {
        let address = self.take("http.address");
        let port = self.take("http.port");
        let allowed_origins =
            self.list("http.allowed_origins", |text| is_origin(text).then(|| text.to_owned()));
        let trusted_proxies = self.list("http.trusted_proxies", |text| text.parse().ok());
        let database_url = self.checked("database.url", |url: &String| is_database_url(url));
        let readers = self.within("database.readers", 1..=128);
        let keys_url = self.checked("keys.url", |url: &String| is_database_url(url));
        let root_key_file = self.checked("keys.root_key_file", |path: &PathBuf| !path.as_os_str().is_empty());
        let body_bytes = self.within("limits.body_bytes", 1024..=16 << 20);
        let import_bytes = self.within("limits.import_bytes", 1024..=50 << 20);
        let body_seconds = self.within("limits.body_seconds", 1..=3600);
        let request_seconds = self.within("limits.request_seconds", 1..=3600);
        let blocking_permits = self.within("limits.blocking_permits", 1..=10_000);
        let level = self.take("log.level");
        let format = self.take("log.format");
        let argon2_memory_kib = self.within("password.argon2_memory_kib", 47_104..=4 << 20);
        let argon2_passes = self.within("password.argon2_passes", 1..=16);
        let mail = self.mail();
        Some(Settings {
            http: HttpSettings {
                address: address?,
                port: port?,
                allowed_origins: allowed_origins?,
                trusted_proxies: trusted_proxies?,
            },
            database: DatabaseSettings { url: database_url?, readers: readers? },
            keys: KeySettings { url: keys_url?, root_key_file: root_key_file? },
            limits: Limits {
                body_bytes: body_bytes?,
                import_bytes: import_bytes?,
                body: Duration::from_secs(body_seconds?),
                request: Duration::from_secs(request_seconds?),
            },
            blocking_permits: blocking_permits?,
            log: LogSettings { level: level?, format: format? },
            password: PasswordSettings {
                argon2_memory_kib: argon2_memory_kib?,
                argon2_passes: argon2_passes?,
            },
            mail: mail?,
        })
    }

    fn mail(&mut self) -> Option<MailSettings> {
        let from = self.parse("mail.from", |text| EmailAddress::parse(text).ok());
        let folder = self.checked("mail.folder", |path: &PathBuf| !path.as_os_str().is_empty());
        let password_page = self.checked("mail.password_page", |page: &String| is_page(page));
        let server: Option<String> = self.take("mail.smtp_server");
        let port = self.take("mail.smtp_port");
        let security = self.parse("mail.smtp_security", security);
        let username: Option<String> = self.take("mail.smtp_username");
        let password: Option<String> = self.take("mail.smtp_password");
        let root_file: Option<PathBuf> = self.take("mail.smtp_root_file");
        let (server, username, password, root_file) = (server?, username?, password?, root_file?);
        let server = MailServer {
            port: port?,
            security: security?,
            login: (!username.is_empty()).then(|| (username, Zeroizing::new(password))),
            root_file: (!root_file.as_os_str().is_empty()).then_some(root_file),
            server,
        };
        Some(MailSettings {
            from: from?,
            folder: folder?,
            password_page: password_page?,
            smtp: (!server.server.is_empty()).then_some(server),
        })
    }

    fn take<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.checked(name, |_| true)
    }

    fn within<T: FromStr + PartialOrd>(&mut self, name: &str, range: RangeInclusive<T>) -> Option<T> {
        self.checked(name, |value| range.contains(value))
    }

    fn checked<T: FromStr>(&mut self, name: &str, right: impl FnOnce(&T) -> bool) -> Option<T> {
        self.parse(name, |text| text.parse().ok().filter(right))
    }

    fn list<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        self.parse(name, |text| {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect()
        })
    }

    fn parse<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (_, default, meaning) = TABLE.iter().find(|setting| setting.0 == name)?;
        let given = self.given.remove(name);
        let value = parse(given.as_deref().unwrap_or(default));
        if value.is_none() {
            self.errors.push(format!("{name}: the value is not right: {meaning}"));
        }
        value
    }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
    })
}

fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
    })
}

fn is_database_url(url: &str) -> bool {
    ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(Some(file), environment)
    }

    fn mistakes(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
        read(file, environment).err().unwrap().0
    }

    #[test]
    fn defaults_are_right_themselves() {
        let settings = Settings::read(None, []).ok().unwrap();
        assert_eq!(settings.http.port, 8321);
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(settings.log.format, LogFormat::Text);
        assert!(settings.http.allowed_origins.is_empty());
    }

    /// Only the databases are elsewhere, and letters stay in a folder until a mail server is named. That nothing but
    /// letters can leave is checked over the program's dependencies (`make no-couplings`).
    #[test]
    fn c053_no_setting_couples_another_program() {
        let named = Settings::table().iter().map(|(name, ..)| *name);
        let elsewhere: Vec<_> = named.filter(|name| name.ends_with("url") || name.contains("host")).collect();
        assert_eq!(elsewhere, ["database.url", "keys.url"]);
        assert!(Settings::read(None, []).ok().unwrap().mail.smtp.is_none());
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let file = "[http]\nport = 80\nallowed_origins = ['https://a.example', 'http://b.example:81']\n";
        let environment = [
            ("GROEILIJN_HTTP__PORT", "81"),
            ("GROEILIJN_HTTP__TRUSTED_PROXIES", "10.0.0.1, ::1"),
            ("GROEILIJN_PASSWORD__ARGON2_MEMORY_KIB", "65536"),
            ("PATH", "/bin"),
        ];
        let settings = read(file, &environment).ok().unwrap();
        assert_eq!(settings.http.port, 81);
        assert_eq!(settings.http.allowed_origins.len(), 2);
        assert_eq!(settings.http.trusted_proxies.len(), 2);
        assert_eq!(settings.password.argon2_memory_kib, 65_536);
    }

    #[test]
    fn every_mistake_is_named_without_its_value() {
        let file = "colour = 'secret'\n[http]\nport = 65536\n[database]\nurl = 'mysql://secret'\n";
        let environment =
            [("GROEILIJN_PASSWORD__ARGON2_MEMORY_KIB", "1"), ("GROEILIJN_LOG__LEVEL", "secret")];
        let found = mistakes(file, &environment);
        assert!(!found.join("").contains("secret"), "{found:?}");
        let names: Vec<_> = found.iter().filter_map(|text| text.split(':').next()).collect();
        assert_eq!(names, ["http.port", "database.url", "log.level", "password.argon2_memory_kib", "colour"]);
    }

    #[test]
    fn a_file_that_is_no_toml_is_refused_without_showing_it() {
        let found = mistakes("[database]\nurl = secret\n", &[]);
        assert!(found[0].contains("line 2") && !found[0].contains("secret"), "{found:?}");
    }
}
