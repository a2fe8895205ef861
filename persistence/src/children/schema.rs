//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! A column has the type of what it holds (`groeilijn_engine::columns`); `Binary` columns are sealed values.

use groeilijn_domain::children::{
    departure as departures, framework as frameworks, import as imports, registration as registrations,
    school_file as files,
};
use groeilijn_domain::values::calendar;
use groeilijn_engine::{code_columns, id_columns, text_columns};

id_columns! {
    AdditionalGroupId FollowUpId FrameworkId GoalId GoalOfferId GroupId ImportId LocationId NoteId PlacementChangeId PlacementId PupilId RegistrationId SchoolYearTransitionId
}

code_columns! {
    DepartureKind: departures::DepartureKind,
    FileFormat: files::FileFormat,
    FrameworkState: frameworks::FrameworkState,
    ImportFailure: imports::Failure,
    ImportState: imports::ImportState,
    Locale: frameworks::Locale,
    RegistrationState: registrations::RegistrationState,
}

text_columns! {
    FrameworkCode: frameworks::FrameworkCode, |text| frameworks::FrameworkCode::parse(text).ok();
    HalfYear: calendar::HalfYear, |text| calendar::HalfYear::parse(text).ok();
    SchoolYear: calendar::SchoolYear, |text| calendar::SchoolYear::parse(text).ok();
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::{FrameworkCode, FrameworkId, FrameworkState, Locale};

    framework (id) {
        id -> FrameworkId,
        code -> FrameworkCode,
        version -> Integer,
        locale -> Locale,
        title -> Text,
        state -> FrameworkState,
        document -> Text,
        revision -> Integer,
        created_at -> Moment,
        published_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment};
    use super::{GroupId, LocationId, SchoolYear};

    groups (institution_id, id) {
        institution_id -> InstitutionId,
        id -> GroupId,
        name -> Binary,
        location -> Binary,
        school_key -> Binary,
        school_year -> SchoolYear,
        revision -> Integer,
        created_at -> Moment,
        archived_at -> Nullable<Moment>,
        location_id -> Nullable<LocationId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, UserId};
    use super::GroupId;

    user_group (institution_id, user_id, group_id) {
        institution_id -> InstitutionId,
        user_id -> UserId,
        group_id -> GroupId,
        first_day -> Nullable<Day>,
        last_day -> Nullable<Day>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, UserId};
    use super::LocationId;

    user_location (institution_id, user_id, location_id) {
        institution_id -> InstitutionId,
        user_id -> UserId,
        location_id -> LocationId,
        first_day -> Nullable<Day>,
        last_day -> Nullable<Day>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};
    use super::{DepartureKind, PupilId};

    pupil (institution_id, id) {
        institution_id -> InstitutionId,
        id -> PupilId,
        name -> Binary,
        gender -> Binary,
        home_language -> Binary,
        birth_date -> Binary,
        vve -> Binary,
        day_parts_per_week -> Binary,
        particulars -> Binary,
        eck_id -> Binary,
        school_key -> Binary,
        revision -> Integer,
        created_at -> Moment,
        archived_at -> Nullable<Moment>,
        departed_on -> Nullable<Day>,
        departure_kind -> Nullable<DepartureKind>,
        destination -> Nullable<Binary>,
        destroying_at -> Nullable<Moment>,
        weeks_premature -> Nullable<Binary>,
        year_level -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::PupilId;

    earlier_birth_date (institution_id, pupil_id, revision) {
        institution_id -> InstitutionId,
        pupil_id -> PupilId,
        revision -> Integer,
        birth_date -> Binary,
        corrected_by -> Nullable<UserId>,
        corrected_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};
    use super::{GroupId, PlacementId, PupilId, SchoolYearTransitionId};

    placement (institution_id, id) {
        institution_id -> InstitutionId,
        id -> PlacementId,
        pupil_id -> PupilId,
        group_id -> GroupId,
        placed_on -> Day,
        ended_on -> Nullable<Day>,
        created_at -> Moment,
        departed_on -> Nullable<Day>,
        revision -> Integer,
        transition_id -> Nullable<SchoolYearTransitionId>,
        transition_move -> Nullable<Integer>,
        transition_ended_on -> Nullable<Day>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, Day, InstitutionId, Moment};
    use super::SchoolYearTransitionId;

    school_year_transition (institution_id, id) {
        institution_id -> InstitutionId,
        id -> SchoolYearTransitionId,
        first_day -> Day,
        outcome -> Text,
        made_by -> AnyId,
        made_at -> Moment,
        undone_by -> Nullable<AnyId>,
        undone_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};
    use super::{AdditionalGroupId, GroupId, PupilId};

    additional_group (institution_id, id) {
        institution_id -> InstitutionId,
        id -> AdditionalGroupId,
        pupil_id -> PupilId,
        group_id -> GroupId,
        placed_on -> Day,
        ended_on -> Day,
        ended_on_otherwise -> Nullable<Day>,
        day_parts_per_week -> Binary,
        revision -> Integer,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, InstitutionId, Moment};
    use super::{PlacementChangeId, PlacementId, PupilId};

    placement_change (institution_id, id) {
        institution_id -> InstitutionId,
        id -> PlacementChangeId,
        pupil_id -> PupilId,
        placement_id -> PlacementId,
        changed_by -> AnyId,
        changed_at -> Moment,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{NoteId, PupilId};

    note (institution_id, id) {
        institution_id -> InstitutionId,
        id -> NoteId,
        pupil_id -> PupilId,
        author_id -> UserId,
        observed_on -> Day,
        text -> Binary,
        lines -> Binary,
        revision -> Integer,
        created_at -> Moment,
        changed_at -> Moment,
        withdrawn_at -> Nullable<Moment>,
        withdrawn_by -> Nullable<UserId>,
        withdrawal_reason -> Nullable<Binary>,
        moved_to -> Nullable<NoteId>,
        moved_from -> Nullable<NoteId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};
    use super::NoteId;

    note_revision (institution_id, note_id, revision) {
        institution_id -> InstitutionId,
        note_id -> NoteId,
        revision -> Integer,
        observed_on -> Day,
        text -> Binary,
        lines -> Binary,
        written_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{FrameworkId, GroupId, HalfYear, PupilId, RegistrationId};

    registration (institution_id, id) {
        institution_id -> InstitutionId,
        id -> RegistrationId,
        pupil_id -> PupilId,
        group_id -> GroupId,
        framework_id -> FrameworkId,
        half_year -> HalfYear,
        registered_on -> Day,
        draft_version -> Nullable<Integer>,
        final_version -> Nullable<Integer>,
        revision -> Integer,
        created_at -> Moment,
        withdrawn_at -> Nullable<Moment>,
        withdrawn_by -> Nullable<UserId>,
        withdrawal_reason -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{RegistrationId, RegistrationState};

    registration_version (institution_id, registration_id, version) {
        institution_id -> InstitutionId,
        registration_id -> RegistrationId,
        version -> Integer,
        state -> RegistrationState,
        author_id -> UserId,
        judgements -> Binary,
        reason -> Binary,
        created_at -> Moment,
        changed_at -> Moment,
        finalised_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{FollowUpId, PupilId, RegistrationId};

    follow_up (institution_id, id) {
        institution_id -> InstitutionId,
        id -> FollowUpId,
        pupil_id -> PupilId,
        registration_id -> RegistrationId,
        author_id -> UserId,
        follow_up_on -> Day,
        line -> Binary,
        plan -> Binary,
        outcome -> Nullable<Binary>,
        finished_at -> Nullable<Moment>,
        finished_by -> Nullable<UserId>,
        revision -> Integer,
        created_at -> Moment,
        changed_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{FrameworkId, GoalId, GroupId};

    goal (institution_id, id) {
        institution_id -> InstitutionId,
        id -> GoalId,
        group_id -> GroupId,
        framework_id -> FrameworkId,
        author_id -> UserId,
        first_day -> Day,
        last_day -> Day,
        line -> Binary,
        text -> Binary,
        revision -> Integer,
        created_at -> Moment,
        changed_at -> Moment,
    }
}

diesel::table! {
    use groeilijn_engine::columns::InstitutionId;
    use super::{GoalId, PupilId};

    goal_pupil (institution_id, goal_id, pupil_id) {
        institution_id -> InstitutionId,
        goal_id -> GoalId,
        pupil_id -> PupilId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{GoalId, GoalOfferId};

    goal_offer (institution_id, id) {
        institution_id -> InstitutionId,
        id -> GoalOfferId,
        goal_id -> GoalId,
        author_id -> UserId,
        offered_on -> Day,
        text -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, InstitutionId, Moment, UserId};
    use super::{FileFormat, ImportFailure, ImportId, ImportState};

    import (institution_id, id) {
        institution_id -> InstitutionId,
        id -> ImportId,
        format -> FileFormat,
        state -> ImportState,
        author_id -> UserId,
        lines_total -> Integer,
        lines_done -> Integer,
        counts -> Text,
        report_id -> AnyId,
        failure -> Nullable<ImportFailure>,
        revision -> Integer,
        created_at -> Moment,
        finished_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, InstitutionId};
    use super::ImportId;

    import_part (institution_id, id) {
        institution_id -> InstitutionId,
        id -> AnyId,
        import_id -> ImportId,
        kind -> Text,
        number -> Integer,
        content -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    follow_up,
    framework,
    groups,
    note,
    note_revision,
    placement,
    pupil,
    registration,
    registration_version,
    user_group,
    user_location
);
diesel::allow_tables_to_appear_in_same_query!(import, import_part);
