//! The kinds of evidence records.

use crate::values::text::code_list;

code_list! {
    /// What is on record.
    pub enum EvidenceKind {
        /// A penetration test (C082).
        PenetrationTest = "penetration-test",
        /// A scan for vulnerabilities (C082).
        VulnerabilityScan = "vulnerability-scan",
        /// A test of security at a release (C082).
        SecurityTest = "security-test",
        /// A matrix of risks, from which measures follow (C083).
        RiskMatrix = "risk-matrix",
        /// A statement on measures, in the agreed form (C091).
        StatementOnMeasures = "statement-on-measures",
        /// A certificate, or the statement of a third party (C093).
        Certificate = "certificate",
        /// A yearly check of measures, third parties or staff (C084).
        YearlyCheck = "yearly-check",
        /// A data protection impact assessment (C087). The document itself is not public.
        ImpactAssessment = "impact-assessment",
        /// Measures laid beside the sector's framework (C151).
        FrameworkMapping = "framework-mapping",
        /// An agreement with staff on information security (C150).
        SecurityAgreement = "security-agreement",
        /// That equipment is replaced in time (C153).
        Equipment = "equipment",
        /// The classes of availability, integrity and confidentiality (C033).
        Classification = "classification",
    }
}
