//! What permissions are made of: a part of the system, what is done with it, and how far that reaches (C006, C066).

use crate::values::text::code_list;

code_list! {
    /// A part of the system that access is given to (C006).
    pub enum Part {
        /// Institutions and their settings.
        Institutions = "institutions",
        /// Boards of several institutions.
        Organisations = "organisations",
        /// Licences and their terms.
        Licences = "licences",
        /// Users, their functions, rights, groups and invitations.
        Users = "users",
        /// Groups of children.
        Groups = "groups",
        /// Children and their placements.
        Pupils = "pupils",
        /// Notes about what was seen.
        Notes = "notes",
        /// Registrations of development.
        Registrations = "registrations",
        /// Overviews per child and per group.
        Overviews = "overviews",
        /// Imports of school files, and school years that are begun in one act.
        Imports = "imports",
        /// Observation frameworks.
        Frameworks = "frameworks",
        /// The actor's own account and sessions.
        Account = "account",
        /// What the actor logs in with: all that is left to whoever must choose another password (C059).
        Credentials = "credentials",
        /// What may be an attack (C079).
        SecurityEvents = "security-events",
        /// Tokens with which programs and auditors ask.
        ApiTokens = "api-tokens",
        /// What users allow the processor's staff to see of them (C012, C050).
        SupportConsents = "support-consents",
        /// What an institution asks an adviser (C010, C146).
        SupportRequests = "support-requests",
        /// Looks of the processor's staff into an institution (C010, C012, C013).
        SupportSessions = "support-sessions",
        /// What the helpdesk sees of children in a support session, and nothing else (C016).
        SupportView = "support-view",
        /// Users of institutions as the processor's staff sees them (C008, C009, C011).
        Contacts = "contacts",
        /// Advisers who work for an institution for a time (C100, C101).
        Couplings = "couplings",
        /// The processor's own staff (C045).
        ProcessorStaff = "processor-staff",
        /// The person with whom the licence was agreed (C007, C021).
        LicenceHolders = "licence-holders",
        /// Where an institution is.
        Locations = "locations",
        /// The documents that contracts are made of (C139).
        ContractDocuments = "contract-documents",
        /// How long data are kept: terms, the archive, departures, and what holds them (C104, C105, C108, C109).
        Retention = "retention",
        /// Destructions, and their certificates (C105–C111).
        Destructions = "destructions",
        /// How an institution gets an administrator who can log in (C006, C007).
        AdministratorRecoveries = "administrator-recoveries",
        /// Whom the processor lets process data, and what institutions say of it (C134–C137).
        Subprocessors = "subprocessors",
        /// Institutions whose contract has ended, and what survives it (C112, C113).
        InstitutionEndings = "institution-endings",
        /// Contact persons of an institution (C019).
        ContactPersons = "contact-persons",
        /// Contact persons of the processor (C019).
        ProcessorContactPersons = "processor-contact-persons",
        /// Instructions of an institution (C038).
        Instructions = "instructions",
        /// Extra processings that an institution switches on (C038).
        ExtraProcessings = "extra-processings",
        /// What a law forced the processor to process (C039).
        ForcedProcessings = "forced-processings",
        /// The institution's audit log (C048, C089, C090).
        AuditLog = "audit-log",
        /// The clauses of the contracts, with their state and their proof.
        Compliance = "compliance",
        /// Programs of the institution that are told of events (C124).
        Webhooks = "webhooks",
        /// Security incidents of the institution, and what was done about them (C122–C133).
        Incidents = "incidents",
        /// What the processor reports to the institutions that it happened to (C122, C131).
        IncidentCases = "incident-cases",
        /// Whom an account, a session, a token or an address touched, worked out from the log (C035, C126).
        Exposures = "exposures",
        /// Audits of the processor (C092–C095).
        Audits = "audits",
        /// Reviews of the institution's audit log (C090).
        LogReviews = "log-reviews",
        /// What was released to third parties (C046, C047).
        Disclosures = "disclosures",
        /// The directory of colleagues.
        Colleagues = "colleagues",
        /// Which framework an institution follows children of which age by.
        FrameworkChoices = "framework-choices",
    }
}

impl Part {
    /// Whether it holds data about children: the processor's staff sees it in a support session only (C017).
    pub const fn is_of_children(self) -> bool {
        matches!(
            self,
            Self::Groups
                | Self::Pupils
                | Self::Notes
                | Self::Registrations
                | Self::Overviews
                | Self::Imports
                | Self::SupportView
                | Self::Retention
        )
    }
}

impl Part {
    /// Whether it reaches no further than the locations that somebody is limited to (C143): what is kept about children, and
    /// what she asks or reports, which may tell of them.
    pub(super) const fn is_limited_to_locations(self) -> bool {
        self.is_of_children() || matches!(self, Self::SupportRequests | Self::Incidents)
    }
}

code_list! {
    /// What is done with a part (C066).
    pub enum Action {
        /// Look.
        Read = "read",
        /// Add.
        Create = "create",
        /// Alter.
        Change = "change",
        /// Take away.
        Delete = "delete",
        /// Take along as a file.
        Export = "export",
    }
}

code_list! {
    /// How far a permission reaches. A narrower scope comes first.
    pub enum Scope {
        /// The groups that the actor is assigned to, and the children in them.
        OwnGroups = "own-groups",
        /// The locations that the actor is limited to: the groups there, and the children in them (C143).
        OwnLocations = "own-locations",
        /// The actor's whole institution.
        Institution = "institution",
        /// What is kept for all institutions together; never a child's data (C002).
        Platform = "platform",
    }
}
