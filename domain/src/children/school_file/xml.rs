//! A guarded walk through an XML document: element by element, within limits, without a document type.

use std::borrow::Cow;

use quick_xml::errors::{Error, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::file::{FileRefusal, MAX_VALUE_BYTES};
use super::lines::{Lines, line_at};

/// Deepest nesting of elements; EDEXML itself needs eight.
const MAX_DEPTH: usize = 32;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 64;
/// Longest attributes of one element together, in bytes.
const MAX_ATTRIBUTE_BYTES: usize = 16 * 1024;

/// A document being walked through from front to back.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a [u8],
    depth: usize,
    lines: Lines<'a>,
    /// The line at which the reader is.
    line: u64,
}

/// The opening tag of an element.
pub(super) struct Element<'a> {
    start: BytesStart<'a>,
    /// The line on which the element starts, from 1.
    pub(super) line: u64,
}

enum Node<'a> {
    Open(Element<'a>),
    Text(Cow<'a, str>),
    Close,
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, text: text.as_bytes(), depth: 0, lines: Lines::of(text.as_bytes()), line: 1 }
    }

    /// The root element.
    ///
    /// # Errors
    /// There is none, or something else precedes it.
    pub(super) fn root(&mut self) -> Result<Element<'a>, FileRefusal> {
        loop {
            match self.node()? {
                Some(Node::Open(element)) => return Ok(element),
                Some(Node::Text(text)) if text.trim().is_empty() => {}
                _ => return Err(self.malformed("the file is not an XML document")),
            }
        }
    }

    /// Checks that nothing follows the root element.
    ///
    /// # Errors
    /// Something does.
    pub(super) fn finish(&mut self) -> Result<(), FileRefusal> {
        while let Some(node) = self.node()? {
            if !matches!(&node, Node::Text(text) if text.trim().is_empty()) {
                return Err(self.malformed("something follows the root element"));
            }
        }
        Ok(())
    }

    /// The next child of the element that is open, or none once that element is closed. A child that is
    /// returned is open in its turn: read it to its end with one of these three methods.
    ///
    /// # Errors
    /// The document is not well-formed or breaks a limit; so for the two methods below.
    pub(super) fn next_child(&mut self) -> Result<Option<Element<'a>>, FileRefusal> {
        loop {
            match self.node()? {
                Some(Node::Open(element)) => return Ok(Some(element)),
                Some(Node::Text(_)) => {}
                Some(Node::Close) | None => return Ok(None),
            }
        }
    }

    /// The trimmed text of the element that is open, up to its end; none if there is none.
    pub(super) fn text(&mut self) -> Result<Option<String>, FileRefusal> {
        let mut text = String::new();
        loop {
            match self.node()? {
                Some(Node::Text(piece)) if text.len() + piece.len() > MAX_VALUE_BYTES => {
                    let detail = "the text of an element is longer than 64 KiB";
                    return Err(FileRefusal::new(self.line, "text-too-long", detail));
                }
                Some(Node::Text(piece)) => text.push_str(&piece),
                Some(Node::Open(_)) => self.skip()?,
                Some(Node::Close) | None => break,
            }
        }
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// Leaves the element that is open unread, up to its end.
    pub(super) fn skip(&mut self) -> Result<(), FileRefusal> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside && self.node()?.is_some() {}
        Ok(())
    }

    /// The next thing that carries meaning, or none at the end of a complete document.
    fn node(&mut self) -> Result<Option<Node<'a>>, FileRefusal> {
        loop {
            self.count_lines();
            match self.reader.read_event().map_err(|error| self.refusal(&error))? {
                Event::Start(start) => return self.open(start).map(Some),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Node::Close));
                }
                Event::Text(text) => return self.checked(text.xml10_content()).map(Some),
                Event::CData(text) => return self.checked(text.xml10_content()).map(Some),
                Event::GeneralRef(reference) => return self.resolve(&reference).map(Some),
                Event::DocType(_) => return Err(self.document_type()),
                Event::Eof if self.depth > 0 => {
                    return Err(self.malformed("the file ends inside an element"));
                }
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn open(&mut self, start: BytesStart<'a>) -> Result<Node<'a>, FileRefusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FileRefusal::new(self.line, "too-deep", "elements are nested deeper than 32"));
        }
        if start.attributes_raw().len() > MAX_ATTRIBUTE_BYTES {
            let detail = "the attributes of an element are longer than 16 KiB";
            return Err(FileRefusal::new(self.line, "attributes-too-long", detail));
        }
        for (number, attribute) in start.attributes().enumerate() {
            if number >= MAX_ATTRIBUTES {
                let detail = "an element has more than 64 attributes";
                return Err(FileRefusal::new(self.line, "too-many-attributes", detail));
            }
            attribute.map_err(|_| self.malformed("the attributes of an element are not well-formed"))?;
        }
        Ok(Node::Open(Element { start, line: self.line }))
    }

    fn checked(&self, text: Cow<'a, str>) -> Result<Node<'a>, FileRefusal> {
        if text.chars().all(is_xml_char) {
            return Ok(Node::Text(text));
        }
        Err(self.malformed("the file holds a character that XML does not allow"))
    }

    /// Resolves a character reference or one of the five entities that XML predefines.
    fn resolve(&self, reference: &BytesRef<'_>) -> Result<Node<'a>, FileRefusal> {
        let unknown = || {
            let detail = "the file refers to an entity other than the five that XML predefines";
            FileRefusal::new(self.line, "unknown-entity", detail)
        };
        match reference.resolve_char_ref() {
            Ok(Some(char)) => self.checked(char.to_string().into()),
            Ok(None) => resolve_xml_entity(reference).map(|text| Node::Text(text.into())).ok_or_else(unknown),
            Err(_) => Err(self.malformed("a character reference names no character")),
        }
    }

    fn count_lines(&mut self) {
        self.line = self.lines.at(position(self.reader.buffer_position()));
    }

    fn malformed(&self, detail: &'static str) -> FileRefusal {
        FileRefusal::new(self.line, "not-well-formed", detail)
    }

    fn document_type(&self) -> FileRefusal {
        FileRefusal::new(
            self.line,
            "doctype-not-allowed",
            "a document type definition (DOCTYPE) is not allowed",
        )
    }

    /// The parser's own message may quote the file, so only its kind is used.
    fn refusal(&self, error: &Error) -> FileRefusal {
        if matches!(error, Error::Syntax(SyntaxError::UnclosedDoctype)) {
            return self.document_type();
        }
        let line = line_at(self.text, position(self.reader.error_position()));
        FileRefusal::new(line, "not-well-formed", "the file is not well-formed XML")
    }
}

impl Element<'_> {
    /// The name as it is written.
    pub(super) fn name(&self) -> &str {
        self.start.name().into_inner()
    }

    /// The trimmed value of an attribute; none if it is absent or empty.
    ///
    /// # Errors
    /// The value refers to an entity that XML does not predefine or holds a forbidden character.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, FileRefusal> {
        let refuse = || {
            let detail = "the attributes of an element are not well-formed";
            FileRefusal::new(self.line, "not-well-formed", detail)
        };
        let Some(attribute) = self.start.try_get_attribute(name).map_err(|_| refuse())? else {
            return Ok(None);
        };
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| refuse())?;
        if !value.chars().all(is_xml_char) {
            return Err(refuse());
        }
        let value = value.trim();
        Ok((!value.is_empty()).then(|| value.to_owned()))
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Whether XML 1.0 (production `Char`) allows the character.
fn is_xml_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}
