//! From where users log in and work (C065).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::clock::{START, TestClock};
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Installation, Member, Server, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/access-settings";

both_databases! {
    fn c065_without_a_list_there_is_no_limit_and_with_one_others_are_refused(installation: Installation) {
        // Behind a proxy of ours, so that a test can come from anywhere.
        let mut installation = Installation::fresh(installation.database()).unwrap();
        installation.set("http.trusted_proxies", "127.0.0.1");
        let server = Server::start(installation, TestClock::at(START));
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let from = |address: &str, password: &str| {
            let body = json!({"email": member.email, "password": password});
            let call = server.anyone();
            call.call("POST", "/v1/sessions").header("X-Forwarded-For", address).json(&body).send()
        };
        from("203.0.113.9", PASSWORD).expect(201);
        let networks = json!(["192.0.2.0/24", "2001:db8::/32", "127.0.0.1/32"]);
        let changed = school.admin.change(PATH, &json!({"loginNetworks": networks})).expect(200);
        assert_eq!(changed.json()["loginNetworks"], networks);

        for inside in ["192.0.2.77", "::ffff:192.0.2.77", "2001:db8::7"] {
            from(inside, PASSWORD).expect(201);
        }
        let outside = from("203.0.113.9", PASSWORD).expect(401).problem("unauthenticated");
        assert_eq!(outside.visible(), from("192.0.2.77", "Verkeerd-1").expect(401).visible());
        let work = |address: &str| {
            member.client.call("GET", "/v1/groups").header("X-Forwarded-For", address).send()
        };
        work("192.0.2.1").expect(200);
        work("192.0.3.1").expect(401).problem("unauthenticated");
        // Wrong passwords from elsewhere are no strikes.
        for _ in 0..3 {
            from("203.0.113.9", "Verkeerd-2").expect(401);
        }
        from("192.0.2.77", PASSWORD).expect(201);
        school.admin.change(PATH, &json!({"loginNetworks": []})).expect(200);
        from("203.0.113.9", PASSWORD).expect(201);
    }

    fn everything_wrong_with_a_list_is_told_at_once_and_nobody_shuts_herself_out(server: Server) {
        let school = server.school();
        school.admin.patch(PATH, "*", &json!({"loginNetworks": ["192.0.2.1/24", "school", "0.0.0.0/0"], "x": 1})).refuses(&[
            ("/loginNetworks/0", "host-bits"),
            ("/loginNetworks/1", "not-a-network"),
            ("/loginNetworks/2", "too-wide"),
            ("/x", "unknown-field"),
        ]);
        school.admin.patch(PATH, "*", &json!({"loginNetworks": ["192.0.2.0/24"]}))
            .refuses(&[("/loginNetworks", "shuts-you-out")]);
        school.admin.get(PATH).expect(200);
        let teacher = school.member(Function::Teacher, &[]).client;
        teacher.get(PATH).expect(403);
        teacher.patch(PATH, "*", &json!({})).expect(403);
    }

    fn a_setting_that_is_not_sent_stays(server: Server) {
        let school = server.school();
        let before = school.admin.get(PATH).expect(200);
        assert_eq!(before.json(), json!({
            "etag": before.etag(), "loginNetworks": [], "administratorsNeedSecondFactor": false, "couplingsForbidden": false,
            "childrenEnteredBy": "administrators",
        }));
        school.admin.change(PATH, &json!({"loginNetworks": ["127.0.0.0/8"]})).expect(200);
        school.admin.patch(PATH, "*", &json!({"administratorsNeedSecondFactor": "ja"}))
            .refuses(&[("/administratorsNeedSecondFactor", "not-a-boolean")]);
        let after = school.admin.change(PATH, &json!({"administratorsNeedSecondFactor": true})).expect(200);
        assert_eq!(after.json(), json!({
            "etag": after.etag(), "loginNetworks": ["127.0.0.0/8"], "administratorsNeedSecondFactor": true, "couplingsForbidden": false,
            "childrenEnteredBy": "administrators",
        }));
    }

    fn c141_c023_who_enters_children_is_the_institutions_choice_from_the_next_request_on(server: Server) {
        let school = server.school();
        let rupsen = school.group("De Rupsen");
        let at_the_group = [Function::Teacher, Function::ChildcareWorker];
        let others = [Function::PedagogicalCoach, Function::InternBegeleider, Function::Management, Function::QualityOfficer];
        let [allowed, refused] =
            [&at_the_group[..], &others].map(|functions| functions.iter().map(|one| school.member(*one, &[&rupsen])).collect::<Vec<_>>());
        let body = |group: &str| {
            let mut body = new_pupil("Noor");
            body["groupId"] = json!(group);
            body
        };
        let enter = |member: &Member, group: &str| member.client.post("/v1/pupils", &body(group));
        let creates = |permissions: &Value| {
            let of_pupils = json!({"part": "pupils", "action": "create", "scope": "own-groups"});
            permissions["permissions"].as_array().unwrap().contains(&of_pupils)
        };
        for member in allowed.iter().chain(&refused) {
            enter(member, &rupsen).expect(403).problem("forbidden");
        }

        let on = json!({"childrenEnteredBy": "own-groups"});
        assert_eq!(school.admin.change(PATH, &on).expect(200).json()["childrenEnteredBy"], on["childrenEnteredBy"]);
        for member in &allowed {
            let made = enter(member, &rupsen).expect(201).json();
            assert_eq!((&made["groupId"], &made["placedOn"]), (&json!(rupsen), &json!("2026-11-21")));
            assert!(creates(&member.client.get("/v1/sessions/current").expect(200).json()));
            let shown = school.admin.get(&format!("/v1/users/{}/permissions", member.id)).expect(200).json();
            assert!(creates(&shown));
            // Entering is all that was let: neither changing nor moving.
            let path = format!("/v1/pupils/{}", made["id"].as_str().unwrap());
            member.client.patch(&path, "*", &json!({"firstName": "Fien"})).expect(403);
            member.client.post(&format!("{path}/placements"), &json!({"groupId": rupsen})).expect(403);
        }
        assert_eq!(school.admin.list(&format!("/v1/groups/{rupsen}/pupils")).len(), allowed.len());
        refused.iter().for_each(|member| drop(enter(member, &rupsen).expect(403)));

        school.admin.change(PATH, &json!({"childrenEnteredBy": "administrators"})).expect(200);
        for member in &allowed {
            enter(member, &rupsen).expect(403).problem("forbidden");
            assert!(!creates(&member.client.get("/v1/sessions/current").expect(200).json()));
        }
    }

    fn c141_in_her_own_groups_a_teacher_enters_children_and_nowhere_else(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let [rupsen, torren] = ["De Rupsen", "De Torren"].map(|name| school.group(name));
        school.admin.change(PATH, &json!({"childrenEnteredBy": "own-groups"})).expect(200);
        let teacher = school.teacher(&rupsen);
        let enter = |more: Value| {
            let mut body = new_pupil("Noor");
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            teacher.post("/v1/pupils", &body)
        };
        enter(json!({})).refuses(&[("/groupId", "required")]);
        for elsewhere in [&torren, &other.group("De Rupsen"), ABSENT] {
            enter(json!({"groupId": elsewhere})).refuses(&[("/groupId", "unknown-group")]);
        }
        enter(json!({"groupId": rupsen, "placedOn": "2026-11-22"})).refuses(&[("/placedOn", "in-the-future")]);
        enter(json!({"groupId": rupsen, "placedOn": "2026-07-31"})).refuses(&[("/placedOn", "outside-school-year")]);
        enter(json!({"groupId": rupsen, "birthDate": "2018-11-21"})).refuses(&[("/birthDate", "too-old")]);
        assert!(school.admin.list("/v1/pupils").is_empty());
        let made = enter(json!({"groupId": rupsen, "placedOn": "2026-11-16"})).expect(201);
        assert_eq!(teacher.get(made.header("Location")).expect(200).json(), made.json());
        // The other institution made no such choice.
        let theirs = other.group("De Torren");
        let mut body = new_pupil("Sem");
        body["groupId"] = json!(theirs);
        other.teacher(&theirs).post("/v1/pupils", &body).expect(403);
    }

    fn c141_c066_rights_on_pupils_that_were_set_for_one_user_go_first(server: Server) {
        let school = server.school();
        let rupsen = school.group("De Rupsen");
        school.admin.change(PATH, &json!({"childrenEnteredBy": "own-groups"})).expect(200);
        let user = school.member(Function::Teacher, &[&rupsen]);
        let rights = json!({"rights": [{"part": "pupils", "actions": ["read"]}], "reason": "Voert niet in."});
        school.admin.change(&format!("/v1/users/{}", user.id), &rights).expect(200);
        let mut body = new_pupil("Noor");
        body["groupId"] = json!(rupsen);
        server.anyone().log_in(&user.email, PASSWORD).post("/v1/pupils", &body).expect(403).problem("forbidden");
    }
}
