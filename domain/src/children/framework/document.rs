//! The framework as it is published and exchanged.

use serde::{Deserialize, Serialize};

use super::{AreaCode, FrameworkCode, LineCode, MilestoneCode, ScaleCode};
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// One version of an observation framework, complete in itself. Versions are never changed after
/// publication, so that an old registration keeps the meaning it was made with (C072).
///
/// That it parses says only that its shape and codes are right; [`FrameworkDocument::validate`] says
/// whether it hangs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameworkDocument {
    /// The same in every version of this framework.
    pub code: FrameworkCode,
    /// Counts from 1.
    pub version: u32,
    /// The language of all titles, descriptions and milestone texts.
    pub locale: Locale,
    /// The name people know it by.
    pub title: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What is judged about the child as a whole, such as well-being; may be empty.
    pub scales: Vec<Scale>,
    /// The development areas, in the order in which they are shown.
    pub areas: Vec<Area>,
}

impl FrameworkDocument {
    /// All its development lines, in the order in which they are shown.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.areas.iter().flat_map(|area| &area.lines)
    }

    /// All its milestones, in the order in which they are shown.
    pub fn milestones(&self) -> impl Iterator<Item = &Milestone> {
        self.lines().flat_map(|line| &line.phases).flat_map(|phase| &phase.milestones)
    }
}

code_list! {
    /// The language of a framework's texts (ISO 639-1).
    pub enum Locale {
        /// Dutch.
        Nl = "nl",
        /// English.
        En = "en",
    }
}

/// The refusal of a framework that is not published: nothing is written with it.
pub fn not_published() -> Refusal {
    Refusal::new("not-published", "there is no published framework with this id")
}

impl FrameworkState {
    /// That a version in this state may still be changed: a published one never is (C072).
    ///
    /// # Errors
    /// `framework-published`.
    pub fn may_change(self) -> Result<(), Refusal> {
        match self {
            Self::Draft => Ok(()),
            Self::Published => {
                Err(Refusal::new("framework-published", "a published framework is never changed"))
            }
        }
    }
}

code_list! {
    /// How far a version of a framework has come.
    pub enum FrameworkState {
        /// Being written: only the platform sees it, and may change or delete it.
        Draft = "draft",
        /// In use: everybody sees it, and nobody changes it any more (C072).
        Published = "published",
    }
}

/// A scale on which the child as a whole is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// Unique within the framework.
    pub code: ScaleCode,
    /// The name people know it by.
    pub title: String,
    /// What it measures; may be empty.
    pub description: String,
    /// From the lowest value to the highest.
    pub steps: Vec<Step>,
}

/// One value of a scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// What a registration holds.
    pub value: u8,
    /// What people read.
    pub label: String,
}

/// A development area: lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Area {
    /// Unique within the framework.
    pub code: AreaCode,
    /// The name people know it by.
    pub title: String,
    /// In the order in which they are shown.
    pub lines: Vec<Line>,
}

/// A development line: one strand of development, followed through phases of age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line {
    /// Unique within the framework.
    pub code: LineCode,
    /// The name people know it by.
    pub title: String,
    /// What it covers; may be empty.
    pub description: String,
    /// Without gaps or overlap, youngest first.
    pub phases: Vec<Phase>,
}

/// A stretch of a development line: what most children reach between two ages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Phase {
    /// Age in completed months at which it begins.
    pub from_month: u16,
    /// Age in completed months at which the next one begins; at most 96 (C026).
    pub to_month: u16,
    /// What to look for.
    pub milestones: Vec<Milestone>,
}

/// One thing a child of this phase is seen to do (C025).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Milestone {
    /// Unique within the framework.
    pub code: MilestoneCode,
    /// The behaviour, in one sentence.
    pub text: String,
    /// Where its age comes from: open literature, or the judgement of whoever wrote it. Absent when nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The milestones of the version before whose place it took, so that what was seen then still counts. A milestone
    /// that means the same keeps its code instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Vec<MilestoneCode>>,
}
