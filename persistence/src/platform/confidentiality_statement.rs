//! The signed confidentiality statements of the processor's staff (C045).

use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::platform::schema::confidentiality_statement;

const TABLE: &str = "confidentiality_statement";

/// The statement of a member of staff that was recorded last, if one was.
pub(crate) fn latest(
    connection: &mut AnyConnection,
    staff: UserId,
) -> Result<Option<ConfidentialityStatement>> {
    let found: Option<(Date, Vec<u8>)> = confidentiality_statement::table
        .filter(confidentiality_statement::staff_id.is(staff))
        .order(confidentiality_statement::recorded_at.desc())
        .select((confidentiality_statement::signed_on, confidentiality_statement::document_sha256))
        .first(connection)
        .optional()?;
    let Some((signed_on, document)) = found else { return Ok(None) };
    let document_sha256 = document.try_into().map_err(|_| Error::Unreadable(TABLE))?;
    Ok(Some(ConfidentialityStatement { signed_on, document_sha256 }))
}

/// Records a statement of a member of staff.
pub(crate) fn insert(
    connection: &mut AnyConnection,
    environment: &Environment,
    staff: UserId,
    statement: &ConfidentialityStatement,
    recorded_by: UserId,
) -> Result<()> {
    diesel::insert_into(confidentiality_statement::table)
        .values((
            confidentiality_statement::id.is(environment.uuid()),
            confidentiality_statement::staff_id.is(staff),
            confidentiality_statement::signed_on.is(statement.signed_on),
            confidentiality_statement::document_sha256.eq(statement.document_sha256.as_slice()),
            confidentiality_statement::recorded_by.is(recorded_by),
            confidentiality_statement::recorded_at.is(environment.now()),
        ))
        .execute(connection)?;
    Ok(())
}
