//! What it costs to read a workbook, found without keeping anything of it: a small one can unpack into a large one, promise
//! more than it holds, and say once what the reader then keeps for each of many cells.

use std::io::{BufReader, Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zip::ZipArchive;

use crate::children::school_file::file::FileRefusal;

/// Most parts of a workbook: each sheet is one, and so is each picture.
const MAX_PARTS: usize = 1_000;
/// What a part is announced by in the list at the end of a zip file.
const ANNOUNCEMENT: &[u8] = b"PK\x01\x02";
/// Most texts that the workbook may say its cells share: room for them is made before they are read.
const MAX_SHARED_TEXTS: usize = 1_000_000;
/// The word that it says so with.
const SHARED_TEXTS: &[u8] = b"uniqueCount";
/// Within how many bytes behind the word the number stands.
const NUMBER_BYTES: usize = 40;
/// Largest part that describes the looks of cells, in bytes: each look takes much more memory than its description.
const MAX_STYLE_BYTES: usize = 1 << 20;
/// Longest value of an attribute in what is read before the cells. Excel lets a format have 255 characters.
const MAX_ATTRIBUTE_BYTES: usize = 1 << 10;
/// Most bytes that the looks of cells take, each with a copy of its format and font.
const MAX_LOOKS_BYTES: usize = 16 << 20;
/// Room for texts that many cells share and that stand in the workbook once.
const REPEATED_TEXT_BYTES: usize = 4 << 20;
/// Where every program that writes workbooks puts the one that leads to the others. Only there is it certain which parts
/// are read whole.
const WORKBOOK: [&str; 2] = ["xl/workbook.xml", "/xl/workbook.xml"];
/// What a byte costs of the parts that are kept whole in memory, beside those that are read cell by cell.
const COST_OF_KEPT_BYTE: usize = 3;
/// How much is unpacked at a time.
const PIECE_BYTES: u64 = 64 << 10;

/// As many bytes of a file that is not packed cost as much memory as reading this workbook.
///
/// # Errors
/// `not-xlsx`; `file-too-large` when it is more than `most` bytes; `too-many-sheets`.
pub(in crate::children::school_file) fn cost(bytes: &[u8], most: usize) -> Result<usize, FileRefusal> {
    let announced = bytes.windows(ANNOUNCEMENT.len()).filter(|window| *window == ANNOUNCEMENT).count();
    if announced > MAX_PARTS {
        return Err(too_many_parts());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut cost = REPEATED_TEXT_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| unreadable())?;
        let name = part.name().map_err(|_| unreadable())?.to_ascii_lowercase();
        let is_read_by_cell = name.starts_with("xl/worksheets/");
        let weight = if is_read_by_cell { 1 } else { COST_OF_KEPT_BYTE };
        let left = most.saturating_sub(cost) / weight;
        let most = if name.ends_with("styles.xml") { left.min(MAX_STYLE_BYTES) } else { left };
        cost += weight * unpack(part, name.ends_with(".xml") || name.ends_with(".rels"), most)?;
        if is_read_whole(&name) {
            cost += multiplied(archive.by_index(index).map_err(|_| unreadable())?, &name)?;
        }
    }
    Ok(cost)
}

/// Whether a part is read whole before the cells are: what leads to the sheets, and the looks of cells.
fn is_read_whole(name: &str) -> bool {
    matches!(name, "_rels/.rels" | "xl/workbook.xml" | "xl/styles.xml" | "xl/theme/theme1.xml")
        || name.starts_with("xl/_rels/")
}

/// What the reader keeps of a part beside the part itself, because it copies for each sheet or look what is said once.
fn multiplied(part: impl Read, name: &str) -> Result<usize, FileRefusal> {
    let mut xml = Reader::from_reader(BufReader::new(part));
    xml.config_mut().check_end_names = false;
    let (mut event, mut longest, mut looks, mut sheets) = (Vec::new(), 0, 0_usize, 0_usize);
    loop {
        event.clear();
        match xml.read_event_into(&mut event).map_err(|_| unreadable())? {
            Event::Start(tag) | Event::Empty(tag) => {
                longest = longest.max(longest_attribute(&tag, name)?);
                looks += usize::from(tag.local_name().as_ref() == "xf");
                sheets += usize::from(tag.local_name().as_ref() == "sheet");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if longest > MAX_ATTRIBUTE_BYTES || looks * longest > MAX_LOOKS_BYTES {
        let detail = "the workbook describes the looks of its cells at more length than any program does";
        return Err(FileRefusal::new(1, "file-too-large", detail));
    }
    if sheets > MAX_PARTS {
        return Err(too_many_parts());
    }
    // A copy of the format and one of the name of the font; and of each sheet its path.
    Ok(2 * (looks + sheets) * longest)
}

/// How long the longest value in a tag is. The tag that leads to the workbook has to lead to where it always is.
fn longest_attribute(tag: &BytesStart<'_>, name: &str) -> Result<usize, FileRefusal> {
    let mut longest = 0;
    let (mut target, mut leads_to_workbook) = (None, false);
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| unreadable())?;
        longest = longest.max(attribute.value.len());
        match attribute.key.as_ref() {
            "Target" => target = Some(attribute.value),
            "Type" => leads_to_workbook |= attribute.value.ends_with("/relationships/officeDocument"),
            _ => {}
        }
    }
    let is_elsewhere = target.is_none_or(|target| !WORKBOOK.contains(&target.as_ref()));
    if name == "_rels/.rels" && leads_to_workbook && is_elsewhere {
        return Err(unreadable());
    }
    Ok(longest)
}

fn too_many_parts() -> FileRefusal {
    FileRefusal::new(
        1,
        "too-many-sheets",
        format!("a workbook has at most {MAX_PARTS} sheets and other parts"),
    )
}

/// Unpacks one part and gives its size.
fn unpack(mut part: impl Read, is_xml: bool, most: usize) -> Result<usize, FileRefusal> {
    let mut window = Vec::new();
    let mut size = 0;
    loop {
        let read = part.by_ref().take(PIECE_BYTES).read_to_end(&mut window).map_err(|_| unreadable())?;
        // UTF-16 would hide the word that is looked for.
        let is_wide = size == 0 && window.iter().take(4).any(|byte| matches!(byte, 0 | 0xFE | 0xFF));
        size += read;
        if size > most {
            let detail = "the workbook is too large when it is unpacked";
            return Err(FileRefusal::new(1, "file-too-large", detail));
        }
        if is_xml && (is_wide || !promises_are_bearable(&window, read == 0)) {
            return Err(unreadable());
        }
        if read == 0 {
            return Ok(size);
        }
        // A word at the end of this piece may have its number in the next.
        let kept = window.len().saturating_sub(SHARED_TEXTS.len() + NUMBER_BYTES);
        window.drain(..kept);
    }
}

/// Whether each number of shared texts in a piece of XML is one that room can be made for.
fn promises_are_bearable(piece: &[u8], is_last: bool) -> bool {
    let mut places = piece.windows(SHARED_TEXTS.len()).enumerate().filter(|(_, word)| *word == SHARED_TEXTS);
    places.all(|(place, _)| {
        let rest = piece.get(place + SHARED_TEXTS.len()..).unwrap_or_default();
        let Some(rest) = rest.get(..NUMBER_BYTES).or(is_last.then_some(rest)) else { return true };
        let mut parts = rest.split(|byte| matches!(byte, b'"' | b'\''));
        let number = parts.nth(1).filter(|_| parts.next().is_some());
        let number = number.and_then(|digits| str::from_utf8(digits).ok()?.parse::<usize>().ok());
        number.is_some_and(|number| number <= MAX_SHARED_TEXTS)
    })
}

/// The refusal of what is no workbook, or one that nothing could read.
pub(super) fn unreadable() -> FileRefusal {
    FileRefusal::new(1, "not-xlsx", "the file is no Excel workbook (.xlsx) that can be read")
}
