//! Reminds users by letter that their password will expire (C059).

use groeilijn_persistence::{Result, Store};
use jiff::SignedDuration;

use super::every::Chore;

/// Leaves a letter for everybody who is to be reminded now.
pub(super) struct ExpiryReminders;

impl Chore for ExpiryReminders {
    const EVERY: SignedDuration = SignedDuration::from_mins(10);
    const LEFT_FOR_LATER: &'static str = "reminders of expiring passwords are left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        store.remind_of_expiry().await
    }
}
