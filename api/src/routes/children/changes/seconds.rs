//! How long somebody wants to wait.

use std::time::Duration;

use groeilijn_domain::values::refusal::Refusal;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::described::{Described, whole_number};
use crate::http::query::FromQuery;

/// A number of whole seconds, of which there are `MOST` at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds<const MOST: u16>(u16);

impl<const MOST: u16> Seconds<MOST> {
    pub(super) fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl<const MOST: u16> Described for Seconds<MOST> {
    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        whole_number(0, MOST.into()).into()
    }
}

impl<const MOST: u16> FromQuery for Seconds<MOST> {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let number = text.parse().ok().filter(|number| *number <= MOST);
        number
            .map(Self)
            .ok_or_else(|| Refusal::new("out-of-range", format!("must be a whole number from 0 to {MOST}")))
    }
}
