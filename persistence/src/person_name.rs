//! The name of a person in its column: first name, tussenvoegsel and last name as one sealed value (ADR 25).

use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::error::Result;
use groeilijn_engine::sealing::{RowOpener, RowSealer};

const COLUMN: &str = "name";

/// Seals a name.
pub(crate) fn seal_name(row: &mut RowSealer<'_>, name: &PersonName) -> Vec<u8> {
    row.text(COLUMN, Some(&name.to_kept()))
}

/// Opens a name.
pub(crate) fn open_name(row: &mut RowOpener<'_>, stored: &[u8]) -> Result<PersonName> {
    row.required(COLUMN, stored, |text| PersonName::kept(text).ok_or(()))
}
