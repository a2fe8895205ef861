//! What is asked of both servers.

use super::schools::School;

/// What a teacher writes.
const NOTE: &str = r#"{"text":"Bouwt samen met een ander kind een garage van blokken, overlegt over de ingang en legt uit waarom de grote auto er niet in past. Zoekt daarna zelf een hogere steun en probeert het nog eens, eerst scheef en dan recht.","lines":["play","spoken-language"]}"#;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// That the process is up: what the web framework itself costs.
    Health,
    /// One pupil.
    Pupil,
    /// A page of a hundred pupils.
    Page,
    /// The overview of a group.
    Overview,
    /// A new note, durable.
    Note,
}

/// What ours has to reach beside the floor with the same duties, as a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Goal {
    /// At least this.
    pub(super) required: f64,
    /// Rather this.
    pub(super) aimed: f64,
}

/// A request: its path and the token that goes with it.
pub(super) struct Target<'a> {
    /// The path.
    pub(super) path: String,
    /// The access token.
    pub(super) token: &'a str,
}

impl Scenario {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Self; 5] = [Self::Health, Self::Pupil, Self::Page, Self::Overview, Self::Note];

    /// The one with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// What the table calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Pupil => "pupil",
            Self::Page => "page",
            Self::Overview => "overview",
            Self::Note => "note",
        }
    }

    /// What ours has to reach; nothing where neither server does any work.
    pub(super) fn goal(self) -> Option<Goal> {
        let goal = |required, aimed| Some(Goal { required, aimed });
        match self {
            Self::Health => None,
            Self::Pupil => goal(1.10, 1.34),
            Self::Page => goal(0.85, 0.92),
            Self::Overview => goal(0.95, 0.98),
            Self::Note => goal(1.10, 1.10),
        }
    }

    /// What is sent; without a body it is a GET, with one a POST.
    pub(super) fn body(self) -> Option<&'static str> {
        (self == Self::Note).then_some(NOTE)
    }

    /// The requests about these schools.
    pub(super) fn targets(self, schools: &[School]) -> Vec<Target<'_>> {
        schools
            .iter()
            .flat_map(|school| {
                let paths = self.paths(school).into_iter();
                paths.map(|path| Target { path, token: &school.token })
            })
            .collect()
    }

    fn paths(self, school: &School) -> Vec<String> {
        match self {
            Self::Health => vec!["/healthz".to_owned()],
            Self::Pupil => school.pupils.iter().map(|pupil| format!("/v1/pupils/{pupil}")).collect(),
            Self::Page => school.pages.clone(),
            Self::Overview => {
                school.groups.iter().map(|group| format!("/v1/groups/{group}/overview")).collect()
            }
            Self::Note => school.pupils.iter().map(|pupil| format!("/v1/pupils/{pupil}/notes")).collect(),
        }
    }
}
