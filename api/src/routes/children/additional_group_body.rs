//! How a child's stay in a group beside its main one is shown, by itself and on a roster.

use groeilijn_domain::children::pupil::MAX_DAY_PARTS;
use groeilijn_domain::values::ids::{AdditionalGroupId, GroupId};
use groeilijn_persistence::children::additional_group::StoredAdditionalGroup;
use jiff::civil::Date;

use crate::http::described::within;
use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::{reply_body, revised};

reply_body! {
    /// A child's stay in a group beside its main one.
    pub struct AdditionalGroupBody {
        /// The id of the stay.
        id: AdditionalGroupId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The group.
        group_id: GroupId,
        /// The first day in the group.
        placed_on: Date,
        /// The first day no longer in the group.
        ended_on: Date,
        /// How many day-parts a week the child is in this group. For judging how much could be observed.
        day_parts_per_week: Option<u8> = within(1, MAX_DAY_PARTS.into()),
    }
}

revised! { StoredAdditionalGroup: revision; }

impl From<StoredAdditionalGroup> for AdditionalGroupBody {
    fn from(stored: StoredAdditionalGroup) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            group_id: stored.stay.group,
            placed_on: stored.stay.placed_on,
            ended_on: stored.stay.ended_on,
            day_parts_per_week: stored.stay.day_parts_per_week,
        }
    }
}
