//! The sealed parts of an import: what the file says, what became of its lines, what else there is to say.
//!
//! A part is sealed before the transaction that writes it, and none is so large that opening it is felt. What the file says
//! and what became of it have keys of their own ([`ImportKeys`]): the one ends with the file, the other outlives it.

use std::io::{self, Write};

use groeilijn_domain::children::import::{Answers, Outcome};
use groeilijn_domain::children::school_file::SchoolFile;
use groeilijn_domain::values::ids::ImportId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyOwner;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::facts::Notices;
use super::report::ReportLine;
use crate::children::key_owner;
use crate::children::schema::import_part;
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "import_part";
const COLUMN: &str = "content";

/// How many bytes of the file one part holds at most.
const FILE_BYTES: usize = 1 << 20;
/// How many lines of the report one part holds at most.
const REPORT_LINES: usize = 1_000;

/// What a part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    /// A piece of the file's content as JSON: the pieces in order are the document.
    File,
    /// The [`Answers`] of whoever has it carried out, as JSON; there is at most one such part.
    Answers,
    /// Lines of the report as a JSON array.
    Report,
    /// The [`Notices`] as JSON; there is one such part.
    Notices,
}

impl PartKind {
    /// Its name in the database.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Answers => "answers",
            Self::Report => "report",
            Self::Notices => "notices",
        }
    }
}

/// Whose keys protect the parts of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ImportKeys {
    pub(super) id: ImportId,
    pub(super) report: Uuid,
}

impl ImportKeys {
    /// Whose key protects what the file says.
    pub(super) const fn file(self) -> KeyOwner {
        key_owner::school_file(self.id)
    }

    /// Whose key protects what became of it.
    pub(super) const fn report(self) -> KeyOwner {
        key_owner::school_file_report(self.report)
    }

    const fn of(self, kind: PartKind) -> KeyOwner {
        match kind {
            PartKind::File | PartKind::Answers => self.file(),
            PartKind::Report | PartKind::Notices => self.report(),
        }
    }
}

/// A part that was sealed before the transaction that writes it.
struct ReadyPart {
    id: Uuid,
    kind: PartKind,
    number: i32,
    content: Vec<u8>,
}

/// The sealed parts of one import, and the digest of what was sealed.
pub(super) struct ReadyParts {
    keys: ImportKeys,
    parts: Vec<ReadyPart>,
    digest: Sha256,
}

impl ReadyParts {
    /// None yet, to be sealed under these keys.
    pub(super) fn under(keys: ImportKeys) -> Self {
        Self { keys, parts: Vec::new(), digest: Sha256::new() }
    }

    /// Whose keys they were sealed under.
    pub(super) fn keys(&self) -> ImportKeys {
        self.keys
    }

    /// Seals what the file says.
    pub(super) fn file(&mut self, reader: &TenantReader<'_>, file: &SchoolFile) -> Result<()> {
        let piece = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
        let mut pieces = Pieces { parts: self, reader, piece, number: 0 };
        serde_json::to_writer(&mut pieces, file).map_err(Error::internal)?;
        pieces.seal()
    }

    /// Seals what was said of records that may be about a child who is there.
    pub(super) fn answers(&mut self, reader: &TenantReader<'_>, answers: &Answers) -> Result<()> {
        self.json(reader, PartKind::Answers, 0, answers)
    }

    /// Seals the report.
    pub(super) fn report(&mut self, reader: &TenantReader<'_>, lines: &[ReportLine]) -> Result<()> {
        for (number, lines) in (0..).zip(lines.chunks(REPORT_LINES)) {
            self.json(reader, PartKind::Report, number, &lines)?;
        }
        Ok(())
    }

    /// Seals the notices.
    pub(super) fn notices(&mut self, reader: &TenantReader<'_>, notices: &Notices) -> Result<()> {
        self.json(reader, PartKind::Notices, 0, notices)
    }

    fn json(
        &mut self,
        reader: &TenantReader<'_>,
        kind: PartKind,
        number: i32,
        value: &impl Serialize,
    ) -> Result<()> {
        let document = Zeroizing::new(serde_json::to_vec(value).map_err(Error::internal)?);
        self.bytes(reader, kind, number, &document)
    }

    fn bytes(
        &mut self,
        reader: &TenantReader<'_>,
        kind: PartKind,
        number: i32,
        content: &[u8],
    ) -> Result<()> {
        let id = reader.environment().uuid();
        let mut row = reader.sealer(TABLE, id, self.keys.of(kind))?;
        let content = row.bytes(COLUMN, Some(content));
        self.digest.update(row.digest());
        self.parts.push(ReadyPart { id, kind, number, content });
        Ok(())
    }
}

/// Cuts what is written into pieces and seals each, so that the whole is never in memory as text.
struct Pieces<'a, 'c> {
    parts: &'a mut ReadyParts,
    reader: &'a TenantReader<'c>,
    piece: Zeroizing<Vec<u8>>,
    number: i32,
}

impl Pieces<'_, '_> {
    fn seal(&mut self) -> Result<()> {
        self.parts.bytes(self.reader, PartKind::File, self.number, &self.piece)?;
        self.number += 1;
        self.piece.clear();
        Ok(())
    }
}

impl Write for Pieces<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == FILE_BYTES {
            self.seal().map_err(io::Error::other)?;
        }
        let (fits, _) = bytes.split_at(bytes.len().min(FILE_BYTES - self.piece.len()));
        self.piece.extend_from_slice(fits);
        Ok(fits.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TenantReader<'_> {
    /// What the file of an import says.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was carried out: the file is then gone.
    pub(super) fn import_file(&mut self, keys: ImportKeys) -> Result<SchoolFile> {
        let mut document = Zeroizing::new(Vec::new());
        let mut number = 0;
        while let Some(piece) = self.part(keys, PartKind::File, number)? {
            document.extend_from_slice(&piece);
            number += 1;
        }
        if number == 0 {
            return Err(Error::NotFound);
        }
        serde_json::from_slice(&document).map_err(|_| Error::Unreadable(TABLE))
    }

    /// What was said of records that may be about a child who is there, when the import was left to be carried out.
    pub(super) fn answers(&mut self, keys: ImportKeys) -> Result<Answers> {
        let Some(content) = self.part(keys, PartKind::Answers, 0)? else { return Ok(Answers::default()) };
        serde_json::from_slice(&content).map_err(|_| Error::Unreadable(TABLE))
    }

    /// What else there is to say about the file of an import; nothing any more once its time is over.
    pub(super) fn notices(&mut self, keys: ImportKeys) -> Result<Option<Notices>> {
        let content = match self.part(keys, PartKind::Notices, 0) {
            Ok(Some(content)) => content,
            Ok(None) | Err(Error::Destroyed) => return Ok(None),
            Err(error) => return Err(error),
        };
        serde_json::from_slice(&content).map(Some).map_err(|_| Error::Unreadable(TABLE))
    }

    /// Lines of an import's report with their places in it, from the place `from`: at most `limit` of them, and
    /// only those with one outcome, if it is given. A part that is damaged is passed over, with all its lines.
    pub(super) fn report_lines(
        &mut self,
        keys: ImportKeys,
        outcome: Option<Outcome>,
        from: usize,
        limit: usize,
    ) -> Result<Vec<(usize, ReportLine)>> {
        let mut found = Vec::with_capacity(limit);
        let mut number = from / REPORT_LINES;
        while found.len() < limit {
            let part = i32::try_from(number).map_err(|_| Error::NotFound)?;
            let lines = self.report_part(keys, part);
            let lines = match self.readable(format_args!("{} {part}", keys.id), lines)? {
                Some(Some(lines)) => lines,
                Some(None) => break,
                None => Vec::new(),
            };
            let wanted = (number * REPORT_LINES..).zip(lines).filter(|(place, line)| {
                *place >= from && outcome.is_none_or(|outcome| line.outcome == outcome)
            });
            found.extend(wanted.take(limit - found.len()));
            number += 1;
        }
        Ok(found)
    }

    /// The lines in one part of the report; none when it has no such part.
    fn report_part(&mut self, keys: ImportKeys, number: i32) -> Result<Option<Vec<ReportLine>>> {
        let Some(content) = self.part(keys, PartKind::Report, number)? else { return Ok(None) };
        serde_json::from_slice(&content).map(Some).map_err(|_| Error::Unreadable(TABLE))
    }

    fn part(&mut self, keys: ImportKeys, kind: PartKind, number: i32) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let row: Option<(Uuid, Vec<u8>)> = import_part::table
            .filter(import_part::institution_id.is(self.institution()))
            .filter(import_part::import_id.is(keys.id))
            .filter(import_part::kind.eq(kind.code()))
            .filter(import_part::number.eq(number))
            .select((import_part::id, import_part::content))
            .first(self.connection)
            .optional()?;
        let Some((row, content)) = row else { return Ok(None) };
        self.opener(TABLE, row, keys.of(kind)).bytes(COLUMN, &content)
    }
}

impl TenantWriter<'_> {
    /// Enters the parts of an import.
    pub(super) fn insert_parts(&mut self, ready: ReadyParts) -> Result<()> {
        let (institution, import) = (self.institution(), ready.keys.id);
        for part in ready.parts {
            diesel::insert_into(import_part::table)
                .values((
                    import_part::institution_id.is(institution),
                    import_part::id.is(part.id),
                    import_part::import_id.is(import),
                    import_part::kind.eq(part.kind.code()),
                    import_part::number.eq(part.number),
                    import_part::content.eq(part.content),
                ))
                .execute(self.connection)?;
        }
        self.sealed_before(&ready.digest.finalize().into());
        Ok(())
    }

    /// Takes away the parts of these kinds of an import, and says whether there were any.
    pub(super) fn delete_parts(&mut self, import: ImportId, kinds: &[PartKind]) -> Result<bool> {
        let own = import_part::table
            .filter(import_part::institution_id.is(self.institution()))
            .filter(import_part::import_id.is(import))
            .filter(import_part::kind.eq_any(kinds.iter().map(|kind| kind.code())));
        Ok(diesel::delete(own).execute(self.connection)? > 0)
    }
}
