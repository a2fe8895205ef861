//! What is in an evidence pack: what the API answers an institution about its evidence.

use groeilijn_domain::evidence::clauses;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::platform::subprocessor::Viewer;
use groeilijn_persistence::{Cost, Error, Platform, PlatformReader, Result};
use jiff::Timestamp;
use serde::Serialize;

use super::audits::Audit;
use super::clauses::{ClauseBody, Seen};
use super::records::EvidenceRecord;

/// The files of a pack of an institution, by name: the clauses, the evidence records and the audits as the API shows them to
/// its administrators. The last good backup was made at `last_backup`.
///
/// # Errors
/// [`Error::NotFound`] when there is no such institution.
pub async fn files(
    platform: &Platform,
    institution: InstitutionId,
    last_backup: Option<Timestamp>,
) -> Result<Vec<(&'static str, String)>> {
    let viewer = Viewer::Institution(institution);
    let read = move |reader: &mut PlatformReader<'_>| {
        let audits = reader.audits(institution, None, i64::MAX)?;
        Ok((reader.evidence_records(viewer, None, None, i64::MAX)?, audits))
    };
    let (records, audits) = platform.read(Cost::Scan, read).await?;
    let today = amsterdam_date(platform.environment().now());
    let seen = Seen::of(platform, viewer, last_backup).await?;
    let clauses: Vec<_> = clauses::all().map(|clause| ClauseBody::of(clause, &seen)).collect();
    let records: Vec<_> = records.into_iter().map(|record| EvidenceRecord::of(record, today)).collect();
    let audits: Vec<_> = audits.into_iter().map(Audit::from).collect();
    Ok(vec![
        ("clauses.json", text(&clauses)?),
        ("evidence-records.json", text(&records)?),
        ("audits.json", text(&audits)?),
    ])
}

fn text(items: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(items).map(|text| text + "\n").map_err(Error::internal)
}
