//! The observation framework: which development areas, lines and milestones a child is followed by.
//!
//! A framework is a document that an administrator or the builder publishes as a whole (C072). It comes in
//! as a [`FrameworkDocument`], is checked once by [`FrameworkDocument::validate`], and is then read through
//! a [`FrameworkIndex`], which the caller keeps for as long as it serves that version.

mod choice;
mod code;
mod document;
#[cfg(test)]
pub(crate) mod fixture;
mod index;
#[cfg(test)]
mod shipped;
mod validation;

pub use choice::{FrameworkChoice, FrameworkChoices};
pub use code::{AreaCode, FrameworkCode, LineCode, MilestoneCode, ScaleCode};
pub use document::{
    Area, FrameworkDocument, FrameworkState, Line, Locale, Milestone, Phase, Scale, Step, not_published,
};
pub use index::{FrameworkIndex, IndexedLine, IndexedScale, MilestonePlace, PhaseBand};
pub use validation::{
    AREAS, LINES_PER_AREA, MILESTONES_PER_PHASE, PHASES_PER_LINE, REPLACED_PER_MILESTONE, SCALES, STEPS,
};
