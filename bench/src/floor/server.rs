//! The routes.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::thread::available_parallelism;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::json;

use super::worker::{self, Worker};
use super::writer::Writer;
use super::{Error, batch, due, feed, forms, note, pupil};

/// The most bytes that a body has: a batch of a hundred notes has a third.
const MOST_BODY: usize = 128 << 10;

/// Serves the database at `path` on a port of the loopback interface, with a thread for each core, until the process
/// is told to stop. With `duties` the database is one that was filled with them.
///
/// # Errors
/// When the database or the port cannot be opened.
pub async fn serve(path: PathBuf, port: u16, duties: bool) -> Result<(), Error> {
    let writer = Writer::start(&path)?;
    HttpServer::new(move || {
        let (path, writer) = (path.clone(), writer.clone());
        App::new()
            .app_data(web::JsonConfig::default().limit(MOST_BODY))
            .data_factory(move || std::future::ready(Worker::open(&path, writer.clone(), duties)))
            .route("/healthz", web::get().to(health))
            .route("/v1/pupils", web::get().to(pupil::page))
            .route("/v1/pupils/{id}", web::get().to(pupil::read))
            .route("/v1/pupils/{id}/notes", web::post().to(note::write))
            .route("/v1/groups/{id}/overview", web::get().to(forms::read))
            .route("/v1/groups/{id}/_report", web::post().to(forms::report))
            .route("/v1/changes", web::get().to(feed::read))
            .route("/v1/batches", web::post().to(batch::write))
            .route("/v1/due-registrations", web::get().to(due::read))
    })
    .workers(available_parallelism().map_or(1, std::num::NonZero::get))
    .bind((Ipv4Addr::LOCALHOST, port))?
    .run()
    .await?;
    Ok(())
}

async fn health() -> Result<HttpResponse, Error> {
    worker::json(&json!({ "status": "up" }))
}
