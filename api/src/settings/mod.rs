//! What can be set: in a TOML file, and over that in the environment.
//!
//! `http.port` in the file is `GROEILIJN_HTTP__PORT` in the environment, where a list is written with commas.
//! An unknown setting stops the start, because a misspelt limit would be no limit.

mod reader;
mod setting;
mod table;
mod values;

use config::{Config, ConfigError, Environment, File, FileFormat};

use self::reader::Reader;

pub use table::{
    BackupSettings, DatabaseSettings, HttpSettings, KeySettings, LimitSettings, LogSettings, MailSettings,
    PasswordSettings, ProcessorSettings, Settings,
};
pub use values::{LogFormat, Telephone};

/// Why the settings are refused: every mistake, by the setting's name and never with its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

impl Settings {
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
        let mut reader = Reader::new(config.cache);
        let settings = Self::take_from(&mut reader);
        let mistakes = reader.finish();
        settings.filter(|_| mistakes.is_empty()).ok_or(SettingsError(mistakes))
    }

    /// The table of settings in Markdown, as the README has it.
    pub fn markdown() -> String {
        let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
        let rows = Self::table()
            .into_iter()
            .map(|[name, default, meaning]| format!("| `{name}` | {} | {meaning} |\n", code(&default)));
        ["| setting | default | meaning |\n| --- | --- | --- |\n".to_owned()]
            .into_iter()
            .chain(rows)
            .collect()
    }
}

/// Only the position of a mistake: the parser's own text quotes the line, which may hold a password.
fn unreadable(error: ConfigError) -> SettingsError {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    SettingsError(vec![text.lines().next().unwrap_or("the settings cannot be read").to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::limits::Limits;

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
        assert_eq!(settings.limits.of_a_request(), Limits::default());
        assert_eq!(settings.log.format, LogFormat::Text);
        assert!(settings.http.allowed_origins.is_empty());
    }

    #[test]
    fn the_readme_has_the_table_of_settings() {
        assert!(include_str!("../../../README.md").contains(&format!("\n\n{}\n", Settings::markdown())));
    }

    /// Only the databases are elsewhere, and a service that holds the root key when one is named; letters stay in a folder
    /// until a mail server is named. That nothing else can leave is checked over the program's dependencies (`make no-couplings`).
    #[test]
    fn c053_no_setting_couples_another_program() {
        let named = Settings::table().into_iter().map(|[name, ..]| name);
        let is_elsewhere =
            |name: &String| ["url", "host", "vault_address"].iter().any(|word| name.contains(word));
        let elsewhere: Vec<_> = named.filter(is_elsewhere).collect();
        assert_eq!(
            elsewhere,
            [
                "database.url",
                "keys.url",
                "keys.second_url",
                "keys.vault_address",
                "backup.database_url",
                "backup.keys_url"
            ]
        );
        let defaults = Settings::read(None, []).ok().unwrap();
        assert!(defaults.mail.smtp_server.is_none() && defaults.keys.vault_address.is_none());
    }

    #[test]
    fn a_link_leads_to_the_page_that_is_named_or_to_the_servers_own() {
        let page = |file: &str| read(file, &[]).ok().unwrap().password_page();
        assert_eq!(page(""), "http://127.0.0.1:8321/password");
        assert_eq!(page("[http]\naddress = '::'\nport = 80\n"), "http://[::1]:80/password");
        let tls = "[http]\naddress = '0.0.0.0'\ntls_certificate_file = 'a'\ntls_key_file = 'b'\n";
        assert_eq!(page(tls), "https://127.0.0.1:8321/password");
        let public = "[http]\npublic_origin = 'https://groeilijn.school.example'\n";
        assert_eq!(page(public), "https://groeilijn.school.example/password");
        let named = format!("{public}[mail]\npassword_page = 'https://app.school.example/kies'\n");
        assert_eq!(page(&named), "https://app.school.example/kies");
        assert_eq!(mistakes("[http]\npublic_origin = 'https://a.example/b'\n", &[]).len(), 1);
    }

    #[test]
    fn c132_the_processor_is_reached_by_telephone_and_at_a_mailbox() {
        let right =
            "[processor]\ntelephone = '+31201234567'\nprivacy_mailbox = 'privacy@groeilijn.example'\n";
        let processor = read(right, &[]).ok().unwrap().processor;
        assert_eq!(processor.telephone.unwrap().as_str(), "+31201234567");
        assert_eq!(processor.privacy_mailbox.unwrap().as_str(), "privacy@groeilijn.example");
        let none = read("", &[]).ok().unwrap().processor;
        assert!(none.telephone.is_none() && none.privacy_mailbox.is_none());
        for wrong in [
            "telephone = '020 1234567'",
            "telephone = '+0201234567'",
            "telephone = '+31 20 1234567'",
            "telephone = '+3120123456789012'",
            "privacy_mailbox = 'privacy'",
        ] {
            assert_eq!(mistakes(&format!("[processor]\n{wrong}\n"), &[]).len(), 1, "{wrong}");
        }
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
    fn vault_is_reached_over_tls_by_a_name_that_it_can_have() {
        let right = "[keys]\nvault_address = 'https://vault.example:8200'\nvault_mount = 'teams/transit'\n";
        assert!(read(right, &[]).is_ok());
        for wrong in [
            "vault_address = 'http://vault.example:8200'",
            "vault_mount = '/transit'",
            "vault_mount = 'a/../b'",
            "vault_key = ''",
            "vault_key = 'a/b'",
            "vault_seconds = 0",
            "vault_token_credential = '../token'",
        ] {
            assert_eq!(mistakes(&format!("[keys]\n{wrong}\n"), &[]).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_refused_without_showing_it() {
        let found = mistakes("[database]\nurl = secret\n", &[]);
        assert!(found[0].contains("line 2") && !found[0].contains("secret"), "{found:?}");
    }
}
