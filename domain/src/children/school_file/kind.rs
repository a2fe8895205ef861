//! Files of another kind than they were sent as: each has an answer of its own, which says what to send.

use super::encoding::decode_table;
use super::file::{FileFormat, FileRefusal};
use super::table::columns::Column;

/// How the older workbooks of Excel begin, and those that are protected by a password.
const OLD_WORKBOOK: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// How a zip file begins, which a newer workbook is.
const ZIP: &[u8] = b"PK\x03\x04";

/// Refuses bytes that are no file of the format, as far as their beginning tells.
///
/// # Errors
/// `empty-file`, `is-xls`, `is-xlsx`, `not-xlsx`.
pub(super) fn check_bytes(format: FileFormat, bytes: &[u8]) -> Result<(), FileRefusal> {
    let refuse = |code, detail| Err(FileRefusal::new(1, code, detail));
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return refuse("empty-file", "the file is empty");
    }
    if bytes.starts_with(OLD_WORKBOOK) {
        let detail = "the file is an old Excel workbook (.xls), or one that a password protects: save it as .xlsx \
                      without a password, or as CSV";
        return refuse("is-xls", detail);
    }
    match (format, bytes.starts_with(ZIP)) {
        (FileFormat::Xlsx, false) => refuse("not-xlsx", "the file is no Excel workbook (.xlsx)"),
        (FileFormat::Csv | FileFormat::Edexml, true) => {
            let detail = "the file is a workbook or another zip file: send an Excel workbook (.xlsx) as \
                          application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            refuse("is-xlsx", detail)
        }
        _ => Ok(()),
    }
}

/// Refuses a text that was sent as a table and is none.
///
/// # Errors
/// `empty-file`, `is-xml`.
pub(super) fn check_table(text: &str) -> Result<(), FileRefusal> {
    let text = text.trim_start();
    if text.is_empty() {
        return Err(FileRefusal::new(1, "empty-file", "the file is empty"));
    }
    if text.starts_with('<') {
        return Err(FileRefusal::new(1, "is-xml", "the file is XML: send EDEXML as application/xml"));
    }
    Ok(())
}

/// Why bytes that are no XML are refused: they may well be a table.
pub(super) fn not_xml(bytes: &[u8], refusal: FileRefusal) -> FileRefusal {
    let Ok(text) = decode_table(bytes) else { return refusal };
    let text = text.trim_start();
    let header = text.split(['\n', '\r']).next().unwrap_or_default();
    let cells = header.split([';', ',', '\t']).map(|cell| cell.trim_matches('"'));
    if text.starts_with('<') || !cells.map(Column::of).any(|column| column != Column::Ignored) {
        return refusal;
    }
    FileRefusal::new(1, "is-a-table", "the file is a table and no XML: send it as text/csv")
}
