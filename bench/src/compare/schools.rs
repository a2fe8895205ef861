//! Whom the load is about: at some of the institutions, everybody whom a teacher there follows.

use std::borrow::Cow;
use std::iter;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, header};
use ureq::{Agent, Body};
use uuid::Uuid;

use super::Error;
use super::programs::Floor;
use super::request::{MANY, Target, batch};
use crate::{floor, outside, world};

/// Every how manyth institution takes part: ten of the fifty, as each login is dear.
const STEP: usize = 5;

/// The password of everybody in the demo.
pub(super) const PASSWORD: &str = "Regenboog-2026";

/// An institution, seen by a teacher who is logged in there.
pub(super) struct School {
    /// The teacher's access token.
    pub(super) token: String,
    /// The groups.
    pub(super) groups: Vec<Uuid>,
    /// The pupils.
    pub(super) pupils: Vec<Uuid>,
    /// The paths of two pages of a hundred pupils.
    pub(super) pages: Vec<String>,
    /// Where the feed of changes began before [`MANY`] notes were written.
    pub(super) cursor: String,
}

/// The schools of a floor, which follow from their numbers. In each there are some changes to follow.
pub(super) fn of_floor(floor: Floor, address: &str) -> Result<Vec<School>, Error> {
    let sessions = floor::SessionTokens::new();
    numbers()
        .map(|number| {
            let (teacher, institution) = (world::teacher(number), world::institution(number));
            let token = match (floor, &sessions) {
                (Floor::Bare, _) => floor::sign(teacher, institution, outside::now()),
                (Floor::WithDuties, Some(tokens)) => {
                    tokens.sign(world::session(number), teacher, outside::now())
                }
                (Floor::WithDuties, None) => None,
            };
            let pupils: Vec<Uuid> = world::pupils(number).map(|(_, pupil)| pupil).collect();
            let first_page = "/v1/pupils?limit=100".to_owned();
            let second_page = pupils.get(99).map(|last| format!("{first_page}&after={last}"));
            let school = School {
                token: token.ok_or_else(|| Error::of("floor", "cannot sign a token"))?,
                groups: world::groups(number).collect(),
                pages: iter::once(first_page).chain(second_page).collect(),
                cursor: "0".to_owned(),
                pupils,
            };
            school.write_some(address)?;
            Ok(school)
        })
        .collect()
}

impl School {
    /// Writes a note about each of the first [`MANY`] pupils, for the feed to tell of.
    fn write_some(&self, address: &str) -> Result<(), Error> {
        let pupils = self.pupils.get(..MANY).unwrap_or(&self.pupils);
        let path = Cow::from("/v1/batches");
        let body = Some(batch(pupils).into());
        let written = Target { path, token: &self.token, accept: "application/json", body };
        written.ask(&Agent::new_with_defaults(), address).map(drop)
    }
}

/// The schools of ours, where everything is asked for over HTTP.
pub(super) fn of_ours(address: &str) -> Result<Vec<School>, Error> {
    some_of_ours(address, numbers())
}

/// The schools of ours with these numbers.
pub(super) fn some_of_ours(
    address: &str,
    institutions: impl Iterator<Item = u64>,
) -> Result<Vec<School>, Error> {
    institutions.map(|number| Client::log_in(address, number)?.school()).collect()
}

/// The access token of the administrator of an institution of ours.
pub(super) fn administrator_of_ours(address: &str, institution: u64) -> Result<String, Error> {
    Ok(Client::log_in_as("administrator", address, institution)?.token)
}

/// The mail domain of an institution of the demo.
pub(super) fn domain(institution: u64) -> String {
    match institution {
        0 => "regenboog.example".to_owned(),
        number => format!("kindcentrum-{number}.example"),
    }
}

fn numbers() -> impl Iterator<Item = u64> {
    (0..world::INSTITUTIONS).step_by(STEP)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    access_token: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Feed {
    cursor: String,
}

#[derive(Deserialize)]
struct Item {
    id: Uuid,
}

struct Client<'a> {
    address: &'a str,
    token: String,
}

impl<'a> Client<'a> {
    fn log_in(address: &'a str, institution: u64) -> Result<Self, Error> {
        Self::log_in_as("teacher", address, institution)
    }

    fn log_in_as(function: &str, address: &'a str, institution: u64) -> Result<Self, Error> {
        let email = format!("{function}@{}", domain(institution));
        let credentials = serde_json::json!({ "email": email, "password": PASSWORD });
        let mut reply = ureq::post(format!("{address}/v1/sessions"))
            .send_json(credentials)
            .map_err(|error| Error::of("log in", error))?;
        let tokens: Tokens = read("log in", &mut reply)?;
        Ok(Self { address, token: tokens.access_token })
    }

    fn school(self) -> Result<School, Error> {
        let (groups, _) = self.list("/v1/groups?limit=100")?;
        let (pupils, pages) = self.list("/v1/pupils?limit=100")?;
        let feed: Feed = read("changes", &mut get(self.address, "/v1/changes", &self.token)?)?;
        let pages = pages.into_iter().take(2).collect();
        let school = School { groups, pupils, pages, cursor: feed.cursor, token: self.token };
        school.write_some(self.address)?;
        Ok(school)
    }

    /// The ids of a whole list, and the paths of its pages.
    fn list(&self, path: &str) -> Result<(Vec<Uuid>, Vec<String>), Error> {
        let (mut ids, mut pages) = (Vec::new(), Vec::new());
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let mut reply = get(self.address, &path, &self.token)?;
            next = next_page(&reply);
            let page: Page = read(&path, &mut reply)?;
            ids.extend(page.items.into_iter().map(|item| item.id));
            pages.push(path);
        }
        Ok((ids, pages))
    }
}

/// The reply to a GET.
///
/// # Errors
/// When it is not one of success.
pub(super) fn get(address: &str, path: &str, token: &str) -> Result<Response<Body>, Error> {
    ureq::get(format!("{address}{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .call()
        .map_err(|error| Error::of(path, error))
}

pub(super) fn read<T: DeserializeOwned>(what: &str, reply: &mut Response<Body>) -> Result<T, Error> {
    reply.body_mut().read_json().map_err(|error| Error::of(what, error))
}

/// The path in the `Link` to the next page.
fn next_page(reply: &Response<Body>) -> Option<String> {
    let link = reply.headers().get(header::LINK)?.to_str().ok()?;
    let (path, _) = link.strip_prefix('<')?.split_once('>')?;
    Some(path.to_owned())
}
