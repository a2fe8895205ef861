//! How far an import is.

use jiff::SignedDuration;

use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How long a school file is kept that nobody has carried out, and the report of one that is over.
pub const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

code_list! {
    /// How far an import of a school file is.
    pub enum ImportState {
        /// The file was read and the plan reported; nothing else was changed.
        Examined = "examined",
        /// The plan is being carried out.
        Applying = "applying",
        /// All of it was carried out.
        Applied = "applied",
        /// Nothing of it was carried out, and the file is gone.
        Failed = "failed",
        /// Nobody had it carried out for 14 days, and the file is gone.
        Lapsed = "lapsed",
    }
}

code_list! {
    /// Why nothing of an import was carried out.
    pub enum Failure {
        /// Whoever asked for it no longer may.
        NotPermitted = "not-permitted",
        /// Pupils or groups kept changing while the plan was made, or changed since the preview in such a way that groups
        /// would be made that it did not ask about.
        ChangedMeanwhile = "changed-meanwhile",
        /// The plan does not go with what is stored.
        NotPossible = "not-possible",
        /// Something that is stored cannot be read, so that what it holds could be entered a second time.
        UnreadableRecords = "unreadable-records",
        /// A fault of the service.
        Internal = "internal",
    }
}

impl ImportState {
    /// Whether an import in this state can be carried out: as long as its file is there.
    ///
    /// # Errors
    /// `being-applied`, `already-applied`, `file-gone`.
    pub fn may_apply(self) -> Result<(), Refusal> {
        match self {
            Self::Examined => Ok(()),
            Self::Applying => Err(Refusal::new("being-applied", "the import is being carried out")),
            Self::Applied => Err(Refusal::new("already-applied", "the import was carried out before")),
            Self::Failed | Self::Lapsed => {
                Err(Refusal::new("file-gone", "the file of the import is not kept any more: send it again"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_carried_out_once() {
        assert_eq!(ImportState::Examined.may_apply(), Ok(()));
        assert_eq!(ImportState::Applying.may_apply().unwrap_err().code, "being-applied");
        assert_eq!(ImportState::Applied.may_apply().unwrap_err().code, "already-applied");
        for gone in [ImportState::Failed, ImportState::Lapsed] {
            assert_eq!(gone.may_apply().unwrap_err().code, "file-gone");
        }
    }
}
