//! One's own memberships: the institutions of which somebody is a user.

use groeilijn_domain::access::Role;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_persistence::access::membership::OwnMembership;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::whole_list;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::{operations, reply_body};

operations! {
    /// The operations on memberships.
    pub fn endpoints;

    /// List one's own memberships
    ///
    /// The institutions of which one is a user or is invited to become one, with what one is there. An institution sees
    /// nothing of the others. A session acts in one of them: see `/sessions/current/_switch`.
    GET "/account/memberships" => list_own_memberships: "The memberships.";
}

reply_body! {
    /// What somebody is at an institution.
    pub struct Membership {
        /// The institution.
        institution_id: InstitutionId,
        /// Its name.
        institution_name: String,
        /// The user's id there.
        user_id: UserId,
        /// What she does there.
        function: Role,
        /// Whether she accepted the invitation, and is let in.
        state: AccountState,
        /// The last day of her rights there, in Amsterdam.
        last_day: Option<Date>,
        /// Whether the session acts in it.
        current: bool,
    }
}

async fn list_own_memberships(
    access: Access<part::Credentials, action::Read, AdministerAccess>,
) -> Result<Listed<Membership>, Problem> {
    let actor = access.actor()?;
    let own = access.state().store.memberships_of(actor.account).await?;
    whole_list(own.into_iter().map(|membership| shown(membership, actor.institution)))
}

fn shown(own: OwnMembership, current: Option<InstitutionId>) -> Membership {
    let institution_id = own.actor.realm();
    Membership {
        institution_id,
        institution_name: own.institution_name,
        user_id: own.actor.user,
        function: own.actor.role,
        state: own.state,
        last_day: own.last_day,
        current: current == Some(institution_id),
    }
}
