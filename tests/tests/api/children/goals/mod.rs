//! Goals of a group: set, listed, changed, with what was offered; out of reach for others.

mod effect;
mod members;

use groeilijn_domain::access::Function;
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use serde_json::{Value, json};

fn goals_of(group: &str) -> String {
    format!("/v1/groups/{group}/goals")
}

fn goal_at(goal: &str) -> String {
    format!("/v1/goals/{goal}")
}

both_databases! {
    /// B1 A: from the overview to an offer that suits the group.
    fn c142_a_group_has_a_programme_of_goals_and_what_was_offered(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let body = class.new_goal("play", &[&sem, &class.pupil]);
        let made = teacher.post_once(&goals_of(&class.group), &body, "doel").expect(201);
        let id = made.id();
        assert_eq!(made.header("Location"), goal_at(&id));
        let goal = made.json();
        assert_eq!(goal, json!({
            "id": id, "etag": "\"r1\"", "groupId": class.group, "line": "play", "frameworkId": class.framework,
            "firstDay": "2026-11-01", "lastDay": "2027-01-31", "text": "Samen een verhaal naspelen.", "masked": false,
            "pupilIds": [class.pupil, sem], "offers": [],
            "author": goal["author"], "createdAt": goal["createdAt"], "changedAt": goal["changedAt"],
        }));
        assert_eq!(goal["author"]["id"], class.teacher.id.as_str());
        assert_eq!(teacher.post_once(&goals_of(&class.group), &body, "doel").expect(201).json(), goal);

        let offers = format!("{}/offers", goal_at(&id));
        let later = json!({"offeredOn": "2026-11-20", "text": "Poppenkast."});
        assert_eq!(teacher.post_once(&offers, &later, "aanbod").expect(201).etag(), "\"r2\"");
        assert_eq!(teacher.post_once(&offers, &later, "aanbod").expect(201).etag(), "\"r2\"", "once for a key");
        teacher.post(&offers, &json!({"offeredOn": "2026-11-02", "text": "Verteltafel,\nin viertallen."})).expect(201);
        let today = teacher.post(&offers, &json!({"text": "Voorlezen."})).expect(201).json();
        let days: Vec<_> = today["offers"].as_array().unwrap().iter().map(|offer| offer["offeredOn"].clone()).collect();
        assert_eq!(days, ["2026-11-02", "2026-11-20", "2026-11-21"]);
        assert_eq!(today["offers"][0]["text"], "Verteltafel,\nin viertallen.");
        assert_eq!(today["offers"][1]["author"]["id"], class.teacher.id.as_str());
        assert_eq!(teacher.get(&goal_at(&id)).expect(200).json(), today);
        let etag = teacher.get(&goal_at(&id)).expect(200).etag();
        teacher.call("GET", &goal_at(&id)).header("If-None-Match", &etag).send().expect(304);
    }

    fn goals_are_listed_in_the_order_in_which_they_were_set_by_line_and_period(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let list = goals_of(&class.group);
        assert_eq!(teacher.list(&list), [Value::Null; 0]);
        let mut autumn = class.new_goal("drawing", &[&class.pupil]);
        autumn["firstDay"] = json!("2026-09-01");
        autumn["lastDay"] = json!("2026-10-15");
        let autumn = teacher.post(&list, &autumn).expect(201).id();
        let (play, drawing) = (class.goal("play", &[&class.pupil]), class.goal("drawing", &[&class.pupil]));
        let listed = |query: &str| -> Vec<String> {
            teacher.list(&format!("{list}{query}")).iter().map(|goal| groeilijn_tests::reply::text(&goal["id"])).collect()
        };
        for limit in [1, 2, 3] {
            assert_eq!(listed(&format!("?limit={limit}")), [autumn.clone(), play.clone(), drawing.clone()]);
        }
        assert_eq!(teacher.list(&list)[1], teacher.get(&goal_at(&play)).expect(200).json());
        assert_eq!(listed("?line=drawing&limit=1"), [autumn.clone(), drawing.clone()]);
        assert_eq!(listed("?line=drawing&from=2026-10-16"), [drawing.as_str()]);
        assert_eq!(listed("?from=2026-10-15&until=2026-10-31"), [autumn.as_str()]);
        assert_eq!(listed("?until=2026-08-31"), [""; 0]);
        assert_eq!(listed("?line=singing"), [""; 0]);
        teacher.get(&format!("{list}?line=No&from=x&cursor=AA&state=open")).refuses(&[
            ("line", "not-a-code"),
            ("from", "not-a-date"),
            ("cursor", "not-a-cursor"),
            ("state", "unknown-parameter"),
        ]);
    }

    fn a_goal_is_changed_and_taken_away(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let goal = goal_at(&class.goal("play", &[&class.pupil]));
        let etag = teacher.get(&goal).expect(200).etag();
        let patch = json!({"line": "drawing", "lastDay": "2026-12-18", "pupilIds": [sem]});
        let changed = teacher.patch(&goal, &etag, &patch).expect(200).json();
        assert_eq!((&changed["line"], &changed["lastDay"]), (&json!("drawing"), &json!("2026-12-18")));
        assert_eq!((&changed["pupilIds"], &changed["firstDay"]), (&json!([sem]), &json!("2026-11-01")));
        teacher.patch(&goal, &etag, &patch).expect(412);
        teacher.call("PATCH", &goal).merge_patch(&patch).send().expect(428);
        let refused = teacher.patch(&goal, "*", &json!({"firstDay": null, "lastDay": "2026-10-31", "line": "singing"}));
        refused.refuses(&[("/firstDay", "null")]);
        teacher.patch(&goal, "*", &json!({"lastDay": "2026-10-31", "line": "singing"})).refuses(&[
            ("/line", "not-in-framework"),
            ("/lastDay", "before-start"),
        ]);
        teacher.post(&format!("{goal}/offers"), &json!({"text": "Voorlezen."})).expect(201);
        teacher.delete(&goal, &etag).expect(412);
        teacher.delete(&goal, "*").expect(204);
        teacher.get(&goal).expect(404);
        assert_eq!(teacher.list(&goals_of(&class.group)), [Value::Null; 0]);
    }

    fn c142_everything_wrong_with_a_goal_is_refused_together(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let list = goals_of(&class.group);
        let elsewhere = class.school.pupil("Daan", &class.school.group("De Vlinders"));
        teacher.post(&list, &json!({
            "line": "singing", "frameworkId": class.framework, "firstDay": "2026-07-31", "lastDay": "2027-08-01",
            "text": "Met Noor spelen.", "pupilIds": [class.pupil, elsewhere, ABSENT, class.pupil],
        })).refuses(&[
            ("/line", "not-in-framework"),
            ("/firstDay", "outside-school-year"),
            ("/lastDay", "outside-school-year"),
            ("/text", "names-pupil"),
            ("/pupilIds/1", "not-in-the-group"),
            ("/pupilIds/2", "not-in-the-group"),
            ("/pupilIds/3", "repeated"),
        ]);
        teacher.post(&list, &json!({"text": " ", "firstDay": "x", "pupilIds": ["1"], "colour": 1})).refuses(&[
            ("/line", "required"),
            ("/firstDay", "not-a-date"),
            ("/lastDay", "required"),
            ("/text", "empty"),
            ("/pupilIds/0", "not-a-uuid"),
            ("/colour", "unknown-field"),
        ]);
        let mut body = class.new_goal("play", &[]);
        teacher.post(&list, &body).refuses(&[("/pupilIds", "empty")]);
        body["pupilIds"] = json!([class.pupil]);
        body["frameworkId"] = json!(ABSENT);
        teacher.post(&list, &body).refuses(&[("/frameworkId", "not-published")]);
        body["frameworkId"] = json!(class.framework);
        body["lastDay"] = json!("2026-10-31");
        teacher.post(&list, &body).refuses(&[("/lastDay", "before-start")]);
        // Somebody who came into the group after the period is not in it then.
        let new = class.school.pupil("Sem", &class.group);
        let mut early = class.new_goal("play", &[&new]);
        early["lastDay"] = json!("2026-11-20");
        teacher.post(&list, &early).refuses(&[("/pupilIds/0", "not-in-the-group")]);
        early["lastDay"] = json!("2026-11-21");
        teacher.post(&list, &early).expect(201);

        let offers = format!("{}/offers", goal_at(&class.goal("play", &[&class.pupil])));
        teacher.post(&offers, &json!({"offeredOn": "2026-11-22", "text": "Noor koos."})).refuses(&[
            ("/offeredOn", "in-the-future"),
            ("/text", "names-pupil"),
        ]);
        teacher.post(&offers, &json!({"offeredOn": "2026-10-31", "text": "Kring."})).refuses(&[("/offeredOn", "before-start")]);
    }

    fn a_goal_without_a_framework_is_of_the_one_that_is_chosen_for_its_children(server: Server) {
        let class = server.class();
        let early = groeilijn_tests::framework::shipped_version(&class.school.admin, "groeilijn-early-0-4", 1, "nl");
        let choices = json!({"choices": [{"fromMonth": 0, "toMonth": 96, "code": "groeilijn-early-0-4", "locale": "nl"}]});
        class.school.admin.put("/v1/framework-choices", "*", &choices).expect(200);
        let document = class.school.admin.get(&format!("/v1/frameworks/{early}")).expect(200).json()["document"].clone();
        let mut body = class.new_goal(document["areas"][0]["lines"][0]["code"].as_str().unwrap(), &[&class.pupil]);
        body.as_object_mut().unwrap().remove("frameworkId");
        let goal = class.teacher.client.post(&goals_of(&class.group), &body).expect(201).json();
        assert_eq!(goal["frameworkId"], early.as_str());
    }

    fn an_archived_group_gets_no_goals(server: Server) {
        let class = server.class();
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let goal = goal_at(&class.goal("play", &[&class.pupil]));
        let moved = json!({"groupId": class.school.group("De Torren"), "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &moved).expect(201);
        let group = format!("/v1/groups/{}", class.group);
        let etag = class.school.admin.get(&group).expect(200).etag();
        class.school.admin.act(&format!("{group}/_archive"), &etag).expect(200);
        assert_eq!(ib.get(&goal).expect(200).json()["pupilIds"], json!([class.pupil]));
        let body = class.new_goal("play", &[&class.pupil]);
        let writes = [
            ib.post(&goals_of(&class.group), &body),
            ib.post(&format!("{goal}/offers"), &json!({"text": "Kring."})),
            ib.patch(&goal, "*", &json!({"lastDay": "2026-12-01"})),
            ib.delete(&goal, "*"),
        ];
        for refused in writes {
            assert_eq!(refused.expect(409).code(), "archived");
        }
    }

    fn c142_who_follows_a_group_sets_its_goals_and_who_sees_its_overview_reads_them(server: Server) {
        let class = server.class();
        let goal = goal_at(&class.goal("play", &[&class.pupil]));
        let body = class.new_goal("drawing", &[&class.pupil]);
        for (function, writes) in [
            (Function::Administrator, 403),
            (Function::Teacher, 201),
            (Function::ChildcareWorker, 201),
            (Function::InternBegeleider, 201),
            (Function::Management, 403),
            (Function::QualityOfficer, 403),
            (Function::PedagogicalCoach, 403),
        ] {
            let client = class.school.member(function, &[&class.group]).client;
            for read in [goals_of(&class.group), goal.clone(), format!("{goal}/effect")] {
                client.get(&read).expect(200);
            }
            client.post(&goals_of(&class.group), &body).expect(writes);
            client.post(&format!("{goal}/offers"), &json!({"text": "Kring."})).expect(writes);
        }
        server.platform().get(&goal).expect(403).problem("forbidden");
        server.anyone().get(&goal).expect(401).problem("unauthenticated");
    }

    fn goals_of_a_group_out_of_reach_are_not_there(server: Server) {
        let class = server.class();
        let goal = class.goal("play", &[&class.pupil]);
        let of_group = [
            ("GET", "/v1/groups/{}/goals", Value::Null),
            ("POST", "/v1/groups/{}/goals", class.new_goal("play", &[&class.pupil])),
        ];
        let of_goal = [
            ("GET", "/v1/goals/{}", Value::Null),
            ("GET", "/v1/goals/{}/effect", Value::Null),
            ("PATCH", "/v1/goals/{}", json!({"lastDay": "2026-12-01"})),
            ("DELETE", "/v1/goals/{}", Value::Null),
            ("POST", "/v1/goals/{}/offers", json!({"text": "Kring."})),
        ];
        let elsewhere = server.class();
        let strangers = [
            class.school.teacher(&class.school.group("De Vlinders")),
            elsewhere.teacher.client,
            elsewhere.school.member(Function::InternBegeleider, &[]).client,
        ];
        for stranger in &strangers {
            stranger.sees_nothing(&class.group, &of_group);
            stranger.sees_nothing(&goal, &of_goal);
        }
    }
}
