//! How far an import is.

use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// How far an import of a school file is.
    pub enum ImportState {
        /// The file was read and the plan reported; nothing else was changed.
        Examined = "examined",
        /// The plan is being carried out.
        Applying = "applying",
        /// All of it was carried out.
        Applied = "applied",
        /// Nothing of it was carried out.
        Failed = "failed",
    }
}

code_list! {
    /// Why nothing of an import was carried out.
    pub enum Failure {
        /// Whoever asked for it no longer may.
        NotPermitted = "not-permitted",
        /// Pupils or groups kept changing while the plan was made.
        ChangedMeanwhile = "changed-meanwhile",
        /// The plan does not go with what is stored.
        NotPossible = "not-possible",
        /// A fault of the service.
        Internal = "internal",
    }
}

impl ImportState {
    /// Whether an import in this state can be carried out: a failed one as well, for it changed nothing.
    ///
    /// # Errors
    /// `being-applied`, `already-applied`.
    pub fn may_apply(self) -> Result<(), Refusal> {
        match self {
            Self::Examined | Self::Failed => Ok(()),
            Self::Applying => Err(Refusal::new("being-applied", "the import is being carried out")),
            Self::Applied => Err(Refusal::new("already-applied", "the import was carried out before")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_carried_out_once() {
        assert_eq!(ImportState::Examined.may_apply(), Ok(()));
        assert_eq!(ImportState::Failed.may_apply(), Ok(()));
        assert_eq!(ImportState::Applying.may_apply().unwrap_err().code, "being-applied");
        assert_eq!(ImportState::Applied.may_apply().unwrap_err().code, "already-applied");
    }
}
