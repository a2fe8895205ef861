//! Lists that go on past what cannot be read.
//!
//! A row whose key was destroyed is skipped: what it held is gone for everybody. A row that is damaged is skipped too, but
//! told of: by table and id in the log, and in a counter. Everything else that goes wrong ends the list, for it passes
//! or concerns every row.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Counts damaged rows that lists went past.
#[derive(Debug, Default)]
pub struct DamagedRows(AtomicU64);

impl DamagedRows {
    /// What became of opening a row of a list; `None` when the list goes on without it.
    ///
    /// # Errors
    /// Anything but [`Error::Destroyed`], [`Error::Unreadable`] and [`Error::Forged`].
    pub fn readable<T>(&self, row: impl Display, opened: Result<T>) -> Result<Option<T>> {
        match opened {
            Ok(value) => Ok(Some(value)),
            Err(Error::Destroyed) => Ok(None),
            Err(Error::Unreadable(table) | Error::Forged(table)) => {
                self.0.fetch_add(1, Ordering::Relaxed);
                tracing::error!(table, %row, "a damaged row is left out of a list");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// How often a damaged row was met since the process began.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Fills a page with what can be read: reads on behind what cannot, as long as there is more.
///
/// `rows` gives at most so many rows after a position, `position` where a row stands, and `open` the item of a row, unless
/// the list goes on without it ([`DamagedRows::readable`]).
///
/// # Errors
/// What `rows` and `open` return.
pub fn fill_page<H, P, R, T>(
    handle: &mut H,
    mut after: P,
    limit: i64,
    mut rows: impl FnMut(&mut H, &P, i64) -> Result<Vec<R>>,
    position: impl Fn(&R) -> P,
    mut open: impl FnMut(&mut H, R) -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    loop {
        let missing = limit - i64::try_from(found.len()).map_err(Error::internal)?;
        let some = rows(handle, &after, missing)?;
        let is_last = i64::try_from(some.len()).map_err(Error::internal)? < missing;
        if let Some(last) = some.last() {
            after = position(last);
        }
        let before = found.len();
        let scanned = some.len();
        for row in some {
            found.extend(open(handle, row)?);
        }
        if is_last || found.len() == before + scanned {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens the numbers that are no multiple of three, destroyed, nor of five, damaged.
    fn page(damaged: &DamagedRows, after: i64, limit: i64) -> Vec<i64> {
        let rows = |last: &mut i64, after: &i64, limit: i64| {
            Ok((after + 1..=*last).take(usize::try_from(limit).unwrap()).collect::<Vec<_>>())
        };
        let open = |_: &mut i64, row: i64| {
            let opened = match row {
                row if row % 3 == 0 => Err(Error::Destroyed),
                row if row % 5 == 0 => Err(Error::Unreadable("number")),
                row => Ok(row),
            };
            damaged.readable(row, opened)
        };
        fill_page(&mut 16, after, limit, rows, |row| *row, open).unwrap()
    }

    #[test]
    fn a_page_is_full_as_long_as_there_is_something_to_read() {
        let damaged = DamagedRows::default();
        assert_eq!(page(&damaged, 0, 4), [1, 2, 4, 7]);
        assert_eq!(damaged.count(), 1);
        assert_eq!(page(&damaged, 7, 4), [8, 11, 13, 14]);
        assert_eq!(page(&damaged, 14, 4), [16]);
        assert_eq!(page(&damaged, 16, 4), [0_i64; 0]);
    }

    #[test]
    fn what_passes_ends_the_list() {
        let damaged = DamagedRows::default();
        assert!(matches!(damaged.readable(1, Err::<(), _>(Error::Busy)), Err(Error::Busy)));
        assert_eq!(damaged.count(), 0);
    }
}
