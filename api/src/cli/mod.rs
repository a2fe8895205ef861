//! The `groeilijn` command.

mod audit;
mod backup;
mod certificate;
mod demo;
mod evidence;
mod init;
mod institution;
mod keys;
mod output;
mod restore;
mod serve;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use groeilijn_persistence::{Error, Result, Store};

use self::output::say;
use crate::operator::explained;
use crate::runtime::LogTime;
use crate::server;
use crate::settings::{LogFormat, LogSettings, Settings, SettingsError};

/// The settings file that is read when it is there and no other is named.
const SETTINGS_FILE: &str = "groeilijn.toml";

/// The backend in which schools and childcare follow the development of children of 0 to 7 years.
#[derive(Parser)]
#[command(name = "groeilijn", version)]
struct Cli {
    /// The settings file; groeilijn.toml in the working directory when it is there.
    #[arg(long, global = true, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the databases, the keys and the frameworks of a new installation; what is there already stays.
    Init(init::Init),
    /// Make a demo school to try the system with, and print how to log in to it.
    Demo(demo::Demo),
    /// Bring the databases to the version of this program.
    Migrate,
    /// Make a backup of the data and the keys, while the server goes on, and take those away whose days are over.
    Backup,
    /// Put a backup back: a chosen one of the data beside the newest keys. No server may be running.
    Restore(restore::Restore),
    /// Export everything of one institution in open formats, or take such an export in.
    #[command(subcommand)]
    Institution(institution::Institution),
    /// Rotate keys, or tell how they stand.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Serve the API until told to stop.
    Serve,
    /// Check certificates of destruction, offline.
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Check an exported audit log, offline.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Write a signed pack of evidence for an auditor, or check one offline.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Print the OpenAPI document as YAML.
    Openapi,
    /// Print the settings, their defaults and what they mean.
    Settings,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "groeilijn: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli) -> Result<()> {
    match &cli.command {
        Command::Certificate(command) => return certificate::run(command),
        Command::Audit(command) => return audit::run(command),
        Command::Evidence(evidence::Evidence::Verify { folder, public_key }) => {
            return evidence::verify(folder, public_key);
        }
        Command::Openapi => return print_openapi(),
        Command::Settings => return print_settings(),
        _ => {}
    }
    let settings = read_settings(cli.settings.as_deref())?;
    start_logging(&settings.log);
    with_settings(cli.command, &settings).map_err(|error| explained(&settings, error))
}

fn with_settings(command: Command, settings: &Settings) -> Result<()> {
    match command {
        Command::Init(init) => in_runtime(init::run(init, settings)),
        Command::Demo(demo) => in_runtime(demo::run(&demo, settings)),
        Command::Migrate => migrate(settings),
        Command::Backup => in_runtime(backup::run(settings)),
        Command::Restore(restore) => in_runtime(restore::run(restore, settings)),
        Command::Institution(institution) => in_runtime(institution::run(institution, settings)),
        Command::Keys(keys) => in_runtime(keys::run(keys, settings)),
        Command::Serve => serve::run(settings),
        Command::Evidence(evidence::Evidence::Pack { id, to }) => {
            in_runtime(evidence::make(id, &to, settings))
        }
        Command::Certificate(_)
        | Command::Audit(_)
        | Command::Evidence(_)
        | Command::Openapi
        | Command::Settings => Ok(()),
    }
}

fn read_settings(named: Option<&Path>) -> Result<Settings> {
    let path = named.unwrap_or_else(|| Path::new(SETTINGS_FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::internal(format!("--settings {}: {error}", path.display()))),
    };
    let from = if text.is_some() {
        format!("{} and the environment", path.display())
    } else {
        "the environment".to_owned()
    };
    Settings::read(text.as_deref(), std::env::vars()).map_err(|SettingsError(mistakes)| {
        Error::internal(format!(
            "the settings, from {from}, are not right; `groeilijn settings` lists them:\n  {}",
            mistakes.join("\n  ")
        ))
    })
}

fn start_logging(log: &LogSettings) {
    let builder =
        tracing_subscriber::fmt().with_max_level(log.level).with_timer(LogTime).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// Runs a command that waits for the database.
fn in_runtime(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Runtime::new().map_err(Error::internal)?.block_on(work)
}

fn migrate(settings: &Settings) -> Result<()> {
    let options = server::store_options(settings)?;
    let _claims = server::claim(&options)?;
    let done = Store::migrate(&options)?;
    for migration in &done {
        say(format_args!("ran {}", migration.name))?;
    }
    say(format_args!("{} migrations were run", done.len()))
}

fn print_openapi() -> Result<()> {
    std::io::stdout().write_all(server::openapi_yaml()?.as_bytes()).map_err(Error::internal)
}

fn print_settings() -> Result<()> {
    std::io::stdout().write_all(Settings::markdown().as_bytes()).map_err(Error::internal)
}
