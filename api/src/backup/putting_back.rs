//! Putting a backup back: a chosen backup of the data beside the newest keys.
//!
//! Everything is worked out in a scratch place and checked there. What counts is the last step, a rename or the rights of
//! the role that serves: killed before it, nothing has changed that anybody can use, and the same command begins anew.

mod common;
mod embedded;
mod shared;

use groeilijn_persistence::Result;
use groeilijn_persistence::environment::Environment;

use self::common::Chosen;
pub use self::common::{PutBack, Restoring};

/// Puts a backup back.
///
/// # Errors
/// [`Error::Internal`] for the operator, with what to do; nothing that can be used is half done then.
pub async fn put_back(restoring: &Restoring, environment: &Environment) -> Result<PutBack> {
    let chosen = Chosen::read(restoring)?;
    if restoring.options.data.is_embedded() {
        embedded::put_back(restoring, &chosen, environment).await
    } else {
        shared::put_back(restoring, &chosen, environment).await
    }
}
