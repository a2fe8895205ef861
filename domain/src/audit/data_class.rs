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

/// What an operation shows or changes, as one would say it in a report of a datalek.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// In Dutch, as such reports are.
    pub words: &'static str,
    /// Of which classes it is.
    pub classes: &'static [DataClass],
}

impl Subject {
    const fn new(words: &'static str, classes: &'static [DataClass]) -> Self {
        Self { words, classes }
    }
}

/// All that is known of a child itself: names, day of birth, home language, particulars, ECK iD.
const CHILD: Subject =
    Subject::new("gegevens van het kind", &[Ordinary, SpecialCategory, Sensitive, AccessIdentification]);
/// Which child it is, where it is and how long it is kept.
const WHICH_CHILD: Subject =
    Subject::new("om welk kind het gaat, waar het is en hoe lang het bewaard wordt", &[Ordinary]);
/// What a line of a list of children shows: names, day of birth, group.
const ROSTER: Subject = Subject::new("lijsten van kinderen", &[Ordinary]);
/// The same to the helpdesk, with the home language.
const SUPPORT_ROSTER: Subject =
    Subject::new("lijsten van kinderen met hun thuistaal", &[Ordinary, Sensitive]);
/// What professionals wrote in their own words.
const NOTE: Subject = Subject::new("notities", &[SpecialCategory, Sensitive, LearningResult]);
/// What was registered of a child's development, with the remarks beside it.
const DEVELOPMENT: Subject =
    Subject::new("registraties van de ontwikkeling", &[SpecialCategory, Sensitive, LearningResult]);
/// The same, of children by name.
const OVERVIEW: Subject =
    Subject::new("overzichten van de ontwikkeling", &[Ordinary, Sensitive, LearningResult]);
/// The report for a talk with parents, which may hold notes.
const REPORT: Subject =
    Subject::new("verslagen voor ouders", &[Ordinary, SpecialCategory, Sensitive, LearningResult]);
/// The notes and registrations that are sent in one request.
const SENT: Subject =
    Subject::new("notities en registraties", &[Ordinary, SpecialCategory, Sensitive, LearningResult]);
/// What a group works towards, and which children it is meant for.
const GOAL: Subject = Subject::new("doelen van groepen", &[Ordinary, LearningResult]);
/// What is known of a user.
const USER: Subject = Subject::new("gegevens van gebruikers", &[Ordinary, AccessIdentification]);
/// As whom a user is known to her colleagues.
const COLLEAGUE: Subject = Subject::new("namen en functies van collega's", &[Ordinary]);
/// Where a child is, and why that was changed: such a text can say anything.
const WHY: Subject = Subject::new("plaatsingen met de reden ervan", &[Ordinary, SpecialCategory, Sensitive]);
/// What people wrote of something that went wrong.
const INCIDENT: Subject = Subject::new("meldingen van incidenten", &[Ordinary, SpecialCategory, Sensitive]);
/// From where and when somebody logged in.
const LOGIN: Subject = Subject::new("gegevens over het inloggen", &[AccessIdentification]);
/// Everything that an institution has.
const EVERYTHING: Subject = Subject::new(
    "alles wat de instelling bewaart",
    &[Ordinary, SpecialCategory, Sensitive, AccessIdentification, LearningResult],
);

/// The operations and jobs that show or change what is known of persons, with the classes of that.
const TABLE: &[(&[&str], Subject)] = &[
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
    (
        &["listPupils", "searchPupils", "listMissingPupils", "listPupilsOfGroup", "listDueRegistrations"],
        ROSTER,
    ),
    (&["listSupportPupils"], SUPPORT_ROSTER),
    (
        &[
            "followChanges",
            "streamChanges",
            "listPlacements",
            "readPlacement",
            "listAdditionalGroups",
            "readAdditionalGroup",
            "addAdditionalGroup",
            "changeAdditionalGroup",
            "removeAdditionalGroup",
            "placePupil",
            "createSchoolYearTransition",
            "previewSchoolYearTransition",
            "undoSchoolYearTransition",
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
            "listSchoolYearTransitions",
            "readSchoolYearTransition",
            "readPupilAccessLog",
            "readPupilReaders",
            "workOutExposure",
        ],
        WHICH_CHILD,
    ),
    (
        &[
            "listNotes",
            "searchNotes",
            "readNote",
            "listNoteRevisions",
            "createNote",
            "createSharedNote",
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
            "readRegistrationReadiness",
            "createRegistration",
            "changeRegistration",
            "correctRegistration",
            "finaliseRegistration",
            "withdrawRegistration",
            "discardRegistrationDraft",
            "listFollowUpsOfRegistration",
            "createFollowUp",
            "readFollowUp",
            "changeFollowUp",
            "deleteFollowUp",
            "finishFollowUp",
            "listSupportRegistrations",
        ],
        DEVELOPMENT,
    ),
    (&["sendBatch"], SENT),
    (&["changePlacement", "takePlacementAway", "listPlacementChanges"], WHY),
    (&["readGroupOverview", "reportGroup", "readPupilOverview", "readGoalEffect", "listFollowUps"], OVERVIEW),
    (&["reportToParents"], REPORT),
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

/// What an operation or job shows or changes, if it is one that is about persons by itself.
pub fn of_operation(operation: &str) -> Option<Subject> {
    TABLE.iter().find(|(operations, _)| operations.contains(&operation)).map(|(_, subject)| *subject)
}

/// The classes of everything that an institution has.
pub const fn everything() -> &'static [DataClass] {
    EVERYTHING.classes
}

/// Whether everything that an institution has goes somewhere by this operation.
pub fn is_of_all(operation: &str) -> bool {
    OF_ALL.contains(&operation)
}

/// What is kept about a thing of this kind.
const fn of_kind(kind: ObjectKind) -> Option<Subject> {
    Some(match kind {
        ObjectKind::Pupil => CHILD,
        ObjectKind::Placement | ObjectKind::AdditionalGroup | ObjectKind::Destruction | ObjectKind::Hold => {
            WHICH_CHILD
        }
        ObjectKind::Note => NOTE,
        ObjectKind::Registration => DEVELOPMENT,
        ObjectKind::Overview => OVERVIEW,
        ObjectKind::User | ObjectKind::ProcessorStaff | ObjectKind::Invitation => USER,
        ObjectKind::Session => LOGIN,
        ObjectKind::LicenceHolder | ObjectKind::ContactPerson => USER,
        // Its texts can say anything about anybody.
        ObjectKind::Incident => INCIDENT,
        _ => return None,
    })
}

/// What was shown or changed by a request, from its operation; of one that is not in the table, from everything that it
/// touched, so that nothing is left out.
pub fn of_request(operation: &str, touched: &[Object]) -> BTreeSet<Subject> {
    match of_operation(operation) {
        Some(subject) => BTreeSet::from([subject]),
        None => touched.iter().filter_map(|(kind, _)| of_kind(*kind)).collect(),
    }
}

/// The classes that any of these is of.
pub fn classes_of<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> BTreeSet<DataClass> {
    subjects.into_iter().flat_map(|subject| subject.classes).copied().collect()
}

/// Each of them.
#[cfg(test)]
pub fn all_subjects() -> impl Iterator<Item = Subject> {
    TABLE.iter().map(|(_, subject)| *subject).chain([INCIDENT])
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn c035_each_operation_has_its_classes_once() {
        let all: Vec<_> = TABLE.iter().flat_map(|(operations, _)| *operations).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(TABLE.iter().all(|(_, subject)| !subject.classes.is_empty()));
        assert!(OF_ALL.iter().all(|operation| of_operation(operation) == Some(EVERYTHING)));
    }

    #[test]
    fn c035_what_touches_a_person_by_another_operation_has_the_classes_of_what_it_touched() {
        for kind in [ObjectKind::Pupil, ObjectKind::User, ObjectKind::ProcessorStaff] {
            assert!(!of_request("anotherJob", &[(kind, Uuid::nil())]).is_empty());
        }
        let note = [(ObjectKind::Note, Uuid::nil()), (ObjectKind::Pupil, Uuid::nil())];
        let classes = |operation| classes_of(&of_request(operation, &note));
        assert!(classes("anotherJob").contains(&LearningResult));
        assert!(!classes("listPlacements").contains(&LearningResult));
        assert!(of_request("anotherJob", &[(ObjectKind::Framework, Uuid::nil())]).is_empty());
    }
}
