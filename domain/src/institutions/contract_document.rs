//! The documents that contracts are made of, in versions (C139).

use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, Label, code_list};

code_list! {
    /// Which document of a contract it is a version of.
    pub enum DocumentKind {
        /// Licentieovereenkomst: what the customer may use and takes upon itself (C068).
        LicenceAgreement = "licence-agreement",
        /// Verwerkersovereenkomst: what the processor does with the data.
        ProcessingAgreement = "processing-agreement",
        /// Its annex on the product: which data, for what.
        ProductAnnex = "product-annex",
        /// Its annex on security.
        SecurityAnnex = "security-annex",
    }
}

code_list! {
    /// In which language a document is.
    pub enum DocumentLanguage {
        /// Dutch.
        Nl = "nl",
        /// English.
        En = "en",
    }
}

/// A version of a document, as it is published. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFields {
    /// Which document.
    pub kind: DocumentKind,
    /// Which version of it.
    pub version: Label,
    /// In which language.
    pub language: DocumentLanguage,
    /// What changed that matters to the institution, in plain language (C140).
    pub summary: FreeText,
    /// The document itself, unless it is kept elsewhere.
    pub text: Option<FreeText>,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
}

/// That a document is given in one way: its text, or the digest of what is kept elsewhere.
///
/// # Errors
/// For `text` `required` with neither; for `sha256` `not-beside-text` with both.
pub fn check_given(has_text: bool, has_digest: bool) -> Result<(), FieldRefusals> {
    match (has_text, has_digest) {
        (false, false) => Err(FieldRefusals::one(
            "text",
            Refusal::new("required-for-the-kind", "the text or its SHA-256 is required"),
        )),
        (true, true) => {
            let detail = "follows from the text, when that is given";
            Err(FieldRefusals::one("sha256", Refusal::new("not-beside-text", detail)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c139_a_document_is_given_as_its_text_or_its_digest() {
        let refused = |has_text, has_digest| {
            let refusals = check_given(has_text, has_digest).err().into_iter();
            refusals.flat_map(FieldRefusals::into_iter).map(|(_, refusal)| refusal.code).collect::<Vec<_>>()
        };
        assert_eq!(refused(true, false), [""; 0]);
        assert_eq!(refused(false, true), [""; 0]);
        assert_eq!(refused(false, false), ["required-for-the-kind"]);
        assert_eq!(refused(true, true), ["not-beside-text"]);
    }
}
