//! School files: pupils and groups as a school administration exports them (C023, C030).
//!
//! A file is parsed into raw text with line numbers; [`crate::children::import`] decides what becomes of it. What
//! may not be taken over (citizen service numbers, origin, postal codes) is dropped unread and counted; a citizen service
//! number that stands elsewhere is replaced, so that it is not kept until the import ends.

mod citizen_service_number;
mod csv;
mod edexml;
mod encoding;
pub mod field;
mod file;
mod kind;
mod lines;
mod locations;
mod table;
mod xlsx;
mod xml;

pub use self::file::{
    BrokenRow, FileFormat, FileGroup, FilePupil, FileRefusal, MAX_GROUPS, MAX_PUPILS, MAX_VALUE_BYTES,
    SchoolFile,
};

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;

/// Parses `bytes` as a school file. Memory beyond `bytes` stays within a small multiple of their number.
///
/// # Errors
/// The file is too large, in an unsupported encoding, not well-formed, something else than `format` says,
/// or holds a document type definition, which could name other files or expand without end.
pub fn parse(format: FileFormat, bytes: &[u8]) -> Result<SchoolFile, FileRefusal> {
    if bytes.len() > MAX_BYTES {
        return Err(FileRefusal::new(1, "file-too-large", "the file is larger than 50 MB"));
    }
    kind::check_bytes(format, bytes)?;
    let mut file = match format {
        FileFormat::Edexml => parse_edexml(bytes).map_err(|refusal| kind::not_xml(bytes, refusal)),
        FileFormat::Csv => parse_csv(bytes),
        FileFormat::Xlsx => xlsx::parse(bytes, MAX_BYTES),
    }?;
    citizen_service_number::forget(&mut file);
    Ok(file)
}

/// As how many bytes of a file that is not packed `bytes` count, for the memory that parsing them takes.
///
/// # Errors
/// `file-too-large` when it is more than `most`, and what tells that a workbook cannot be read.
pub fn cost(format: FileFormat, bytes: &[u8], most: usize) -> Result<usize, FileRefusal> {
    match format {
        FileFormat::Edexml | FileFormat::Csv => Ok(bytes.len()),
        FileFormat::Xlsx => {
            kind::check_bytes(format, bytes)?;
            Ok(xlsx::cost(bytes, most)?.max(bytes.len()))
        }
    }
}

fn parse_edexml(bytes: &[u8]) -> Result<SchoolFile, FileRefusal> {
    edexml::parse(&encoding::decode_xml(bytes)?)
}

fn parse_csv(bytes: &[u8]) -> Result<SchoolFile, FileRefusal> {
    let text = encoding::decode_table(bytes)?;
    kind::check_table(&text)?;
    csv::parse(&text)
}

#[cfg(test)]
mod tests;
