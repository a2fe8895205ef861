//! Why personal data is processed: the closed list of purposes that every read and write names (C036, C037).
use crate::values::text::code_list;

code_list! {
    /// A processing activity, in the sense of the institution's register (GDPR, article 30).
    pub enum ProcessingActivity {
        /// The purpose that all others serve (C036).
        FollowDevelopment = "follow-development",
        /// Which children there are, and in which group.
        AdministerPupils = "administer-pupils",
        /// Who logs in, and to what.
        AdministerAccess = "administer-access",
        /// What the institution has agreed and may use.
        AdministerLicence = "administer-licence",
        /// What is observed, without any person.
        MaintainFramework = "maintain-framework",
        /// Keeping the service itself running and accountable.
        OperateService = "operate-service",
    }
}

impl ProcessingActivity {
    /// What the activity is, in one line for a register or an audit log.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::FollowDevelopment => {
                "Following a child's development and what it means for the education and care that come next"
            }
            Self::AdministerPupils => "Keeping record of the children of an institution and their groups",
            Self::AdministerAccess => "Admitting users, giving them access and checking who they are",
            Self::AdministerLicence => "Carrying out the licence and the agreements with an institution",
            Self::MaintainFramework => "Maintaining the frameworks by which children are observed",
            Self::OperateService => "Operating, securing and accounting for the service",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_activity_is_described_in_a_line_of_its_own() {
        let lines: BTreeSet<_> =
            ProcessingActivity::ALL.into_iter().map(ProcessingActivity::describe).collect();
        assert_eq!(lines.len(), ProcessingActivity::ALL.len());
        assert!(lines.iter().all(|line| !line.contains('\n') && !line.is_empty()));
    }

    #[test]
    fn c036_the_list_is_closed() {
        assert_eq!(ProcessingActivity::from_code("marketing"), None);
    }
}
