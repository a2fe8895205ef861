//! Requests of institutions: what they ask an adviser, each sealed under a key of its own (C010, C146).

mod change;

use std::collections::{BTreeSet, HashMap};

use groeilijn_domain::access::Part;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::{RequestChannel, RequestSubject, SupportRequest};
use groeilijn_domain::values::ids::{GroupId, InstitutionId, PupilId, SupportRequestId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::children::reach::is_there;
use crate::children::schema::pupil;
use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{Reach, TenantReader};
use crate::support::key_owner;
use crate::support::schema::{support_request, support_request_pupil};

pub use change::{NewSupportRequest, RecordedRequest};

const TABLE: &str = "support_request";

/// How a request reached the processor that no user entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// Who asked, in the words of who recorded it.
    pub asked_by: ShortText,
    /// By letter or call.
    pub channel: RequestChannel,
    /// On which day, in Amsterdam.
    pub received_on: Date,
}

/// A request as it is kept, apart from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// Its id.
    pub id: SupportRequestId,
    /// Whose it is.
    pub institution: InstitutionId,
    /// The user who made it, or the member of the processor's staff who recorded it.
    pub made_by: UserId,
    /// When, in UTC.
    pub created_at: Timestamp,
    /// What it is about.
    pub subject: RequestSubject,
    /// Who of the institution stands for it, and since when, in UTC.
    pub approved: Option<(UserId, Timestamp)>,
    /// Who closed it, and when, in UTC.
    pub closed: Option<(UserId, Timestamp)>,
}

/// A request with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSupportRequest {
    /// Everything else.
    pub facts: RequestFacts,
    /// What is asked.
    pub question: FreeText,
    /// How it was received, if no user entered it.
    pub received: Option<ReceivedRequest>,
}

impl RequestFacts {
    /// How it stands.
    pub fn standing(&self) -> SupportRequest {
        SupportRequest { approved_at: self.approved.map(|(_, at)| at), closed: self.closed.is_some() }
    }
}

/// What a support session is about that rests on a request.
pub(crate) struct RequestInUse {
    pub(crate) request: SupportRequest,
    pub(crate) group: Option<GroupId>,
    pub(crate) parts: BTreeSet<Part>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = support_request)]
struct RequestRow {
    id: SupportRequestId,
    institution_id: InstitutionId,
    made_by: UserId,
    created_at: Timestamp,
    question: Vec<u8>,
    asked_by: Vec<u8>,
    channel: Option<RequestChannel>,
    received_on: Option<Date>,
    group_id: Option<GroupId>,
    parts: BTreeSet<Part>,
    approved_by: Option<UserId>,
    approved_at: Option<Timestamp>,
    closed_by: Option<UserId>,
    closed_at: Option<Timestamp>,
}

impl RequestRow {
    fn in_use(self) -> RequestInUse {
        RequestInUse {
            request: SupportRequest { approved_at: self.approved_at, closed: self.closed_at.is_some() },
            group: self.group_id,
            parts: self.parts,
        }
    }

    fn facts(&self, pupils: Vec<PupilId>) -> RequestFacts {
        RequestFacts {
            id: self.id,
            institution: self.institution_id,
            made_by: self.made_by,
            created_at: self.created_at,
            subject: RequestSubject { pupils, group: self.group_id, parts: self.parts.clone() },
            approved: self.approved_by.zip(self.approved_at),
            closed: self.closed_by.zip(self.closed_at),
        }
    }
}

/// How a request of an institution stands, and what it is about.
///
/// # Errors
/// [`Error::NotFound`] when the institution has no such request.
pub(crate) fn load(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    id: SupportRequestId,
) -> Result<RequestInUse> {
    Ok(load_row(connection, institution, id)?.in_use())
}

/// The requests of an institution that count at the moment `now`.
pub(crate) fn live(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    now: Timestamp,
) -> Result<Vec<(SupportRequestId, RequestInUse)>> {
    let rows: Vec<RequestRow> = support_request::table
        .filter(support_request::institution_id.is(institution))
        .filter(support_request::closed_at.is_null())
        .filter(support_request::approved_at.is_not_null())
        .order(support_request::id)
        .select(columns::<RequestRow>())
        .load(connection)?;
    let live = rows.into_iter().map(|row| (row.id, row.in_use()));
    Ok(live.filter(|(_, about)| about.request.holds(now)).collect())
}

fn load_row(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    id: SupportRequestId,
) -> Result<RequestRow> {
    support_request::table
        .filter(support_request::institution_id.is(institution))
        .filter(support_request::id.is(id))
        .select(columns::<RequestRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)
}

impl PlatformReader<'_> {
    /// The requests of all institutions that were not closed, in the order of their ids, after the one with id `after`:
    /// for an adviser, who reads one only in that institution's log. Which children they name is not told here.
    pub fn open_support_requests(
        &mut self,
        after: Option<SupportRequestId>,
        limit: i64,
    ) -> Result<Vec<RequestFacts>> {
        let rows: Vec<RequestRow> = support_request::table
            .filter(support_request::id.after(page_start(after)))
            .filter(support_request::closed_at.is_null())
            .order(support_request::id)
            .limit(limit)
            .select(columns::<RequestRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().map(|row| row.facts(Vec::new())).collect())
    }

    /// Whose request it is, as long as it was not closed.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn institution_of_open_request(&mut self, id: SupportRequestId) -> Result<InstitutionId> {
        support_request::table
            .filter(support_request::id.is(id))
            .filter(support_request::closed_at.is_null())
            .select(support_request::institution_id)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)
    }
}

impl TenantReader<'_> {
    /// Requests in the order in which they were made, after the one with id `after`: all of the institution for who
    /// reaches the whole of it, otherwise one's own.
    pub fn support_requests(
        &mut self,
        after: Option<SupportRequestId>,
        limit: i64,
    ) -> Result<Vec<StoredSupportRequest>> {
        let (institution, own) = (self.institution(), self.own_requests_only());
        let rows = |reader: &mut Self, after: &SupportRequestId, limit| {
            let after = *after;
            let rows: Vec<RequestRow> = load_boxed!(&mut *reader.connection, {
                let mut query = support_request::table
                    .filter(support_request::institution_id.is(institution))
                    .filter(support_request::id.after(after))
                    .order(support_request::id)
                    .limit(limit)
                    .select(columns::<RequestRow>())
                    .into_boxed();
                if let Some(own) = own {
                    query = query.filter(support_request::made_by.is(own));
                }
                query
            })?;
            let mut pupils = reader.pupils_of_requests(rows.iter().map(|row| row.id))?;
            let named = |row: RequestRow| {
                let named = pupils.remove(&row.id).unwrap_or_default();
                (row, named)
            };
            Ok(rows.into_iter().map(named).collect())
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |(row, _): &(RequestRow, Vec<PupilId>)| row.id,
            |reader, (row, named)| {
                let id = row.id;
                let opened = reader.open_request(&row, named);
                reader.readable(id, opened)
            },
        )
    }

    /// One request.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it is somebody else's and the caller sees her own alone.
    pub fn support_request(&mut self, id: SupportRequestId) -> Result<StoredSupportRequest> {
        let institution = self.institution();
        let row = load_row(self.connection, institution, id)?;
        if self.own_requests_only().is_some_and(|own| own != row.made_by) {
            return Err(Error::NotFound);
        }
        let named = self.pupils_of_requests([id])?.remove(&id).unwrap_or_default();
        self.open_request(&row, named)
    }

    fn own_requests_only(&self) -> Option<UserId> {
        match self.reach() {
            Reach::GroupsOf(user) | Reach::LocationsOf(user) => Some(user),
            Reach::Institution | Reach::Group(_) | Reach::Request(_) => None,
        }
    }

    fn pupils_of_requests(
        &mut self,
        requests: impl IntoIterator<Item = SupportRequestId>,
    ) -> Result<HashMap<SupportRequestId, Vec<PupilId>>> {
        let rows: Vec<(SupportRequestId, PupilId)> = support_request_pupil::table
            .inner_join(
                pupil::table.on(pupil::institution_id
                    .eq(support_request_pupil::institution_id)
                    .and(pupil::id.eq(support_request_pupil::pupil_id))),
            )
            .filter(is_there!())
            .filter(support_request_pupil::institution_id.is(self.institution()))
            .filter(support_request_pupil::request_id.eq_any(requests.into_iter().map(OneOf)))
            .order(support_request_pupil::pupil_id)
            .select((support_request_pupil::request_id, support_request_pupil::pupil_id))
            .load(self.connection)?;
        let mut named: HashMap<_, Vec<_>> = HashMap::new();
        for (request, pupil) in rows {
            named.entry(request).or_default().push(pupil);
        }
        Ok(named)
    }

    fn open_request(&mut self, row: &RequestRow, pupils: Vec<PupilId>) -> Result<StoredSupportRequest> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::support_request(row.id));
        let question = opener.required_kept("question", &row.question, FreeText::kept)?;
        let asked_by = opener.kept("asked_by", &row.asked_by, ShortText::kept)?;
        let received = match (asked_by, row.channel, row.received_on) {
            (Some(asked_by), Some(channel), Some(received_on)) => {
                Some(ReceivedRequest { asked_by, channel, received_on })
            }
            _ => None,
        };
        self.touch(ObjectKind::SupportRequest, row.id.as_uuid());
        for pupil in &pupils {
            self.touch(ObjectKind::Pupil, pupil.as_uuid());
        }
        Ok(StoredSupportRequest { facts: row.facts(pupils), question, received })
    }
}
