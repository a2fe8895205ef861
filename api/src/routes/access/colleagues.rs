//! The directory of colleagues: who works at the institution, for everybody who does.

use groeilijn_domain::access::Function;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::NameQuery;
use groeilijn_domain::values::text::{Infix, Label, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::access::colleague::Colleague as Known;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on colleagues.
    pub fn endpoints;

    /// List the colleagues
    ///
    /// Who works at the institution, in the order in which they were entered: name, function and today's groups, for everybody
    /// who works there. It has no e-mail addresses and no rights, and leaves out who left or was blocked.
    GET "/colleagues" => list_colleagues: "A page of colleagues.";

    /// Search colleagues by name
    ///
    /// Finds who works at the institution by part of a name; accents and a typing error do not matter. It is a POST, because a
    /// name does not belong in an address.
    POST "/colleagues/_search" => search_colleagues: "The colleagues found.";

    /// Read a colleague
    ///
    /// One colleague, also one who left, for as long as her name is kept: for naming whoever an id stands for.
    GET "/colleagues/{userId}" => read_colleague: "The colleague.";
}

/// The most colleagues that one search returns.
const MOST_FOUND: usize = 50;

request_body! {
    /// A search for a colleague.
    pub struct ColleagueSearch {
        /// Part of the name. For finding a colleague; never kept.
        name: NamePart,
    }

    example { "name": "verzonnen" }
}

reply_body! {
    /// A user of the institution as her colleagues know her.
    pub struct Colleague {
        /// The user's id.
        id: UserId,
        /// First name. For asking a colleague what was meant; never for anything outside the institution.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// What she does at the institution (C005).
        function: Function,
        /// The groups that are given to her today; none of one who left.
        groups: Vec<GroupOfColleague>,
        /// Whether she works there no more. Why is not told.
        has_left: bool,
    }
}

reply_body! {
    /// A group of a colleague.
    pub struct GroupOfColleague {
        /// The group's id.
        id: GroupId,
        /// What it is called.
        name: Label,
    }
}

reply_body! {
    /// The colleagues whose names answer a search, the best answer first.
    pub struct ColleaguesFound {
        /// At most fifty colleagues.
        items: Vec<Colleague>,
    }
}

impl From<Known> for Colleague {
    fn from(known: Known) -> Self {
        let Known { id, name, function, groups, has_left } = known;
        Self {
            id,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            function,
            groups: groups.into_iter().map(|(id, name)| GroupOfColleague { id, name }).collect(),
            has_left,
        }
    }
}

query_params! {
    pub struct ListColleagues {
        /// How many colleagues one page has.
        page: Page<UserId>,
    }
}

async fn list_colleagues(
    access: Access<part::Colleagues, action::Read, AdministerAccess>,
    query: ListColleagues,
) -> Result<Listed<Colleague>, Problem> {
    let ListColleagues { page } = query;
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.colleagues(page.after, page.rows)).await?;
    page.reply(found, |colleague| colleague.id, Colleague::from)
}

async fn search_colleagues(
    access: Access<part::Colleagues, action::Read, AdministerAccess>,
    JsonBody(search, _): JsonBody<ColleagueSearch>,
) -> Result<Shown<ColleaguesFound>, Problem> {
    let query = NameQuery::new(search.name.as_str());
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.colleagues_by_name(&query, MOST_FOUND))
        .await?;
    reply::view(&ColleaguesFound { items: found.into_iter().map(Colleague::from).collect() })
}

async fn read_colleague(
    access: Access<part::Colleagues, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<Shown<Colleague>, Problem> {
    let colleague = access.tenant()?.read(Cost::Rows, move |reader| reader.colleague(id)).await?;
    reply::view(&Colleague::from(colleague))
}
