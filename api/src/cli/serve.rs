//! `groeilijn serve`.

use std::io;
use std::net::{IpAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use groeilijn_persistence::database::roles;
use groeilijn_persistence::{Error, Part, Result, StoreOptions};

use super::output::say;
use crate::background;
use crate::runtime::environment;
use crate::server::{Service, claim, store_options, workers};
use crate::settings::Settings;
use crate::state::AppState;
use crate::tls::{self, Tls};

/// Serves until the process is told to stop; requests under way are finished first.
pub(super) fn run(settings: &Settings) -> Result<()> {
    actix_web::rt::System::new().block_on(async {
        let tls = tls::of_settings(&settings.http)?;
        let options = store_options(settings)?;
        let _claims = claim(&options)?;
        check_roles(&options)?;
        let service = Service::open(settings, environment()).await?;
        let address = (settings.http.address, settings.http.port);
        let listener = TcpListener::bind(address).map_err(|error| unusable(address, &error))?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let encrypted = tls.as_ref().map(Tls::server_config).transpose()?;
        let server = service.serve(listener, workers(), encrypted).map_err(Error::internal)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        if let Some(tls) = tls {
            actix_web::rt::spawn(tls.keep_fresh());
        }
        let background = background::start(&service.state());
        let letters = match &settings.mail.smtp_server {
            Some(server) => format!("letters leave through {server}"),
            None => format!("letters are kept in {}", settings.mail.folder.display()),
        };
        say(format_args!(
            "Groeilijn listens on {scheme}://{address}; documentation: {scheme}://{address}/docs/; {letters}"
        ))?;
        actix_web::rt::spawn(stop_on_signal(server.handle(), service.state()));
        let served = server.await.map_err(Error::internal);
        background.stop().await;
        // A file that is put in the place of another one must not meet the log of that one.
        if let Err(error) = service.state().store.empty_logs().await {
            tracing::warn!(%error, "the logs beside the databases could not be emptied");
        }
        served
    })
}

/// Checks that the roles of a shared database may serve. An embedded one has none, and may not be there yet.
fn check_roles(options: &StoreOptions) -> Result<()> {
    let databases = [(Part::Keys, &options.keys), (Part::Data, &options.data)];
    for (part, url) in databases.into_iter().filter(|(_, url)| !url.is_embedded()) {
        let checked = url.connect().and_then(|mut connection| roles::check_server(&mut connection));
        checked.map_err(Error::of(part))?;
    }
    Ok(())
}

fn unusable((address, port): (IpAddr, u16), error: &io::Error) -> Error {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => "; stop what listens there, or name another http.port",
        io::ErrorKind::AddrNotAvailable => "; name an address of this computer",
        io::ErrorKind::PermissionDenied => {
            "; name an http.port of 1024 or higher, or give the right to use this one"
        }
        _ => "",
    };
    Error::internal(format!("http.address and http.port ({address}, {port}): {error}{remedy}"))
}

#[cfg(unix)]
async fn stop_on_signal(server: ServerHandle, state: Data<AppState>) {
    use tokio::signal::unix::{SignalKind, signal};
    if let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests under way are finished first");
        state.waiting.stop();
        server.stop(true).await;
    }
}

#[cfg(not(unix))]
async fn stop_on_signal(server: ServerHandle, state: Data<AppState>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        state.waiting.stop();
        server.stop(true).await;
    }
}
