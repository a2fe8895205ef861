//! What each thread that serves requests has for itself.

use std::path::Path;

use actix_web::HttpResponse;
use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkIndex};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde::Serialize;
use uuid::Uuid;

use super::fill::framework;
use super::name::Name;
use super::seal::Cipher;
use super::token::Tokens;
use super::writer::Writer;
use super::{Error, database};

/// A connection, the key and the framework, and the queue of the thread that writes.
pub(super) struct Worker {
    pub(super) connection: Connection,
    pub(super) cipher: Cipher,
    pub(super) tokens: Tokens,
    pub(super) document: FrameworkDocument,
    pub(super) framework: FrameworkIndex,
    pub(super) writer: Writer,
}

impl Worker {
    pub(super) fn open(path: &Path, writer: Writer) -> Result<Self, Error> {
        let document = framework()?;
        Ok(Self {
            connection: database::open(path)?,
            cipher: Cipher::new(),
            tokens: Tokens::new(),
            framework: FrameworkIndex::new(&document),
            document,
            writer,
        })
    }

    /// The value sealed in a column; `None` when it is absent.
    pub(super) fn open_bytes(&self, row: &Row<'_>, column: usize) -> Result<Option<Vec<u8>>, Error> {
        let ValueRef::Blob(stored) = row.get_ref(column)? else { return Err(Error::Unreadable) };
        let value = self.cipher.open(stored)?;
        Ok((!value.is_empty()).then_some(value))
    }

    /// The text sealed in a column; `None` when it is absent.
    pub(super) fn open_text(&self, row: &Row<'_>, column: usize) -> Result<Option<String>, Error> {
        let value = self.open_bytes(row, column)?;
        value.map(|bytes| String::from_utf8(bytes).map_err(|_| Error::Unreadable)).transpose()
    }

    /// The text sealed in a column that always has one.
    pub(super) fn open_required(&self, row: &Row<'_>, column: usize) -> Result<String, Error> {
        self.open_text(row, column)?.ok_or(Error::Unreadable)
    }

    /// The name sealed in a column.
    pub(super) fn open_name(&self, row: &Row<'_>, column: usize) -> Result<Name, Error> {
        Name::read(&self.open_required(row, column)?).ok_or(Error::Unreadable)
    }
}

/// The id in a column.
pub(super) fn id(row: &Row<'_>, column: usize) -> Result<Uuid, Error> {
    let ValueRef::Blob(stored) = row.get_ref(column)? else { return Err(Error::Unreadable) };
    Uuid::from_slice(stored).map_err(|_| Error::Unreadable)
}

/// 200 with a JSON body.
pub(super) fn json(body: &impl Serialize) -> Result<HttpResponse, Error> {
    let body = serde_json::to_vec(body).map_err(|_| Error::Unreadable)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
