//! Every setting, declared once: its type, its default, what it accepts, and what it means.
//!
//! The fields of [`Settings`], what is read, the messages about mistakes, `groeilijn settings` and the table in the
//! README all come from here; a test holds the README against it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use groeilijn_domain::audit::witness::Witness;
use groeilijn_domain::retention::destruction::KEY_BACKUP_DAYS;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::Security;
use groeilijn_persistence::LEAST_CONNECTIONS;
use groeilijn_persistence::access::password_hashing::PasswordHasher;
use groeilijn_webhook::OwnReceiver;
use tracing::Level;
use zeroize::Zeroizing;

use super::reader::Reader;
use super::setting::{Setting, any, checked, declare, list, optional, parsed, setting, text, within};
use super::values::{
    LogFormat, Telephone, credential_name, is_database_url, is_origin, is_page, is_path, is_role,
    is_vault_name, is_vault_path, mailbox, recipient, security_from_code, vault_address,
};
use crate::backup::sealed_file::Recipient;
use crate::http::limits::Limits;
use crate::upload_room::UploadRoom;

declare! {
    /// How the service is reached.
    http: HttpSettings {
        address: IpAddr = "127.0.0.1", any(), "IP address to listen on";
        port: u16 = 8321, any(), "TCP port to listen on";
        public_origin: String = "", text(|text| text.is_empty() || is_origin(text)),
            "origin under which browsers reach this server, such as https://groeilijn.school.example; its address and \
             port when empty";
        tls_certificate_file: Option<PathBuf> = "", optional(),
            "file with the PEM certificate of TLS and those that vouch for it; without TLS when empty";
        tls_key_file: Option<PathBuf> = "", optional(), "file with the PEM key of that certificate";
        keep_alive_seconds: u64 = 75, within(1..=3600),
            "seconds that an idle connection stays open; longer than a proxy keeps one for its next request";
        allowed_origins: Vec<String> = "", list(text(is_origin)),
            "origins of web pages that may use the API, such as https://app.school.example";
        trusted_proxies: Vec<IpAddr> = "", list(any()),
            "IP addresses of proxies trusted to report the client's address";
    }

    /// Where data is kept.
    database: DatabaseSettings {
        url: String = "sqlite://data/groeilijn.sqlite", text(is_database_url),
            "where data is kept: sqlite:// or postgres://";
        serve_role: String = "groeilijn", text(is_role),
            "PostgreSQL role that serves; init and migrate, which run as the owner, give it what it needs";
        readers: u32 = 4, within(1..=128), "connections to SQLite for short reads, which many share";
        connections: u32 = 20, within(LEAST_CONNECTIONS..=1000),
            "connections to PostgreSQL that this process opens at most, for data and keys together";
        allow_unverified: bool = false, any(),
            "whether a PostgreSQL server on another computer may be reached without sslmode=verify-full: true or false";
    }

    /// Where keys are kept.
    keys: KeySettings {
        url: String = "sqlite://keys/keys.sqlite", text(is_database_url),
            "where keys are kept: sqlite:// or postgres://, not where data is";
        second_url: String = "", text(|text| text.is_empty() || text.starts_with("sqlite://")),
            "where a second key store is kept, on another disk, that gets every key in the same commit: sqlite://; none \
             when empty";
        root_key_file: PathBuf = "keys/root.key", checked(|path: &PathBuf| is_path(path)), "file that holds the root key";
        root_key_credential: Option<String> = "", parsed(credential_name),
            "name of the systemd credential that holds the root key, in place of the file; none when empty";
        vault_address: Option<String> = "", parsed(vault_address),
            "address of HashiCorp Vault, https://, of which the transit engine holds the root key, in place of the file; \
             none when empty";
        vault_mount: String = "transit", text(is_vault_path), "where in Vault the transit engine is mounted";
        vault_key: String = "groeilijn", text(is_vault_name), "name of the key in that engine";
        vault_token_file: Option<PathBuf> = "", optional(),
            "file that holds the token for Vault, and that whoever renews it writes anew";
        vault_token_credential: Option<String> = "", parsed(credential_name),
            "name of the systemd credential that holds the token, in place of that file; none when empty";
        vault_root_file: Option<PathBuf> = "", optional(),
            "file with PEM certificates that vouch for Vault's, in place of the public ones";
        vault_seconds: u64 = 2, within(1..=30), "seconds that an answer of Vault may take";
    }

    /// How much and how long requests may take.
    limits: LimitSettings {
        body_bytes: usize = Limits::DEFAULT.body_bytes, within(1024..=16 << 20), "most bytes of a JSON body";
        import_bytes: usize = Limits::DEFAULT.import_bytes, within(1024..=Limits::DEFAULT.import_bytes),
            "most bytes of a school file";
        import_bytes_per_second: u32 = Limits::DEFAULT.import_bytes_per_second, within(1024..=1 << 30),
            "least speed at which a school file may arrive, once limits.body_seconds have passed";
        import_memory_bytes: u64 = 512 << 20, within(UploadRoom::LEAST_MEMORY..=1 << 40),
            "memory for the school files that arrive and are examined; half of what there is at most";
        body_seconds: u64 = Limits::DEFAULT.body.as_secs(), within(1..=3600),
            "seconds that a body may take to arrive";
        request_seconds: u64 = Limits::DEFAULT.request.as_secs(), within(1..=3600),
            "seconds that a request may take";
        blocking_permits: usize = 16, within(1..=10_000), "requests that may wait for the database at once";
    }

    /// What is logged.
    log: LogSettings {
        level: Level = "info", any(), "least serious messages to log: error, warn, info, debug or trace";
        format: LogFormat = "text", any(), "how to log: text or json";
    }

    /// How passwords are hashed (Argon2id).
    password: PasswordSettings {
        argon2_memory_kib: u32 = PasswordHasher::LEAST_MEMORY_KIB,
            within(PasswordHasher::LEAST_MEMORY_KIB..=4 << 20), "memory to hash a password with in KiB";
        argon2_passes: u32 = 1, within(1..=16), "passes over that memory";
    }

    /// How letters leave. Without a mail server they are kept in a folder.
    mail: MailSettings {
        from: EmailAddress = "noreply@groeilijn.example", parsed(|text| EmailAddress::parse(text).ok()),
            "address that letters are from";
        folder: PathBuf = "letters", checked(|path: &PathBuf| is_path(path)),
            "folder in which letters are kept as long as there is no mail server";
        password_page: String = "", text(|text| text.is_empty() || is_page(text)),
            "page on which a user chooses a password, to which a letter adds #token=…; the server's own /password when \
             empty";
        smtp_server: Option<String> = "", optional(), "mail server that sends letters; none when empty";
        smtp_port: u16 = 465, any(), "TCP port of the mail server";
        smtp_security: Security = "tls", parsed(security_from_code),
            "tls, starttls, or none for a mail server on this computer";
        smtp_username: Option<String> = "", optional(), "who logs in to the mail server; nobody when empty";
        smtp_password: Zeroizing<String> = "", parsed(|text| Some(Zeroizing::new(text.to_owned()))),
            "password to log in to the mail server with";
        smtp_root_file: Option<PathBuf> = "", optional(),
            "file with PEM certificates to trust besides the public ones";
    }

    /// How the processor is reached.
    processor: ProcessorSettings {
        telephone: Option<Telephone> = "", optional(),
            "telephone number at which the processor is reached in office hours about incidents, such as +31201234567; none \
             is shown when empty";
        privacy_mailbox: Option<EmailAddress> = "", parsed(mailbox),
            "address of the processor's privacy mailbox, to which incidents are reported; none is shown when empty";
    }

    /// How programs of institutions are told of events.
    webhooks: WebhookSettings {
        own_receivers: Vec<OwnReceiver> = "", list(any()),
            "receivers in the operator's own network, each as name=address:port@institution, such as \
             hooks.school.example=10.1.2.3:8443@0190d5c2-6a2b-7c3d-8e4f-5a6b7c8d9e0f; that port is the only one there, 443 when none \
             is named; only the institutions with these ids use it, with + between them, none when none is named; others are sent to \
             at public addresses only";
        root_file: Option<PathBuf> = "", optional(),
            "file with PEM certificates that vouch for receivers, in place of the public ones";
    }

    /// Who sees the audit logs grow.
    audit: AuditSettings {
        witnesses: Vec<Witness> = "", list(any()),
            "witnesses that are shown every checkpoint of an audit log and cosign it (C2SP tlog-witness), each as its address, a \
             space and its key, such as https://witness.example witness.example/w1+11754e09+BFBc1r0+/Qn3cRnQ; none when empty, and \
             nothing leaves";
        witness_root_file: Option<PathBuf> = "", optional(),
            "file with PEM certificates that vouch for witnesses, in place of the public ones";
    }

    /// Where backups go. None are made without a folder.
    backup: BackupSettings {
        folder: Option<PathBuf> = "", optional(),
            "folder that backups are made in, on another disk than the databases; none are made when empty";
        second_folder: Option<PathBuf> = "", optional(),
            "folder at another place that each backup is copied to; only backup.folder when empty";
        recipient: Option<Recipient> = "", parsed(recipient),
            "public key (age1…) that backups are encrypted to; its secret key belongs in the safe";
        hour: i8 = 2, within(0..=23), "full hour in Amsterdam at which a server makes the backup of the night";
        data_days: i32 = 30, within(1..=3650),
            "days that backups of the data are kept; the newest stays in any case";
        key_days: i32 = KEY_BACKUP_DAYS, within(1..=KEY_BACKUP_DAYS), "days that backups of the key store are kept";
        database_url: String = "", text(|text| text.is_empty() || is_database_url(text)),
            "address of the data for the PostgreSQL role that backs up; database.url when empty";
        keys_url: String = "", text(|text| text.is_empty() || is_database_url(text)),
            "address of the key store for that role; keys.url when empty";
        postgres_programs: Option<PathBuf> = "", optional(),
            "folder of pg_dump and pg_restore; those of the newest version that is installed when empty";
    }
}

impl Settings {
    /// The page on which a user chooses a password.
    pub fn password_page(&self) -> String {
        match self.mail.password_page.as_str() {
            "" => format!("{}/password", self.http.origin()),
            page => page.to_owned(),
        }
    }
}

impl HttpSettings {
    /// The origin under which browsers reach this server. One that listens everywhere is reached on this computer.
    pub fn origin(&self) -> String {
        if !self.public_origin.is_empty() {
            return self.public_origin.clone();
        }
        let scheme = if self.tls_certificate_file.is_some() { "https" } else { "http" };
        let address = match self.address {
            IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            address => address,
        };
        format!("{scheme}://{}", SocketAddr::new(address, self.port))
    }
}

impl LimitSettings {
    /// What of it holds for each request.
    pub fn of_a_request(&self) -> Limits {
        Limits {
            body_bytes: self.body_bytes,
            import_bytes: self.import_bytes,
            import_bytes_per_second: self.import_bytes_per_second,
            body: Duration::from_secs(self.body_seconds),
            request: Duration::from_secs(self.request_seconds),
        }
    }
}
