//! What is asked of both servers.

use std::borrow::Cow;

use groeilijn_domain::values::calendar::{HalfYear, amsterdam_date};
use uuid::Uuid;

use super::request::{MANY, NOTE, Target, batch, notes};
use super::schools::School;
use crate::outside;

/// What somebody wants of a report: the password that it opens with.
const REPORT: &str = r#"{"password":"drie blauwe olifanten"}"#;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// That the process is up: what the web framework itself costs.
    Health,
    /// One pupil.
    Pupil,
    /// A page of a hundred pupils.
    Page,
    /// The overview of a group of thirty.
    Overview,
    /// A new note, durable.
    Note,
    /// A page of a hundred changes.
    Feed,
    /// A batch of a hundred new notes, durable.
    Batch,
    /// The overview of a group of thirty as a picture.
    Picture,
    /// The same as a PDF that opens with a password.
    Paper,
    /// A page of a hundred of the thousand children of an institution who are still to be registered.
    Due,
}

/// What ours has to reach beside the floor with the same duties, as a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Goal {
    /// At least this.
    pub(super) required: f64,
    /// Rather this.
    pub(super) aimed: f64,
}

impl Scenario {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Self; 10] = [
        Self::Health,
        Self::Pupil,
        Self::Page,
        Self::Overview,
        Self::Note,
        Self::Feed,
        Self::Batch,
        Self::Picture,
        Self::Paper,
        Self::Due,
    ];

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
            Self::Feed => "feed",
            Self::Batch => "batch",
            Self::Picture => "picture",
            Self::Paper => "paper",
            Self::Due => "due",
        }
    }

    /// What ours has to reach; nothing where neither server does any work, and where nobody has said so yet.
    pub(super) fn goal(self) -> Option<Goal> {
        let goal = |required, aimed| Some(Goal { required, aimed });
        match self {
            Self::Pupil => goal(1.10, 1.34),
            Self::Page => goal(0.85, 0.92),
            Self::Overview => goal(0.95, 0.98),
            Self::Note => goal(1.10, 1.10),
            Self::Health | Self::Feed | Self::Batch | Self::Picture | Self::Paper | Self::Due => None,
        }
    }

    /// How many requests count instructions: those that take many have fewer.
    pub(super) fn is_large(self) -> bool {
        matches!(self, Self::Batch | Self::Paper)
    }

    /// What is asked for.
    fn accept(self) -> &'static str {
        match self {
            Self::Picture => "image/svg+xml",
            Self::Paper => "application/pdf",
            _ => "application/json",
        }
    }

    /// The requests about these schools.
    pub(super) fn targets(self, schools: &[School]) -> Vec<Target<'_>> {
        schools.iter().flat_map(|school| self.requests(school)).collect()
    }

    fn requests<'s>(self, school: &'s School) -> Vec<Target<'s>> {
        let target =
            |path: Cow<'s, str>, body| Target { path, token: &school.token, accept: self.accept(), body };
        let of_pupils = |path: fn(&Uuid) -> String, body: Option<&'static str>| {
            school.pupils.iter().map(|id| target(path(id).into(), body.map(Cow::from))).collect()
        };
        let of_groups = |path: fn(&Uuid) -> String, body: Option<&'static str>| {
            school.groups.iter().map(|id| target(path(id).into(), body.map(Cow::from))).collect()
        };
        match self {
            Self::Health => vec![target("/healthz".into(), None)],
            Self::Pupil => of_pupils(|pupil| format!("/v1/pupils/{pupil}"), None),
            Self::Page => school.pages.iter().map(|page| target(page.as_str().into(), None)).collect(),
            Self::Overview | Self::Picture => of_groups(|group| format!("/v1/groups/{group}/overview"), None),
            Self::Note => of_pupils(notes, Some(NOTE)),
            Self::Feed => {
                vec![target(format!("/v1/changes?limit={MANY}&after={}", school.cursor).into(), None)]
            }
            Self::Batch => {
                let batches = school.pupils.chunks_exact(MANY);
                batches.map(|pupils| target("/v1/batches".into(), Some(batch(pupils).into()))).collect()
            }
            Self::Paper => of_groups(|group| format!("/v1/groups/{group}/_report"), Some(REPORT)),
            Self::Due => {
                let path = format!("/v1/due-registrations?halfYear={}&limit={MANY}", next_half_year());
                vec![target(path.into(), None)]
            }
        }
    }
}

/// The half-year of which nobody has been registered yet.
fn next_half_year() -> HalfYear {
    let last_day = HalfYear::containing(amsterdam_date(outside::now())).last_day();
    HalfYear::containing(last_day.tomorrow().unwrap_or(last_day))
}
