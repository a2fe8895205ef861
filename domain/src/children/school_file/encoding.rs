//! From bytes to text. Beside UTF-8, school files come in the encodings of Dutch Windows programs.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::file::FileRefusal;
use super::lines::line_at;

/// How far into a file its XML declaration may reach, in bytes.
const DECLARATION_BYTES: usize = 1024;

/// The text of an XML document: encoded as its byte order mark, else its declaration says, else UTF-8.
///
/// # Errors
/// The encoding is none of the five that are read, or the bytes are not in it.
pub(super) fn decode_xml(bytes: &[u8]) -> Result<Cow<'_, str>, FileRefusal> {
    let (encoding, mark) = match (Encoding::for_bom(bytes), bytes) {
        (Some(found), _) => found,
        (None, [b'<', 0, ..]) => (UTF_16LE, 0),
        (None, [0, b'<', ..]) => (UTF_16BE, 0),
        _ => (declared(bytes)?, 0),
    };
    decode(encoding, bytes.get(mark..).unwrap_or_default())
}

/// The text of a table: encoded as its byte order mark says, else UTF-8 if it can be, else Windows-1252.
///
/// # Errors
/// The bytes are not in the encoding that the byte order mark promises.
pub(super) fn decode_table(bytes: &[u8]) -> Result<Cow<'_, str>, FileRefusal> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode(encoding, bytes.get(mark..).unwrap_or_default());
    }
    decode(UTF_8, bytes).or_else(|_| decode(WINDOWS_1252, bytes))
}

/// The encoding that the XML declaration names. Only an encoding that contains ASCII can be declared to a
/// reader that does not know it yet, so UTF-16 without any mark of it is a contradiction.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, FileRefusal> {
    let Some(label) = declared_label(bytes) else { return Ok(UTF_8) };
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| [UTF_8, WINDOWS_1252, ISO_8859_15].contains(encoding))
        .ok_or_else(|| {
            let detail = "the declared encoding is not one of UTF-8, ISO-8859-1, ISO-8859-15 and Windows-1252, \
                          nor UTF-16 with a byte order mark";
            FileRefusal::new(1, "unsupported-encoding", detail)
        })
}

fn declared_label(bytes: &[u8]) -> Option<String> {
    let end = bytes.windows(2).take(DECLARATION_BYTES).position(|pair| pair == b"?>")? + 2;
    let declaration = str::from_utf8(bytes.get(..end)?).ok()?;
    match Reader::from_str(declaration).read_event() {
        Ok(Event::Decl(declaration)) => Some(declaration.encoding()?.ok()?.into_owned()),
        _ => None,
    }
}

fn decode<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, FileRefusal> {
    let refuse = |position| {
        let detail = format!("the file is not in the encoding it should be in, {}", encoding.name());
        FileRefusal::new(line_at(bytes, position), "wrong-encoding", detail)
    };
    if encoding == UTF_8 {
        return str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| refuse(error.valid_up_to()));
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| refuse(0))
}
