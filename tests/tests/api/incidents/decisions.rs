//! Deciding, telling the authority and people, and what it cost (C127–C130, C133).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PLATFORM_ADMINISTRATOR;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::incident::{contents, decide, decision, open_case, report};
use groeilijn_tests::instruction::contact_person;
use groeilijn_tests::{School, Server, both_databases};
use serde_json::{Value, json};

fn path(id: &str, what: &str) -> String {
    format!("/v1/incidents/{id}/{what}")
}

/// A school whose contract has the rule of `basisonline`.
fn by_cause(server: &Server) -> School {
    let school = server.school();
    let platform = server.platform();
    let institution = format!("/v1/institutions/{}", school.id);
    let proposed = json!({"contractProfile": "basisonline", "summary": "Voortaan BasisOnline."});
    let proposed = platform.post(&format!("{institution}/agreements"), &proposed).expect(201).id();
    let accept = format!("{institution}/agreements/{proposed}/_accept");
    school.admin.call("POST", &accept).send().expect(200);
    school
}

both_databases! {
    fn c127_the_controller_decides_step_by_step_and_notifies(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let (_, incidents) = open_case(&platform, &[&school.id]);
        let id = &incidents[0];
        assert_eq!(decide(&platform, id, "notify-authority").expect(403).code(), "not-the-decider");
        let notified = json!({"step": "notified", "number": "2026-1234"});
        assert_eq!(school.admin.post(&path(id, "notices"), &notified).expect(409).code(), "not-decided");
        let decided = decide(&school.admin, id, "notify-authority").expect(201).json();
        assert_eq!((&decided["decidedBy"], &decided["authorityDecision"]), (&json!("institution-user"), &json!("notify-authority")));
        assert_eq!(decided["records"][0]["steps"][0]["step"], "personal-data-breach");
        assert_eq!(platform.post(&path(id, "notices"), &notified).expect(403).code(), "not-the-decider");
        school.admin.post(&path(id, "notices"), &json!({"step": "notified"})).refuses(&[("/number", "required-for-the-kind")]);
        for (early, text) in [("supplemented", "Meer."), ("withdrawn", "Het was geen datalek.")] {
            let body = json!({"step": early, "text": text});
            assert_eq!(school.admin.post(&path(id, "notices"), &body).expect(409).code(), "not-notified");
        }
        let told = school.admin.post(&path(id, "notices"), &notified).expect(201).json();
        assert!(!told["notifiedAt"].is_null() && !told["clock"]["stoppedAt"].is_null());
        assert_eq!((&told["clock"]["secondsLeft"], &told["clock"]["isOverdue"]), (&json!(0), &json!(false)));
        assert_eq!(school.admin.post(&path(id, "notices"), &notified).expect(409).code(), "already-notified");
        for (step, text) in [("supplemented", "Meer."), ("withdrawn", "Het was geen datalek.")] {
            school.admin.post(&path(id, "notices"), &json!({"step": step})).refuses(&[("/text", "required-for-the-kind")]);
            school.admin.post(&path(id, "notices"), &json!({"step": step, "text": text})).expect(201);
        }
        let body = json!({"step": "supplemented", "text": "Nog meer."});
        assert_eq!(school.admin.post(&path(id, "notices"), &body).expect(409).code(), "not-notified");
        // What was withdrawn stops no clock; deciding to keep silent after it does.
        let again = decide(&school.admin, id, "notify-authority").expect(201).json();
        assert!(again["clock"]["stoppedAt"].is_null() && again["clock"]["secondsLeft"].as_u64().unwrap() > 70 * 3600);
        let silent = decide(&school.admin, id, "do-not-notify-authority").expect(201).json();
        assert!(!silent["clock"]["stoppedAt"].is_null());
        school.admin.post(&path(id, "notices"), &json!({"step": "intended", "text": "Wij."})).refuses(&[("/step", "beyond-the-kind")]);
    }

    fn c127_a_decision_rests_on_an_answer_to_each_question_and_agrees_with_them(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        let decisions = path(&id, "decisions");
        school.admin.post(&decisions, &json!({"decision": "notify-authority", "steps": []})).refuses(&[("/steps", "missing")]);
        let mut silent = decision("do-not-notify-authority");
        silent["steps"][0]["answer"] = json!(true);
        silent["steps"][1]["answer"] = json!(true);
        school.admin.post(&decisions, &silent).refuses(&[("/decision", "contradicts-grounds")]);
        silent["steps"][1]["answer"] = json!(false);
        let spared = school.admin.post(&decisions, &silent).expect(201).json();
        assert!(!spared["clock"]["stoppedAt"].is_null());
        let mut wrong = decision("inform-people");
        wrong["steps"][0]["step"] = json!("risk-likely");
        school.admin.post(&decisions, &wrong).refuses(&[("/steps/0/step", "beyond-the-kind"), ("/steps", "missing")]);
        // Another decision starts the clock again.
        let told = decide(&school.admin, &id, "notify-authority").expect(201).json();
        assert!(told["clock"]["stoppedAt"].is_null() && told["clock"]["secondsLeft"].as_u64().unwrap() > 70 * 3600);
    }

    fn c127_who_notifies_after_the_72_hours_says_why(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        decide(&school.admin, &id, "notify-authority").expect(201);
        let mut notified = json!({"step": "notified", "number": "2026-1234", "delayReason": "Het weekend."});
        school.admin.post(&path(&id, "notices"), &notified).refuses(&[("/delayReason", "beyond-the-kind")]);
        server.clock.set("2026-11-24T08:00:01Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD);
        notified.as_object_mut().unwrap().remove("delayReason");
        admin.post(&path(&id, "notices"), &notified).refuses(&[("/delayReason", "reason-required")]);
        // What was in time and is recorded later is not late.
        notified["at"] = json!("2026-11-24T07:59:59Z");
        notified["delayReason"] = json!("Het weekend.");
        admin.post(&path(&id, "notices"), &notified).refuses(&[("/delayReason", "beyond-the-kind")]);
        notified["at"] = json!("2026-11-21T07:00:00Z");
        notified.as_object_mut().unwrap().remove("delayReason");
        admin.post(&path(&id, "notices"), &notified).refuses(&[("/at", "before-known")]);
        notified.as_object_mut().unwrap().remove("at");
        notified["delayReason"] = json!("Het weekend.");
        let told = admin.post(&path(&id, "notices"), &notified).expect(201).json();
        assert_eq!(told["clock"]["isOverdue"], true);
    }

    fn c127_a_clock_that_ran_out_is_not_put_back_by_an_earlier_date(server: Server) {
        let school = server.school();
        let id = report(&school.admin);
        server.clock.set("2026-11-24T09:00:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD);
        let dated = |mut body: Value, at: &str| {
            body["at"] = json!(at);
            body
        };
        let bodies = [
            ("decisions", decision("do-not-notify-authority")),
            ("decisions", decision("inform-people")),
            ("high-risk-suspicions", json!({"grounds": "Er zijn notities gelezen."})),
            ("classifications", json!({"kind": "breach", "grounds": "Er zijn notities gelezen."})),
            ("updates", json!({"kind": "measure", "text": "Alles is dicht."})),
            ("calls", json!({"with": "De helpdesk.", "text": "Zij bellen terug."})),
            ("costs", json!({"kind": "cost", "text": "Een slot."})),
        ];
        for (what, body) in bodies {
            admin.post(&path(&id, what), &dated(body.clone(), "2000-01-01T00:00:00Z")).refuses(&[("/at", "before-known")]);
            admin.post(&path(&id, what), &dated(body, "2026-11-24T09:10:00Z")).refuses(&[("/at", "in-the-future")]);
        }
        let silent = dated(decision("do-not-notify-authority"), "2026-11-21T08:30:00Z");
        let spared = admin.post(&path(&id, "decisions"), &silent).expect(201).json();
        assert_eq!((&spared["records"][0]["at"], &spared["clock"]["isOverdue"]), (&json!("2026-11-21T08:30:00Z"), &json!(true)));
        assert!(spared["clock"]["stoppedAt"].as_str().unwrap().starts_with("2026-11-24T09:0"));
    }

    fn c129_under_by_cause_the_cause_says_who_decides(server: Server) {
        let (school, platform) = (by_cause(server), server.platform());
        for cause in ["system", "other-processor", "user-error", "negligence"] {
            let id = report(&school.admin);
            // As long as the cause is not known the controller decides.
            assert_eq!(decide(&platform, &id, "notify-authority").expect(403).code(), "not-the-decider");
            school.admin.post(&path(&id, "contents"), &contents(cause)).expect(201);
            let by_processor = ["system", "other-processor"].contains(&cause);
            let (decider, other) = if by_processor { (&platform, &school.admin) } else { (&school.admin, &platform) };
            assert_eq!(decide(other, &id, "notify-authority").expect(403).code(), "not-the-decider", "{cause}");
            decide(decider, &id, "notify-authority").expect(201);
            decider.post(&path(&id, "notices"), &json!({"step": "notified", "number": "2026-1234"})).expect(201);
            // People are told by the controller, whatever the cause.
            assert_eq!(decide(&platform, &id, "inform-people").expect(403).code(), "not-the-decider");
        }
    }

    fn c124_what_one_side_decides_and_writes_down_is_told_to_the_other(server: Server) {
        let (school, platform) = (by_cause(server), server.platform());
        let id = report(&school.admin);
        let administrator = format!("beheerder@{}", school.domain);
        platform.post(&path(&id, "contents"), &contents("system")).expect(201);
        server.anyone().mailbox().wait_for(&administrator, "iets nieuws", 1);
        decide(&platform, &id, "do-not-notify-authority").expect(201);
        let letters = server.anyone().mailbox().wait_for(&administrator, "is besloten", 1);
        assert!(!letters[0].contains("heeft daarvoor tot") && !letters[0].contains("verzonnen"));
        decide(&school.admin, &id, "do-not-inform-people").expect(201);
        server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "is besloten", 1);
    }

    fn c128_the_processor_notifies_for_several_once_each_was_told(server: Server) {
        let schools = [server.school(), server.school()];
        let platform = server.platform();
        let (case, incidents) = open_case(&platform, &[&schools[0].id, &schools[1].id]);
        let asked = contact_person(&schools[0]);
        let intention = json!({
            "text": "Na overleg melden wij dit voor de betrokken instellingen.",
            "consulted": [{"institutionId": schools[0].id, "contactPersonId": asked, "at": "2026-11-21T08:30:00Z"}],
        });
        let intentions = format!("/v1/incident-cases/{case}/notice-intentions");
        schools[0].admin.post(&intentions, &intention).expect(403);
        assert_eq!(decide(&platform, &incidents[0], "notify-authority").expect(403).code(), "not-the-decider");
        let consulting = |consulted: Value| platform.post(&intentions, &json!({"text": "Wij melden dit.", "consulted": consulted}));
        let of = |school: &School, at: &str| json!({"institutionId": school.id, "at": at});
        platform.post(&intentions, &json!({"text": "Wij melden dit."})).refuses(&[("/consulted", "required")]);
        consulting(json!([])).refuses(&[("/consulted", "empty")]);
        consulting(json!([of(&schools[0], "2026-11-21T07:59:00Z"), of(&schools[1], "2026-11-22T09:00:00Z")]))
            .refuses(&[("/consulted/0/at", "before-known"), ("/consulted/1/at", "in-the-future")]);
        consulting(json!([of(&schools[1], "2026-11-21T08:30:00Z"), of(&server.school(), "2026-11-21T08:30:00Z")]))
            .refuses(&[("/consulted/1/institutionId", "unknown-institution")]);
        // A contact person of the one is nobody to the other.
        let mut foreign = of(&schools[1], "2026-11-21T08:30:00Z");
        foreign["contactPersonId"] = json!(asked);
        consulting(json!([foreign])).refuses(&[("/consulted/0/contactPersonId", "unknown-contact-person")]);

        platform.post(&intentions, &intention).expect(201);
        let record = |school: &School, id: &str| school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json()["records"][0].clone();
        let [consulted, other] = [0, 1].map(|index| record(&schools[index], &incidents[index]));
        assert_eq!((&consulted["consultedAt"], &consulted["consultedContactPersonId"]), (&json!("2026-11-21T08:30:00Z"), &json!(asked)));
        // Which others were asked is told to nobody.
        assert_eq!((&other["consultedAt"], &other["consultedContactPersonId"]), (&Value::Null, &Value::Null));
        assert!(!other.to_string().contains(&schools[0].id));
        for (school, id) in schools.iter().zip(&incidents) {
            let told = school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json();
            assert_eq!((&told["decidedBy"], &told["records"][0]["noticeStep"]), (&json!("institution-user"), &json!("intended")));
            server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "voor meerdere instellingen", 1);
            assert_eq!(decide(&platform, id, "notify-authority").expect(403).code(), "not-the-decider");
            let notified = platform.post(&path(id, "notices"), &json!({"step": "notified", "number": "2026-1234"})).expect(201).json();
            assert!(!notified["clock"]["stoppedAt"].is_null());
            server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "is ingelicht", 1);
            assert_eq!(school.admin.get(&path(id, "authority-draft")).expect(200).json()["about"]["by"], "platform-user");
            platform.post(&path(id, "notices"), &json!({"step": "supplemented", "text": "Meer."})).expect(201);
            let withdrawn = json!({"step": "withdrawn", "text": "Het was geen datalek."});
            assert_eq!(platform.post(&path(id, "notices"), &withdrawn).expect(403).code(), "not-the-decider");
            school.admin.post(&path(id, "notices"), &withdrawn).expect(201);
        }
        let (alone, _) = open_case(&platform, &[&schools[0].id]);
        let refused = platform.post(&format!("/v1/incident-cases/{alone}/notice-intentions"), &intention).expect(409);
        assert_eq!(refused.code(), "one-institution");
        platform.post(&format!("/v1/incident-cases/{ABSENT}/notice-intentions"), &intention).expect(404);
    }

    fn c127_c128_an_intention_takes_no_decision_from_the_institutions(server: Server) {
        let schools = [server.school(), server.school(), server.school()];
        let platform = server.platform();
        let (case, incidents) = open_case(&platform, &[&schools[0].id, &schools[1].id, &schools[2].id]);
        let intend = || {
            let asked = json!([{"institutionId": schools[1].id, "at": "2026-11-21T08:30:00Z"}]);
            let intention = json!({"text": "Na overleg melden wij dit voor de betrokken instellingen.", "consulted": asked});
            platform.post(&format!("/v1/incident-cases/{case}/notice-intentions"), &intention)
        };
        let notified = json!({"step": "notified", "number": "2026-1234"});
        let clock = |school: &School, id: &str| school.admin.get(&format!("/v1/incidents/{id}")).expect(200).json()["clock"]["stoppedAt"].clone();
        // The first notified for itself before the processor meant to.
        decide(&schools[0].admin, &incidents[0], "notify-authority").expect(201);
        schools[0].admin.post(&path(&incidents[0], "notices"), &notified).expect(201);
        intend().expect(201);
        let first = schools[0].admin.get(&format!("/v1/incidents/{}", incidents[0])).expect(200).json();
        assert!(first["records"].as_array().unwrap().iter().all(|record| record["noticeStep"] != "intended"));
        assert_eq!(platform.post(&path(&incidents[0], "notices"), &notified).expect(403).code(), "not-the-decider");
        // Of the second the processor does not decide to keep silent; the institution does, and nobody notifies for it.
        assert_eq!(decide(&platform, &incidents[1], "do-not-notify-authority").expect(403).code(), "not-the-decider");
        assert!(clock(&schools[1], &incidents[1]).is_null());
        decide(&schools[1].admin, &incidents[1], "do-not-notify-authority").expect(201);
        assert_eq!(platform.post(&path(&incidents[1], "notices"), &notified).expect(409).code(), "not-decided");
        decide(&schools[1].admin, &incidents[1], "notify-authority").expect(201);
        platform.post(&path(&incidents[1], "notices"), &notified).expect(201);
        // The third decides and notifies itself, whatever was intended.
        decide(&schools[2].admin, &incidents[2], "notify-authority").expect(201);
        schools[2].admin.post(&path(&incidents[2], "notices"), &notified).expect(201);
        assert_eq!(platform.post(&path(&incidents[2], "notices"), &notified).expect(409).code(), "already-notified");
        assert_eq!(intend().expect(409).code(), "already-notified");
    }

    fn c130_people_are_told_by_the_controller_or_it_says_why_not(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let id = report(&school.admin);
        let told = json!({"text": "Van uw kind zijn notities gelezen.", "channel": "letter", "number": 12});
        let informed = path(&id, "people-informed");
        assert_eq!(school.admin.post(&informed, &told).expect(409).code(), "not-decided");
        let spared = decide(&school.admin, &id, "do-not-inform-people").expect(201).json();
        assert_eq!(spared["peopleDecision"], "do-not-inform-people");
        assert!(spared["records"][0]["steps"].as_array().unwrap().iter().all(|step| !step["grounds"].is_null()));
        assert_eq!(school.admin.post(&informed, &told).expect(409).code(), "not-decided");
        decide(&school.admin, &id, "inform-people").expect(201);
        assert_eq!(platform.post(&informed, &told).expect(403).code(), "not-the-decider");
        let kept = school.admin.post(&informed, &told).expect(201).json();
        assert!(!kept["peopleInformedAt"].is_null());
        let record = &kept["records"][0]["peopleInformed"];
        assert!(["text", "channel", "number"].iter().all(|name| record[name] == told[name]));
        school.admin.post(&informed, &json!({"channel": "duif", "number": -1})).refuses(&[
            ("/text", "required"), ("/channel", "not-in-list"), ("/number", "out-of-range"),
        ]);
    }

    fn c133_costs_claims_and_fines_are_facts_and_the_other_side_is_told(server: Server) {
        let (school, platform) = (server.school(), server.platform());
        let id = report(&school.admin);
        let cost = |kind: &str, euros: Value| json!({"kind": kind, "euros": euros, "text": "Een verzonnen kostenpost."});
        let claimed = school.admin.post(&path(&id, "costs"), &cost("claim", json!(500))).expect(201).json();
        let record = &claimed["records"][0];
        assert_eq!((&record["costKind"], &record["euros"], &record["text"]), (&json!("claim"), &json!(500), &json!("Een verzonnen kostenpost.")));
        server.anyone().mailbox().wait_for(PLATFORM_ADMINISTRATOR, "schade", 1);
        platform.post(&path(&id, "costs"), &cost("fine", json!(null))).expect(201);
        server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "schade", 1);
        school.admin.post(&path(&id, "costs"), &cost("boete", json!(1.5))).refuses(&[("/kind", "not-in-list"), ("/euros", "out-of-range")]);
    }

    fn who_may_decide_and_tell(server: Server) {
        let (school, other) = (server.school(), server.school());
        let teacher = school.member(Function::Teacher, &[]).client;
        let manager = school.member(Function::Management, &[]).client;
        let id = report(&teacher);
        let bodies = [
            ("contents", contents("system")),
            ("decisions", decision("notify-authority")),
            ("notices", json!({"step": "notified", "number": "2026-1234"})),
            ("people-informed", json!({"text": "Bericht.", "channel": "letter", "number": 1})),
            ("costs", json!({"kind": "cost", "text": "Post."})),
        ];
        for (what, body) in &bodies {
            for who in [&teacher, &manager] {
                who.post(&path(&id, what), body).expect(403);
            }
            let absent = school.admin.post(&path(ABSENT, what), body).expect(404);
            assert_eq!(other.admin.post(&path(&id, what), body).expect(404).visible(), absent.visible());
        }
    }
}
