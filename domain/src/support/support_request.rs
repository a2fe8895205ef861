//! Requests of an institution: what it asks an adviser, and until when that counts (C010, C146). The processor asks first:
//! without one, no adviser looks for a case.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::values::calendar::amsterdam_date;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How long a request counts after it was approved.
pub const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

code_list! {
    /// How a request reached the processor that no user entered.
    pub enum RequestChannel {
        /// By letter or e-mail.
        Letter = "letter",
        /// By telephone, or in a conversation.
        Call = "call",
    }
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportRequest {
    /// When somebody of the institution made or approved it, in UTC; nothing as long as nobody did.
    pub approved_at: Option<Timestamp>,
    /// Whether the institution closed it.
    pub closed: bool,
}

impl SupportRequest {
    /// Whether it counts at the moment `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.closed && self.ends_at().is_some_and(|end| now < end)
    }

    /// When it ends by itself, in UTC, once it was approved.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.approved_at.and_then(|approved| approved.checked_add(COUNTS_FOR).ok())
    }

    /// That somebody of the institution may approve it.
    ///
    /// # Errors
    /// `already-approved`, `request-closed`.
    pub fn check_approvable(&self) -> Result<(), Refusal> {
        if self.closed {
            return Err(Refusal::new("request-closed", "the institution closed this request"));
        }
        if self.approved_at.is_some() {
            return Err(Refusal::new("already-approved", "this request counts already"));
        }
        Ok(())
    }
}

/// That a request reached the processor on this day, at the moment `now`.
///
/// # Errors
/// `in-the-future`.
pub fn check_received_on(received_on: Date, now: Timestamp) -> Result<(), Refusal> {
    if received_on > amsterdam_date(now) {
        return Err(Refusal::new("in-the-future", "must not be after today"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn c010_a_request_counts_once_approved_until_it_is_closed_or_thirty_days_old() {
        let open = SupportRequest { approved_at: Some(now()), closed: false };
        assert!(open.holds(now()) && open.holds(now() + COUNTS_FOR - SignedDuration::from_secs(1)));
        assert!(!open.holds(now() + COUNTS_FOR));
        assert!(!SupportRequest { closed: true, ..open }.holds(now()));
        let recorded = SupportRequest { approved_at: None, closed: false };
        assert!(!recorded.holds(now()));
        assert_eq!(recorded.check_approvable(), Ok(()));
        assert_eq!(open.check_approvable().unwrap_err().code, "already-approved");
        let closed = SupportRequest { closed: true, ..recorded };
        assert_eq!(closed.check_approvable().unwrap_err().code, "request-closed");
    }

    #[test]
    fn nothing_is_received_tomorrow() {
        assert_eq!(check_received_on(Date::constant(2026, 11, 21), now()), Ok(()));
        let refused = check_received_on(Date::constant(2026, 11, 22), now()).unwrap_err();
        assert_eq!(refused.code, "in-the-future");
    }
}
