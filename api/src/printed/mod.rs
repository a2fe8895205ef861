//! Documents to print: PDF files.

mod authority_draft;
mod certificate;
mod flow;
mod fonts;
pub(crate) mod group_report;
mod locked;
mod pages;
pub(crate) mod parent_report;

pub(crate) use self::authority_draft::authority_draft;
pub(crate) use self::certificate::certificate;
pub(crate) use self::locked::locked;
