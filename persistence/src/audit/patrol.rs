//! Going round the audit logs and hashing old entries anew, some at a time, since an entry that was altered long after it
//! was signed shows nowhere else (C090).

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::{hidden, tiles};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;

use crate::handles::store::Store;
use crate::institutions::schema::institution;

/// Where the round has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// In which log.
    pub log: InstitutionId,
    /// How many whole tiles of 256 entries of it were looked at.
    pub tiles: u64,
}

impl Place {
    /// The beginning of a round: the platform's own log.
    pub const FIRST: Self = Self { log: InstitutionId::PLATFORM, tiles: 0 };
}

/// A log in which entries were found that are not those that were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Altered {
    /// Which log.
    pub log: InstitutionId,
    /// Whether that was not told before.
    pub is_news: bool,
}

impl Store {
    /// Hashes the entries of some tiles anew from a place on, at most `tiles` of them and those of one log. Gives where to go
    /// on, which is the next log when this one has no more, and whether the log was altered.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn go_on_round(&self, place: Place, tiles: u64) -> Result<(Place, Option<Altered>)> {
        let until = place.tiles.saturating_add(tiles);
        for number in place.tiles..until {
            let sound = self.is_sound(place.log, number).await?;
            if sound == Some(false) {
                let is_news = self.tell_of_altered_log(place.log).await?;
                // One finding tells enough of a log.
                let altered = Altered { log: place.log, is_news };
                return Ok((self.next_log(place.log).await?, Some(altered)));
            }
            if sound.is_none() {
                return Ok((self.next_log(place.log).await?, None));
            }
        }
        Ok((Place { tiles: until, ..place }, None))
    }

    async fn is_sound(&self, log: InstitutionId, tile: u64) -> Result<Option<bool>> {
        let now = self.environment().now();
        self.data()
            .read_at_present(Cost::Scan, move |connection| {
                dialect::enter_institution(connection, log)?;
                let sound = tiles::is_sound(connection, log, tile)?;
                Ok(match sound {
                    Some(true) => Some(!hidden::ended_early(connection, log, tiles::entries_of(tile), now)?),
                    other => other,
                })
            })
            .await
    }

    /// The log after this one, in the order of the ids; behind the last comes the platform's own, whose id is the first.
    async fn next_log(&self, log: InstitutionId) -> Result<Place> {
        let next = self.data().read(Cost::Rows, move |connection| {
            Ok(institution::table
                .filter(institution::id.after(log))
                .order(institution::id)
                .select(institution::id)
                .first(connection)
                .optional()?)
        });
        let log = next.await?.unwrap_or(InstitutionId::PLATFORM);
        Ok(Place { log, tiles: 0 })
    }
}
