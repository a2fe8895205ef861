//! Imports of school files (C023, C030): a file is examined when it is sent, and carried out when that is asked.

mod replies;
mod upload;

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::import::Outcome;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::ImportId;
use groeilijn_persistence::Cost;

use self::replies::{AfterLine, Import, ImportLine};
use self::upload::{Parsed, Upload};
use crate::http::access::{Access, action, part};
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::query_params;

/// How long sending and examining a file may take.
const TIME_TO_EXAMINE: Duration = Duration::from_secs(300);

/// The operations on imports.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listImports", "/imports", list_imports),
        post("createImport", "/imports", create_import).within(TIME_TO_EXAMINE),
        get("readImport", "/imports/{importId}", read_import),
        get("listImportLines", "/imports/{importId}/lines", list_import_lines),
        post("applyImport", "/imports/{importId}/_apply", apply_import),
    ]
}

/// The operations on imports as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list_imports, create_import, read_import, list_import_lines, apply_import),
    components(schemas(ImportLine))
)]
pub struct Documented;

query_params! {
    struct ListImports {
        /// How many imports one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<ImportId>>,
    }
}

query_params! {
    struct CreateImport {
        /// The school year of the groups in the file, for a file that does not say so; the present one when absent.
        school_year: Option<SchoolYear>,
    }
}

query_params! {
    struct ListImportLines {
        /// Only the records with this outcome.
        outcome: Option<Outcome>,
        /// How many records one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<AfterLine>,
    }
}

/// List the imports
///
/// The imports of the institution, in the order in which the files were sent.
#[utoipa::path(get, path = "/imports", tag = "imports", operation_id = "listImports",
    responses((status = 200, description = "A page of imports.", body = inline(Page<Import>))))]
async fn list_imports(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    request: HttpRequest,
    query: ListImports,
) -> Result<HttpResponse, Problem> {
    let ListImports { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.imports(after, limit.with_one_more())).await?;
    reply::page_by_id(&request, found, limit, |import| import.id.as_uuid(), Import::from)
}

/// A school file as it is, in the encoding that it has.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes what is read as a stream")]
struct SchoolFile(Vec<u8>);

/// Send a school file to be examined
///
/// A dry run: the file is read and held against the pupils and groups that there are, and the report says what
/// would become of each record. Nothing else changes until `applyImport`. Citizen service numbers, origin and
/// postal codes are dropped unread (C030); the file itself is not kept. A file that cannot be read as a whole is
/// refused with the line where reading stopped.
#[utoipa::path(post, path = "/imports", tag = "imports", operation_id = "createImport",
    request_body(description = "The file: EDEXML 2.1, or a table whose first row names the columns.",
        content(
            (SchoolFile = "application/xml", example = "<EDEX>…</EDEX>"),
            (SchoolFile = "text/xml", example = "<EDEX>…</EDEX>"),
            (SchoolFile = "text/csv", example = "voornaam;achternaam;geslacht;geboortedatum;groep\nNoor;Verzinsel;meisje;14-03-2022;De Vlinders\n"))),
    responses((status = 201, description = "The file was examined.", body = Import)))]
async fn create_import(
    access: Access<part::Imports, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    query: CreateImport,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let Parsed { format, file, digest, room } = upload.parse().await?;
    let school_year = query.school_year;
    let examined = tenant.read(Cost::Scan, move |reader| reader.examine(file, school_year)).await?;
    drop(room);
    let id = ImportId::from_uuid(tenant.environment().uuid());
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let import = writer.create_import(id, format, examined)?;
        Ok(Created { location: location(id), revision: import.revision, body: Import::from(import) })
    })
    .await
}

/// Read an import
///
/// How far an import is, and how many records meet each outcome. While it is carried out this is what to ask again.
#[utoipa::path(get, path = "/imports/{importId}", tag = "imports", operation_id = "readImport",
    responses((status = 200, description = "The import.", body = Import)))]
async fn read_import(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let import = access.tenant()?.read(Cost::Rows, move |reader| reader.import(id)).await?;
    let revision = import.revision;
    reply::ok_if_changed(&known, &Import::from(import), revision)
}

/// List what becomes of the records of a file
///
/// The report of an import: first the groups, then the pupils, each in the order of the file. A record is known by
/// its line; no names are in the report.
#[utoipa::path(get, path = "/imports/{importId}/lines", tag = "imports", operation_id = "listImportLines",
    responses((status = 200, description = "A page of the report.", body = inline(Page<ImportLine>))))]
async fn list_import_lines(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    request: HttpRequest,
    PathId(id): PathId<ImportId>,
    query: ListImportLines,
) -> Result<HttpResponse, Problem> {
    let ListImportLines { outcome, limit, cursor } = query;
    let from = cursor.map_or(0, AfterLine::place);
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.import_lines(id, outcome, from, limit.get() + 1))
        .await?;
    let next = found
        .get(limit.get())
        .and_then(|_| found.get(limit.get() - 1))
        .map(|(place, _)| AfterLine::cursor(*place));
    let lines = found.into_iter().take(limit.get()).map(|(_, line)| ImportLine::from(line)).collect();
    reply::page(&request, lines, next.as_ref())
}

/// Carry out an import
///
/// Queues the import; the reply's `Location` tells how far it is. The file is planned again with what is stored
/// then, by the same rules, and carried out as a whole or not at all. The same file carried out twice changes
/// nothing the second time.
#[utoipa::path(post, path = "/imports/{importId}/_apply", tag = "imports", operation_id = "applyImport",
    responses((status = 202, description = "The import will be carried out.", body = Import)))]
async fn apply_import(
    access: Access<part::Imports, action::Change, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    let import = access
        .tenant()?
        .write(move |writer| {
            let stored = writer.import(id)?;
            known.require(stored.revision)?;
            writer.queue_import(id, stored.revision)
        })
        .await?;
    access.state().new_job.notify_one();
    reply::accepted(&location(id), &Import::from(import))
}

fn location(id: ImportId) -> String {
    format!("/v1/imports/{id}")
}
