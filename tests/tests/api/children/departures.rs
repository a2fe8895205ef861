//! Departures: a child leaves the institution, and what is known of it stays to be read.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, School, Server, both_databases};
use serde_json::{Value, json};

use super::imports::{CSV, pupil_outcomes, send, take_over};
use super::placements::stays;

fn path(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/departure")
}

fn leaving(last_day: &str) -> Value {
    json!({"lastDay": last_day, "kind": "next-education", "destination": "Basisschool De Overkant"})
}

/// The tag of a child.
fn etag(client: &Client, pupil: &str) -> String {
    client.get(&format!("/v1/pupils/{pupil}")).expect(200).etag()
}

fn depart(client: &Client, pupil: &str, last_day: &str) -> Reply {
    client.put(&path(pupil), &etag(client, pupil), &leaving(last_day))
}

fn undo(client: &Client, pupil: &str) -> Reply {
    client.delete(&path(pupil), &etag(client, pupil))
}

/// The first names on a list.
fn names(client: &Client, list: &str) -> Vec<String> {
    client.list(list).iter().map(|item| text(&item["firstName"])).collect()
}

/// The administrator on another day.
fn on(server: &Server, school: &School, moment: &str) -> Client {
    server.clock.set(moment);
    server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD)
}

both_databases! {
    fn c105_a_child_leaves_after_its_last_day_and_is_read_by_whoever_reaches_the_institution(server: Server) {
        let class = server.class();
        let (school, pupil) = (&class.school, &class.pupil);
        let registration = class.register(pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let done = depart(&school.admin, pupil, "2026-11-30").expect(200);
        assert_eq!(done.json()["departure"], leaving("2026-11-30"));
        assert_eq!(done.json()["groupId"], class.group.as_str());
        let ib = school.member(Function::InternBegeleider, &[]);
        let before = etag(&school.admin, pupil);

        // On its last day it is there.
        let admin = on(server, school, "2026-11-30T22:59:00Z");
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        assert_eq!(names(&teacher, "/v1/pupils"), ["Noor"]);
        assert_eq!(etag(&admin, pupil), before);
        assert_eq!(admin.list("/v1/pupils")[0]["lastDay"], "2026-11-30");

        // A minute later it is 1 December in Amsterdam.
        let admin = on(server, school, "2026-11-30T23:01:00Z");
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        assert_ne!(etag(&admin, pupil), before);
        for client in [&admin, &teacher] {
            assert_eq!(names(client, "/v1/pupils"), Vec::<String>::new());
            assert_eq!(names(client, &format!("/v1/groups/{}/pupils", class.group)), Vec::<String>::new());
            let overview = client.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
            assert_eq!(overview["children"], json!([]));
            let found = client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200);
            assert_eq!(found.json()["items"], json!([]));
        }
        teacher.sees_nothing(pupil, &[
            ("GET", "/v1/pupils/{}", Value::Null),
            ("GET", "/v1/pupils/{}/registrations", Value::Null),
            ("POST", "/v1/pupils/{}/notes", json!({"text": "Bouwt een toren."})),
        ]);
        assert_eq!(names(&teacher, "/v1/pupils?left=true"), Vec::<String>::new());
        for client in [&admin, &server.anyone().log_in(&ib.email, PASSWORD)] {
            assert_eq!(names(client, "/v1/pupils?left=true"), ["Noor"]);
            let found = client.post("/v1/pupils/_search", &json!({"name": "Noor", "left": true})).expect(200);
            assert_eq!(found.items().len(), 1);
            let shown = client.get(&format!("/v1/pupils/{pupil}")).expect(200).json();
            assert_eq!((&shown["groupId"], &shown["departure"]), (&Value::Null, &leaving("2026-11-30")));
            client.get(&format!("/v1/registrations/{registration}")).expect(200);
            client.get(&format!("/v1/pupils/{pupil}/overview")).expect(200);
        }
        let history = stays(&admin, pupil);
        assert_eq!(history.last().unwrap(), &(class.group.clone(), "2026-12-01".to_owned()));
    }

    fn c105_a_school_file_records_the_departure_that_it_states(server: Server) {
        let admin = server.school().admin;
        let table = |left_on: &str| {
            format!(
                "leerlingnummer;voornaam;achternaam;geboortedatum;groep;schooljaar;uitstroomdatum\n\
                 L1;Noor;Verzinsel;14-03-2022;De Rupsen;2026-2027;{left_on}\n\
                 L2;Daan;Denkbeeld;27-11-2021;De Rupsen;2026-2027;\n"
            )
        };
        take_over(&admin, CSV, table("").as_bytes());
        let pupil = text(&admin.list("/v1/pupils")[0]["id"]);
        let file = table("18-12-2026");
        let preview = send(&admin, CSV, file.as_bytes()).expect(201).id();
        assert_eq!(pupil_outcomes(&admin, &preview), ["change", "unchanged"]);
        take_over(&admin, CSV, file.as_bytes());
        let shown = admin.get(&format!("/v1/pupils/{pupil}")).expect(200).json();
        assert_eq!(shown["departure"], json!({"lastDay": "2026-12-18", "kind": "other", "destination": null}));
        assert_eq!(stays(&admin, &pupil).last().unwrap().1, "2026-12-19");
        // Who knows where the child goes records it, and the next file leaves that as it is.
        depart(&admin, &pupil, "2026-12-16").expect(200);
        take_over(&admin, CSV, file.as_bytes());
        let shown = admin.get(&format!("/v1/pupils/{pupil}")).expect(200).json();
        assert_eq!(shown["departure"], leaving("2026-12-16"));
        undo(&admin, &pupil).expect(204);
        assert_eq!(stays(&admin, &pupil).last().unwrap().1, "");
    }

    fn c105_undoing_a_departure_restores_what_it_ended(server: Server) {
        let class = server.class();
        let (admin, pupil) = (&class.school.admin, &class.pupil);
        let next = json!({"name": "De Uilen", "schoolYear": "2027-2028"});
        let next = admin.post("/v1/groups", &next).expect(201).id();
        let plan = json!({"groupId": next, "placedOn": "2027-08-23"});
        admin.post(&format!("/v1/pupils/{pupil}/placements"), &plan).expect(201);
        let before = stays(admin, pupil);
        assert_eq!(before.len(), 3);

        depart(admin, pupil, "2026-12-18").expect(200);
        assert_eq!(stays(admin, pupil)[1..], [(class.group.clone(), "2026-12-19".to_owned())]);
        // What is recorded again takes the place of what was.
        depart(admin, pupil, "2027-08-23").expect(200);
        assert_eq!(stays(admin, pupil).last().unwrap(), &(next.clone(), "2027-08-24".to_owned()));
        depart(admin, pupil, "2026-11-20").expect(200);
        assert_eq!(admin.get(&format!("/v1/pupils/{pupil}")).json()["groupId"], Value::Null);
        let gone = etag(admin, pupil);

        undo(admin, pupil).expect(204);
        assert_eq!(stays(admin, pupil), before);
        let back = admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        assert_ne!(back.etag(), gone);
        assert_eq!((&back.json()["departure"], &back.json()["groupId"]), (&Value::Null, &json!(class.group)));
        undo(admin, pupil).expect(404);
        assert_eq!(names(&class.teacher.client, "/v1/pupils"), ["Noor"]);
    }

    fn c105_a_child_that_leaves_still_moves_and_comes_back_when_it_is_placed_later(server: Server) {
        let class = server.class();
        let (admin, pupil) = (&class.school.admin, &class.pupil);
        let vlinders = class.school.group("De Vlinders");
        let place = |on: &str, group: &str| {
            let body = json!({"groupId": group, "placedOn": on});
            admin.post(&format!("/v1/pupils/{pupil}/placements"), &body).expect(201).json()
        };
        depart(admin, pupil, "2026-12-18").expect(200);
        let moved = place("2026-12-01", &vlinders);
        assert_eq!(moved["endedOn"], "2026-12-19");
        undo(admin, pupil).expect(204);
        let last = stays(admin, pupil);
        assert_eq!(last[1..], [(class.group.clone(), "2026-12-01".to_owned()), (vlinders.clone(), String::new())]);

        depart(admin, pupil, "2026-12-18").expect(200);
        let leaving = etag(admin, pupil);
        assert_eq!(place("2027-01-04", &class.group)["endedOn"], Value::Null);
        let back = admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        assert_eq!(back.json()["departure"], Value::Null);
        assert_ne!(back.etag(), leaving);
        let history = admin.list(&format!("/v1/pupils/{pupil}/placements"));
        let ends: Vec<_> = history[1..].iter().map(|stay| &stay["endedOn"]).collect();
        assert_eq!(ends, [&json!("2026-12-01"), &json!("2026-12-19"), &Value::Null]);
    }

    fn c105_a_departure_that_cannot_be_is_refused(server: Server) {
        let class = server.class();
        let (admin, pupil) = (&class.school.admin, &class.pupil);
        for (day, code) in [
            ("2022-05-03", "before-birth"),
            ("2026-07-31", "before-last-placement"),
            ("2027-11-22", "too-far-ahead"),
        ] {
            depart(admin, pupil, day).refuses(&[("/lastDay", code)]);
        }
        let etag = etag(admin, pupil);
        admin.put(&path(pupil), &etag, &json!({"kind": "abroad", "destination": "", "day": "x"})).refuses(&[
            ("/lastDay", "required"),
            ("/kind", "not-in-list"),
            ("/destination", "empty"),
            ("/day", "unknown-field"),
        ]);
        admin.call("PUT", &path(pupil)).json(&leaving("2026-12-18")).send().expect(428);
        admin.put(&path(pupil), "\"r99\"", &leaving("2026-12-18")).expect(412);
        admin.delete(&path(pupil), "\"r99\"").expect(412);
        admin.put(&path(ABSENT), "*", &leaving("2026-12-18")).expect(404);
        assert_eq!(stays(admin, pupil).last().unwrap().1, "");
        depart(admin, pupil, "2026-08-01").expect(200);
        depart(admin, pupil, "2027-11-21").expect(200);
    }

    fn c105_only_an_administrator_of_the_institution_records_a_departure(server: Server) {
        let class = server.class();
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        for client in [&class.teacher.client, &ib] {
            client.put(&path(&class.pupil), "*", &leaving("2026-12-18")).expect(403);
            client.delete(&path(&class.pupil), "*").expect(403);
        }
        server.school().admin.sees_nothing(&class.pupil, &[
            ("PUT", "/v1/pupils/{}/departure", leaving("2026-12-18")),
            ("DELETE", "/v1/pupils/{}/departure", Value::Null),
        ]);
    }

    fn c105_a_school_file_brings_nobody_back_who_left(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({"eckId": "https://ketenid.nl/201703/een"})).expect(200);
        let file = b"eckid;voornaam;achternaam;geboortedatum;groep\n\
            https://ketenid.nl/201703/een;Noor;Anders;04-05-2022;De Torren\n";
        depart(admin, &class.pupil, "2026-11-20").expect(200);
        let sent = send(admin, CSV, file).expect(201);
        assert_eq!(pupil_outcomes(admin, &sent.id()), ["leave-alone has-left"]);
        depart(admin, &class.pupil, "2026-11-21").expect(200);
        let sent = send(admin, CSV, file).expect(201);
        assert_eq!(pupil_outcomes(admin, &sent.id()), ["change"]);
    }
}
