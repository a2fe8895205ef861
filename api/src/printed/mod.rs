//! Documents to print: PDF files of lines of text.

mod authority_draft;
mod certificate;
mod pages;

pub(crate) use self::authority_draft::authority_draft;
pub(crate) use self::certificate::certificate;
