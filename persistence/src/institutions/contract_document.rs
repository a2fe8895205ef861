//! The documents that contracts are made of (C139). They are the platform's, and name nobody.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::contract_document::{DocumentFields, DocumentKind, DocumentLanguage};
use groeilijn_domain::values::ids::{ContractDocumentId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{FreeText, Label};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use jiff::Timestamp;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::schema::contract_document;

/// A version of a document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its id.
    pub id: ContractDocumentId,
    /// What it is.
    pub fields: DocumentFields,
    /// Who published it.
    pub published_by: UserId,
    /// When, in UTC.
    pub published_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = contract_document)]
struct DocumentRow {
    id: ContractDocumentId,
    kind: DocumentKind,
    version: String,
    language: DocumentLanguage,
    summary: String,
    text: Option<String>,
    sha256: Vec<u8>,
    published_by: UserId,
    published_at: Timestamp,
}

impl DocumentRow {
    fn read(self) -> Result<StoredDocument> {
        Ok(StoredDocument {
            id: self.id,
            fields: DocumentFields {
                kind: self.kind,
                version: Label::kept(self.version),
                language: self.language,
                summary: FreeText::kept(self.summary),
                text: self.text.map(FreeText::kept),
                sha256: self.sha256.try_into().map_err(|_| Error::internal("a digest has 32 bytes"))?,
            },
            published_by: self.published_by,
            published_at: self.published_at,
        })
    }
}

/// One version of a document.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) fn load(connection: &mut AnyConnection, id: ContractDocumentId) -> Result<StoredDocument> {
    let row: DocumentRow = contract_document::table
        .filter(contract_document::id.is(id))
        .select(columns::<DocumentRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    row.read()
}

impl PlatformReader<'_> {
    /// Versions of documents in the order in which they were published, after the one with id `after`; only those of one
    /// kind, if it is given.
    pub fn contract_documents(
        &mut self,
        kind: Option<DocumentKind>,
        after: Option<ContractDocumentId>,
        limit: i64,
    ) -> Result<Vec<StoredDocument>> {
        let after = page_start(after);
        let rows: Vec<DocumentRow> = load_boxed!(&mut *self.connection, {
            let query = contract_document::table
                .filter(contract_document::id.after(after))
                .order(contract_document::id)
                .limit(limit)
                .select(columns::<DocumentRow>())
                .into_boxed();
            match kind {
                Some(kind) => query.filter(contract_document::kind.is(kind)),
                None => query,
            }
        })?;
        rows.into_iter().map(DocumentRow::read).collect()
    }

    /// One version of a document.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn contract_document(&mut self, id: ContractDocumentId) -> Result<StoredDocument> {
        load(self.connection, id)
    }
}

impl PlatformWriter<'_> {
    /// Publishes a version of a document. It never changes.
    ///
    /// # Errors
    /// [`Error::Conflict`] `already-exists` when there is such a version.
    pub fn publish_document(
        &mut self,
        id: ContractDocumentId,
        fields: &DocumentFields,
    ) -> Result<StoredDocument> {
        let (published_by, published_at) = (self.actor()?.user, self.now());
        let same = contract_document::table
            .filter(contract_document::kind.is(fields.kind))
            .filter(contract_document::version.eq(fields.version.as_str()))
            .filter(contract_document::language.is(fields.language));
        if diesel::select(diesel::dsl::exists(same)).get_result(self.connection)? {
            let detail = "This version was published already, and never changes.";
            return Err(Error::Conflict(Refusal::new("already-exists", detail)));
        }
        diesel::insert_into(contract_document::table)
            .values((
                contract_document::id.is(id),
                contract_document::kind.is(fields.kind),
                contract_document::version.eq(fields.version.as_str()),
                contract_document::language.is(fields.language),
                contract_document::summary.eq(fields.summary.as_str()),
                contract_document::text.eq(fields.text.as_ref().map(FreeText::as_str)),
                contract_document::sha256.eq(fields.sha256.as_slice()),
                contract_document::published_by.is(published_by),
                contract_document::published_at.is(published_at),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::ContractDocument, id.as_uuid());
        load(self.connection, id)
    }
}
