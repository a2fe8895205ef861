//! Of which classes the data is that an operation shows or changes (C035).

use std::collections::BTreeSet;

use crate::audit::entry::{Object, ObjectKind};
use crate::values::text::code_list;

code_list! {
    /// A class of personal data, as a report of a datalek names them.
    pub enum DataClass {
        /// What belongs to none of the others: a name, a day of birth, a group.
        Ordinary = "ordinary",
        /// Special categories, such as what tells of somebody's health: free text can.
        SpecialCategory = "special-category",
        /// Of a sensitive nature, such as a home language or being behind.
        Sensitive = "sensitive",
        /// What somebody logs in with or is known by: an address to log in with, an ECK iD, a network address.
        AccessIdentification = "access-identification",
        /// Financial. The service keeps nothing of that of anybody.
        Financial = "financial",
        /// What a child has learned.
        LearningResult = "learning-result",
    }
}

use DataClass::{AccessIdentification, LearningResult, Ordinary, Sensitive, SpecialCategory};

/// All that is known of a child itself: names, day of birth, home language, particulars, ECK iD.
const CHILD: &[DataClass] = &[Ordinary, SpecialCategory, Sensitive, AccessIdentification];
/// Which child it is, where it is and how long it is kept.
const WHICH_CHILD: &[DataClass] = &[Ordinary];
/// What a line of a list of children shows: names, day of birth, group.
const ROSTER: &[DataClass] = &[Ordinary];
/// The same to the helpdesk, with the home language.
const SUPPORT_ROSTER: &[DataClass] = &[Ordinary, Sensitive];
/// What professionals wrote in their own words.
const NOTE: &[DataClass] = &[SpecialCategory, Sensitive, LearningResult];
/// What was registered of a child's development, with the remarks beside it.
const DEVELOPMENT: &[DataClass] = &[SpecialCategory, Sensitive, LearningResult];
/// The same, of children by name.
const OVERVIEW: &[DataClass] = &[Ordinary, Sensitive, LearningResult];
/// What a group works towards, and which children it is meant for.
const GOAL: &[DataClass] = &[Ordinary, LearningResult];
/// What is known of a user.
const USER: &[DataClass] = &[Ordinary, AccessIdentification];
/// As whom a user is known to her colleagues.
const COLLEAGUE: &[DataClass] = &[Ordinary];
/// Where a child is, and why that was changed: such a text can say anything.
const WHY: &[DataClass] = &[Ordinary, SpecialCategory, Sensitive];
/// What people wrote of something that went wrong.
const INCIDENT: &[DataClass] = &[Ordinary, SpecialCategory, Sensitive];
/// From where and when somebody logged in.
const LOGIN: &[DataClass] = &[AccessIdentification];
/// Everything that an institution has.
const EVERYTHING: &[DataClass] =
    &[Ordinary, SpecialCategory, Sensitive, AccessIdentification, LearningResult];

/// The operations and jobs that show or change what is known of persons, with the classes of that.
const TABLE: &[(&[&str], &[DataClass])] = &[
    (
        &[
            "readPupil",
            "createPupil",
            "changePupil",
            "listEarlierBirthDates",
            "createImport",
            "applyImport",
            "listImportLines",
        ],
        CHILD,
    ),
    (&["listPupils", "searchPupils", "listPupilsOfGroup", "listDueRegistrations"], ROSTER),
    (&["listSupportPupils"], SUPPORT_ROSTER),
    (
        &[
            "listPlacements",
            "readPlacement",
            "placePupil",
            "archivePupil",
            "restorePupil",
            "archiveGroup",
            "restoreGroup",
            "archiveSchoolYear",
            "restoreSchoolYear",
            "recordDeparture",
            "undoDeparture",
            "listHoldsOnPupil",
            "listHoldsOnInstitution",
            "readHold",
            "holdPupil",
            "holdInstitution",
            "liftHold",
            "forecastDestruction",
            "changeRetentionPolicy",
            "readRetentionPolicy",
            "listImports",
            "readImport",
            "readPupilAccessLog",
            "readPupilReaders",
            "workOutExposure",
        ],
        WHICH_CHILD,
    ),
    (
        &[
            "listNotes",
            "readNote",
            "listNoteRevisions",
            "createNote",
            "changeNote",
            "withdrawNote",
            "moveNote",
        ],
        NOTE,
    ),
    (
        &[
            "listRegistrations",
            "readRegistration",
            "listRegistrationVersions",
            "readRegistrationVersion",
            "createRegistration",
            "changeRegistration",
            "correctRegistration",
            "finaliseRegistration",
            "withdrawRegistration",
            "discardRegistrationDraft",
            "listSupportRegistrations",
        ],
        DEVELOPMENT,
    ),
    (&["changePlacement", "takePlacementAway", "listPlacementChanges"], WHY),
    (&["readGroupOverview", "readPupilOverview", "readGoalEffect"], OVERVIEW),
    (&["listGoals", "readGoal", "createGoal", "changeGoal", "deleteGoal", "addGoalOffer"], GOAL),
    (
        &[
            "listUsers",
            "readUser",
            "createUser",
            "changeUser",
            "inviteUser",
            "resetSecondFactorOfUser",
            "readPermissionsOfUser",
            "listRightChanges",
            "listContacts",
            "readContact",
            "changeContact",
            "unblockContact",
            "askForEmailAddress",
            "confirmEmailAddress",
            "moveEmailAddresses",
            "exceptAddressOfUser",
            "settleAddresses",
            "readUserAccessLog",
            "readOwnAccessLog",
        ],
        USER,
    ),
    (
        &[
            "listSessionsOfUser",
            "endSessionsOfUser",
            "readAccessSettings",
            "changeAccessSettings",
            "listAuditEntries",
            "exportAuditLog",
        ],
        LOGIN,
    ),
    (&["listColleagues", "searchColleagues", "readColleague"], COLLEAGUE),
    (&["exportInstitution"], EVERYTHING),
];

/// The operations by which everything that an institution has goes somewhere, whomever their entries name.
const OF_ALL: &[&str] = &["exportInstitution"];

/// The classes of what an operation or job shows or changes, if it is one that is about persons by itself.
pub fn of_operation(operation: &str) -> Option<&'static [DataClass]> {
    TABLE.iter().find(|(operations, _)| operations.contains(&operation)).map(|(_, classes)| *classes)
}

/// The classes of everything that an institution has.
pub const fn everything() -> &'static [DataClass] {
    EVERYTHING
}

/// Whether everything that an institution has goes somewhere by this operation.
pub fn is_of_all(operation: &str) -> bool {
    OF_ALL.contains(&operation)
}

/// The classes of what is kept about a thing of this kind.
const fn of_kind(kind: ObjectKind) -> &'static [DataClass] {
    match kind {
        ObjectKind::Pupil => CHILD,
        ObjectKind::Placement | ObjectKind::Destruction | ObjectKind::Hold => WHICH_CHILD,
        ObjectKind::Note => NOTE,
        ObjectKind::Registration => DEVELOPMENT,
        ObjectKind::Overview => OVERVIEW,
        ObjectKind::User | ObjectKind::ProcessorStaff | ObjectKind::Invitation => USER,
        ObjectKind::Session => LOGIN,
        ObjectKind::LicenceHolder | ObjectKind::ContactPerson => USER,
        // Its texts can say anything about anybody.
        ObjectKind::Incident => INCIDENT,
        _ => &[],
    }
}

/// The classes of what was shown or changed by a request, from its operation; of one that is not in the table, from
/// everything that it touched, so that none is left out.
pub fn of_request(operation: &str, touched: &[Object]) -> BTreeSet<DataClass> {
    match of_operation(operation) {
        Some(classes) => classes.iter().copied().collect(),
        None => touched.iter().flat_map(|(kind, _)| of_kind(*kind)).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn c035_each_operation_has_its_classes_once() {
        let all: Vec<_> = TABLE.iter().flat_map(|(operations, _)| *operations).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(TABLE.iter().all(|(_, classes)| !classes.is_empty()));
        assert!(OF_ALL.iter().all(|operation| of_operation(operation) == Some(EVERYTHING)));
    }

    #[test]
    fn c035_what_touches_a_person_by_another_operation_has_the_classes_of_what_it_touched() {
        for kind in [ObjectKind::Pupil, ObjectKind::User, ObjectKind::ProcessorStaff] {
            assert!(!of_request("anotherJob", &[(kind, Uuid::nil())]).is_empty());
        }
        let note = [(ObjectKind::Note, Uuid::nil()), (ObjectKind::Pupil, Uuid::nil())];
        assert!(of_request("anotherJob", &note).contains(&LearningResult));
        assert!(!of_request("listPlacements", &note).contains(&LearningResult));
        assert!(of_request("anotherJob", &[(ObjectKind::Framework, Uuid::nil())]).is_empty());
    }
}
