//! A school file as it arrives.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use groeilijn_domain::children::school_file::{self, FileFormat, FileRefusal, SchoolFile};
use groeilijn_domain::values::refusal::Refusal;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{KnownFormat, Required};

use crate::http::body::{receive, require_content_type};
use crate::http::described::{NamedSchemas, formatted, reference};
use crate::http::input::{Input, Reads, shared};
use crate::http::limits;
use crate::http::problem::{FieldError, Problem};
use crate::state::AppState;

const XML: &str = "application/xml";
const TEXT_XML: &str = "text/xml";
const CSV: &str = "text/csv";

/// The name of the file's schema in the OpenAPI document.
const FILE: &str = "SchoolFile";

/// How soon a client may try again when there is no room, in seconds.
const RETRY_AFTER_SECONDS: u32 = 10;

/// How long a file may take to arrive: 50 MB over a school's line.
const TIME_TO_ARRIVE: Duration = Duration::from_secs(120);

/// The body of a request: a whole file, and the room in memory that it takes.
pub(super) struct Upload {
    format: FileFormat,
    bytes: Bytes,
    room: OwnedSemaphorePermit,
}

/// A file that was read, with what the request is told from others by.
pub(super) struct Parsed {
    pub(super) format: FileFormat,
    pub(super) file: SchoolFile,
    pub(super) digest: [u8; 32],
    /// Taken as long as what was read is in memory.
    pub(super) room: OwnedSemaphorePermit,
}

impl Input for Upload {
    const READS: Reads = Reads { body: true, ..Reads::NOTHING };

    fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
        let file = formatted(KnownFormat::Binary);
        let description = "A school file as it is, in the encoding that it has.";
        components.push((FILE.to_owned(), file.description(Some(description)).into()));
        let content = |example: &str| {
            ContentBuilder::new().schema(Some(reference(FILE))).example(Some(example.into())).build()
        };
        let table = "voornaam;achternaam;geslacht;geboortedatum;groep\nNoor;Verzinsel;meisje;14-03-2022;De Vlinders\n";
        let body = RequestBodyBuilder::new()
            .description(Some("The file: EDEXML 2.1, or a table whose first row names the columns."))
            .content(XML, content("<EDEX>…</EDEX>"))
            .content(TEXT_XML, content("<EDEX>…</EDEX>"))
            .content(CSV, content(table))
            .required(Some(Required::True));
        Some(body.build())
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let format = format(request)?;
        let room = shared::<AppState>(request)?.upload_room.clone().try_acquire_owned();
        let room = room.map_err(|_| Problem::unavailable(RETRY_AFTER_SECONDS))?;
        let bytes = receive(request, payload, limits::of(request).import_bytes, TIME_TO_ARRIVE).await?;
        Ok(Self { format, bytes, room })
    }
}

fn format(request: &HttpRequest) -> Result<FileFormat, Problem> {
    if require_content_type(request, &[CSV]).is_ok() {
        return Ok(FileFormat::Csv);
    }
    require_content_type(request, &[XML, TEXT_XML, CSV])?;
    Ok(FileFormat::Edexml)
}

impl Upload {
    /// Reads the file, on a thread of its own.
    ///
    /// # Errors
    /// 400 when the file as a whole is refused: why, and on which line.
    pub(super) async fn parse(self) -> Result<Parsed, Problem> {
        let Self { format, bytes, room } = self;
        let work = move || {
            let file = school_file::parse(format, &bytes)?;
            Ok(Parsed { format, file, digest: Sha256::digest(&bytes).into(), room })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Problem::internal)?
            .map_err(|refusal| refused(&refusal))
    }
}

fn refused(refusal: &FileRefusal) -> Problem {
    FieldError::body("", Refusal::new(refusal.code, refusal.to_string())).into()
}
