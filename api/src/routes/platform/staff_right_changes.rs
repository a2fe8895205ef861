//! The register of rights of the processor's staff (C067, C146).

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::staff_right_change::StaffEntitlement;
use groeilijn_domain::values::ids::{StaffRightChangeId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::staff_right_change::StoredStaffRightChange;
use jiff::Timestamp;

use super::processor_staff::Statement;
use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations on the register of rights of the processor's staff.
    pub fn endpoints;

    /// List the changes of the rights of a member of the processor's staff
    ///
    /// The register of what they might and may do (C067, C146): every grant, change and end, by whom and why.
    GET "/processor-staff/{userId}/right-changes" => list_staff_right_changes: "A page of changes.";
}

reply_body! {
    /// What decides what a member of the processor's staff may do.
    pub struct StaffEntitlementBody {
        /// What they do.
        function: ProcessorFunction,
        /// Whether they are let in.
        state: AccountState,
        /// The latest confidentiality statement; null when none was signed.
        confidentiality_statement: Option<Statement>,
    }
}

reply_body! {
    /// A change of what a member of the processor's staff may do (C067).
    pub struct StaffRightChange {
        /// The change's id.
        id: StaffRightChangeId,
        /// When it was made, in UTC.
        changed_at: Timestamp,
        /// The member of staff who made it; the nil id for the operator of the service, who made the first account.
        changed_by: UserId,
        /// Why, in the words of who made it.
        reason: String,
        /// What held before; null when they were entered.
        before: Option<StaffEntitlementBody>,
        /// What holds since.
        after: StaffEntitlementBody,
    }
}

impl From<StaffEntitlement> for StaffEntitlementBody {
    fn from(entitlement: StaffEntitlement) -> Self {
        Self {
            function: entitlement.function,
            state: entitlement.state,
            confidentiality_statement: entitlement.statement.map(Statement::from),
        }
    }
}

impl From<StoredStaffRightChange> for StaffRightChange {
    fn from(stored: StoredStaffRightChange) -> Self {
        Self {
            id: stored.id,
            changed_at: stored.changed_at,
            changed_by: stored.changed_by,
            reason: stored.change.reason,
            before: stored.change.before.map(StaffEntitlementBody::from),
            after: stored.change.after.into(),
        }
    }
}

query_params! {
    pub struct ListStaffRightChanges {
        /// How many changes one page has.
        page: Page<StaffRightChangeId>,
    }
}

async fn list_staff_right_changes(
    access: Access<part::ProcessorStaff, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    query: ListStaffRightChanges,
) -> Result<Listed<StaffRightChange>, Problem> {
    let ListStaffRightChanges { page } = query;
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| {
            reader.require_processor_staff(id)?;
            reader.staff_right_changes(id, page.after, page.rows)
        })
        .await?;
    page.reply(found, |change| change.id, StaffRightChange::from)
}
