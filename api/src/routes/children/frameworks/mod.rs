//! Observation frameworks: what children are followed by.

mod document;

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::children::framework::{FrameworkCode, FrameworkDocument, FrameworkState, Locale};
use groeilijn_domain::values::ids::FrameworkId;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::framework::{FrameworkFilter, FrameworkSummary, StoredFramework};
use jiff::Timestamp;

use self::document::DocumentBody;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::MaintainFramework;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::http::revision::{change_on_platform, delete_on_platform};
use crate::{operations, query_params, reply_body, revised};

operations! {
    /// The operations on frameworks.
    pub fn endpoints;

    /// List the frameworks
    ///
    /// All versions of all frameworks in the order in which they were entered. Users of an institution see those that
    /// are published, the platform administrator sees the drafts too.
    GET "/frameworks" => list_frameworks: "A page of frameworks.";

    /// Enter a framework
    ///
    /// Enters a version of a framework as a draft, which nobody but the platform administrator sees until it is
    /// published (C072).
    POST "/frameworks" => create_framework: "The draft was entered.";

    /// Read a framework
    ///
    /// The whole document of one version. Users of an institution see it when it is published.
    GET "/frameworks/{frameworkId}" => read_framework: "The framework.";

    /// Replace a draft
    ///
    /// Replaces the whole document of a draft. A published framework is never changed: enter a next version.
    PUT "/frameworks/{frameworkId}" => replace_framework: "The draft as it is now.";

    /// Take away a draft
    ///
    /// A published framework stays: registrations refer to it.
    DELETE "/frameworks/{frameworkId}" => delete_framework: "The draft is gone.";

    /// Publish a draft
    ///
    /// From now on institutions see it and register with it, and it never changes again (C072).
    POST "/frameworks/{frameworkId}/_publish" => publish_framework: "The framework, published.";
}

reply_body! {
    /// One version of an observation framework. It holds nothing about any person.
    pub struct Framework {
        /// The id of this version in this language.
        id: FrameworkId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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

revised! { StoredFramework: revision; }

impl From<StoredFramework> for Framework {
    fn from(stored: StoredFramework) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            state: stored.state,
            created_at: stored.created_at,
            published_at: stored.published_at,
            document: stored.document,
        }
    }
}

impl From<FrameworkSummary> for FrameworkListItem {
    fn from(summary: FrameworkSummary) -> Self {
        let FrameworkSummary { id, code, version, locale, title, state, revision } = summary;
        Self { id, etag: ETag(revision), code, version, locale, title, state }
    }
}

query_params! {
    pub struct ListFrameworks {
        /// Only the versions of the framework with this code.
        code: Option<FrameworkCode>,
        /// Only those in this language (ISO 639-1).
        locale: Option<Locale>,
        /// How many frameworks one page has.
        page: Page<FrameworkId>,
    }
}

async fn list_frameworks(
    access: Access<part::Frameworks, action::Read, MaintainFramework>,
    query: ListFrameworks,
) -> Result<Listed<FrameworkListItem>, Problem> {
    let ListFrameworks { code, locale, page } = query;
    let (filter, after, rows) = (FrameworkFilter { code, locale }, page.after, page.rows);
    let found = match access.scope() {
        Scope::Platform => {
            access.platform().read(Cost::Rows, move |reader| reader.frameworks(&filter, after, rows)).await?
        }
        Scope::OwnGroups | Scope::OwnLocations | Scope::Institution => {
            access.tenant()?.read(Cost::Rows, move |reader| reader.frameworks(&filter, after, rows)).await?
        }
    };
    page.reply(found, |framework| framework.id, FrameworkListItem::from)
}

async fn read_framework(
    access: Access<part::Frameworks, action::Read, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfNoneMatch,
) -> Result<Shown<Framework>, Problem> {
    let framework = match access.scope() {
        Scope::Platform => access.platform().read(Cost::Scan, move |reader| reader.framework(id)).await?,
        Scope::OwnGroups | Scope::OwnLocations | Scope::Institution => {
            access.tenant()?.read(Cost::Scan, move |reader| reader.framework(id)).await?
        }
    };
    let is_final = framework.state == FrameworkState::Published;
    let shown = reply::stored_if_changed(&known, framework)?;
    Ok(if is_final { shown.kept_by_client() } else { shown })
}

async fn create_framework(
    access: Access<part::Frameworks, action::Create, MaintainFramework>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(DocumentBody(document), digest): JsonBody<DocumentBody>,
) -> Result<Created<Framework>, Problem> {
    let platform = access.platform();
    let id = FrameworkId::from_uuid(platform.environment().uuid());
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let framework = writer.create_framework(id, &document)?;
            Ok(New::at(format!("/v1/frameworks/{id}"), id, framework))
        },
        |writer, id| writer.reader().framework(id).map(View::of),
    )
    .await
}

async fn replace_framework(
    access: Access<part::Frameworks, action::Change, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
    JsonBody(DocumentBody(document), _): JsonBody<DocumentBody>,
) -> Result<Shown<Framework>, Problem> {
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().framework_revision(id),
        move |writer, revision| writer.change_framework(id, revision, &document),
    )
    .await
}

async fn publish_framework(
    access: Access<part::Frameworks, action::Change, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
) -> Result<Shown<Framework>, Problem> {
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().framework_revision(id),
        move |writer, revision| writer.publish_framework(id, revision),
    )
    .await
}

async fn delete_framework(
    access: Access<part::Frameworks, action::Delete, MaintainFramework>,
    PathId(id): PathId<FrameworkId>,
    known: IfMatch,
) -> Result<NoContent, Problem> {
    delete_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().framework_revision(id),
        move |writer, revision| writer.delete_framework(id, revision),
    )
    .await
}
