//! How ids, times and dates are written in columns, and read from them.

use groeilijn_domain::values::calendar::to_micros;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// An id read from a column of `table`.
pub(crate) fn uuid(bytes: &[u8], table: &'static str) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| Error::Unreadable(table))
}

/// A time as it is stored: microseconds since 1970 in UTC.
pub(crate) fn micros(time: Timestamp) -> i64 {
    to_micros(time).as_microsecond()
}

/// A time read from a column of `table`.
pub(crate) fn timestamp(micros: i64, table: &'static str) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| Error::Unreadable(table))
}

/// A date read from a column of `table`.
pub(crate) fn date(text: &str, table: &'static str) -> Result<Date> {
    text.parse().map_err(|_| Error::Unreadable(table))
}

/// A member of a closed list, read from a column of `table`.
pub(crate) fn code<T>(read: impl FnOnce(&str) -> Option<T>, text: &str, table: &'static str) -> Result<T> {
    read(text).ok_or(Error::Unreadable(table))
}
