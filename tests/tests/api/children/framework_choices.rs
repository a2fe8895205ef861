//! Which framework an institution follows children of which age by.

use groeilijn_domain::access::Function;
use groeilijn_tests::class::{Class, finalise};
use groeilijn_tests::framework::{new_framework, publish, shipped_version};
use groeilijn_tests::reply::Reply;
use groeilijn_tests::{both_databases, twice_at_once};
use serde_json::{Value, json};

const PATH: &str = "/v1/framework-choices";
const EARLY: &str = "groeilijn-early-0-4";
const BASIS: &str = "groeilijn-basis-0-7";

fn choice(from_month: u16, to_month: u16, code: &str) -> Value {
    json!({"fromMonth": from_month, "toMonth": to_month, "code": code, "locale": "nl"})
}

/// The list for the youngest up to their fourth birthday, and the other one from then on.
fn by_age() -> Value {
    json!({"choices": [choice(0, 48, EARLY), choice(48, 96, BASIS)]})
}

#[track_caller]
fn choose(class: &Class, choices: &Value) -> Reply {
    let admin = &class.school.admin;
    admin.put(PATH, &admin.get(PATH).expect(200).etag(), choices).expect(200)
}

both_databases! {
    fn an_institution_chooses_and_nobody_else_of_it_or_elsewhere(server: Server) {
        let class = server.class();
        let elsewhere = server.class();
        let admin = &class.school.admin;
        let before = admin.get(PATH).expect(200);
        assert_eq!(before.json(), json!({"etag": before.etag(), "choices": []}));
        let chosen = choose(&class, &by_age());
        assert_eq!(chosen.json()["choices"], by_age()["choices"]);
        for function in Function::ALL {
            let client = class.school.member(function, &[&class.group]).client;
            let read = client.get(PATH).expect(200);
            assert_eq!(read.json()["choices"], by_age()["choices"]);
            if function != Function::Administrator {
                client.put(PATH, &read.etag(), &json!({"choices": []})).expect(403).problem("forbidden");
            }
        }
        assert_eq!(elsewhere.school.admin.get(PATH).expect(200).json()["choices"], json!([]));
        server.platform().get(PATH).expect(403).problem("forbidden");
        server.anyone().get(PATH).expect(401).problem("unauthenticated");
        server.restart();
        let teacher = server.anyone().log_in(&class.teacher.email, groeilijn_tests::accounts::PASSWORD);
        assert_eq!(teacher.get(PATH).expect(200).json()["choices"], by_age()["choices"]);
    }

    fn everything_wrong_with_choices_is_told_at_once(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        admin.put(PATH, "*", &json!({"choices": [
            {"fromMonth": -1, "toMonth": "48", "code": "Geen code", "locale": "fr"}, {"fromMonth": 0},
        ], "x": 1})).refuses(&[
            ("/choices/0/fromMonth", "out-of-range"),
            ("/choices/0/toMonth", "not-a-number"),
            ("/choices/0/code", "not-a-code"),
            ("/choices/0/locale", "not-in-list"),
            ("/choices/1/toMonth", "required"),
            ("/choices/1/code", "required"),
            ("/choices/1/locale", "required"),
            ("/x", "unknown-field"),
        ]);
        let overlapping = json!({"choices": [choice(0, 48, EARLY), choice(47, 97, BASIS), choice(10, 10, EARLY)]});
        admin.put(PATH, "*", &overlapping).refuses(&[
            ("/choices/1/toMonth", "out-of-range"),
            ("/choices/1/fromMonth", "overlaps"),
            ("/choices/2/toMonth", "out-of-range"),
            ("/choices/2/fromMonth", "overlaps"),
        ]);
        let platform = server.platform();
        platform.post("/v1/frameworks", &new_framework(1, &["zingen"])).expect(201);
        let unknown = json!({"choices": [choice(0, 48, "eigen-lijst"), choice(48, 96, BASIS), choice(96 - 48 - 1, 48, "onbekend")]});
        admin.put(PATH, "*", &unknown).refuses(&[("/choices/2/fromMonth", "overlaps")]);
        let unknown = json!({"choices": [choice(0, 47, "eigen-lijst"), choice(48, 96, BASIS), choice(47, 48, "onbekend")]});
        admin.put(PATH, "*", &unknown).refuses(&[
            ("/choices/0/code", "not-published"),
            ("/choices/2/code", "not-published"),
        ]);
        assert_eq!(admin.get(PATH).expect(200).json()["choices"], json!([]));
    }

    fn who_chooses_has_seen_what_was_chosen(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        admin.call("PUT", PATH).json(&by_age()).send().expect(428).problem("precondition-required");
        let etag = admin.get(PATH).expect(200).etag();
        let mut answers = twice_at_once(|| admin.put(PATH, &etag, &by_age()).status);
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        admin.put(PATH, &etag, &json!({"choices": []})).expect(412).problem("precondition-failed");
        choose(&class, &json!({"choices": []}));
        assert_eq!(admin.get(PATH).expect(200).json()["choices"], json!([]));
    }

    /// C072: what was registered stays as it was made.
    fn c072_a_registration_that_names_no_framework_takes_what_is_chosen_for_the_age(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let baby = class.child("Siem", "2025-11-04");
        let begin = |pupil: &str, day: &str| {
            teacher.post(&format!("/v1/pupils/{pupil}/registrations"), &json!({"registeredOn": day}))
        };
        begin(&class.pupil, "2026-11-20").refuses(&[("/frameworkId", "required")]);
        choose(&class, &json!({"choices": [choice(0, 48, EARLY)]}));
        begin(&class.pupil, "2026-11-20").refuses(&[("/frameworkId", "required")]);
        choose(&class, &by_age());
        let [early, basis] = [(EARLY, 1), (BASIS, 2)]
            .map(|(code, version)| shipped_version(&class.school.admin, code, version, "nl"));
        let of = |reply: Reply| reply.expect(201).json()["frameworkId"].clone();
        // The day before her fourth birthday, and the day itself.
        assert_eq!(of(begin(&class.pupil, "2026-05-03")), early.as_str());
        let draft = begin(&class.pupil, "2026-05-04").expect(201);
        assert_eq!(draft.json()["frameworkId"], basis.as_str());
        assert_eq!(of(begin(&baby, "2026-11-20")), early.as_str());

        choose(&class, &json!({"choices": []}));
        let stays = teacher.get(draft.header("Location")).expect(200).json();
        assert_eq!(stays["frameworkId"], basis.as_str());
    }

    fn the_newest_version_of_what_is_chosen_is_taken(server: Server) {
        let class = server.class();
        let platform = server.platform();
        let second = publish(&platform, &new_framework(2, &["zingen"]));
        publish(&platform, &new_framework(1, &["dansen"]));
        platform.post("/v1/frameworks", &new_framework(3, &["klimmen"])).expect(201);
        choose(&class, &json!({"choices": [choice(0, 96, "eigen-lijst")]}));
        let made = class.teacher.client.post(&format!("/v1/pupils/{}/registrations", class.pupil), &json!({})).expect(201);
        assert_eq!(made.json()["frameworkId"], second.as_str());
        let note = |line: &str| {
            let body = json!({"text": "Zingt.", "lines": [line]});
            class.teacher.client.post(&format!("/v1/pupils/{}/notes", class.pupil), &body)
        };
        note("zingen").expect(201);
        note("dansen").refuses(&[("/lines", "not-in-framework")]);
    }

    fn overviews_of_who_was_never_registered_are_arranged_by_what_is_chosen(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let baby = class.child("Siem", "2025-11-04");
        let [early, basis] = [(EARLY, 1), (BASIS, 2)]
            .map(|(code, version)| shipped_version(&class.school.admin, code, version, "nl"));
        let arranged = |path: String| teacher.get(&format!("{path}/overview")).expect(200).json()["frameworkId"].clone();
        let of_child = |pupil: &str| arranged(format!("/v1/pupils/{pupil}"));
        let of_group = || arranged(format!("/v1/groups/{}", class.group));
        choose(&class, &by_age());
        assert_eq!([of_child(&class.pupil), of_child(&baby)], [json!(basis), json!(early)]);
        // One of each: what the institution named first. Then most are babies, then most are not.
        assert_eq!(of_group(), early.as_str());
        class.child("Saar", "2022-05-04");
        assert_eq!(of_group(), basis.as_str());
        let other = publish(&server.platform(), &new_framework(1, &["zingen"]));
        choose(&class, &json!({"choices": [choice(0, 48, EARLY)]}));
        assert_eq!([of_child(&class.pupil), of_child(&baby)], [json!(other), json!(early)], "nothing is chosen for her age");

        let body = json!({"frameworkId": class.framework, "registeredOn": "2026-11-20", "judgements": {"scales": {"involvement": 4}}});
        finalise(teacher, &teacher.post(&format!("/v1/pupils/{baby}/registrations"), &body).expect(201).id());
        assert_eq!(of_child(&baby), class.framework.as_str(), "what was registered goes first");
        assert_eq!(of_group(), class.framework.as_str());
    }
}
