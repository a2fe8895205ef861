//! A school file as it arrives.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use groeilijn_domain::children::school_file::{self, FileFormat, FileRefusal, SchoolFile};
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::refusal::Refusal;
use sha2::{Digest, Sha256};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{KnownFormat, Required};

use super::replies::in_language;
use crate::http::body::require_content_type;
use crate::http::described::{NamedSchemas, formatted, reference};
use crate::http::input::{Input, Reads};
use crate::http::limits;
use crate::http::problem::{FieldError, Problem};
use crate::http::receive::{Pace, receive};
use crate::upload_room::{FileRoom, UploadRoom};

const XML: &str = "application/xml";
const TEXT_XML: &str = "text/xml";
const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The name of the file's schema in the OpenAPI document.
const FILE: &str = "SchoolFile";

/// The body of a request, of which nothing was read yet.
pub(super) struct Upload {
    format: FileFormat,
    request: HttpRequest,
    payload: Payload,
}

/// A whole file, and the room in memory that it takes.
pub(super) struct Arrived {
    format: FileFormat,
    bytes: Bytes,
    room: FileRoom,
    /// The most bytes that it may unpack to.
    most_bytes: usize,
}

/// A file that was read, with what the request is told from others by.
pub(super) struct Parsed {
    pub(super) format: FileFormat,
    pub(super) file: SchoolFile,
    pub(super) digest: [u8; 32],
    /// Taken as long as what was read is in memory.
    pub(super) room: FileRoom,
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
            .description(Some("The file: EDEXML 2.1, or a table whose first row names the columns, as text or in the first sheet of an Excel workbook."))
            .content(XML, content("<EDEX>…</EDEX>"))
            .content(TEXT_XML, content("<EDEX>…</EDEX>"))
            .content(CSV, content(table))
            .content(XLSX, content("PK…"))
            .required(Some(Required::True));
        Some(body.build())
    }

    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        Ok(Self { format: format(request)?, request: request.clone(), payload: payload.take() })
    }
}

fn format(request: &HttpRequest) -> Result<FileFormat, Problem> {
    for (media_type, format) in [(CSV, FileFormat::Csv), (XLSX, FileFormat::Xlsx)] {
        if require_content_type(request, &[media_type]).is_ok() {
            return Ok(format);
        }
    }
    require_content_type(request, &[XML, TEXT_XML, CSV, XLSX])?;
    Ok(FileFormat::Edexml)
}

impl Upload {
    /// Receives the file, and takes the place of the institution once it is there.
    ///
    /// # Errors
    /// 413 when it is too large, 408 when it is too slow, 503 when there is no room.
    pub(super) async fn receive(
        mut self,
        room: &UploadRoom,
        institution: InstitutionId,
    ) -> Result<Arrived, Problem> {
        let limits = limits::of(&self.request);
        let pace = Pace::at_least(limits.import_bytes_per_second, limits.body);
        let mut room = room.begin(institution);
        let bytes = receive(&self.request, &mut self.payload, limits.import_bytes, pace, &mut room).await?;
        room.examine(bytes.len()).await?;
        Ok(Arrived { format: self.format, bytes, room, most_bytes: limits.import_bytes })
    }
}

impl Arrived {
    /// Reads the file, on a thread of its own.
    ///
    /// # Errors
    /// 400 when the file as a whole is refused: why, and on which line; 503 when there is no room for what it unpacks to.
    pub(super) async fn parse(self, language: Language) -> Result<Parsed, Problem> {
        let Self { format, bytes, mut room, most_bytes } = self;
        let packed = bytes.clone();
        let cost = apart(language, move || school_file::cost(format, &packed, most_bytes)).await?;
        room.grow(cost).await?;
        let work = move || {
            let file = school_file::parse(format, &bytes)?;
            Ok(Parsed { format, file, digest: Sha256::digest(&bytes).into(), room })
        };
        apart(language, work).await
    }
}

/// Does something with a file on a thread of its own.
async fn apart<T: Send + 'static>(
    language: Language,
    work: impl FnOnce() -> Result<T, FileRefusal> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?;
    done.map_err(|refusal| refused(refusal, language))
}

fn refused(refusal: FileRefusal, language: Language) -> Problem {
    let FileRefusal { line, code, detail } = refusal;
    let detail = in_language(code, None, detail, language);
    let place = match language {
        Language::Dutch => "regel",
        Language::English => "line",
    };
    let error = FieldError::body("", Refusal::new(code, format!("{place} {line}: {detail}")));
    Problem { language: Some(language), ..error.into() }
}
