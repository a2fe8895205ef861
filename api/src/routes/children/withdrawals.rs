//! What a withdrawal looks like in requests and replies, whatever is withdrawn.

use groeilijn_domain::children::withdrawal as rules;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::text::ShortText;
use jiff::Timestamp;

use crate::routes::access::authors::Author;
use crate::{reply_body, request_body};

request_body! {
    /// Something is to be withdrawn.
    pub struct WithdrawalCreation {
        /// Why it is withdrawn. For whoever reads it later; never for judging a colleague.
        reason: ShortText,
    }

    example { "reason": "Bij het verkeerde kind ingevuld." }
}

reply_body! {
    /// That something was withdrawn: it stays readable, and counts nowhere.
    pub struct Withdrawal {
        /// Why; null where free text is masked.
        reason: Option<ShortText>,
        /// Who withdrew it. For asking what was meant; never for judging a colleague.
        withdrawn_by: UserId,
        /// The same with her name.
        author: Author,
        /// When, in UTC.
        withdrawn_at: Timestamp,
    }
}

impl From<rules::Withdrawal> for Withdrawal {
    fn from(withdrawal: rules::Withdrawal) -> Self {
        let rules::Withdrawal { reason, by, at } = withdrawal;
        Self { reason, withdrawn_by: by.id, author: by.into(), withdrawn_at: at }
    }
}
