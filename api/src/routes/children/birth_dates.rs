//! Birth dates that children had until they were corrected.

use groeilijn_domain::values::ids::{PupilId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::pupil::EarlierBirthDate;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerPupils;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations on birth dates that were corrected.
    pub fn endpoints;

    /// List the earlier birth dates of a pupil
    ///
    /// Those that were held for the child's before each correction, the last one first. Ages everywhere are by the birth date
    /// that the pupil has now.
    GET "/pupils/{pupilId}/earlier-birth-dates" => list_earlier_birth_dates: "A page of earlier birth dates.";
}

reply_body! {
    /// A birth date that a pupil had until it was corrected.
    pub struct EarlierBirthDateBody {
        /// The day itself. For understanding what was reckoned with then.
        birth_date: Date,
        /// Who corrected it; null when a school file or a program did. For asking what was meant; never for judging a
        /// colleague.
        corrected_by: Option<UserId>,
        /// When it was corrected, in UTC.
        corrected_at: Timestamp,
    }
}

impl From<EarlierBirthDate> for EarlierBirthDateBody {
    fn from(earlier: EarlierBirthDate) -> Self {
        let EarlierBirthDate { birth_date, corrected_by, corrected_at, .. } = earlier;
        Self { birth_date, corrected_by, corrected_at }
    }
}

query_params! {
    pub struct ListEarlierBirthDates {
        /// How many birth dates one page has.
        page: Page<i32>,
    }
}

async fn list_earlier_birth_dates(
    access: Access<part::Pupils, action::Read, AdministerPupils>,
    PathId(id): PathId<PupilId>,
    query: ListEarlierBirthDates,
) -> Result<Listed<EarlierBirthDateBody>, Problem> {
    let ListEarlierBirthDates { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.earlier_birth_dates(id, page.after, page.rows))
        .await?;
    page.reply(found, |earlier| earlier.revision, EarlierBirthDateBody::from)
}
