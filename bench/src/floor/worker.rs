//! What each thread that serves requests has for itself.

use std::path::Path;

use actix_web::HttpResponse;
use groeilijn_domain::audit::entry::Object;
use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkIndex};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection};
use serde::Serialize;
use uuid::Uuid;

use super::fill::framework;
use super::log::Entry;
use super::name::Name;
use super::seal::{Cipher, Place, Row};
use super::token::{Caller, SessionTokens, Tokens};
use super::writer::Writer;
use super::{Error, database};
use crate::outside::random_bytes;

/// A connection, the keys and the framework, and the queue of the thread that writes.
pub(super) struct Worker {
    pub(super) connection: Connection,
    pub(super) cipher: Cipher,
    pub(super) tokens: Tokens,
    pub(super) duties: Option<Duties>,
    pub(super) document: FrameworkDocument,
    pub(super) framework: FrameworkIndex,
    pub(super) writer: Writer,
}

/// What is asked besides, where anything is.
pub(super) struct Duties {
    pub(super) tokens: SessionTokens,
}

impl Duties {
    /// Whether a role may do what is measured.
    pub(super) fn may(&self, role: &str) -> bool {
        matches!(role, "teacher" | "administrator")
    }
}

impl Worker {
    pub(super) fn open(path: &Path, writer: Writer, duties: bool) -> Result<Self, Error> {
        let document = framework()?;
        let tokens = SessionTokens::new().filter(|_| duties);
        Ok(Self {
            connection: database::open(path)?,
            cipher: Cipher::new(duties),
            tokens: Tokens::new(),
            duties: tokens.map(|tokens| Duties { tokens }),
            framework: FrameworkIndex::new(&document),
            document,
            writer,
        })
    }

    /// The statement for whoever is asked nothing, or the one for whoever has duties.
    pub(super) fn statement(&self, [bare, dutiful]: [&str; 2]) -> Result<CachedStatement<'_>, Error> {
        Ok(self.connection.prepare_cached(if self.duties.is_some() { dutiful } else { bare })?)
    }

    /// What opens the fields of a child's row in a table.
    pub(super) fn row(&self, institution: Uuid, table: &'static str, row: Uuid, owner: Uuid) -> Row<'_> {
        self.cipher.row(Place { institution, table, row, owner })
    }

    /// An entry of the log of what somebody touched; none where there is no log.
    pub(super) fn entry(
        &self,
        caller: &Caller,
        operation: &'static str,
        objects: Vec<Object>,
        change_digest: Option<[u8; 32]>,
    ) -> Result<Option<Entry>, Error> {
        let Some(session) = caller.session else { return Ok(None) };
        let trace_id = random_bytes();
        let trace = Uuid::from_bytes(trace_id);
        let mut row = self.row(caller.institution, "audit_entry", trace, caller.user);
        Ok(Some(Entry {
            institution: caller.institution,
            actor: caller.user,
            session,
            address: row.seal("address", caller.address.as_bytes())?,
            trace_id,
            span_id: random_bytes(),
            operation,
            objects,
            change_digest,
        }))
    }

    /// Has on record what somebody saw. When this returns `Ok` it is durable.
    pub(super) async fn record(
        &self,
        caller: &Caller,
        operation: &'static str,
        objects: Vec<Object>,
    ) -> Result<(), Error> {
        match self.entry(caller, operation, objects, None)? {
            Some(entry) => self.writer.write(vec![(None, Some(entry))]).await,
            None => Ok(()),
        }
    }
}

/// Opens the fields of one row that was read.
pub(super) struct Opener<'a, 'stmt> {
    pub(super) columns: &'a rusqlite::Row<'stmt>,
    pub(super) row: Row<'a>,
}

impl Opener<'_, '_> {
    /// The value sealed in a column; `None` when it is absent.
    pub(super) fn bytes(&mut self, column: usize, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let ValueRef::Blob(stored) = self.columns.get_ref(column)? else { return Err(Error::Unreadable) };
        let value = self.row.open(name, stored)?;
        Ok((!value.is_empty()).then_some(value))
    }

    /// The text sealed in a column; `None` when it is absent.
    pub(super) fn text(&mut self, column: usize, name: &str) -> Result<Option<String>, Error> {
        let value = self.bytes(column, name)?;
        value.map(|bytes| String::from_utf8(bytes).map_err(|_| Error::Unreadable)).transpose()
    }

    /// The text sealed in a column that always has one.
    pub(super) fn required(&mut self, column: usize, name: &str) -> Result<String, Error> {
        self.text(column, name)?.ok_or(Error::Unreadable)
    }

    /// The name sealed in a column.
    pub(super) fn name(&mut self, column: usize) -> Result<Name, Error> {
        Name::read(&self.required(column, "name")?).ok_or(Error::Unreadable)
    }
}

/// The id in a column.
pub(super) fn id(row: &rusqlite::Row<'_>, column: usize) -> Result<Uuid, Error> {
    let ValueRef::Blob(stored) = row.get_ref(column)? else { return Err(Error::Unreadable) };
    Uuid::from_slice(stored).map_err(|_| Error::Unreadable)
}

/// 200 with a JSON body.
pub(super) fn json(body: &impl Serialize) -> Result<HttpResponse, Error> {
    let body = serde_json::to_vec(body).map_err(|_| Error::Unreadable)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
