//! Taking away the rows about a child whose destruction began, in the order that their references allow.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;

use crate::children::schema::{
    additional_group, earlier_birth_date, follow_up, goal_pupil, note, note_revision, placement,
    placement_change, pupil, registration, registration_version,
};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::retention::schema::retention_hold;
use crate::support::schema::support_request_pupil;

/// How many rows of a table are about a child.
pub type RowCount = (&'static str, u64);

/// Runs `$run` on the rows of each table that are about a child: those that refer to others first.
macro_rules! rows_about {
    ($handle:expr, $pupil:expr, $run:ident) => {{
        let (institution, pupil_id) = ($handle.institution(), $pupil);
        let registrations = registration::table
            .filter(registration::institution_id.is(institution))
            .filter(registration::pupil_id.is(pupil_id))
            .select(registration::id);
        let notes = note::table
            .filter(note::institution_id.is(institution))
            .filter(note::pupil_id.is(pupil_id))
            .select(note::id);
        [
            (
                "follow_up",
                $run!(
                    $handle,
                    follow_up::table
                        .filter(follow_up::institution_id.is(institution))
                        .filter(follow_up::pupil_id.is(pupil_id))
                ),
            ),
            (
                "registration_version",
                $run!(
                    $handle,
                    registration_version::table
                        .filter(registration_version::institution_id.is(institution))
                        .filter(registration_version::registration_id.eq_any(registrations))
                ),
            ),
            (
                "registration",
                $run!(
                    $handle,
                    registration::table
                        .filter(registration::institution_id.is(institution))
                        .filter(registration::pupil_id.is(pupil_id))
                ),
            ),
            (
                "note_revision",
                $run!(
                    $handle,
                    note_revision::table
                        .filter(note_revision::institution_id.is(institution))
                        .filter(note_revision::note_id.eq_any(notes))
                ),
            ),
            (
                "note",
                $run!(
                    $handle,
                    note::table
                        .filter(note::institution_id.is(institution))
                        .filter(note::pupil_id.is(pupil_id))
                ),
            ),
            (
                "placement_change",
                $run!(
                    $handle,
                    placement_change::table
                        .filter(placement_change::institution_id.is(institution))
                        .filter(placement_change::pupil_id.is(pupil_id))
                ),
            ),
            (
                "additional_group",
                $run!(
                    $handle,
                    additional_group::table
                        .filter(additional_group::institution_id.is(institution))
                        .filter(additional_group::pupil_id.is(pupil_id))
                ),
            ),
            (
                "placement",
                $run!(
                    $handle,
                    placement::table
                        .filter(placement::institution_id.is(institution))
                        .filter(placement::pupil_id.is(pupil_id))
                ),
            ),
            (
                "support_request_pupil",
                $run!(
                    $handle,
                    support_request_pupil::table
                        .filter(support_request_pupil::institution_id.is(institution))
                        .filter(support_request_pupil::pupil_id.is(pupil_id))
                ),
            ),
            (
                "retention_hold",
                $run!(
                    $handle,
                    retention_hold::table
                        .filter(retention_hold::institution_id.is(institution))
                        .filter(retention_hold::subject_id.is(pupil_id.as_uuid()))
                ),
            ),
            (
                "earlier_birth_date",
                $run!(
                    $handle,
                    earlier_birth_date::table
                        .filter(earlier_birth_date::institution_id.is(institution))
                        .filter(earlier_birth_date::pupil_id.is(pupil_id))
                ),
            ),
            (
                "goal_pupil",
                $run!(
                    $handle,
                    goal_pupil::table
                        .filter(goal_pupil::institution_id.is(institution))
                        .filter(goal_pupil::pupil_id.is(pupil_id))
                ),
            ),
            (
                "pupil",
                $run!(
                    $handle,
                    pupil::table.filter(pupil::institution_id.is(institution)).filter(pupil::id.is(pupil_id))
                ),
            ),
        ]
    }};
}

macro_rules! counted {
    ($handle:expr, $rows:expr) => {{
        let found: i64 = $rows.count().get_result($handle.connection)?;
        u64::try_from(found).unwrap_or_default()
    }};
}

macro_rules! deleted {
    ($handle:expr, $rows:expr) => {
        diesel::delete($rows).execute($handle.connection)? as u64
    };
}

/// The tables whose rows go with an institution, those that refer to others first. What is in none of them is kept by a
/// rule of its own: `docs/privacy.md` says which.
const TABLES_OF_AN_INSTITUTION: [&str; 40] = [
    "import_part",
    "import",
    "follow_up",
    "registration_version",
    "registration",
    "note_revision",
    "note",
    "placement_change",
    "placement",
    "additional_group",
    "support_request_pupil",
    "retention_hold",
    "support_session",
    "support_request",
    "support_consent",
    "coupling",
    "school_year_transition",
    "goal_offer",
    "goal_pupil",
    "goal",
    "user_group",
    "user_location",
    "groups",
    "earlier_birth_date",
    "pupil",
    "api_token",
    "statutory_term",
    "licence_holder",
    "location",
    "agreement",
    "administrator_recovery",
    "institution_domain",
    "subprocessor_objection",
    "transfer_consent",
    "webhook_delivery",
    "webhook_endpoint",
    "extra_processing",
    "instruction",
    "contact_person",
    "key_end",
];

impl TenantReader<'_> {
    /// How many rows there are about a child.
    pub(super) fn count_rows_about(&mut self, id: PupilId) -> Result<Vec<RowCount>> {
        Ok(rows_about!(self, id, counted).to_vec())
    }
}

impl TenantWriter<'_> {
    /// Takes away every row about a child whose destruction began; the database refuses it of any other one. Gives how
    /// many there were.
    ///
    /// # Errors
    /// What the database refuses.
    pub(crate) fn remove_pupil(&mut self, id: PupilId) -> Result<Vec<RowCount>> {
        self.raise_children_edition()?;
        let counts = rows_about!(self, id, deleted).to_vec();
        self.touch(ObjectKind::Pupil, id.as_uuid());
        Ok(counts)
    }

    /// Takes away what an institution has whose destruction began: its children, and what support left. Its users stay as
    /// stubs that nobody can read.
    ///
    /// # Errors
    /// What the database refuses.
    pub(super) fn remove_institution(&mut self) -> Result<Vec<RowCount>> {
        let institution = self.institution();
        let mut counts = Vec::new();
        for table in TABLES_OF_AN_INSTITUTION {
            let gone = dialect::delete_of_institution(self.connection, table, institution)?;
            counts.push((table, gone as u64));
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use groeilijn_domain::retention::terms::{EndedBy, Kept, TABLE};

    use super::*;

    /// What ends otherwise than by its rows: keys by the key store, reasons, findings and disclosures with the shared key, and
    /// what is told of processing that a law forced with the platform's own.
    const OTHERWISE: [&str; 5] =
        ["institution_key", "destruction", "forced_processing", "log_review", "disclosure"];

    #[test]
    fn c106_what_ends_with_the_contract_goes_with_the_institution() {
        let goes: BTreeSet<_> = TABLES_OF_AN_INSTITUTION.into_iter().chain(OTHERWISE).collect();
        let ends = TABLE.iter().filter(|row| row.kept == Kept::Grace && row.ended_by == EndedBy::Destruction);
        let left: Vec<_> = ends.map(|row| row.table).filter(|table| !goes.contains(table)).collect();
        assert_eq!(left, [""; 0]);
    }
}
