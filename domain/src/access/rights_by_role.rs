//! What each role may do as long as nobody gave it other rights: the table itself.
//!
//! Essential points (frameworks) change only at the platform (C072); only the administrator creates users and gives
//! access (C006).

use super::{Action, Function, Part, ProcessorFunction, Role, Scope};

/// One line of the table: these actions on this part, this far.
pub(super) type Grant = (Part, &'static [Action], Scope);

const READ: &[Action] = &[Action::Read];
const READ_EXPORT: &[Action] = &[Action::Read, Action::Export];
const READ_CREATE: &[Action] = &[Action::Read, Action::Create];
const READ_CREATE_DELETE: &[Action] = &[Action::Read, Action::Create, Action::Delete];
const READ_CREATE_CHANGE: &[Action] = &[Action::Read, Action::Create, Action::Change];
const READ_CREATE_CHANGE_EXPORT: &[Action] = &[Action::Read, Action::Create, Action::Change, Action::Export];
const READ_CHANGE_EXPORT: &[Action] = &[Action::Read, Action::Change, Action::Export];
const READ_CHANGE: &[Action] = &[Action::Read, Action::Change];
const READ_CHANGE_DELETE: &[Action] = &[Action::Read, Action::Change, Action::Delete];
const READ_DELETE: &[Action] = &[Action::Read, Action::Delete];
const ALL_BUT_EXPORT: &[Action] = &[Action::Read, Action::Create, Action::Change, Action::Delete];
const EVERYTHING: &[Action] = &Action::ALL;

/// What is particular to a role.
pub(super) const fn grants(role: Role) -> &'static [Grant] {
    match role {
        Role::Institution(function) => at_an_institution(function),
        Role::Processor(function) => at_the_processor(function),
    }
}

/// What everybody has on the same side: first of all their own account. The scope says where it is kept.
pub(super) const fn common(role: Role) -> &'static [Grant] {
    match role {
        Role::Institution(_) => &[
            (Part::Account, READ_CHANGE_DELETE, Scope::Institution),
            (Part::Credentials, ALL_BUT_EXPORT, Scope::Institution),
            (Part::SupportConsents, READ_CREATE_DELETE, Scope::Institution),
            (Part::Institutions, READ, Scope::Institution),
            (Part::Frameworks, READ, Scope::Institution),
            (Part::ContractDocuments, READ, Scope::Institution),
            (Part::Colleagues, READ, Scope::Institution),
        ],
        Role::Processor(_) => &[
            (Part::Account, READ_CHANGE_DELETE, Scope::Platform),
            (Part::Credentials, ALL_BUT_EXPORT, Scope::Platform),
        ],
    }
}

const fn at_an_institution(function: Function) -> &'static [Grant] {
    use Function::*;
    use Part::*;
    use Scope::*;
    match function {
        Administrator => &[
            (Licences, READ_CREATE_DELETE, Institution),
            (Users, READ_CREATE_CHANGE, Institution),
            (Groups, EVERYTHING, Institution),
            (Pupils, &[Action::Read, Action::Create, Action::Change, Action::Export], Institution),
            (Imports, READ_CREATE_CHANGE, Institution),
            (Notes, READ_EXPORT, Institution),
            (Registrations, READ_EXPORT, Institution),
            (Overviews, READ_EXPORT, Institution),
            (SecurityEvents, READ, Institution),
            (ApiTokens, READ_CREATE_DELETE, Institution),
            (SupportRequests, ALL_BUT_EXPORT, Institution),
            (SupportSessions, READ_DELETE, Institution),
            (Couplings, READ_CHANGE_DELETE, Institution),
            (LicenceHolders, READ, Institution),
            (AdministratorRecoveries, READ_DELETE, Institution),
            (Locations, READ_CREATE_CHANGE, Institution),
            (Retention, ALL_BUT_EXPORT, Institution),
            (Destructions, READ_CREATE_CHANGE, Institution),
            (Subprocessors, READ_CHANGE, Institution),
            (ContactPersons, READ_CREATE_DELETE, Institution),
            (ProcessorContactPersons, READ, Institution),
            (Instructions, READ_CREATE_DELETE, Institution),
            (ExtraProcessings, READ_CHANGE, Institution),
            (ForcedProcessings, READ, Institution),
            (AuditLog, READ_EXPORT, Institution),
            (Compliance, READ, Institution),
            (Webhooks, ALL_BUT_EXPORT, Institution),
            (Incidents, READ_CREATE_CHANGE_EXPORT, Institution),
            (Exposures, READ, Institution),
            (Audits, READ_CREATE_CHANGE, Institution),
            (LogReviews, READ_CREATE, Institution),
            (Disclosures, READ_CREATE, Institution),
            (FrameworkChoices, READ_CHANGE, Institution),
        ],
        Teacher | ChildcareWorker => &[
            (Groups, READ, OwnGroups),
            (FrameworkChoices, READ, Institution),
            (Pupils, READ, OwnGroups),
            (Notes, READ_CREATE_CHANGE, OwnGroups),
            (Registrations, ALL_BUT_EXPORT, OwnGroups),
            // The report for a talk with parents, which they have.
            (Overviews, READ_EXPORT, OwnGroups),
            (SupportRequests, READ_CREATE_DELETE, OwnGroups),
            (Destructions, READ_CHANGE, Institution),
            (Incidents, READ_CREATE, OwnGroups),
        ],
        InternBegeleider => &[
            (Groups, READ, Institution),
            (FrameworkChoices, READ, Institution),
            (Pupils, READ_CHANGE, Institution),
            (Notes, READ_CREATE_CHANGE, Institution),
            (Registrations, ALL_BUT_EXPORT, Institution),
            (Overviews, READ_EXPORT, Institution),
            (SupportRequests, READ_CREATE_DELETE, Institution),
            (Destructions, READ_CHANGE, Institution),
            (Incidents, READ_CREATE, OwnGroups),
        ],
        Management => &[
            (Licences, READ, Institution),
            (Groups, READ, Institution),
            (FrameworkChoices, READ, Institution),
            (Pupils, READ, Institution),
            (Registrations, READ, Institution),
            (Overviews, READ, Institution),
            (SupportRequests, READ_CREATE_DELETE, Institution),
            (Locations, READ, Institution),
            (Destructions, READ_CHANGE, Institution),
            (Incidents, READ_CREATE, Institution),
        ],
        QualityOfficer => &[
            (Groups, READ, Institution),
            (FrameworkChoices, READ, Institution),
            (Pupils, READ, Institution),
            (Overviews, READ, Institution),
            (Destructions, READ_CHANGE, Institution),
            (Incidents, READ_CREATE, OwnGroups),
        ],
        PedagogicalCoach => &[
            (Groups, READ, OwnGroups),
            (FrameworkChoices, READ, Institution),
            (Pupils, READ, OwnGroups),
            (Notes, READ_CREATE_CHANGE, OwnGroups),
            (Registrations, READ, OwnGroups),
            (Overviews, READ, OwnGroups),
            (SupportRequests, READ_CREATE_DELETE, OwnGroups),
            (Destructions, READ_CHANGE, Institution),
            (Incidents, READ_CREATE, OwnGroups),
        ],
    }
}

const fn at_the_processor(function: ProcessorFunction) -> &'static [Grant] {
    use Part::*;
    use ProcessorFunction::*;
    use Scope::Platform;
    match function {
        Marketing => &[(Institutions, READ, Platform), (Contacts, READ, Platform)],
        Secretariat => &[
            (Institutions, READ_CREATE_CHANGE, Platform),
            (Organisations, ALL_BUT_EXPORT, Platform),
            (Licences, READ_CHANGE_DELETE, Platform),
            (Contacts, READ, Platform),
            (Couplings, READ_CREATE_DELETE, Platform),
            (LicenceHolders, READ_CREATE_CHANGE, Platform),
            (AdministratorRecoveries, ALL_BUT_EXPORT, Platform),
            (ContractDocuments, READ_CREATE, Platform),
            (Subprocessors, READ_CREATE_DELETE, Platform),
            (InstitutionEndings, READ_CHANGE, Platform),
            (ContactPersons, READ, Platform),
            (ProcessorContactPersons, READ_CREATE_DELETE, Platform),
            (Instructions, READ_CHANGE, Platform),
            (ExtraProcessings, READ, Platform),
            (ForcedProcessings, READ_CREATE, Platform),
            (Compliance, READ_CREATE, Platform),
            (Audits, READ_CHANGE, Platform),
            (Disclosures, READ_CREATE, Platform),
        ],
        Adviser => &[
            (Institutions, READ, Platform),
            (Couplings, READ, Platform),
            (SupportRequests, READ, Platform),
            (SupportSessions, READ_CREATE_DELETE, Platform),
        ],
        AccountManager => &[
            (Institutions, READ, Platform),
            (Contacts, READ_CHANGE, Platform),
            (AdministratorRecoveries, ALL_BUT_EXPORT, Platform),
        ],
        Helpdesk => &[
            (Institutions, READ, Platform),
            (Contacts, READ, Platform),
            (AdministratorRecoveries, ALL_BUT_EXPORT, Platform),
            (SupportSessions, READ_CREATE_DELETE, Platform),
            (IncidentCases, READ_CREATE, Platform),
        ],
        PlatformAdministrator => &[
            (Institutions, READ_CREATE_CHANGE, Platform),
            (Organisations, READ, Platform),
            (Licences, READ_CHANGE, Platform),
            (Frameworks, ALL_BUT_EXPORT, Platform),
            (ProcessorStaff, READ_CREATE_CHANGE, Platform),
            (SecurityEvents, READ, Platform),
            (SupportSessions, READ_CREATE_DELETE, Platform),
            (LicenceHolders, READ_CREATE_CHANGE, Platform),
            (ContractDocuments, READ_CREATE, Platform),
            (ForcedProcessings, READ_CREATE, Platform),
            (Subprocessors, READ_CREATE_DELETE, Platform),
            (InstitutionEndings, READ_CHANGE, Platform),
            (Compliance, READ_CREATE, Platform),
            (Audits, READ_CHANGE, Platform),
            (Incidents, READ_CHANGE_EXPORT, Platform),
            (IncidentCases, READ_CREATE_CHANGE, Platform),
            (Exposures, READ, Platform),
            (Disclosures, READ_CREATE, Platform),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_has_two_lines_for_one_part() {
        for role in Role::ALL {
            for part in Part::ALL {
                let lines = grants(role).iter().chain(common(role)).filter(|grant| grant.0 == part);
                assert!(lines.count() <= 1, "{role:?} {part:?}");
            }
        }
    }
}
