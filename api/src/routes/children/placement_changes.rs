//! How placements were put right: what each was before, what it is since, and why (C023).

use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::values::ids::{ActorId, GroupId, PlacementChangeId, PlacementId, PupilId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::placement_change::StoredPlacementChange;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerPupils;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::routes::access::authors::Author;
use crate::{operations, reply_body};

operations! {
    /// The operations on how placements were put right.
    pub fn endpoints;

    /// List how a pupil's placements were put right
    ///
    /// Each correction, each end that was set and each placement that was taken away, the first one first, with what it was
    /// before and why.
    GET "/pupils/{pupilId}/placement-changes" => list_placement_changes: "The changes.";
}

reply_body! {
    /// How a placement was put right.
    pub struct PlacementChangeBody {
        /// The id of the change.
        id: PlacementChangeId,
        /// The placement, which may have been taken away.
        placement_id: PlacementId,
        /// What it was before.
        before: PlacementState,
        /// What it is since; null for one that was taken away.
        after: Option<PlacementState>,
        /// Why, in the words of who changed it; null when it is masked.
        reason: Option<ShortText>,
        /// Whether the reason is masked, as it is to the processor's staff unless the purpose of their support session needs
        /// it (C050).
        masked: bool,
        /// The user or the token that changed it.
        changed_by: ActorId,
        /// The user who changed it, with her name; null for a token, and where the name is not known any more.
        author: Option<Author>,
        /// When, in UTC.
        changed_at: Timestamp,
    }
}

reply_body! {
    /// A child's stay in a group as it was at some time.
    pub struct PlacementState {
        /// The group, which may have been deleted since.
        group_id: GroupId,
        /// The first day in the group.
        placed_on: Date,
        /// The first day no longer in the group; null while nothing comes after it.
        ended_on: Option<Date>,
    }
}

impl From<Placement> for PlacementState {
    fn from(placement: Placement) -> Self {
        Self { group_id: placement.group, placed_on: placement.placed_on, ended_on: placement.ended_on }
    }
}

impl From<StoredPlacementChange> for PlacementChangeBody {
    fn from(stored: StoredPlacementChange) -> Self {
        let reason = (!stored.masked).then(|| ShortText::kept(stored.change.reason));
        Self {
            id: stored.id,
            placement_id: stored.placement,
            before: stored.change.before.into(),
            after: stored.change.after.map(PlacementState::from),
            reason,
            masked: stored.masked,
            changed_by: stored.changed_by.into(),
            author: stored.author.map(Author::from),
            changed_at: stored.changed_at,
        }
    }
}

async fn list_placement_changes(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
) -> Result<Listed<PlacementChangeBody>, Problem> {
    let changes = access.tenant()?.read(Cost::Rows, move |reader| reader.placement_changes(id)).await?;
    whole_list(changes.into_iter().map(PlacementChangeBody::from))
}
