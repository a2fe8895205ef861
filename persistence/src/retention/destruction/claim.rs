//! Which destructions there are to carry out, and which institutions to look at: the service's own work.

use groeilijn_domain::retention::destruction::DestructionState;
use groeilijn_domain::values::calendar::to_micros;
use groeilijn_domain::values::ids::{DestructionId, InstitutionId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use jiff::{SignedDuration, Timestamp};

use crate::handles::store::Store;
use crate::institutions::schema::institution;
use crate::retention::schema::destruction;

/// Until when a destruction is held that nobody holds.
pub(super) const NOT_HELD: Timestamp = Timestamp::UNIX_EPOCH;

impl Store {
    /// All institutions, for what is done for each of them.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn all_institutions(&self) -> Result<Vec<InstitutionId>> {
        let all = institution::table.order(institution::id).select(institution::id);
        self.data().read(Cost::Scan, move |connection| Ok(all.load(connection)?)).await
    }

    /// Takes the destruction that was made first of those that have begun and nobody carries out at the moment `now`. When
    /// who takes it dies, another process takes it over after `lease`.
    ///
    /// # Errors
    /// When the database is busy, or cannot be read or written.
    pub async fn claim_destruction(
        &self,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<(InstitutionId, DestructionId)>> {
        let running = destruction::table
            .filter(destruction::state.is(DestructionState::Running))
            .filter(destruction::lease_until.until(now))
            .order((destruction::created_at, destruction::id))
            .select((destruction::institution_id, destruction::id, destruction::lease_until));
        let found: Option<(InstitutionId, DestructionId, Timestamp)> =
            self.data().read(Cost::Rows, move |connection| Ok(running.first(connection).optional()?)).await?;
        let Some((institution, id, held)) = found else { return Ok(None) };
        let until = to_micros(now + lease);
        self.data()
            .writer()
            .run(move |connection, _| {
                let own = destruction::table
                    .filter(destruction::institution_id.is(institution))
                    .filter(destruction::id.is(id))
                    .filter(destruction::lease_until.is(held));
                let taken =
                    diesel::update(own).set(destruction::lease_until.is(until)).execute(connection)?;
                Ok((taken == 1).then_some((institution, id)))
            })
            .await
    }
}
