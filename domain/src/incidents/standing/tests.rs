//! What follows from records, and which are admitted.

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::incidents::contents::tests::whole;
use crate::incidents::decision::StepAnswer;
use crate::incidents::notice::{IncidentCost, Notice, PeopleInformed};
use crate::incidents::record::MOST_RECORDS;
use crate::incidents::record::tests::any_facts;
use crate::incidents::report::IncidentChannel;
use crate::incidents::stage::{Restored, StageReached};
use crate::values::text::{FreeText, ShortText};

const KNOWN: Timestamp = Timestamp::constant(1_800_000_000, 0);

const REPORT: IncidentReport = IncidentReport {
    kind: IncidentKind::SuspectedBreach,
    known_at: KNOWN,
    occurred_at: None,
    reported_at: KNOWN,
    by: ActorKind::PlatformUser,
};

fn after(seconds: i64) -> Timestamp {
    KNOWN + SignedDuration::from_secs(seconds)
}

fn record(facts: RecordFacts, at: Timestamp) -> Recorded {
    Recorded { facts, at, recorded_at: at, by: ActorKind::InstitutionUser }
}

/// Something that the institution adds at a second, of what happened then.
fn at(second: i64) -> Addition {
    Addition {
        at: after(second),
        now: after(second),
        by: ActorKind::InstitutionUser,
        reporter: BreachReporter::Controller,
        institutions: 1,
    }
}

fn text() -> FreeText {
    FreeText::parse("Een verzonnen bevinding.").unwrap()
}

/// A record of these facts that has everything that it needs.
fn content(facts: RecordFacts) -> RecordContent {
    match facts {
        RecordFacts::Stage(stage) => {
            let why = ShortText::parse("Niets ging verloren.").unwrap();
            let restored = (stage == IncidentStage::Restored).then_some(Restored::NotNeeded(why));
            RecordContent::Stage(StageReached { stage, findings: text(), restored })
        }
        RecordFacts::Classification(kind) => RecordContent::Classification { kind, grounds: text() },
        RecordFacts::HighRisk => RecordContent::HighRisk { grounds: text() },
        RecordFacts::Contents(cause) => {
            let mut contents = whole(cause.unwrap_or(BreachCause::System));
            contents.found_at = KNOWN;
            RecordContent::Contents(Box::new(contents))
        }
        RecordFacts::Decision(decision) => {
            let answer = |step: &_| StepAnswer { step: *step, answer: false, grounds: text() };
            RecordContent::Decision { decision, steps: decision.steps().iter().map(answer).collect() }
        }
        RecordFacts::Notice(step) => RecordContent::Notice(Notice {
            step,
            number: ShortText::parse("2026-1234").ok(),
            text: Some(text()),
            delay_reason: None,
            consulted: None,
        }),
        RecordFacts::PeopleInformed => RecordContent::PeopleInformed(PeopleInformed {
            text: text(),
            channel: IncidentChannel::Letter,
            number: 12,
        }),
        RecordFacts::Cost(kind) => RecordContent::Cost(IncidentCost { kind, euros: None, text: text() }),
        RecordFacts::Update(kind) => RecordContent::Update { kind, text: text() },
        RecordFacts::Call => {
            RecordContent::Call { with: ShortText::parse("De directie.").unwrap(), text: text() }
        }
        RecordFacts::Acknowledgement => RecordContent::Acknowledgement { text: None },
        RecordFacts::Escalation => RecordContent::Escalation,
    }
}

fn code(outcome: Result<(), NotAdmitted>) -> &'static str {
    match outcome.unwrap_err() {
        NotAdmitted::Standing(refusal) | NotAdmitted::Forbidden(refusal) => refusal.code,
        NotAdmitted::Fields(refusals) => refusals.into_iter().next().unwrap().1.code,
    }
}

#[test]
fn c125_a_high_risk_is_suspected_since_the_first_time_in_any_stage() {
    for stage in IncidentStage::ALL {
        let in_stage = IncidentStanding::of(&REPORT, [record(RecordFacts::Stage(stage), after(1))]);
        let suspicion = content(RecordFacts::HighRisk);
        assert_eq!(in_stage.admit(&suspicion, &at(2)), Ok(()), "{stage:?}");
        let suspected = in_stage.after(record(RecordFacts::HighRisk, after(2)));
        let again = suspected.after(record(RecordFacts::HighRisk, after(3)));
        assert_eq!(again.high_risk_since, Some(after(2)));
        assert_eq!(again.stage, stage);
    }
}

#[test]
fn c131_what_is_no_datalek_has_no_clock_until_it_is_taken_for_one() {
    let suspected = IncidentStanding::of(&REPORT, []);
    assert!(suspected.clock(KNOWN).is_some());
    let none = record(RecordFacts::Classification(IncidentKind::SecurityIncident), after(1));
    let no_breach = suspected.after(none);
    assert_eq!(no_breach.clock(after(1)), None);
    let breach = no_breach.after(record(RecordFacts::Classification(IncidentKind::Breach), after(2)));
    // The clock began when it was known, not when it was taken for a datalek.
    assert_eq!(breach.clock(after(2)).unwrap().seconds_left, 72 * 3600 - 2);
}

#[test]
fn c131_a_kind_is_changed_to_another_one() {
    let standing = IncidentStanding::of(&REPORT, []);
    for kind in IncidentKind::ALL {
        let admitted = standing.admit(&content(RecordFacts::Classification(kind)), &at(1)).is_ok();
        assert_eq!(admitted, kind != REPORT.kind);
    }
}

#[test]
fn c127_c131_only_who_decides_takes_a_datalek_for_something_without_a_clock() {
    let processor = Addition { by: ActorKind::PlatformUser, ..at(1) };
    let to = |kind| content(RecordFacts::Classification(kind));
    let none = to(IncidentKind::SecurityIncident);
    for kind in [IncidentKind::SuspectedBreach, IncidentKind::Breach] {
        let standing = IncidentStanding::of(&IncidentReport { kind, ..REPORT }, []);
        assert_eq!(code(standing.admit(&none, &processor)), "not-the-decider");
        assert_eq!(standing.admit(&none, &at(1)), Ok(()));
        let by_system = standing.after(record(RecordFacts::Contents(Some(BreachCause::System)), after(1)));
        let by_cause = |by| Addition { by, reporter: BreachReporter::ByCause, ..at(2) };
        assert_eq!(by_system.admit(&none, &by_cause(ActorKind::PlatformUser)), Ok(()));
        assert_eq!(code(by_system.admit(&none, &by_cause(ActorKind::InstitutionUser))), "not-the-decider");
    }
    // Whoever finds that it is one says so.
    let no_breach = IncidentReport { kind: IncidentKind::SecurityIncident, ..REPORT };
    let standing = IncidentStanding::of(&no_breach, []);
    assert_eq!(standing.admit(&to(IncidentKind::SuspectedBreach), &processor), Ok(()));
}

#[test]
fn c127_a_decision_not_to_notify_stops_the_clock_and_another_one_starts_it_again() {
    let decided = |decision, second| record(RecordFacts::Decision(decision), after(second));
    let spared = IncidentStanding::of(&REPORT, [decided(IncidentDecision::DoNotNotifyAuthority, 1)]);
    assert_eq!(spared.clock(after(2)).unwrap().stopped_at, Some(after(1)));
    let told = spared.after(decided(IncidentDecision::NotifyAuthority, 3));
    assert_eq!(told.clock(after(4)).unwrap().seconds_left, 72 * 3600 - 4);
    let notified = told.after(record(RecordFacts::Notice(NoticeStep::Notified), after(5)));
    assert_eq!(notified.clock(after(6)).unwrap().stopped_at, Some(after(5)));
    // What is decided about people has nothing to do with it.
    let people = IncidentStanding::of(&REPORT, [decided(IncidentDecision::DoNotInformPeople, 1)]);
    assert_eq!(people.clock(after(2)).unwrap().stopped_at, None);
}

#[test]
fn c127_a_notice_that_was_withdrawn_stops_no_clock() {
    let decided = |decision, second| record(RecordFacts::Decision(decision), after(second));
    let notice = |step, second| record(RecordFacts::Notice(step), after(second));
    let told = [decided(IncidentDecision::NotifyAuthority, 1), notice(NoticeStep::Notified, 2)];
    let withdrawn = IncidentStanding::of(&REPORT, told).after(notice(NoticeStep::Withdrawn, 3));
    let clock = withdrawn.clock(after(4)).unwrap();
    assert_eq!((clock.stopped_at, clock.seconds_left), (None, 72 * 3600 - 4));
    let silent = withdrawn.after(decided(IncidentDecision::DoNotNotifyAuthority, 5));
    assert_eq!(silent.clock(after(6)).unwrap().stopped_at, Some(after(5)));
    let again = silent.after(decided(IncidentDecision::NotifyAuthority, 7));
    assert_eq!(again.clock(after(8)).unwrap().stopped_at, None);
    let notified = again.after(notice(NoticeStep::Notified, 9));
    assert_eq!(notified.clock(after(10)).unwrap().stopped_at, Some(after(9)));
}

#[test]
fn c127_a_decision_stops_the_clock_when_it_is_recorded() {
    let silence = RecordFacts::Decision(IncidentDecision::DoNotNotifyAuthority);
    let late = 72 * 3600 + 1;
    let backdated = Recorded { recorded_at: after(late), ..record(silence, after(1)) };
    let clock = IncidentStanding::of(&REPORT, [backdated]).clock(after(2 * late)).unwrap();
    assert_eq!((clock.stopped_at, clock.is_overdue), (Some(after(late)), true));
}

#[test]
fn c127_c130_nobody_is_told_before_that_was_decided_nor_told_more_before_the_notice() {
    let standing = IncidentStanding::of(&REPORT, []);
    let notice = |step| content(RecordFacts::Notice(step));
    let tell = |standing: IncidentStanding, content: &RecordContent| standing.admit(content, &at(5));
    assert_eq!(code(tell(standing, &notice(NoticeStep::Notified))), "not-decided");
    assert_eq!(code(tell(standing, &content(RecordFacts::PeopleInformed))), "not-decided");
    let decided = [IncidentDecision::NotifyAuthority, IncidentDecision::InformPeople]
        .map(|decision| record(RecordFacts::Decision(decision), after(1)));
    let standing = IncidentStanding::of(&REPORT, decided);
    for early in [NoticeStep::Supplemented, NoticeStep::Withdrawn] {
        assert_eq!(code(tell(standing, &notice(early))), "not-notified");
    }
    assert_eq!(tell(standing, &content(RecordFacts::PeopleInformed)), Ok(()));
    assert_eq!(tell(standing, &notice(NoticeStep::Notified)), Ok(()));
    let notified = standing.after(record(RecordFacts::Notice(NoticeStep::Notified), after(2)));
    assert_eq!(code(tell(notified, &notice(NoticeStep::Notified))), "already-notified");
    assert_eq!(tell(notified, &notice(NoticeStep::Supplemented)), Ok(()));
    let withdrawn = notified.after(record(RecordFacts::Notice(NoticeStep::Withdrawn), after(3)));
    assert_eq!(code(tell(withdrawn, &notice(NoticeStep::Supplemented))), "not-notified");
    // It turned out to be a datalek after all.
    assert_eq!(tell(withdrawn, &notice(NoticeStep::Notified)), Ok(()));
    let before = Addition { at: after(-1), ..at(5) };
    assert_eq!(code(standing.admit(&notice(NoticeStep::Notified), &before)), "before-known");
}

#[test]
fn c127_c128_an_intention_lets_the_processor_notify_and_takes_no_decision_from_the_institution() {
    let standing = IncidentStanding::of(&REPORT, []);
    let notice = |step| content(RecordFacts::Notice(step));
    let [intention, notified] = [NoticeStep::Intended, NoticeStep::Notified].map(notice);
    let silence = content(RecordFacts::Decision(IncidentDecision::DoNotNotifyAuthority));
    let decision = content(RecordFacts::Decision(IncidentDecision::NotifyAuthority));
    let by_processor = Addition { by: ActorKind::PlatformUser, institutions: 2, ..at(1) };
    assert_eq!(code(standing.admit(&notified, &by_processor)), "not-the-decider");
    assert_eq!(
        code(standing.admit(&intention, &Addition { institutions: 1, ..by_processor })),
        "one-institution"
    );
    assert_eq!(code(standing.admit(&intention, &Addition { institutions: 2, ..at(1) })), "not-the-decider");
    assert_eq!(standing.admit(&intention, &by_processor), Ok(()));
    let intended = standing.after(record(RecordFacts::Notice(NoticeStep::Intended), after(1)));
    assert_eq!(intended.rule(BreachReporter::Controller).side(), ActorKind::InstitutionUser);
    for decided in [&silence, &decision] {
        assert_eq!(code(intended.admit(decided, &by_processor)), "not-the-decider");
        assert_eq!(intended.admit(decided, &at(2)), Ok(()));
    }
    assert_eq!(intended.admit(&notified, &by_processor), Ok(()));
    assert_eq!(code(intended.admit(&notified, &at(2))), "not-decided");
    // What the institution decides counts for the processor too.
    let decided = |decision| intended.after(record(RecordFacts::Decision(decision), after(2)));
    let silent = decided(IncidentDecision::DoNotNotifyAuthority);
    assert_eq!(code(silent.admit(&notified, &by_processor)), "not-decided");
    let told = decided(IncidentDecision::NotifyAuthority);
    assert_eq!(told.admit(&notified, &by_processor), Ok(()));
    assert_eq!(told.admit(&notified, &at(2)), Ok(()));
    let of_processor = Recorded {
        by: ActorKind::PlatformUser,
        ..record(RecordFacts::Notice(NoticeStep::Notified), after(3))
    };
    let by_it = told.after(of_processor);
    assert_eq!(by_it.notifier(BreachReporter::Controller), ActorKind::PlatformUser);
    assert_eq!(code(by_it.admit(&intention, &by_processor)), "already-notified");
    // Who notified supplements; who decides withdraws, and supplements too.
    let [supplement, withdrawal] = [NoticeStep::Supplemented, NoticeStep::Withdrawn].map(notice);
    assert_eq!(by_it.admit(&supplement, &by_processor), Ok(()));
    assert_eq!(code(by_it.admit(&withdrawal, &by_processor)), "not-the-decider");
    for text in [&supplement, &withdrawal] {
        assert_eq!(by_it.admit(text, &at(4)), Ok(()));
    }
    let by_institution = told.after(record(RecordFacts::Notice(NoticeStep::Notified), after(3)));
    assert_eq!(code(by_institution.admit(&supplement, &by_processor)), "not-the-decider");
    assert_eq!(code(by_institution.admit(&notified, &by_processor)), "already-notified");
}

#[test]
fn c124_the_other_side_acknowledges_once_and_not_too_late_or_everybody_is_told_again_once() {
    let standing = IncidentStanding::of(&REPORT, []);
    let acknowledgement = content(RecordFacts::Acknowledgement);
    let by_reporter = Addition { by: ActorKind::PlatformUser, ..at(1) };
    assert_eq!(code(standing.admit(&acknowledgement, &by_reporter)), "own-report");
    assert_eq!(standing.admit(&acknowledgement, &at(1)), Ok(()));
    let term = ACKNOWLEDGED_WITHIN.as_secs();
    assert!(!standing.is_to_be_escalated(after(term - 1)) && standing.is_to_be_escalated(after(term)));
    assert_eq!(code(standing.admit(&RecordContent::Escalation, &at(term - 1))), "not-yet");
    assert_eq!(standing.admit(&RecordContent::Escalation, &at(term)), Ok(()));
    let known = standing.after(record(RecordFacts::Acknowledgement, after(1)));
    assert!(!known.is_to_be_escalated(after(term)));
    assert_eq!(code(known.admit(&acknowledgement, &at(2))), "already-acknowledged");
    let escalated = standing.after(record(RecordFacts::Escalation, after(term)));
    assert_eq!(code(escalated.admit(&RecordContent::Escalation, &at(2 * term))), "not-yet");
    assert_eq!(escalated.admit(&acknowledgement, &at(2 * term)), Ok(()));
}

#[test]
fn c044_only_the_processor_tells_that_it_can_no_longer_comply() {
    let standing = IncidentStanding::of(&REPORT, []);
    for kind in UpdateKind::ALL {
        let update = content(RecordFacts::Update(kind));
        let by_processor = Addition { by: ActorKind::PlatformUser, ..at(1) };
        assert_eq!(standing.admit(&update, &by_processor), Ok(()));
        assert_eq!(standing.admit(&update, &at(1)).is_ok(), kind != UpdateKind::CannotComply);
    }
}

#[test]
fn an_incident_takes_a_thousand_records_and_the_last_hundred_are_for_its_end() {
    let call = record(RecordFacts::Call, after(1));
    let standing = |count| IncidentStanding::of(&REPORT, std::iter::repeat_n(call, count));
    let decision = content(RecordFacts::Decision(IncidentDecision::NotifyAuthority));
    let told = content(RecordFacts::Call);
    assert_eq!(standing(899).admit(&told, &at(2)), Ok(()));
    assert_eq!(code(standing(900).admit(&told, &at(2))), "too-many-records");
    assert_eq!(standing(999).admit(&decision, &at(2)), Ok(()));
    assert_eq!(code(standing(MOST_RECORDS).admit(&decision, &at(2))), "too-many-records");
}

#[test]
fn c129_the_last_contents_say_what_caused_it() {
    let versions = [Some(BreachCause::UserError), None, Some(BreachCause::System)];
    let records = versions.map(|cause| record(RecordFacts::Contents(cause), after(1)));
    let standing = IncidentStanding::of(&REPORT, records);
    assert_eq!((standing.contents_versions, standing.cause), (3, Some(BreachCause::System)));
    assert_eq!(standing.rule(BreachReporter::ByCause).side(), ActorKind::PlatformUser);
}

proptest! {
    /// Whatever is tried in whatever order: what was admitted is every stage once, from the first on, at times that
    /// never go back.
    #[test]
    fn c123_what_is_admitted_goes_through_the_stages_in_order(
        tried in vec((any_facts(), 0i64..100), 0..60),
    ) {
        let mut admitted: Vec<Recorded> = Vec::new();
        for (facts, second) in tried {
            let standing = IncidentStanding::of(&REPORT, admitted.clone());
            let addition = Addition { now: after(50), ..at(second) };
            if standing.admit(&content(facts), &addition).is_ok() {
                admitted.push(record(facts, after(second)));
            }
        }
        let stages: Vec<_> = admitted
            .iter()
            .filter_map(|record| match record.facts {
                RecordFacts::Stage(stage) => Some((stage, record.at)),
                _ => None,
            })
            .collect();
        let expected = IncidentStage::ALL.into_iter().skip(1).take(stages.len());
        prop_assert!(stages.iter().map(|(stage, _)| *stage).eq(expected));
        prop_assert!(stages.is_sorted_by_key(|(_, at)| *at));
        prop_assert!(admitted.iter().all(|record| record.at <= after(50)));
        // No notice is given beside one that stands.
        let of = |step| admitted.iter().filter(move |record| record.facts == RecordFacts::Notice(step)).count();
        prop_assert!(of(NoticeStep::Notified) <= of(NoticeStep::Withdrawn) + 1);
    }

    #[test]
    fn c127_nothing_is_admitted_of_before_it_was_known(facts in any_facts(), stage in select(&IncidentStage::ALL[..])) {
        let standing = IncidentStanding::of(&REPORT, [record(RecordFacts::Stage(stage), after(1))]);
        let addition = Addition { now: after(2), ..at(-1) };
        prop_assert!(standing.admit(&content(facts), &addition).is_err());
    }

    #[test]
    fn nothing_is_admitted_of_the_future(facts in any_facts(), stage in select(&IncidentStage::ALL[..])) {
        let standing = IncidentStanding::of(&REPORT, [record(RecordFacts::Stage(stage), after(1))]);
        let addition = Addition { now: after(2), ..at(3) };
        prop_assert!(standing.admit(&content(facts), &addition).is_err());
    }
}
