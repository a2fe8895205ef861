//! The service put together: from settings to a server that answers.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use std::{fs, io};

use actix_web::dev::Server;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpServer};
use groeilijn_domain::audit::witness::Witness;
use groeilijn_mail::{MailError, SmtpSettings, Transport};
use groeilijn_persistence::access::password_hashing::PasswordHasher;
use groeilijn_persistence::database::claim::Claim;
use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::{Error, Misfit, Part, Result, Store, StoreOptions};
use groeilijn_webhook::{CheckpointSender, Sender};
use rustls::ServerConfig;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::backup::places::BackupPlaces;
use crate::finishing::Finishing;
use crate::http::cors;
use crate::http::embedded::Embedded;
use crate::http::endpoint::{configure, unknown_path};
use crate::http::kept_body::KeptBody;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::middleware::Stack;
use crate::http::strangers::Strangers;
use crate::openapi;
use crate::readiness::Readiness;
use crate::root_key;
use crate::routes;
use crate::routes::service::ServiceFacts;
use crate::settings::{ProcessorSettings, Settings};
use crate::state::{AppState, Witnesses};
pub use crate::store_settings::store_options;
use crate::token::AccessTokens;
use crate::upload_room::{UploadRoom, memory_of_machine};
use crate::waiting::Waiting;

/// How long requests under way may take after the server was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 30;

/// The name that is shown with the sender's address of letters.
const FROM_NAME: &str = "Groeilijn";

/// How long sending one letter may take.
const SMTP_PATIENCE: Duration = Duration::from_secs(30);

/// How long a client may take to send the head of a request, in seconds.
const HEAD_SECONDS: u64 = 10;

/// The service, ready to listen. Clones share everything.
#[derive(Clone)]
pub struct Service {
    state: web::Data<AppState>,
    facts: web::Data<ServiceFacts>,
    limits: web::Data<Limits>,
    strangers: web::Data<Strangers>,
    metrics: Metrics,
    allowed_origins: Arc<[String]>,
    keep_alive: Duration,
}

impl Service {
    /// Opens the databases and the keys that the settings name.
    ///
    /// # Errors
    /// When something is missing or cannot be opened; the text is for the operator.
    pub async fn open(settings: &Settings, environment: Environment) -> Result<Self> {
        let root = root_key::open(&settings.keys, environment.clone())?;
        let options = store_options(settings)?;
        let store = Store::open(&options, root, environment.clone()).await?;
        let tokens = AccessTokens::new(&store.keys().system().signing_keys().await?)
            .ok_or_else(|| Error::internal("there is no key to sign tokens with"))?;
        let passwords = PasswordHasher::new(
            settings.password.argon2_memory_kib,
            settings.password.argon2_passes,
            workers().saturating_sub(1),
            environment,
        )?;
        let metrics = Metrics::new().map_err(Error::internal)?;
        let facts = facts(store.clone(), metrics.clone())?;
        let upload_room = upload_room(settings.limits.import_memory_bytes);
        let limits = settings.limits.of_a_request();
        let limits = Limits { import_bytes: limits.import_bytes.min(upload_room.most_bytes()), ..limits };
        Ok(Self {
            state: web::Data::new(AppState {
                store,
                passwords,
                finishing: Finishing::on(Handle::current()),
                tokens,
                trusted_proxies: settings.http.trusted_proxies.clone(),
                upload_room,
                letters: transport(settings)?,
                webhooks: webhooks(settings)?,
                witnesses: witnesses(settings)?,
                password_page: settings.password_page(),
                processor: ProcessorSettings {
                    telephone: settings.processor.telephone.clone(),
                    privacy_mailbox: settings.processor.privacy_mailbox.clone(),
                },
                backups: BackupPlaces::of(settings)?,
                waiting: Waiting::new(metrics.waiting_for_changes.clone()),
                metrics: metrics.clone(),
                new_job: Notify::new(),
            }),
            facts: web::Data::new(facts),
            limits: web::Data::new(limits),
            strangers: web::Data::new(Strangers::new(settings.http.trusted_proxies.clone())),
            metrics,
            allowed_origins: settings.http.allowed_origins.clone().into(),
            keep_alive: Duration::from_secs(settings.http.keep_alive_seconds),
        })
    }

    /// What every handler shares.
    pub fn state(&self) -> web::Data<AppState> {
        self.state.clone()
    }

    /// Serves on `listener` with `workers` threads until the returned server is stopped; with TLS if there is a
    /// configuration for it.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn serve(
        &self,
        listener: TcpListener,
        workers: usize,
        tls: Option<ServerConfig>,
    ) -> io::Result<Server> {
        let service = self.clone();
        let server = HttpServer::new(move || {
            let embedded = service.clone();
            App::new()
                .configure(|config| service.share(config))
                .app_data(web::Data::new(Embedded::of(move || {
                    App::new()
                        .configure(|config| embedded.share(config))
                        .service(
                            web::scope("/v1").configure(configure(routes::children::batches::in_batches())),
                        )
                        .default_service(web::to(unknown_path))
                        .wrap(embedded.stack())
                })))
                .configure(routes::service::service)
                .configure(routes::password::page)
                .service(
                    web::scope("/v1")
                        .configure(configure(routes::endpoints()))
                        .wrap(cors::allow_list(&service.allowed_origins)),
                )
                .default_service(web::to(unknown_path))
                .wrap(service.stack())
        });
        let server = server
            .workers(workers)
            .keep_alive(self.keep_alive)
            .client_request_timeout(Duration::from_secs(HEAD_SECONDS))
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals();
        let server = match tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
        Ok(server.run())
    }

    /// What every request can reach.
    fn share(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.state.clone())
            .app_data(self.facts.clone())
            .app_data(self.limits.clone())
            .app_data(self.strangers.clone());
    }

    /// The layer around every request.
    fn stack(&self) -> Stack {
        Stack::new(self.state.environment().clone(), self.metrics.clone())
    }
}

/// Room for school files in the memory that the settings name, but at most half of what there is.
fn upload_room(setting: u64) -> UploadRoom {
    let most = memory_of_machine().map_or(u64::MAX, |memory| memory / 2);
    if most < setting {
        tracing::warn!(
            bytes = most,
            "limits.import_memory_bytes is more than half of the memory there is: half is used"
        );
    }
    UploadRoom::new(setting.min(most))
}

/// How letters leave: through the mail server that the settings name, or into a folder.
fn transport(settings: &Settings) -> Result<Transport> {
    let mail = &settings.mail;
    match &mail.smtp_server {
        None => Transport::files(mail.folder.clone(), &mail.from, FROM_NAME).map_err(|error| {
            let remedy = match error {
                MailError::Folder(_) => {
                    "; let whoever runs groeilijn write there, or name another folder or a mail server"
                }
                _ => "",
            };
            Error::internal(format!("mail.folder ({}): {error}{remedy}", mail.folder.display()))
        }),
        Some(host) => {
            if settings.http.public_origin.is_empty() && mail.password_page.is_empty() {
                tracing::warn!(
                    "mail.smtp_server is set, and neither http.public_origin nor mail.password_page is: the links in \
                     letters work on this computer alone"
                );
            }
            let extra_root = mail
                .smtp_root_file
                .as_deref()
                .map(|path| certificates("mail.smtp_root_file", path))
                .transpose()?;
            let settings = SmtpSettings {
                host: host.clone(),
                port: mail.smtp_port,
                security: mail.smtp_security,
                username: mail.smtp_username.clone(),
                password: mail.smtp_username.as_ref().map(|_| mail.smtp_password.clone()),
                from: mail.from.clone(),
                from_name: FROM_NAME.to_owned(),
                extra_root,
                timeout: SMTP_PATIENCE,
            };
            Transport::smtp(&settings).map_err(Error::internal)
        }
    }
}

/// How many threads serve requests: one for each core.
pub fn workers() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
}

fn certificates(setting: &str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::internal(format!("{setting} ({}): {error}", path.display())))
}

/// How programs of institutions are told of events.
fn webhooks(settings: &Settings) -> Result<Sender> {
    const ROOTS: &str = "webhooks.root_file";
    let roots = settings.webhooks.root_file.as_deref().map(|path| certificates(ROOTS, path)).transpose()?;
    Sender::new(&settings.webhooks.own_receivers, roots.as_deref())
        .map_err(|why| Error::internal(format!("{ROOTS}: {why}")))
}

/// Who is shown the audit logs.
fn witnesses(settings: &Settings) -> Result<Witnesses> {
    const ROOTS: &str = "audit.witness_root_file";
    let names: BTreeSet<_> = settings.audit.witnesses.iter().map(Witness::name).collect();
    if names.len() < settings.audit.witnesses.len() {
        return Err(Error::internal("audit.witnesses: two of them have one name"));
    }
    let roots =
        settings.audit.witness_root_file.as_deref().map(|path| certificates(ROOTS, path)).transpose()?;
    let sender =
        CheckpointSender::new(roots.as_deref()).map_err(|why| Error::internal(format!("{ROOTS}: {why}")))?;
    Ok(Witnesses { named: settings.audit.witnesses.clone(), sender })
}

/// Claims the databases, as far as they are embedded, for this process alone.
///
/// # Errors
/// When another process uses one, and when they are one.
pub(crate) fn claim(options: &StoreOptions) -> Result<Vec<Claim>> {
    if options.data.is_same_place(&options.keys) {
        return Err(Error::Misfit(Misfit::OneDatabase));
    }
    let keys = options.keys.claim().map_err(Error::of(Part::Keys))?;
    let data = options.data.claim().map_err(Error::of(Part::Data))?;
    let second = options.second().map(|second| second.claim().map_err(Error::of(Part::SecondKeys)));
    Ok([keys, data].into_iter().chain(second.transpose()?).collect())
}

/// The OpenAPI document of everything below `/v1`.
///
/// # Errors
/// When what is documented and what is served are not the same.
pub fn openapi_document() -> Result<utoipa::openapi::OpenApi> {
    openapi::document(&routes::areas())
        .map_err(|errors| Error::internal(format!("the OpenAPI document: {}", errors.join("; "))))
}

/// The same document as YAML, the same each time: utoipa itself keeps extensions in no particular order.
///
/// # Errors
/// As [`openapi_document`].
pub fn openapi_yaml() -> Result<String> {
    let yaml = openapi_document()?.to_yaml().map_err(Error::internal)?;
    let mut lines: Vec<&str> = yaml.lines().collect();
    let is_extension = |line: &str| line.trim_start().starts_with("x-");
    for run in lines.chunk_by_mut(|one, next| is_extension(one) && is_extension(next)) {
        run.sort_unstable();
    }
    Ok(lines.join("\n") + "\n")
}

fn facts(store: Store, metrics: Metrics) -> Result<ServiceFacts> {
    let document = openapi_document()?.to_json().map_err(Error::internal)?;
    let (queue, damaged) = (store.clone(), store.clone());
    let readiness = Arc::new(Readiness::new(store));
    Ok(ServiceFacts {
        metrics,
        openapi_json: KeptBody::new(document),
        queue_depth: Box::new(move || queue.queue_depth()),
        damaged_rows: Box::new(move || damaged.damaged_rows().count()),
        ready: Box::new(move || {
            let readiness = readiness.clone();
            Box::pin(async move { readiness.is_ready().await })
        }),
    })
}
