//! Observation frameworks: what comes along, and how a version is written, published and kept as it is (C072).

use std::collections::BTreeMap;

use groeilijn_domain::access::Function;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::framework::{SHIPPED, new_framework, publish, shipped, shipped_version};
use groeilijn_tests::reply::text;
use groeilijn_tests::{both_databases, twice_at_once};
use serde_json::{Value, json};

const PATH: &str = "/v1/frameworks";

/// The items of a JSON array.
fn items(array: &Value) -> &[Value] {
    array.as_array().unwrap()
}

/// The development lines of a framework's document.
fn lines(document: &Value) -> Vec<&Value> {
    items(&document["areas"]).iter().flat_map(|area| items(&area["lines"])).collect()
}

/// What of a framework's document stays the same in every language.
fn without_texts(document: &Value) -> Value {
    let phases = |line: &Value| -> Value {
        let milestones = |phase: &Value| -> Vec<Value> {
            items(&phase["milestones"]).iter().map(|milestone| milestone["code"].clone()).collect()
        };
        items(&line["phases"]).iter().map(|phase| json!([phase["fromMonth"], milestones(phase)])).collect()
    };
    let lines: Vec<_> = lines(document).into_iter().map(|line| json!([line["code"], phases(line)])).collect();
    let scales: Vec<_> = items(&document["scales"]).iter().map(|scale| scale["code"].clone()).collect();
    json!([document["code"], document["version"], scales, lines])
}

both_databases! {
    /// Old installations have it, and registrations refer to it: it is never changed (C072).
    fn c025_c026_the_first_version_that_came_along_covers_every_half_year_of_0_to_8_years(server: Server) {
        let school = server.school();
        let shipped = ["nl", "en"].map(|locale| {
            let path = format!("{PATH}/{}", shipped(&school.admin, locale));
            let framework = school.admin.get(&path).expect(200).json();
            assert_eq!((&framework["state"], &framework["document"]["locale"]), (&json!("published"), &json!(locale)));
            framework["document"].clone()
        });
        for document in &shipped {
            let scales: BTreeMap<_, _> = items(&document["scales"])
                .iter()
                .map(|scale| (text(&scale["code"]), items(&scale["steps"]).len()))
                .collect();
            let expected =
                ["curious-and-enterprising", "free-of-emotional-obstacles", "involvement", "self-confident"];
            assert_eq!(scales, expected.map(|code| (code.to_owned(), 5)).into());
            assert!(lines(document).len() >= 14);
            for line in lines(document) {
                let phases = items(&line["phases"]);
                assert_eq!(phases.len(), 16);
                for (from, phase) in (0..96).step_by(6).zip(phases) {
                    assert_eq!((&phase["fromMonth"], &phase["toMonth"]), (&json!(from), &json!(from + 6)));
                    assert!((3..=6).contains(&items(&phase["milestones"]).len()), "{}", line["code"]);
                }
            }
        }
        assert_eq!(without_texts(&shipped[0]), without_texts(&shipped[1]));
        assert_ne!(lines(&shipped[0])[0]["title"], lines(&shipped[1])[0]["title"]);
    }

    /// What the version before meant stays findable: a milestone that took its place names it.
    fn c025_c072_the_second_version_names_its_sources_and_what_it_replaces(server: Server) {
        let school = server.school();
        let document = |version: u32| {
            let id = shipped_version(&school.admin, "groeilijn-basis-0-7", version, "nl");
            school.admin.get(&format!("{PATH}/{id}")).expect(200).json()["document"].clone()
        };
        let [first, second] = [document(1), document(2)];
        let milestones = |document: &Value| -> Vec<Value> {
            let phases = lines(document).into_iter().flat_map(|line| items(&line["phases"]).to_vec());
            phases.flat_map(|phase| items(&phase["milestones"]).to_vec()).collect()
        };
        assert!(milestones(&first).iter().all(|it| it.get("source").is_none() && it.get("replaces").is_none()));
        let before: Vec<_> = milestones(&first).iter().map(|it| text(&it["code"])).collect();
        let mut replaced = 0;
        for milestone in milestones(&second) {
            assert!(milestone["source"].is_string(), "{milestone}");
            for code in milestone.get("replaces").map_or(&[][..], items) {
                assert!(before.contains(&text(code)), "{code}");
                replaced += 1;
            }
        }
        assert!(replaced > 100);
        let drawing = lines(&second).into_iter().find(|line| line["code"] == "drawing").unwrap();
        assert_eq!(drawing["phases"][0]["fromMonth"], 12);
    }

    fn a_milestone_names_its_source_and_what_it_replaces_or_leaves_that_away(server: Server) {
        let platform = server.platform();
        let mut document = new_framework(2, &["zingen"]);
        let milestone = &mut document["areas"][0]["lines"][0]["phases"][0]["milestones"][0];
        milestone["source"] = json!("Eigen waarneming");
        milestone["replaces"] = json!(["zingen.vroeger"]);
        let draft = platform.post(PATH, &document).expect(201);
        assert_eq!(draft.json()["document"], document);

        let mut wrong = document.clone();
        let milestones = |from: usize| format!("/areas/0/lines/0/phases/{from}/milestones/0");
        *wrong.pointer_mut(&format!("{}/replaces", milestones(0))).unwrap() = json!(["zingen.48", "a", "a"]);
        *wrong.pointer_mut(&format!("{}/source", milestones(0))).unwrap() = json!("");
        platform.put(draft.header("Location"), &draft.etag(), &wrong).refuses(&[
            (&format!("{}/source", milestones(0)), "empty"),
            (&format!("{}/replaces/0", milestones(0)), "not-unique"),
            (&format!("{}/replaces/2", milestones(0)), "not-unique"),
        ]);
        *wrong.pointer_mut(&format!("{}/replaces", milestones(0))).unwrap() = json!(["Geen code"]);
        *wrong.pointer_mut(&format!("{}/source", milestones(0))).unwrap() = json!(7);
        platform.put(draft.header("Location"), &draft.etag(), &wrong).refuses(&[
            (&format!("{}/source", milestones(0)), "not-a-string"),
            (&format!("{}/replaces/0", milestones(0)), "not-a-code"),
        ]);
    }

    fn a_draft_is_for_the_platform_and_a_published_framework_for_everybody(server: Server) {
        let platform = server.platform();
        let school = server.school();
        let document = new_framework(1, &["zingen"]);
        let made = platform.post(PATH, &document).expect(201);
        let path = format!("{PATH}/{}", made.id());
        assert_eq!(made.header("Location"), path);
        assert_eq!((&made.json()["state"], &made.json()["publishedAt"]), (&json!("draft"), &Value::Null));
        assert_eq!(made.json()["document"], document);
        let read = platform.get(&path).expect(200);
        assert_eq!((&read.body, read.etag()), (&made.body, made.etag()));
        assert_eq!(read.header("Cache-Control"), "no-store");
        school.admin.sees_nothing(&made.id(), &[("GET", "/v1/frameworks/{}", Value::Null)]);
        assert_eq!((platform.list(PATH).len(), school.admin.list(PATH).len()), (SHIPPED + 1, SHIPPED));

        let replacement = new_framework(2, &["dansen", "zingen"]);
        let replaced = platform.put(&path, &made.etag(), &replacement).expect(200);
        assert_eq!(replaced.json()["document"], replacement);
        assert_eq!(replaced.json()["createdAt"], made.json()["createdAt"]);
        let published = platform.act(&format!("{path}/_publish"), &replaced.etag()).expect(200);
        assert_eq!((&published.json()["state"], &published.json()["document"]), (&json!("published"), &replacement));
        assert!(published.json()["publishedAt"].is_string());

        for client in [&platform, &school.admin] {
            let read = client.get(&path).expect(200);
            assert_eq!(read.header("Cache-Control"), "private, max-age=3600");
            assert_eq!((read.body, read.headers["ETag"].clone()), (published.body.clone(), published.headers["ETag"].clone()));
            let listed = client.list(&format!("{PATH}?code=eigen-lijst"));
            assert_eq!(listed, [json!({
                "id": made.id(), "etag": published.etag(), "code": "eigen-lijst", "version": 2, "locale": "nl", "title": "Eigen lijst",
                "state": "published",
            })]);
            client.call("GET", &path).header("If-None-Match", &published.etag()).send().expect(304);
        }
    }

    fn c072_a_published_framework_never_changes(server: Server) {
        let platform = server.platform();
        let own = publish(&platform, &new_framework(1, &["zingen"]));
        for id in [own, shipped(&platform, "nl")] {
            let path = format!("{PATH}/{id}");
            let before = platform.get(&path).expect(200);
            let refused = [
                platform.put(&path, &before.etag(), &new_framework(2, &["dansen"])),
                platform.put(&path, "*", &before.json()["document"]),
                platform.delete(&path, &before.etag()),
                platform.act(&format!("{path}/_publish"), &before.etag()),
            ];
            for reply in refused {
                assert_eq!(reply.expect(409).problem("conflict").code(), "framework-published");
            }
            assert_eq!(platform.get(&path).expect(200).visible(), before.visible());
        }
        server.restart();
        assert_eq!(server.platform().list(PATH).len(), SHIPPED + 1);
    }

    fn c072_nobody_of_an_institution_changes_a_framework(server: Server) {
        let platform = server.platform();
        let school = server.school();
        let group = school.group("De Rupsen");
        let draft = platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
        let published = shipped(&platform, "nl");
        for function in Function::ALL {
            let client = school.member(function, &[&group]).client;
            client.get(&format!("{PATH}/{published}")).expect(200);
            client.post(PATH, &new_framework(2, &["zingen"])).expect(403).problem("forbidden");
            for id in [draft.id(), published.clone()] {
                let path = format!("{PATH}/{id}");
                client.put(&path, "*", &new_framework(2, &["zingen"])).expect(403).problem("forbidden");
                client.act(&format!("{path}/_publish"), "*").expect(403).problem("forbidden");
                client.delete(&path, "*").expect(403).problem("forbidden");
            }
        }
        server.anyone().get(PATH).expect(401).problem("unauthenticated");
        let now = platform.get(draft.header("Location")).expect(200);
        assert_eq!((now.body, now.headers["ETag"].clone()), (draft.body.clone(), draft.headers["ETag"].clone()));
    }

    fn everything_wrong_with_the_form_of_a_framework_is_told_at_once(server: Server) {
        let platform = server.platform();
        let mut document = new_framework(1, &["zingen"]);
        document["code"] = json!("Eigen lijst");
        document["version"] = json!("1");
        document["locale"] = json!("fr");
        document["colour"] = json!("blue");
        document["scales"][0]["steps"][1]["value"] = json!(300);
        document["areas"][0]["lines"][0]["phases"][1].as_object_mut().unwrap().remove("toMonth");
        document["areas"][0]["lines"][0]["phases"][0]["milestones"] = json!("geen");
        let expected = [
            ("/code", "not-a-code"),
            ("/version", "not-a-number"),
            ("/locale", "not-in-list"),
            ("/colour", "unknown-field"),
            ("/scales/0/steps/1/value", "out-of-range"),
            ("/areas/0/lines/0/phases/1/toMonth", "required"),
            ("/areas/0/lines/0/phases/0/milestones", "not-an-array"),
        ];
        platform.post(PATH, &document).refuses(&expected);
        let draft = platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
        platform.put(draft.header("Location"), &draft.etag(), &document).refuses(&expected);
    }

    fn everything_in_which_a_framework_does_not_hang_together_is_told_at_once(server: Server) {
        let platform = server.platform();
        let mut document = new_framework(0, &["zingen", "zingen"]);
        document["title"] = json!(" ");
        document["scales"][0]["steps"][1]["value"] = json!(1);
        document["areas"][0]["lines"][0]["phases"][1]["fromMonth"] = json!(49);
        document["areas"][0]["lines"][1]["phases"][1]["toMonth"] = json!(97);
        document["areas"][0]["lines"][1]["phases"][0]["milestones"] = json!([]);
        let expected = [
            ("/version", "too-small"),
            ("/title", "empty"),
            ("/scales/0/steps/1/value", "not-ascending"),
            ("/areas/0/lines/0/phases/1/fromMonth", "not-contiguous"),
            ("/areas/0/lines/1/code", "not-unique"),
            ("/areas/0/lines/1/phases/0/milestones", "wrong-count"),
            ("/areas/0/lines/1/phases/1/toMonth", "out-of-range"),
            ("/areas/0/lines/1/phases/1/milestones/0/code", "not-unique"),
        ];
        platform.post(PATH, &document).refuses(&expected);
        let draft = platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
        platform.put(draft.header("Location"), &draft.etag(), &document).refuses(&expected);
        assert_eq!(platform.get(draft.header("Location")).expect(200).body, draft.body);
    }

    fn a_version_in_a_language_is_there_once(server: Server) {
        let platform = server.platform();
        let first = new_framework(1, &["zingen"]);
        platform.post(PATH, &first).expect(201);
        let refused = platform.post(PATH, &first).expect(409).problem("conflict");
        assert_eq!(refused.code(), "framework-exists");
        let second = platform.post(PATH, &new_framework(2, &["zingen"])).expect(201);
        let refused = platform.put(second.header("Location"), &second.etag(), &first).expect(409);
        assert_eq!(refused.problem("conflict").code(), "framework-exists");
        let mut english = first;
        english["locale"] = json!("en");
        platform.post(PATH, &english).expect(201);
    }

    fn a_draft_is_taken_away(server: Server) {
        let platform = server.platform();
        let draft = platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
        platform.delete(draft.header("Location"), &draft.etag()).expect(204);
        let asked = [
            ("GET", "/v1/frameworks/{}", Value::Null),
            ("PUT", "/v1/frameworks/{}", new_framework(1, &["zingen"])),
            ("DELETE", "/v1/frameworks/{}", Value::Null),
            ("POST", "/v1/frameworks/{}/_publish", Value::Null),
        ];
        platform.sees_nothing(&draft.id(), &asked);
        platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
    }

    fn who_changes_a_framework_has_seen_it_as_it_is(server: Server) {
        let platform = server.platform();
        let draft = platform.post(PATH, &new_framework(1, &["zingen"])).expect(201);
        let path = draft.header("Location");
        let publishing = format!("{path}/_publish");
        let next = new_framework(2, &["dansen"]);
        platform.call("PUT", path).json(&next).send().expect(428).problem("precondition-required");
        platform.call("DELETE", path).send().expect(428).problem("precondition-required");
        platform.call("POST", &publishing).send().expect(428).problem("precondition-required");
        let mut answers = twice_at_once(|| platform.put(path, &draft.etag(), &next).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        platform.put(path, &draft.etag(), &next).expect(412).problem("precondition-failed");
        platform.delete(path, &draft.etag()).expect(412).problem("precondition-failed");
        platform.act(&publishing, &draft.etag()).expect(412).problem("precondition-failed");
        assert_eq!(platform.get(path).expect(200).json()["document"], next);
    }

    fn a_framework_that_is_sent_again_is_entered_once(server: Server) {
        let platform = server.platform();
        let document = new_framework(1, &["zingen"]);
        let [one, other] = twice_at_once(|| platform.post_once(PATH, &document, "een").expect(201));
        assert_eq!((one.visible(), one.header("Location")), (other.visible(), other.header("Location")));
        let reused = platform.post_once(PATH, &new_framework(2, &["zingen"]), "een");
        reused.expect(409).problem("idempotency-key-reused");
        assert_eq!(platform.list(&format!("{PATH}?code=eigen-lijst")).len(), 1);
    }

    fn frameworks_are_listed_in_the_order_in_which_they_were_entered(server: Server) {
        let platform = server.platform();
        let own: Vec<_> = (1..=4).map(|version| publish(&platform, &new_framework(version, &["zingen"]))).collect();
        let school = server.school();
        let ids = |query: &str| -> Vec<String> {
            school.admin.list(&format!("{PATH}?{query}")).iter().map(|item| text(&item["id"])).collect()
        };
        let all = ids("");
        assert_eq!(all[SHIPPED..], own);
        for limit in [1, 3, 5] {
            assert_eq!(ids(&format!("limit={limit}")), all);
        }
        assert_eq!(ids("code=eigen-lijst&limit=3"), own);
        let english = [1, 2].map(|version| shipped_version(&school.admin, "groeilijn-basis-0-7", version, "en"));
        assert_eq!(ids("code=groeilijn-basis-0-7&locale=en"), english);
        assert_eq!(ids("locale=en").len(), SHIPPED / 2);
        assert_eq!(ids("code=onbekend"), Vec::<String>::new());
        school.admin.get(&format!("{PATH}?code=Geen+code&locale=fr&limit=101&state=draft")).refuses(&[
            ("code", "not-a-code"),
            ("locale", "not-in-list"),
            ("limit", "out-of-range"),
            ("state", "unknown-parameter"),
        ]);
        school.admin.get(&format!("{PATH}/{ABSENT}")).expect(404).problem("not-found");
        school.admin.get(&format!("{PATH}/1")).refuses(&[("frameworkId", "not-a-uuid")]);
    }
}
