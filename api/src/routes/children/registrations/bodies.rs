//! What a registration looks like in requests and replies.

use std::collections::BTreeMap;

use groeilijn_domain::children::framework::{LineCode, MilestoneCode, ScaleCode};
use groeilijn_domain::children::registration::{
    self as rules, Completeness, MilestoneState, RegistrationState,
};
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId, RegistrationId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::children::registration::{StoredRegistration, StoredVersion};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::change::{Change, ChangeOrClear};
use crate::http::entity_tag::ETag;
use crate::routes::access::authors::Author;
use crate::routes::children::withdrawals::Withdrawal;
use crate::{reply_body, request_body};

request_body! {
    /// A registration to be begun. It begins as a draft, which is saved step by step.
    pub(super) struct RegistrationCreation {
        /// The registration's id, made by the client for what it entered offline; a UUIDv7. Made here when absent.
        id: Option<RegistrationId>,
        /// The version of the framework that the child is judged by; it has to be published. When absent, the newest version
        /// of the one that the institution chose for the child's age on that day (`/framework-choices`); required when it
        /// chose none.
        framework_id: Option<FrameworkId>,
        /// The day the child was looked at; today in Amsterdam when absent. It decides the half-year, the group and
        /// the child's age, and does not change afterwards.
        registered_on: Option<Date>,
        /// What is judged already.
        judgements: Option<JudgementPatch>,
    }

    example {
        "frameworkId": "01999999-0000-7000-8000-000000000001",
        "registeredOn": "2026-11-20",
        "judgements": {
            "scales": { "involvement": 4 },
            "lines": { "play": { "phaseFromMonth": 48, "completeness": "partly" } },
        },
    }
}

request_body! {
    /// A step of a draft (C071). What is absent stays.
    pub(super) struct RegistrationPatch {
        /// Changes of the judgements.
        judgements: Change<JudgementPatch>,
    }

    example { "judgements": { "lines": { "play": { "completeness": "complete", "attention": true } } } }
}

request_body! {
    /// Changes of judgements, by their codes in the framework. What is absent stays, null takes away.
    pub(super) struct JudgementPatch {
        /// The step of each scale on which the child is placed; null takes all away.
        scales: ChangeOrClear<BTreeMap<ScaleCode, Option<u8>>>,
        /// How far the child is on each development line; null takes all away.
        lines: ChangeOrClear<BTreeMap<LineCode, Option<LinePatch>>>,
        /// What was seen of each milestone; null takes all away.
        milestones: ChangeOrClear<BTreeMap<MilestoneCode, Option<MilestoneState>>>,
    }
}

request_body! {
    /// Changes of the judgement of one development line. What is absent stays, null takes away.
    pub(super) struct LinePatch {
        /// The phase the child is in, named by the age in months at which it begins. It comes with `completeness`.
        phase_from_month: ChangeOrClear<u16>,
        /// How much of that phase is reached. It comes with `phaseFromMonth`.
        completeness: ChangeOrClear<Completeness>,
        /// Whether the line needs extra attention (C025).
        attention: ChangeOrClear<bool>,
    }
}

request_body! {
    /// How a registration is made final. May be left out.
    pub(super) struct RegistrationFinalisation {
        /// That it is meant when the child has another final registration in the half-year: without it such a second one is
        /// refused.
        second_in_half_year: Option<bool>,
    }

    example { "secondInHalfYear": true }
}

request_body! {
    /// A correction of a final registration.
    pub(super) struct RegistrationCorrection {
        /// Why it is corrected. For whoever reads the versions side by side; never for judging a colleague.
        reason: ShortText,
    }

    example { "reason": "Bij het verkeerde kind ingevuld." }
}

reply_body! {
    /// What a registration is in a list.
    pub(super) struct RegistrationSummary {
        /// The registration's id.
        id: RegistrationId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The half-year it counts for (C027).
        half_year: HalfYear,
        /// The day the child was looked at.
        registered_on: Date,
        /// Whether the version that is shown can still change.
        state: RegistrationState,
        /// The number of the version that is shown: the open draft, otherwise the latest final one.
        version: i32,
        /// The child's age in completed months on that day, by the birth date that is known now.
        age_months: u16,
        /// The age it would have had if it had been born in time; null for one that was not born early, and from its second
        /// birthday.
        corrected_age_months: Option<u16>,
        /// When it was withdrawn, in UTC; null as long as it counts or may come to count.
        withdrawn_at: Option<Timestamp>,
    }
}

reply_body! {
    /// A registration of a child's development, at one of its versions.
    pub(super) struct Registration {
        /// The registration's id.
        id: RegistrationId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The child.
        pupil_id: PupilId,
        /// The group that the child was in on that day. For the overview of that group; never for comparing groups.
        group_id: GroupId,
        /// The version of the framework that it is judged by.
        framework_id: FrameworkId,
        /// The half-year it counts for (C027).
        half_year: HalfYear,
        /// The day the child was looked at.
        registered_on: Date,
        /// The child's age in completed months on that day, by the birth date that is known now. Judgements are held against
        /// it.
        age_months: u16,
        /// The age it would have had if it had been born in time; null for one that was not born early, and from its second
        /// birthday.
        corrected_age_months: Option<u16>,
        /// The number of the version that is shown; counts from 1.
        version: i32,
        /// Whether that version can still change.
        state: RegistrationState,
        /// The number of the open draft, if there is one.
        draft_version: Option<i32>,
        /// The number of the version that counts in overviews, if there is one.
        final_version: Option<i32>,
        /// Who began this version. For asking what was meant; never for judging a colleague.
        author_id: UserId,
        /// The same with her name.
        author: Author,
        /// Why this version corrects the one before; null for the first.
        reason: Option<ShortText>,
        /// Whether free text is masked: `reason` is null then, as it is to the processor's staff unless the purpose of their
        /// support session needs it (C050).
        masked: bool,
        /// What is judged. For following this child's development and what it means for what it is offered next;
        /// never for anything else.
        judgements: Judgements,
        /// When this version was begun, in UTC.
        created_at: Timestamp,
        /// When this version was last saved, in UTC.
        changed_at: Timestamp,
        /// When this version became final, in UTC.
        finalised_at: Option<Timestamp>,
        /// That the registration was withdrawn: it counts nowhere, and has no new version.
        withdrawal: Option<Withdrawal>,
    }
}

reply_body! {
    /// Judgements by their codes in the framework. What is absent was not judged.
    pub(super) struct Judgements {
        /// The step of each scale on which the child is placed.
        scales: BTreeMap<ScaleCode, u8>,
        /// How far the child is on each development line.
        lines: BTreeMap<LineCode, LineJudgement>,
        /// What was seen of each milestone.
        milestones: BTreeMap<MilestoneCode, MilestoneState>,
    }
}

reply_body! {
    /// The judgement of one development line.
    pub(super) struct LineJudgement {
        /// The phase the child is in, named by the age in months at which it begins.
        phase_from_month: Option<u16>,
        /// How much of that phase is reached.
        completeness: Option<Completeness>,
        /// Whether the line needs extra attention (C025).
        attention: bool,
    }
}

reply_body! {
    /// What a version of a registration is in a list.
    pub(super) struct VersionSummary {
        /// Its number; counts from 1.
        version: i32,
        /// Whether it can still change.
        state: RegistrationState,
        /// Who began it. For asking what was meant; never for judging a colleague.
        author_id: UserId,
        /// The same with her name.
        author: Author,
        /// Why it corrects the one before; null for the first.
        reason: Option<ShortText>,
        /// Whether free text is masked: `reason` is null then, as it is to the processor's staff unless the purpose of their
        /// support session needs it (C050).
        masked: bool,
        /// When it was begun, in UTC.
        created_at: Timestamp,
        /// When it was last saved, in UTC.
        changed_at: Timestamp,
        /// When it became final, in UTC.
        finalised_at: Option<Timestamp>,
    }
}

impl From<JudgementPatch> for rules::JudgementPatch {
    fn from(patch: JudgementPatch) -> Self {
        let lines = patch.lines.into_option().map(|lines| {
            lines.map(|lines| {
                lines.into_iter().map(|(code, line)| (code, line.map(rules::LinePatch::from))).collect()
            })
        });
        Self { scales: patch.scales.into_option(), lines, milestones: patch.milestones.into_option() }
    }
}

impl From<LinePatch> for rules::LinePatch {
    fn from(patch: LinePatch) -> Self {
        Self {
            phase_from_month: patch.phase_from_month.into_option(),
            completeness: patch.completeness.into_option(),
            attention: patch.attention.into_option(),
        }
    }
}

impl<J> From<StoredRegistration<J>> for RegistrationSummary {
    fn from(StoredRegistration { facts, version }: StoredRegistration<J>) -> Self {
        Self {
            id: facts.id,
            etag: ETag(facts.revision),
            half_year: facts.half_year,
            registered_on: facts.registered_on,
            state: version.state,
            version: version.number,
            age_months: version.age_months,
            corrected_age_months: version.corrected_age_months,
            withdrawn_at: facts.withdrawal.map(|withdrawal| withdrawal.at),
        }
    }
}

impl From<StoredRegistration> for Registration {
    fn from(StoredRegistration { facts, version }: StoredRegistration) -> Self {
        Self {
            id: facts.id,
            etag: ETag(facts.revision),
            pupil_id: facts.pupil,
            group_id: facts.group,
            framework_id: facts.framework,
            half_year: facts.half_year,
            registered_on: facts.registered_on,
            age_months: version.age_months,
            corrected_age_months: version.corrected_age_months,
            version: version.number,
            state: version.state,
            draft_version: facts.draft,
            final_version: facts.finalised,
            author_id: version.author.id,
            author: version.author.into(),
            reason: version.reason,
            masked: version.masked,
            judgements: version.judgements.into(),
            created_at: version.created_at,
            changed_at: version.changed_at,
            finalised_at: version.finalised_at,
            withdrawal: facts.withdrawal.map(Withdrawal::from),
        }
    }
}

impl From<rules::Judgements> for Judgements {
    fn from(judgements: rules::Judgements) -> Self {
        let lines = judgements.lines.into_iter().map(|(code, line)| (code, line.into())).collect();
        Self { scales: judgements.scales, lines, milestones: judgements.milestones }
    }
}

impl From<rules::LineJudgement> for LineJudgement {
    fn from(line: rules::LineJudgement) -> Self {
        let rules::LineJudgement { phase_from_month, completeness, attention } = line;
        Self { phase_from_month, completeness, attention }
    }
}

impl<J> From<StoredVersion<J>> for VersionSummary {
    fn from(version: StoredVersion<J>) -> Self {
        Self {
            version: version.number,
            state: version.state,
            author_id: version.author.id,
            author: version.author.into(),
            reason: version.reason,
            masked: version.masked,
            created_at: version.created_at,
            changed_at: version.changed_at,
            finalised_at: version.finalised_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::read;

    #[test]
    fn c071_a_step_of_a_draft_is_a_merge_patch() {
        let patch: RegistrationPatch = read(
            br#"{"judgements": {"scales": null, "milestones": {"gross-motor.1": null},
                "lines": {"gross-motor": {"completeness": "complete"}, "early-reading": null}}}"#,
        )
        .ok()
        .unwrap();
        let mut judgements: rules::Judgements = serde_json::from_str(
            r#"{"scales": {"well-being": 3}, "milestones": {"gross-motor.1": "reached"},
                "lines": {"gross-motor": {"phaseFromMonth": 42, "completeness": "begun"},
                    "early-reading": {"attention": true}}}"#,
        )
        .unwrap();
        judgements.apply(patch.judgements.into_option().unwrap().into());
        let left = r#"{"lines":{"gross-motor":{"phaseFromMonth":42,"completeness":"complete"}}}"#;
        assert_eq!(serde_json::to_string(&judgements).unwrap(), left);
    }

    #[test]
    fn everything_wrong_with_a_step_is_reported_together() {
        let body =
            br#"{"judgements": {"scales": {"well-being": "3"}, "milestones": {"gross-motor.1": "maybe"},
            "lines": {"gross-motor": {"phaseFromMonth": 1.5, "colour": 1}}}}"#;
        let problem = read::<RegistrationPatch>(body).err().unwrap();
        let pointers: Vec<_> = problem.errors.iter().filter_map(|error| error.pointer()).collect();
        assert_eq!(
            pointers,
            [
                "/judgements/scales/well-being",
                "/judgements/lines/gross-motor/phaseFromMonth",
                "/judgements/lines/gross-motor/colour",
                "/judgements/milestones/gross-motor.1",
            ]
        );
    }
}
