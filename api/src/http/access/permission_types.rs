//! The parts of the system and the actions as types, so that the signature of a handler can name them.

use groeilijn_domain::access::{Action, Part};

macro_rules! types_of {
    ($(#[doc = $doc:literal])* $module:ident $trait:ident $list:ident: $($name:ident)*) => {
        $(#[doc = $doc])*
        pub trait $trait: 'static {
            /// The member of the list.
            const VALUE: $list;
        }

        #[doc = concat!("The members of [`", stringify!($list), "`] as types.")]
        pub mod $module {
            use super::{$list, $trait};

            $(
                #[doc = concat!("[`", stringify!($list), "::", stringify!($name), "`] as a type.")]
                #[derive(Debug)]
                pub enum $name {}

                impl $trait for $name {
                    const VALUE: $list = $list::$name;
                }
            )*
        }
    };
}

types_of! {
    /// A part of the system as a type.
    part IsPart Part:
    Institutions Organisations Licences Users Groups Pupils Notes Registrations Overviews Imports Frameworks Account Credentials
    SecurityEvents ApiTokens SupportConsents SupportRequests SupportSessions SupportView Contacts Couplings ProcessorStaff
    LicenceHolders Locations ContractDocuments AdministratorRecoveries
    Retention Destructions
    Subprocessors InstitutionEndings ContactPersons ProcessorContactPersons Instructions ExtraProcessings ForcedProcessings AuditLog
    Compliance Audits
    Webhooks
    Incidents IncidentCases
    Exposures LogReviews Disclosures
    Colleagues
    FrameworkChoices
}

types_of! {
    /// An action as a type.
    action IsAction Action:
    Read Create Change Delete Export
}
