//! The documents that contracts are made of, in versions that never change (C139).

use actix_web::HttpRequest;
use groeilijn_domain::institutions::contract_document::{
    DocumentFields, DocumentKind, DocumentLanguage, check_given,
};
use groeilijn_domain::values::ids::{ContractDocumentId, UserId};
use groeilijn_domain::values::text::{FreeText, Label};
use groeilijn_persistence::Cost;
use groeilijn_persistence::institutions::contract_document::StoredDocument;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::digest::Sha256Hex;
use crate::http::guard::activity::AdministerLicence;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on documents of contracts.
    pub fn endpoints;

    /// List the documents of contracts
    ///
    /// Every version that was published, the oldest first, for everybody at an institution and those who publish them.
    GET "/contract-documents" => list_contract_documents: "A page of documents.";

    /// Publish a document of contracts
    ///
    /// A version of a document, with what changed in it in plain language. It never changes, and binds no institution
    /// before it accepted it (C140): propose it with `/institutions/{institutionId}/agreements`.
    POST "/contract-documents" => publish_contract_document: "The document was published.";

    /// Read a document of contracts
    ///
    /// One version.
    GET "/contract-documents/{contractDocumentId}" => read_contract_document: "The document.";
}

request_body! {
    /// A version of a document that contracts are made of. It names nobody.
    pub struct ContractDocumentCreation {
        /// Which document: the licence agreement, the processing agreement, or one of its annexes.
        kind: DocumentKind,
        /// Which version of it.
        version: Label,
        /// In which language it is.
        language: DocumentLanguage,
        /// What changed that matters to an institution, in plain language.
        summary: FreeText,
        /// The document itself, unless it is kept elsewhere.
        text: Option<FreeText>,
        /// SHA-256 of a document that is kept elsewhere; that of a text follows from it.
        sha256: Option<Sha256Hex>,
    }

    example {
        "kind": "product-annex", "version": "2026-2", "language": "nl",
        "summary": "De thuistaal van een kind mag worden vastgelegd.", "text": "Privacybijsluiter Groeilijn.",
    }
}

reply_body! {
    /// A version of a document that contracts are made of.
    pub struct ContractDocument {
        /// The document's id.
        id: ContractDocumentId,
        /// Which document.
        kind: DocumentKind,
        /// Which version of it.
        version: Label,
        /// In which language it is.
        language: DocumentLanguage,
        /// What changed that matters to an institution, in plain language.
        summary: FreeText,
        /// The document itself; null when it is kept elsewhere.
        text: Option<FreeText>,
        /// SHA-256 of the document: of its text in UTF-8, as it is shown here.
        sha256: Sha256Hex,
        /// The member of the processor's staff who published it.
        published_by: UserId,
        /// When, in UTC.
        published_at: Timestamp,
    }
}

impl From<StoredDocument> for ContractDocument {
    fn from(stored: StoredDocument) -> Self {
        let DocumentFields { kind, version, language, summary, text, sha256 } = stored.fields;
        Self {
            id: stored.id,
            kind,
            version,
            language,
            summary,
            text,
            sha256: Sha256Hex(sha256),
            published_by: stored.published_by,
            published_at: stored.published_at,
        }
    }
}

query_params! {
    pub struct ListContractDocuments {
        /// Only versions of this document.
        kind: Option<DocumentKind>,
        /// How many documents one page has.
        page: Page<ContractDocumentId>,
    }
}

async fn list_contract_documents(
    access: Access<part::ContractDocuments, action::Read, AdministerLicence>,
    query: ListContractDocuments,
) -> Result<Listed<ContractDocument>, Problem> {
    let ListContractDocuments { kind, page } = query;
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.contract_documents(kind, page.after, page.rows))
        .await?;
    page.reply(found, |document| document.id, ContractDocument::from)
}

async fn publish_contract_document(
    access: Access<part::ContractDocuments, action::Create, AdministerLicence>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ContractDocumentCreation>,
) -> Result<Created<ContractDocument>, Problem> {
    check_given(body.text.is_some(), body.sha256.is_some())?;
    let platform = access.platform();
    let id = ContractDocumentId::from_uuid(platform.environment().uuid());
    let of_text = body.text.as_ref().map(|text| Sha256::digest(text.as_str()).into());
    let fields = DocumentFields {
        kind: body.kind,
        version: body.version,
        language: body.language,
        summary: body.summary,
        text: body.text,
        sha256: body.sha256.map(|given| given.0).or(of_text).unwrap_or_default(),
    };
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let document = writer.publish_document(id, &fields)?;
            let location = format!("/v1/contract-documents/{id}");
            Ok(New { location, ids: id, view: View::unrevised(document) })
        },
        |writer, id| writer.reader().contract_document(id).map(View::unrevised),
    )
    .await
}

async fn read_contract_document(
    access: Access<part::ContractDocuments, action::Read, AdministerLicence>,
    PathId(id): PathId<ContractDocumentId>,
) -> Result<Shown<ContractDocument>, Problem> {
    let document = access.platform().read(Cost::Rows, move |reader| reader.contract_document(id)).await?;
    reply::view(&ContractDocument::from(document))
}
