//! Observation frameworks: what children are followed by.

mod document;

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::Scope;
use groeilijn_domain::children::framework::{FrameworkCode, FrameworkDocument, FrameworkState, Locale};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::framework::{FrameworkFilter, FrameworkSummary, StoredFramework};
use jiff::Timestamp;

use self::document::DocumentBody;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{Created, IdempotentCreation, create_on_platform};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, delete, get, post, put};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::MaintainFramework;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body};

/// The operations on frameworks.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listFrameworks", "/frameworks", list_frameworks),
        post("createFramework", "/frameworks", create_framework),
        get("readFramework", "/frameworks/{frameworkId}", read_framework),
        put("replaceFramework", "/frameworks/{frameworkId}", replace_framework),
        delete("deleteFramework", "/frameworks/{frameworkId}", delete_framework),
        post("publishFramework", "/frameworks/{frameworkId}/_publish", publish_framework),
    ]
}

/// The operations on frameworks as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        list_frameworks,
        create_framework,
        read_framework,
        replace_framework,
        delete_framework,
        publish_framework
    ),
    components(schemas(FrameworkListItem))
)]
pub struct Documented;

reply_body! {
    /// One version of an observation framework. It holds nothing about any person.
    pub struct Framework {
        /// The id of this version in this language.
        id: FrameworkId,
        /// Whether it is a draft or published. A published one never changes (C072).
        state: FrameworkState,
        /// When it was entered, in UTC.
        created_at: Timestamp,
        /// When it was published, in UTC; null for a draft.
        published_at: Option<Timestamp>,
        /// The framework itself.
        document: FrameworkDocument,
    }
}

reply_body! {
    /// A version of an observation framework on a list.
    pub struct FrameworkListItem {
        /// The id of this version in this language.
        id: FrameworkId,
        /// Names the framework, the same in all its versions and languages.
        code: FrameworkCode,
        /// Counts from 1.
        version: u32,
        /// The language of its texts (ISO 639-1).
        locale: Locale,
        /// The name people know it by.
        title: String,
        /// Whether it is a draft or published.
        state: FrameworkState,
    }
}

impl From<StoredFramework> for Framework {
    fn from(stored: StoredFramework) -> Self {
        Self {
            id: stored.id,
            state: stored.state,
            created_at: stored.created_at,
            published_at: stored.published_at,
            document: stored.document,
        }
    }
}

impl From<FrameworkSummary> for FrameworkListItem {
    fn from(summary: FrameworkSummary) -> Self {
        let FrameworkSummary { id, code, version, locale, title, state } = summary;
        Self { id, code, version, locale, title, state }
    }
}

query_params! {
    pub struct ListFrameworks {
        /// Only the versions of the framework with this code.
        code: Option<FrameworkCode>,
        /// Only those in this language (ISO 639-1).
        locale: Option<Locale>,
        /// How many frameworks one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<FrameworkId>>,
    }
}

/// List the frameworks
///
/// All versions of all frameworks in the order in which they were entered. Users of an institution see those that
/// are published, the platform administrator sees the drafts too.
#[utoipa::path(get, path = "/frameworks", tag = "frameworks", operation_id = "listFrameworks",
    responses((status = 200, description = "A page of frameworks.", body = inline(Page<FrameworkListItem>))))]
async fn list_frameworks(
    access: Access<part::Frameworks, action::Read, MaintainFramework>,
    request: HttpRequest,
    query: ListFrameworks,
) -> Result<HttpResponse, Problem> {
    let ListFrameworks { code, locale, limit, cursor } = query;
    let (filter, after, rows) =
        (FrameworkFilter { code, locale }, cursor.map(|After(id)| id), limit.with_one_more());
    let found = match access.scope() {
        Scope::Platform => {
            access.platform().read(Cost::Rows, move |reader| reader.frameworks(filter, after, rows)).await?
        }
        Scope::OwnGroups | Scope::Institution => {
            access.tenant()?.read(Cost::Rows, move |reader| reader.frameworks(filter, after, rows)).await?
        }
    };
    reply::page_by_id(&request, found, limit, |framework| framework.id.as_uuid(), FrameworkListItem::from)
}

/// Read a framework
///
/// The whole document of one version. Users of an institution see it when it is published.
#[utoipa::path(get, path = "/frameworks/{frameworkId}", tag = "frameworks", operation_id = "readFramework",
    responses((status = 200, description = "The framework.", body = Framework)))]
async fn read_framework(
    access: Access<part::Frameworks, action::Read, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let framework = match access.scope() {
        Scope::Platform => access.platform().read(Cost::Scan, move |reader| reader.framework(id)).await?,
        Scope::OwnGroups | Scope::Institution => {
            access.tenant()?.read(Cost::Scan, move |reader| reader.framework(id)).await?
        }
    };
    let revision = framework.revision;
    reply::ok_if_changed(&known, &Framework::from(framework), revision)
}

/// Enter a framework
///
/// Enters a version of a framework as a draft, which nobody but the platform administrator sees until it is
/// published (C072).
#[utoipa::path(post, path = "/frameworks", tag = "frameworks", operation_id = "createFramework",
    request_body = DocumentBody,
    responses((status = 201, description = "The draft was entered.", body = Framework)))]
async fn create_framework(
    access: Access<part::Frameworks, action::Create, MaintainFramework>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(DocumentBody(document), digest): JsonBody<DocumentBody>,
) -> Result<HttpResponse, Problem> {
    let platform = access.platform();
    let id = FrameworkId::from_uuid(platform.environment().uuid());
    create_on_platform(IdempotentCreation::new(&request, key, &digest), &platform, move |writer| {
        let framework = writer.create_framework(id, &document)?;
        Ok(Created {
            location: format!("/v1/frameworks/{id}"),
            revision: framework.revision,
            body: Framework::from(framework),
        })
    })
    .await
}

/// Replace a draft
///
/// Replaces the whole document of a draft. A published framework is never changed: enter a next version.
#[utoipa::path(put, path = "/frameworks/{frameworkId}", tag = "frameworks", operation_id = "replaceFramework",
    request_body = DocumentBody,
    responses((status = 200, description = "The draft as it is now.", body = Framework)))]
async fn replace_framework(
    access: Access<part::Frameworks, action::Change, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
    JsonBody(DocumentBody(document), _): JsonBody<DocumentBody>,
) -> Result<HttpResponse, Problem> {
    let framework = access
        .platform()
        .write(move |writer| {
            let revision = writer.reader().framework_revision(id)?;
            known.require(revision)?;
            writer.change_framework(id, revision, &document)
        })
        .await?;
    let revision = framework.revision;
    reply::ok(&Framework::from(framework), revision)
}

/// Publish a draft
///
/// From now on institutions see it and register with it, and it never changes again (C072).
#[utoipa::path(post, path = "/frameworks/{frameworkId}/_publish", tag = "frameworks",
    operation_id = "publishFramework",
    responses((status = 200, description = "The framework, published.", body = Framework)))]
async fn publish_framework(
    access: Access<part::Frameworks, action::Change, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    let framework = access
        .platform()
        .write(move |writer| {
            let revision = writer.reader().framework_revision(id)?;
            known.require(revision)?;
            writer.publish_framework(id, revision)
        })
        .await?;
    let revision = framework.revision;
    reply::ok(&Framework::from(framework), revision)
}

/// Take away a draft
///
/// A published framework stays: registrations refer to it.
#[utoipa::path(delete, path = "/frameworks/{frameworkId}", tag = "frameworks", operation_id = "deleteFramework",
    responses((status = 204, description = "The draft is gone.")))]
async fn delete_framework(
    access: Access<part::Frameworks, action::Delete, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
) -> Result<HttpResponse, Problem> {
    access
        .platform()
        .write(move |writer| {
            let revision = writer.reader().framework_revision(id)?;
            known.require(revision)?;
            writer.delete_framework(id, revision)
        })
        .await?;
    Ok(reply::no_content())
}
