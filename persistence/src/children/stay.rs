//! Where a child is: in its main group by a placement, and in those beside it. A view tells both alike, for whatever asks who is
//! in a group, or whether somebody reaches a child; a placement is asked for where it matters which group is the main one.

use crate::children::schema::{follow_up, groups, placement, pupil, user_group, user_location};

diesel::table! {
    use diesel::sql_types::Nullable;
    use groeilijn_engine::columns::{Day, InstitutionId};
    use crate::children::schema::{GroupId, PupilId};

    /// The view.
    stay (institution_id, pupil_id, group_id, placed_on) {
        /// The institution.
        institution_id -> InstitutionId,
        /// The child.
        pupil_id -> PupilId,
        /// The group.
        group_id -> GroupId,
        /// The first day in the group.
        placed_on -> Day,
        /// The first day no longer in it.
        ended_on -> Nullable<Day>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(follow_up, stay);
diesel::allow_tables_to_appear_in_same_query!(groups, stay);
diesel::allow_tables_to_appear_in_same_query!(placement, stay);
diesel::allow_tables_to_appear_in_same_query!(pupil, stay);
diesel::allow_tables_to_appear_in_same_query!(stay, user_group);
diesel::allow_tables_to_appear_in_same_query!(stay, user_location);

/// The condition that a stay lasts a day at least: one that a departure overtook does not.
macro_rules! stays_a_day {
    () => {
        stay::ended_on.is_null().or(stay::ended_on.gt(stay::placed_on.nullable()))
    };
}

pub(crate) use stays_a_day;
