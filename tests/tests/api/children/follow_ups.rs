//! What is planned for a line that needs attention: planned, listed by day, finished; with its registration through thick and
//! thin.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::class::finalise;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Class, Client, Reply, both_databases};
use serde_json::{Value, json};

const LIST: &str = "/v1/follow-ups";

/// A registration of which two lines need attention.
fn attention() -> Value {
    json!({"lines": {"play": {"attention": true}, "drawing": {"attention": true}}})
}

fn of_registration(registration: &str) -> String {
    format!("/v1/registrations/{registration}/follow-ups")
}

fn at(follow_up: &str) -> String {
    format!("{LIST}/{follow_up}")
}

fn planned(line: &str, day: &str) -> Value {
    json!({"line": line, "plan": "Elke week\nsamen spelen.", "followUpOn": day})
}

/// Plans a follow-up by the teacher and gives its id.
#[track_caller]
fn plan(class: &Class, registration: &str, line: &str, day: &str) -> String {
    class.teacher.client.post(&of_registration(registration), &planned(line, day)).expect(201).id()
}

fn finish(client: &Client, follow_up: &str) -> Reply {
    let call = client.call("POST", &format!("{}/_finish", at(follow_up))).header("If-Match", "*");
    call.json(&json!({"outcome": "Speelt mee."})).send()
}

fn withdraw(client: &Client, registration: &str) {
    let call = client.call("POST", &format!("/v1/registrations/{registration}/_withdraw"));
    call.header("If-Match", "*").json(&json!({"reason": "Verkeerd kind."})).send().expect(200);
}

/// The ids of the follow-ups that are listed.
#[track_caller]
fn listed(client: &Client, query: &str) -> Vec<String> {
    client.list(&format!("{LIST}{query}")).iter().map(|due| text(&due["followUp"]["id"])).collect()
}

both_databases! {
    /// C025: extra attention is more than a mark: what is done about it, and when somebody looks again.
    fn c025_what_needs_attention_has_a_plan_and_a_day(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &attention()).id();
        let path = of_registration(&draft);
        let body = planned("play", "2027-01-15");
        let made = teacher.post_once(&path, &body, "opvolging").expect(201);
        let id = made.id();
        assert_eq!(made.header("Location"), at(&id));
        let follow_up = made.json();
        assert_eq!(follow_up, json!({
            "id": id, "etag": "\"r1\"", "pupilId": class.pupil, "registrationId": draft, "line": "play",
            "plan": "Elke week\nsamen spelen.", "masked": false, "followUpOn": "2027-01-15", "finished": null,
            "author": follow_up["author"], "createdAt": follow_up["createdAt"], "changedAt": follow_up["createdAt"],
        }));
        assert_eq!(follow_up["author"]["id"], class.teacher.id.as_str());
        assert_eq!(teacher.post_once(&path, &body, "opvolging").expect(201).json(), follow_up);
        assert_eq!(teacher.list(&path), std::slice::from_ref(&follow_up));
        assert_eq!(listed(teacher, ""), [""; 0], "a draft counts nowhere");
        finalise(teacher, &draft);
        let due = teacher.list(LIST);
        assert_eq!(due, [json!({
            "pupilId": class.pupil, "firstName": "Noor", "infix": due[0]["infix"], "lastName": due[0]["lastName"],
            "birthDate": "2022-05-04", "groupId": class.group, "followUp": follow_up,
        })]);

        let changed = teacher.change(&at(&id), &json!({"followUpOn": "2027-02-01"})).expect(200);
        assert_eq!(changed.json()["plan"], follow_up["plan"]);
        assert_eq!(changed.json()["followUpOn"], "2027-02-01");
        teacher.patch(&at(&id), "\"r1\"", &json!({"plan": "Anders."})).expect(412);
        teacher.call("PATCH", &at(&id)).merge_patch(&json!({"plan": "Anders."})).send().expect(428);
        teacher.call("GET", &at(&id)).header("If-None-Match", &changed.etag()).send().expect(304);
        assert_eq!(teacher.change(&at(&id), &json!({"plan": "Anders."})).expect(200).json()["plan"], "Anders.");
        // The final registration is as it was: what is planned stands beside it.
        let registration = teacher.get(&format!("/v1/registrations/{draft}")).expect(200).json();
        assert_eq!((&registration["state"], &registration["judgements"]["lines"]["play"]["attention"]),
            (&json!("final"), &json!(true)));
    }

    fn c025_what_came_of_it_is_said_once(server: Server) {
        let class = server.class();
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        let id = plan(&class, &registration, "play", "2027-01-15");
        let colleague = class.school.member(Function::InternBegeleider, &[]);
        let path = format!("{}/_finish", at(&id));
        let refuses = |body: Value, errors: &[(&str, &str)]| {
            colleague.client.call("POST", &path).header("If-Match", "*").json(&body).send().refuses(errors);
        };
        refuses(json!({}), &[("/outcome", "required")]);
        refuses(json!({"outcome": "a".repeat(2001), "by": "mij"}), &[("/outcome", "too-long"), ("/by", "unknown-field")]);
        colleague.client.post(&path, &json!({"outcome": "Speelt mee."})).expect(428);
        let finished = finish(&colleague.client, &id).expect(200).json();
        assert_eq!(finished["finished"]["outcome"], "Speelt mee.");
        assert_eq!(finished["finished"]["author"]["id"], colleague.id.as_str());
        assert_eq!(finished["finished"]["finishedAt"], finished["changedAt"]);
        assert_eq!(finished["author"]["id"], class.teacher.id.as_str());
        let teacher = &class.teacher.client;
        assert_eq!(teacher.get(&at(&id)).expect(200).json(), finished);
        for refused in [
            finish(teacher, &id),
            teacher.patch(&at(&id), "*", &json!({"plan": "Anders."})),
            teacher.delete(&at(&id), "*"),
        ] {
            assert_eq!(refused.expect(409).problem("conflict").code(), "already-finished");
        }
        assert_eq!(listed(teacher, "?open=true"), [""; 0]);
        assert_eq!(listed(teacher, "?open=false"), [id.as_str()]);
        assert_eq!(listed(teacher, ""), [id]);
    }

    fn what_is_to_be_followed_up_is_listed_by_day(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let [of_noor, of_sem] = [&class.pupil, &sem].map(|pupil| class.register(pupil, "2026-11-20", &attention()));
        let late = plan(&class, &of_noor, "play", "2027-03-01");
        let early = plan(&class, &of_sem, "drawing", "2026-12-01");
        let same_day = plan(&class, &of_noor, "drawing", "2026-12-01");
        let done = plan(&class, &of_sem, "play", "2026-11-20");
        finish(teacher, &done).expect(200);
        for limit in [1, 2, 4] {
            let all = [&done, &early, &same_day, &late].map(String::as_str);
            assert_eq!(listed(teacher, &format!("?limit={limit}")), all);
            assert_eq!(listed(teacher, &format!("?open=true&limit={limit}")), all[1..]);
        }
        assert_eq!(listed(teacher, "?until=2026-12-01&open=true"), [early.as_str(), &same_day]);
        assert_eq!(listed(teacher, "?until=2026-11-19"), [""; 0]);
        assert_eq!(listed(teacher, &format!("?groupId={}&until=2026-11-30", class.group)), [done.as_str()]);
        assert_eq!(teacher.list(&format!("{}?limit=1", of_registration(&of_noor))).len(), 2);
        teacher.get(&format!("{LIST}?groupId=x&until=31-12&open=ja&cursor=AA&line=play")).refuses(&[
            ("groupId", "not-a-uuid"), ("until", "not-a-date"), ("open", "not-a-boolean"), ("cursor", "not-a-cursor"),
            ("line", "unknown-parameter"),
        ]);
        teacher.delete(&at(&late), "\"r2\"").expect(412);
        teacher.delete(&at(&late), "*").expect(204);
        teacher.get(&at(&late)).expect(404);
        assert_eq!(listed(teacher, "?open=true"), [early, same_day]);
    }

    fn c025_everything_wrong_with_a_follow_up_is_refused_together(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let judged = json!({"lines": {"play": {"attention": true}, "drawing": {"phaseFromMonth": 48, "completeness": "begun"}}});
        let registration = class.begin(&class.pupil, "2026-11-20", &judged).id();
        let path = of_registration(&registration);
        let refuses = |body: Value, errors: &[(&str, &str)]| {
            teacher.post(&path, &body).refuses(errors);
        };
        refuses(json!({}), &[("/line", "required"), ("/plan", "required"), ("/followUpOn", "required")]);
        refuses(json!({"id": "1", "line": "No", "plan": "a".repeat(2001), "followUpOn": "morgen", "done": true}), &[
            ("/id", "not-a-uuid"), ("/line", "not-a-code"), ("/plan", "too-long"), ("/followUpOn", "not-a-date"),
            ("/done", "unknown-field"),
        ]);
        refuses(planned("drawing", "2026-11-19"), &[("/line", "no-attention"), ("/followUpOn", "before-registration")]);
        refuses(planned("singing", "2028-11-21"), &[("/line", "no-attention"), ("/followUpOn", "too-far-ahead")]);
        let id = plan(&class, &registration, "play", "2028-11-20");
        let mut again = planned("play", "2027-01-15");
        again["id"] = json!(id);
        assert_eq!(teacher.post(&path, &again).expect(409).problem("conflict").code(), "id-in-use");
        let change = |body: Value| teacher.patch(&at(&id), "*", &body);
        change(json!({"plan": null, "followUpOn": null, "line": "play"}))
            .refuses(&[("/plan", "null"), ("/followUpOn", "null"), ("/line", "unknown-field")]);
        change(json!({"followUpOn": "2026-11-19"})).refuses(&[("/followUpOn", "before-registration")]);
        assert_eq!(teacher.list(&path).len(), 1);
    }

    /// C070: a correction is a new version, and what was planned stands beside all of them.
    fn c070_a_follow_up_goes_with_what_counts_of_its_registration(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        let id = plan(&class, &registration, "play", "2027-01-15");
        let versions = format!("/v1/registrations/{registration}/versions");
        let correct = || teacher.post(&versions, &json!({"reason": "Te snel ingevuld."})).expect(201);
        let needs = |attention: bool| {
            let judged = json!({"judgements": {"lines": {"play": {"attention": attention}, "drawing": {"phaseFromMonth": 48, "completeness": "begun"}}}});
            teacher.change(&format!("/v1/registrations/{registration}"), &judged).expect(200);
        };
        correct();
        needs(false);
        assert_eq!(listed(teacher, ""), [id.as_str()], "the version that counts still asks for it");
        teacher.post(&of_registration(&registration), &planned("play", "2027-01-15")).refuses(&[("/line", "no-attention")]);
        finalise(teacher, &registration);
        assert_eq!(listed(teacher, ""), [""; 0]);
        assert_eq!(teacher.list(&of_registration(&registration)).len(), 1, "it stays readable");
        assert_eq!(teacher.get(&format!("{versions}/1")).expect(200).json()["judgements"]["lines"]["play"]["attention"], true);
        correct();
        needs(true);
        finalise(teacher, &registration);
        assert_eq!(listed(teacher, ""), [id.as_str()]);

        withdraw(teacher, &registration);
        assert_eq!(listed(teacher, ""), [""; 0]);
        let left = teacher.get(&at(&id)).expect(200).json();
        assert_eq!(teacher.list(&of_registration(&registration)), [left]);
        for refused in [
            teacher.post(&of_registration(&registration), &planned("drawing", "2027-01-15")),
            teacher.patch(&at(&id), "*", &json!({"plan": "Anders."})),
            teacher.delete(&at(&id), "*"),
            finish(teacher, &id),
        ] {
            assert_eq!(refused.expect(409).problem("conflict").code(), "withdrawn");
        }
    }

    fn a_draft_that_is_discarded_takes_its_follow_ups_along(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &attention()).id();
        let gone = plan(&class, &draft, "play", "2027-01-15");
        teacher.delete(&format!("/v1/registrations/{draft}"), "*").expect(204);
        teacher.get(&at(&gone)).expect(404);
        // Of a correction that is discarded they stay: the registration is there.
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        teacher.post(&format!("/v1/registrations/{registration}/versions"), &json!({"reason": "Toch niet."})).expect(201);
        let kept = plan(&class, &registration, "play", "2027-01-15");
        teacher.delete(&format!("/v1/registrations/{registration}"), "*").expect(204);
        assert_eq!(listed(teacher, ""), [kept]);
    }

    fn c071_what_is_planned_without_a_network_comes_in_one_batch(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let draft = class.begin(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 3}})).id();
        let mut follow_up = planned("play", "2027-01-15");
        follow_up["id"] = json!("01999999-0000-7000-8000-000000000042");
        let results = teacher.post("/v1/batches", &json!({"operations": [
            {"method": "PATCH", "path": format!("/v1/registrations/{draft}"), "ifMatch": "\"r1\"",
                "body": {"judgements": attention()}},
            {"method": "POST", "path": of_registration(&draft), "body": follow_up},
            {"method": "PATCH", "path": at("01999999-0000-7000-8000-000000000042"), "after": 1, "body": {"plan": "Anders."}},
            {"method": "POST", "path": format!("/v1/registrations/{draft}/_finalise"), "after": 0},
        ]}));
        let results = results.expect(200).json()["results"].clone();
        let statuses: Vec<_> = results.as_array().unwrap().iter().map(|result| result["status"].clone()).collect();
        assert_eq!(statuses, [200, 201, 200, 200], "{results}");
        assert_eq!(teacher.list(LIST)[0]["followUp"], results[2]["body"]);
    }

    fn a_registration_has_so_many_follow_ups(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        for _ in 0..100 {
            plan(&class, &registration, "play", "2027-01-15");
        }
        let refused = teacher.post(&of_registration(&registration), &planned("play", "2027-01-15"));
        assert_eq!(refused.expect(409).problem("conflict").code(), "too-many");
        assert_eq!(teacher.list(&of_registration(&registration)).len(), 100);
    }

    /// C001, C024: who does not follow the child sees nothing of it, and who only looks changes nothing.
    fn c024_follow_ups_are_of_those_within_reach(server: Server) {
        let class = server.class();
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        let id = plan(&class, &registration, "play", "2027-01-15");
        let elsewhere = class.school.group("De Vlinders");
        let other = class.school.teacher(&elsewhere);
        let stranger = server.class();
        for client in [&other, &stranger.teacher.client] {
            assert_eq!(listed(client, ""), [""; 0]);
            client.get(&format!("{LIST}?groupId={}", class.group)).expect(404);
            client.sees_nothing(&registration, &[
                ("GET", "/v1/registrations/{}/follow-ups", Value::Null),
                ("POST", "/v1/registrations/{}/follow-ups", planned("play", "2027-01-15")),
            ]);
            client.sees_nothing(&id, &[
                ("GET", "/v1/follow-ups/{}", Value::Null),
                ("PATCH", "/v1/follow-ups/{}", json!({"plan": "Anders."})),
                ("DELETE", "/v1/follow-ups/{}", Value::Null),
                ("POST", "/v1/follow-ups/{}/_finish", json!({"outcome": "Speelt mee."})),
            ]);
        }
        class.teacher.client.get(&at(ABSENT)).expect(404);
        let management = class.school.member(Function::Management, &[]).client;
        assert_eq!(listed(&management, ""), [id.as_str()]);
        assert_eq!(listed(&management, &format!("?groupId={elsewhere}")), [""; 0]);
        management.post(&of_registration(&registration), &planned("play", "2027-01-15")).expect(403);
        finish(&management, &id).expect(403);
    }

    fn who_left_or_is_in_the_archive_is_in_no_list(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        let id = plan(&class, &registration, "play", "2027-01-15");
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let leaving = json!({"lastDay": "2026-11-20", "kind": "next-education"});
        let etag = admin.get(&pupil).expect(200).etag();
        admin.put(&format!("{pupil}/departure"), &etag, &leaving).expect(200);
        for client in [admin, &class.teacher.client] {
            assert_eq!(listed(client, ""), [""; 0]);
        }
        assert_eq!(admin.get(&at(&id)).expect(200).json()["plan"], "Elke week\nsamen spelen.");
        admin.act(&format!("{pupil}/_archive"), "*").expect(200);
        let coach = class.school.member(Function::InternBegeleider, &[]).client;
        assert_eq!(coach.get(&at(&id)).expect(200).json()["finished"], Value::Null);
        for refused in [
            coach.post(&of_registration(&registration), &planned("play", "2027-01-15")),
            coach.patch(&at(&id), "*", &json!({"plan": "Anders."})),
            coach.delete(&at(&id), "*"),
            finish(&coach, &id),
        ] {
            assert_eq!(refused.expect(409).problem("conflict").code(), "archived");
        }
    }

    /// C010: each look and each change is on record, with the child.
    fn c010_what_is_done_with_follow_ups_is_on_record(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &attention());
        let before = server.audit_log(&class.school.id);
        let id = plan(&class, &registration, "play", "2027-01-15");
        teacher.patch(&at(&id), "*", &json!({"plan": "Anders."})).expect(200);
        teacher.get(LIST).expect(200);
        finish(teacher, &id).expect(200);
        let after = server.audit_log(&class.school.id);
        after.check();
        let added = before.added(&after);
        let operations: Vec<_> = added.iter().map(|entry| entry.operation.as_str()).collect();
        assert_eq!(operations, ["createFollowUp", "changeFollowUp", "listFollowUps", "finishFollowUp"]);
        for entry in added {
            for touched in [(ObjectKind::FollowUp, id.clone()), (ObjectKind::Pupil, class.pupil.clone())] {
                assert!(entry.objects.contains(&touched), "{}", entry.operation);
            }
        }
    }
}
