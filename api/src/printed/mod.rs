//! Documents to print: PDF files of lines of text.

mod certificate;
mod pages;

pub(crate) use self::certificate::certificate;
