//! Imports of school files (C023, C030): a file is examined when it is sent, and carried out when that is asked.

mod replies;
mod upload;

use std::time::Duration;

use actix_web::HttpRequest;
use groeilijn_domain::children::import::{Answers, Outcome};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{ImportId, PupilId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::import::Confirmed;

use self::replies::{ImportLine, SchoolFileImport, Told};
use self::upload::{Parsed, Upload};
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::language::AcceptLanguage;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Accepted, Created, Listed, Shown};
use crate::routes::children::pupils::RosterEntry;
use crate::{operations, query_params, request_body};

/// How long sending and examining a file may take: the largest one at the least speed takes seven minutes.
const TIME_TO_EXAMINE: Duration = Duration::from_secs(600);

operations! {
    /// The operations on imports.
    pub fn endpoints;

    /// List the imports
    ///
    /// The imports of the institution, in the order in which the files were sent.
    GET "/imports" => list_imports: "A page of imports.";

    /// Send a school file to be examined
    ///
    /// A dry run: the file is read and held against the pupils and groups that there are, and the report says what
    /// would become of each record. Nothing else changes until `applyImport`. Citizen service numbers, origin and
    /// postal codes are dropped unread (C030); the file itself is not kept. What it says is kept under a
    /// key of its own, which is destroyed when the import was carried out or failed, or nobody had it carried out for 14
    /// days. With 409 `unreadable-records` something that is stored is damaged, so that nobody can tell who is in the
    /// file already. A file that cannot be read as a whole is
    /// refused with the line where reading stopped.
    POST "/imports" => create_import: "The file was examined."
        .within(TIME_TO_EXAMINE);

    /// Read an import
    ///
    /// How far an import is, and how many records meet each outcome. While it is carried out this is what to ask again.
    GET "/imports/{importId}" => read_import: "The import.";

    /// List what becomes of the records of a file
    ///
    /// The report of an import: first the groups, then the pupils, each in the order of the file. A record is known by
    /// its line and by the name that the file gives. The sentences are in Dutch or English. It is there for 14 days after the import was carried out or failed, and is
    /// empty afterwards: `reportUntil` of the import tells.
    GET "/imports/{importId}/lines" => list_import_lines: "A page of the report.";

    /// List who is missing from a file
    ///
    /// The pupils who are in a group and in no record of the file: they left, the file is not whole, or a number was mistyped.
    /// Nothing happens with them. It is there as long as the report; those who are gone by now are left out.
    GET "/imports/{importId}/missing-pupils" => list_missing_pupils: "A page of pupils.";

    /// Carry out an import
    ///
    /// Queues the import; the reply's `Location` tells how far it is. The file is planned again with what is stored
    /// then, by the same rules, and carried out as a whole or not at all. The same file carried out twice changes
    /// nothing the second time. Once it was carried out, failed or lapsed its file is gone: send it again. The body can be
    /// left out unless the import has `groupsToConfirm`: each of these is named in `newGroups` by somebody who saw that it
    /// is a new group and no mistyped name, or the answer is 409 `groups-not-confirmed`.
    ///
    /// A record of which nobody can tell whether its child is there already (`may-exist-already`) is left alone, unless
    /// `samePupils` says which of the proposed children it is, or `otherPupils` that it is another one. A file of another school
    /// (`other-school` in `remarks`) wants `otherSchool`, or the answer is 409 `other-school-not-confirmed`.
    POST "/imports/{importId}/_apply" => apply_import: "The import will be carried out.";
}

request_body! {
    /// What is confirmed of an import that is to be carried out.
    pub struct ImportConfirmation {
        /// Names of groups that are really to be made, as in `groupsToConfirm` of the import. Others than these change
        /// nothing.
        new_groups: Option<Vec<Label>>,
        /// Records about a child who is there already, each once.
        same_pupils: Option<Vec<SamePupil>>,
        /// Numbers of records about another child than the proposed ones.
        other_pupils: Option<Vec<u64>>,
        /// Whether a file of another school is meant.
        other_school: Option<bool>,
    }
}

request_body! {
    /// A record about a child who is there already.
    pub struct SamePupil {
        /// The record's number among the pupils of the file, as in its line of the report.
        number: u64,
        /// The child: one of `proposedPupilIds`.
        pupil_id: PupilId,
    }
}

impl From<ImportConfirmation> for Confirmed {
    fn from(body: ImportConfirmation) -> Self {
        let new_groups = body.new_groups.unwrap_or_default();
        let (same, other) = (body.same_pupils.unwrap_or_default(), body.other_pupils.unwrap_or_default());
        Self {
            new_groups: new_groups.into_iter().map(|name| name.as_str().to_owned()).collect(),
            other_school: body.other_school.unwrap_or_default(),
            answers: Answers {
                same: same.into_iter().map(|same| (same.number, same.pupil_id)).collect(),
                other: other.into_iter().map(|number| (number, Vec::new())).collect(),
            },
        }
    }
}

query_params! {
    struct ListImports {
        /// How many imports one page has.
        page: Page<ImportId>,
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
        page: Page<u32>,
    }
}

query_params! {
    struct ListMissingPupils {
        /// How many pupils one page has.
        page: Page<PupilId>,
    }
}

async fn list_imports(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    language: AcceptLanguage,
    query: ListImports,
) -> Result<Listed<SchoolFileImport>, Problem> {
    let ListImports { page } = query;
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.imports(page.after, page.rows)).await?;
    let AcceptLanguage(language) = language;
    let told =
        page.reply(found, |import| import.id, |import| SchoolFileImport::from(Told(import, language)))?;
    Ok(told.in_language(language))
}

async fn create_import(
    access: Access<part::Imports, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    AcceptLanguage(language): AcceptLanguage,
    query: CreateImport,
    upload: Upload,
) -> Result<Created<SchoolFileImport>, Problem> {
    let tenant = access.tenant()?;
    let arrived = upload.receive(&access.state().upload_room, tenant.institution()).await?;
    // The room is taken until the file is entered.
    let Parsed { format, file, digest, room: _room } = arrived.parse(language).await?;
    let school_year = query.school_year;
    let (entering, examined) = tenant.examine(file, school_year).await?;
    create(
        IdempotentCreation::new(&request, key, &digest),
        &entering,
        move |writer| {
            let import = writer.create_import(format, examined)?;
            Ok(New::at(location(import.id), import.id, Told(import, language)))
        },
        move |writer, id| writer.import(id).map(|import| View::of(Told(import, language))),
    )
    .await
    .map(|created: Created<SchoolFileImport>| created.in_language(language))
}

async fn read_import(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    known: IfNoneMatch,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Shown<SchoolFileImport>, Problem> {
    let import = access.tenant()?.read(Cost::Rows, move |reader| reader.import(id)).await?;
    let told = Told(import, language);
    // The tag names the revision, and not the language of a remark.
    let shown: Shown<SchoolFileImport> = if told.remarks().is_empty() {
        reply::stored_if_changed(&known, told)?
    } else {
        reply::stored(told)?
    };
    Ok(shown.in_language(language))
}

async fn list_import_lines(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    AcceptLanguage(language): AcceptLanguage,
    query: ListImportLines,
) -> Result<Listed<ImportLine>, Problem> {
    let ListImportLines { outcome, page } = query;
    let number = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
    let from = page.after.map_or(0, |place| number(place).saturating_add(1));
    let most = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.import_lines(id, outcome, from, most)).await?;
    let told = page.reply(
        found,
        |(place, _)| u32::try_from(*place).unwrap_or(u32::MAX),
        |(_, line)| ImportLine::from(Told(line, language)),
    )?;
    Ok(told.in_language(language))
}

async fn list_missing_pupils(
    access: Access<part::Imports, action::Read, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    query: ListMissingPupils,
) -> Result<Listed<RosterEntry>, Problem> {
    let ListMissingPupils { page } = query;
    let most = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let found =
        access.tenant()?.read(Cost::Rows, move |reader| reader.missing_pupils(id, page.after, most)).await?;
    page.reply(found, |pupil| pupil.id, RosterEntry::from)
}

async fn apply_import(
    access: Access<part::Imports, action::Change, AdministerPupils>,
    PathId(id): PathId<ImportId>,
    known: IfMatch,
    AcceptLanguage(language): AcceptLanguage,
    body: Option<JsonBody<ImportConfirmation>>,
) -> Result<Accepted<SchoolFileImport>, Problem> {
    let tenant = access.tenant()?;
    let confirmed = body.map(|JsonBody(body, _)| Confirmed::from(body)).unwrap_or_default();
    let queued = tenant.write(move |writer| {
        let stored = writer.import(id)?;
        known.require(stored.revision)?;
        writer.queue_import(id, stored.revision, &confirmed)
    });
    let import = queued.await?;
    access.state().new_job.notify_one();
    let accepted = reply::accepted(&location(id), &SchoolFileImport::from(Told(import, language)))?;
    Ok(accepted.in_language(language))
}

fn location(id: ImportId) -> String {
    format!("/v1/imports/{id}")
}
