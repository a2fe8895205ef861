//! Which framework an institution follows children of which age by.

use groeilijn_domain::children::framework::{self as rules, FrameworkCode, Locale};
use groeilijn_domain::children::pupil::AGE_LIMIT_MONTHS;
use groeilijn_persistence::Cost;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::described::{counted, within};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::MaintainFramework;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::http::revision::change;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on the choice of frameworks.
    pub fn endpoints;

    /// Read which frameworks are chosen
    ///
    /// Which framework the institution follows children of which age by. For an age without a choice a registration names
    /// its framework, and an overview of children whom nobody has registered yet is arranged by the published framework that
    /// was entered last.
    GET "/framework-choices" => read_framework_choices: "What the institution chose.";

    /// Choose frameworks
    ///
    /// Replaces all choices. They say which framework a registration or note is made with that names none, and by which an
    /// overview of children is arranged whom nobody has registered yet: each time the newest published version, for the age
    /// of the child on that day. What was registered stays as it was made (C072).
    PUT "/framework-choices" => choose_frameworks: "What the institution chose.";
}

request_body! {
    /// Which framework is for which age, all choices in place of those before.
    pub(super) struct FrameworkChoicesRecord {
        /// The choices, for ages that do not overlap. Without any, nothing is chosen.
        choices: Vec<FrameworkChoiceRecord> = counted(0..=rules::FrameworkChoices::MOST),
    }

    example {
        "choices": [
            { "fromMonth": 0, "toMonth": 48, "code": "groeilijn-early-0-4", "locale": "nl" },
            { "fromMonth": 48, "toMonth": 96, "code": "groeilijn-basis-0-7", "locale": "nl" },
        ],
    }
}

request_body! {
    /// That children between two ages are followed by a framework.
    pub(super) struct FrameworkChoiceRecord {
        /// Age in completed months from which on it is chosen.
        from_month: u16 = within(0, i64::from(AGE_LIMIT_MONTHS) - 1),
        /// Age in completed months at which it is chosen no longer; at most 96 (C026).
        to_month: u16 = within(1, AGE_LIMIT_MONTHS.into()),
        /// The framework, of which a version has to be published in that language. The newest is taken.
        code: FrameworkCode,
        /// The language of its texts (ISO 639-1).
        locale: Locale,
    }
}

reply_body! {
    /// Which framework is for which age.
    pub(super) struct FrameworkChoices {
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The choices, in the order in which they were sent.
        choices: Vec<FrameworkChoice> = counted(0..=rules::FrameworkChoices::MOST),
    }
}

reply_body! {
    /// That children between two ages are followed by the newest published version of a framework.
    pub(super) struct FrameworkChoice {
        /// Age in completed months from which on it is chosen.
        from_month: u16 = within(0, i64::from(AGE_LIMIT_MONTHS) - 1),
        /// Age in completed months at which it is chosen no longer; at most 96 (C026).
        to_month: u16 = within(1, AGE_LIMIT_MONTHS.into()),
        /// The framework, the same in all its versions.
        code: FrameworkCode,
        /// The language of its texts (ISO 639-1).
        locale: Locale,
    }
}

impl From<FrameworkChoiceRecord> for rules::FrameworkChoice {
    fn from(body: FrameworkChoiceRecord) -> Self {
        let FrameworkChoiceRecord { from_month, to_month, code, locale } = body;
        Self { from_month, to_month, code, locale }
    }
}

impl From<(rules::FrameworkChoices, i32)> for FrameworkChoices {
    fn from((choices, revision): (rules::FrameworkChoices, i32)) -> Self {
        let shown = choices.as_slice().iter().cloned().map(|choice| {
            let rules::FrameworkChoice { from_month, to_month, code, locale } = choice;
            FrameworkChoice { from_month, to_month, code, locale }
        });
        Self { etag: ETag(revision), choices: shown.collect() }
    }
}

async fn read_framework_choices(
    access: Access<part::FrameworkChoices, action::Read, MaintainFramework>,
    known: IfNoneMatch,
) -> Result<Shown<FrameworkChoices>, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let found = access.tenant()?.read(Cost::Rows, |reader| reader.framework_choices()).await?;
    reply::stored_if_changed(&known, found)
}

async fn choose_frameworks(
    access: Access<part::FrameworkChoices, action::Change, MaintainFramework>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<FrameworkChoicesRecord>,
) -> Result<Shown<FrameworkChoices>, Problem> {
    let choices =
        rules::FrameworkChoices::new(body.choices.into_iter().map(rules::FrameworkChoice::from).collect())?;
    change(
        &access.tenant()?,
        known,
        |writer| writer.framework_choices(),
        move |writer, (_, revision)| writer.choose_frameworks(revision, choices),
    )
    .await
}
