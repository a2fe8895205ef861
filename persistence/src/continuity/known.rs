//! What is known of an export from the lines that were read.

use groeilijn_domain::retention::term::RetentionPolicy;
use groeilijn_domain::values::email::MailDomain;
use groeilijn_domain::values::ids::InstitutionId;

/// What later lines are held against.
pub struct Known {
    /// Which institution the export is of.
    pub institution: InstitutionId,
    /// Its mail domains.
    pub domains: Vec<MailDomain>,
    /// How long it keeps what it has about children.
    pub retention: RetentionPolicy,
}

impl Known {
    /// Nothing yet.
    pub fn new(institution: InstitutionId) -> Self {
        Self { institution, domains: Vec::new(), retention: RetentionPolicy::default() }
    }
}
