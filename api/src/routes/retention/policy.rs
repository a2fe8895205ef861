//! How long an institution keeps what it has about children (C105, C108).

use groeilijn_domain::retention::term::{self as rules, LONGEST_MONTHS, RetentionPolicy, TermBasis};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::retention::policy::StoredPolicy;

use crate::http::access::{Access, action, part};
use crate::http::body::MergePatch;
use crate::http::change::{Change, ChangeOrClear};
use crate::http::described::{counted, within};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised as _};
use crate::http::guard::activity::AdministerPupils;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::http::revision::change;
use crate::{operations, reply_body, request_body, revised};

/// The most laws that an institution registers.
const MOST_TERMS: usize = 20;

operations! {
    /// The operations on terms.
    pub fn endpoints;

    /// Read how long data about children are kept
    ///
    /// The term that holds, and what it rests on: the contract (two years after the child left, C105), what the
    /// administrator set, or a law that the institution registered (C108).
    GET "/retention/policy" => read_retention_policy: "The terms.";

    /// Change how long data about children are kept
    ///
    /// A law goes before what the administrator sets: a shorter term than one by which data have to be kept is refused
    /// with `below-statutory`, a longer one than one by which they have to be gone with `above-statutory`. Ask
    /// `/retention/forecast` first what the change would take along.
    PATCH "/retention/policy" => change_retention_policy: "The terms as they are now.";
}

request_body! {
    /// A term by law (C108).
    pub struct StatutoryTermRegistration {
        /// Whether data have to be kept for this long at least, or may be kept for this long at most.
        kind: rules::StatutoryKind,
        /// Calendar months after the child left.
        months: u8 = within(1, LONGEST_MONTHS.into()),
        /// The provision: which law, which article.
        provision: ShortText,
    }
}

request_body! {
    /// What changes of the terms. What is absent stays.
    pub struct RetentionPolicyPatch {
        /// The institution's own term: calendar months after a child left. Null takes it away, so that the contract's holds.
        months_after_leaving: ChangeOrClear<u8> = within(1, LONGEST_MONTHS.into()),
        /// The terms by law, in place of those that are registered; at most 20.
        statutory_terms: Change<Vec<StatutoryTermRegistration>> = counted(0..=MOST_TERMS),
    }

    example {
        "monthsAfterLeaving": 36,
        "statutoryTerms": [
            { "kind": "at-least", "months": 12, "provision": "Een bepaling die de instelling zelf opgeeft." },
        ],
    }
}

reply_body! {
    /// A term by law.
    pub struct StatutoryTerm {
        /// Which way it binds.
        kind: rules::StatutoryKind,
        /// Calendar months after the child left.
        months: u8 = within(1, LONGEST_MONTHS.into()),
        /// The provision.
        provision: ShortText,
    }
}

reply_body! {
    /// How long data about children are kept.
    pub struct RetentionTerms {
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The term that holds: calendar months after a child left.
        months: u8 = within(1, LONGEST_MONTHS.into()),
        /// What it rests on.
        basis: TermBasis,
        /// The institution's own term, if its administrator set one.
        months_after_leaving: Option<u8> = within(1, LONGEST_MONTHS.into()),
        /// The terms by law that it registered.
        statutory_terms: Vec<StatutoryTerm> = counted(0..=MOST_TERMS),
    }
}

revised! { StoredPolicy: revision; }

impl From<StoredPolicy> for RetentionTerms {
    fn from(stored: StoredPolicy) -> Self {
        let etag = stored.etag();
        let term = stored.policy.term();
        let statutory = stored.policy.statutory.into_iter().zip(stored.provisions);
        Self {
            etag,
            months: term.months,
            basis: term.basis,
            months_after_leaving: stored.policy.own_months,
            statutory_terms: statutory
                .map(|(term, provision)| StatutoryTerm { kind: term.kind, months: term.months, provision })
                .collect(),
        }
    }
}

async fn read_retention_policy(
    access: Access<part::Retention, action::Read, AdministerPupils>,
    known: IfNoneMatch,
) -> Result<Shown<RetentionTerms>, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let stored = access.tenant()?.read(Cost::Rows, |reader| reader.retention_policy()).await?;
    reply::stored_if_changed(&known, stored)
}

async fn change_retention_policy(
    access: Access<part::Retention, action::Change, AdministerPupils>,
    known: IfMatch,
    MergePatch(patch): MergePatch<RetentionPolicyPatch>,
) -> Result<Shown<RetentionTerms>, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let read = |writer: &mut groeilijn_persistence::TenantWriter<'_>| writer.retention_policy();
    change(&access.tenant()?, known, read, move |writer, stored| {
        let RetentionPolicy { mut own_months, mut statutory } = stored.policy;
        let mut provisions = stored.provisions;
        patch.months_after_leaving.apply(&mut own_months);
        if let Some(terms) = patch.statutory_terms.into_option() {
            let term = |term: StatutoryTermRegistration| {
                (rules::StatutoryTerm { kind: term.kind, months: term.months }, term.provision)
            };
            (statutory, provisions) = terms.into_iter().map(term).unzip();
        }
        let policy = RetentionPolicy { own_months, statutory };
        writer.change_retention_policy(stored.revision, &policy, &provisions)
    })
    .await
}
