//! The forecast: what goes until a day, and by which rule (C105–C109).

use groeilijn_domain::retention::plan::{Rule, SubjectKind};
use groeilijn_domain::retention::term::{LONGEST_MONTHS, TermBasis, check_months};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::SubjectId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::Cost;
use groeilijn_persistence::retention::forecast::{ForecastQuery, Foreseen};
use jiff::ToSpan;
use jiff::civil::Date;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::access::{Access, action, part};
use crate::http::described::{Described, counted, whole_number, within};
use crate::http::guard::activity::AdministerPupils;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::query::FromQuery;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

/// The most tables that rows are counted of.
const MOST_TABLES: usize = 20;

operations! {
    /// The operations on the forecast.
    pub fn endpoints;

    /// Forecast what will be destroyed
    ///
    /// Which children go until a day, on which day, and by which rule; and when everything goes, if the licence ends. The
    /// daily run asks the same question and does what the answer says, unless something changes before. What is held is in
    /// the list too: it stays until the hold is lifted.
    ///
    /// `monthsAfterLeaving` and `cancelledOn` ask what would go if the institution's own term, or the last day of its
    /// licence, were another one. They change nothing.
    GET "/retention/forecast" => forecast_destruction: "A page of what goes, in the order of the ids.";
}

query_params! {
    pub struct ForecastDestruction {
        /// Until which day, in Amsterdam; a year from today when it is absent.
        at: Option<Date>,
        /// What if the institution's own term were this many calendar months, from 1 to 240.
        months_after_leaving: Option<ForecastMonths>,
        /// What if the licence ended with this day, in Amsterdam.
        cancelled_on: Option<Date>,
        /// How many items one page has.
        page: Page<SubjectId>,
    }
}

/// The months of a term that is tried out.
pub struct ForecastMonths(u8);

impl Described for ForecastMonths {
    fn schema() -> RefOr<Schema> {
        whole_number(1, LONGEST_MONTHS.into()).into()
    }
}

impl FromQuery for ForecastMonths {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let months = text.parse().map_err(|_| Refusal::new("not-a-number", "must be a whole number"))?;
        check_months(months).map(|()| Self(months))
    }
}

reply_body! {
    /// How many rows of a table there are.
    pub struct TableCount {
        /// The name of the table, as in the list of terms.
        table: String,
        /// How many rows.
        rows: u32,
    }
}

reply_body! {
    /// Something that will be destroyed.
    pub struct ForeseenDestruction {
        /// What kind of thing.
        kind: SubjectKind,
        /// Which one: the id of the child, or of the institution.
        id: SubjectId,
        /// The day on which it goes, in Amsterdam.
        due_on: Date,
        /// By which rule.
        rule: Rule,
        /// Calendar months from what the rule counts from.
        months: u8 = within(1, LONGEST_MONTHS.into()),
        /// What the term rests on.
        basis: TermBasis,
        /// The day on which the hold that keeps it must be reviewed; null when nothing holds it.
        held_until_review: Option<Date>,
        /// How many rows of each table are about it now; empty for an institution.
        rows: Vec<TableCount> = counted(0..=MOST_TABLES),
    }
}

pub(super) fn table_count((table, rows): (&str, u64)) -> TableCount {
    TableCount { table: table.to_owned(), rows: u32::try_from(rows).unwrap_or(u32::MAX) }
}

impl From<Foreseen> for ForeseenDestruction {
    fn from(Foreseen { due, rows }: Foreseen) -> Self {
        Self {
            kind: due.kind,
            id: SubjectId::from_uuid(due.subject),
            due_on: due.on,
            rule: due.rule,
            months: due.term.months,
            basis: due.term.basis,
            held_until_review: due.held,
            rows: rows.into_iter().map(table_count).collect(),
        }
    }
}

async fn forecast_destruction(
    access: Access<part::Retention, action::Read, AdministerPupils>,
    query: ForecastDestruction,
) -> Result<Listed<ForeseenDestruction>, Problem> {
    let ForecastDestruction { at, months_after_leaving, cancelled_on, page } = query;
    let tenant = access.tenant()?;
    let in_a_year = || amsterdam_date(tenant.environment().now()).saturating_add(1.year());
    let at = at.unwrap_or_else(in_a_year);
    let asked = ForecastQuery { at, months: months_after_leaving.map(|months| months.0), cancelled_on };
    let found = tenant.read(Cost::Scan, move |reader| reader.forecast(asked, page.after, page.rows)).await?;
    page.reply(found, |foreseen| SubjectId::from_uuid(foreseen.due.subject), ForeseenDestruction::from)
}
