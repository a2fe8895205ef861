//! Excel workbooks, made by hand.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use jiff::civil::{Date, date};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What leads to the workbook.
pub(crate) const PACKAGE_AT: &str = "_rels/.rels";
/// What leads to the sheets.
pub(crate) const PARTS_AT: &str = "xl/_rels/workbook.xml.rels";

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
pub(crate) const PACKAGE: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
pub(crate) const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Leerlingen" sheetId="1" r:id="r1"/></sheets></workbook>"#;
pub(crate) const PARTS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;

/// A zip file of these parts.
pub(crate) fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook with this sheet, and these parts besides or in the place of the usual ones.
pub(crate) fn with_sheet(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let usual: [(&str, &[u8]); 6] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", PARTS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    let others = |(name, _): &&(&str, &[u8])| more.iter().all(|(other, _)| other != name);
    let usual: Vec<_> = usual.iter().filter(others).copied().collect();
    zipped(&[&usual[..], more].concat())
}

/// The sheet of a table: whole numbers as numbers, days such as `14-03-2022` as days, everything else as text.
pub(crate) fn sheet(rows: &[Vec<String>]) -> String {
    let mut sheet = r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#.to_owned();
    for (number, row) in (1..).zip(rows) {
        write!(sheet, "<row r=\"{number}\">").unwrap();
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = format!("{}{number}", char::from(b'A' + u8::try_from(column).unwrap()));
            if let Some(serial) = serial_of(cell) {
                write!(sheet, "<c r=\"{place}\" s=\"1\"><v>{serial}</v></c>").unwrap();
            } else if !cell.starts_with('0') && cell.bytes().all(|byte| byte.is_ascii_digit()) {
                write!(sheet, "<c r=\"{place}\"><v>{cell}</v></c>").unwrap();
            } else {
                let text: String = cell
                    .chars()
                    .map(|c| match c {
                        '&' => "&amp;".to_owned(),
                        '<' => "&lt;".to_owned(),
                        c => c.to_string(),
                    })
                    .collect();
                write!(
                    sheet,
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
                )
                .unwrap();
            }
        }
        sheet += "</row>";
    }
    sheet + "</sheetData></worksheet>"
}

/// The number that Excel keeps a day as.
fn serial_of(text: &str) -> Option<i64> {
    let parts: Vec<_> = text.split('-').collect();
    let [day, month, year] = parts.as_slice() else { return None };
    if [day, month, year].map(|part| part.len()) != [2, 2, 4] {
        return None;
    }
    let day = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(i64::from((day - date(1899, 12, 30)).get_days()))
}
