//! Subprocessors: announced before they are used, objected to, and nowhere that was not agreed (C134–C138).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::school::new_institution;
use groeilijn_tests::subprocessor::{abroad, announce, subprocessor};
use groeilijn_tests::{Client, LastingStaff, Reply, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const PATH: &str = "/v1/subprocessors";

fn state(client: &Client, id: &str) -> Value {
    client.get(&format!("{PATH}/{id}")).expect(200).json()["state"].clone()
}

fn object(client: &Client, id: &str) -> Reply {
    let call = client.call("PUT", &format!("{PATH}/{id}/objection"));
    call.json(&json!({"reason": "Wij kennen deze partij niet."})).send()
}

fn consent(client: &Client, id: &str, country: &str, safeguard: &str) -> Reply {
    let call = client.call("PUT", &format!("{PATH}/{id}/transfer-consent"));
    call.json(&json!({"country": country, "safeguard": safeguard})).send()
}

fn take_back(client: &Client, id: &str, what: &str) -> Reply {
    client.call("DELETE", &format!("{PATH}/{id}/{what}")).send()
}

both_databases! {
    fn c134_c135_one_is_announced_to_everybody_and_used_when_the_window_is_over(server: Server) {
        let (school, other) = (server.school(), server.school());
        let id = announce(server, &subprocessor());
        for school in [&school, &other] {
            let told = server.anyone().mailbox().wait_for(&format!("beheerder@{}", school.domain), "subverwerker", 1);
            let told = told[0].split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains("Verzonnen Hosting B.V.") && told.contains("21 december 2026"), "{told}");
            let log = server.audit_log(&school.id);
            let named = |entry: &groeilijn_tests::audit::Entry| {
                entry.operation == "announceSubprocessor"
                    && entry.objects.contains(&(ObjectKind::Subprocessor, id.clone()))
            };
            assert_eq!(log.entries().iter().filter(|entry| named(entry)).count(), 1);
        }
        let shown = school.admin.get(&format!("{PATH}/{id}")).expect(200).json();
        assert_eq!(shown["objectUntil"], "2026-12-21");
        assert_eq!((&shown["country"], &shown["safeguard"], &shown["state"]), (&json!("NL"), &json!(null), &json!("announced")));
        assert_eq!(shown["passages"].as_array().unwrap().len(), 7);
        assert_eq!(shown["checkDue"], "2027-11-21");
        assert_eq!(school.admin.list(PATH).len(), 1);

        server.clock.set("2026-12-21T22:59:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD);
        assert_eq!(state(&admin, &id), "announced");
        server.clock.set("2026-12-21T23:00:00Z");
        assert_eq!(state(&admin, &id), "in-use");
        assert_eq!(state(&server.platform(), &id), "in-use");
        assert_eq!(object(&admin, &id).expect(409).problem("conflict").code(), "objection-too-late");
    }

    fn c135_the_window_is_over_at_midnight_in_amsterdam_when_the_clocks_change_and_on_a_leap_day(server: Server) {
        // For the processor it is in use when it is for the last institution.
        server.school();
        let mut secretariat = LastingStaff::new(server, ProcessorFunction::Secretariat);
        for (announced, last_day, over) in [
            ("2027-02-26T09:00:00Z", "2027-03-28", "2027-03-28T22:00:00Z"),
            ("2027-10-01T09:00:00Z", "2027-10-31", "2027-10-31T23:00:00Z"),
            ("2028-01-30T09:00:00Z", "2028-02-29", "2028-02-29T23:00:00Z"),
        ] {
            let client = secretariat.at(server, announced);
            let id = client.post(PATH, &subprocessor()).expect(201).id();
            assert_eq!(client.get(&format!("{PATH}/{id}")).expect(200).json()["objectUntil"], last_day);
            let over: Timestamp = over.parse().unwrap();
            let client = secretariat.at(server, &(over - SignedDuration::from_mins(5)).to_string());
            assert_eq!(state(&client, &id), "announced", "{last_day}");
            server.clock.set(&over.to_string());
            assert_eq!(state(&client, &id), "in-use", "{last_day}");
        }
    }

    fn c135_it_is_not_used_as_long_as_an_objection_stands(server: Server) {
        let (school, other) = (server.school(), server.school());
        let id = announce(server, &subprocessor());
        let stands = object(&school.admin, &id).expect(200).json();
        assert_eq!((&stands["state"], &stands["objections"]), (&json!("objected"), &json!(1)));
        assert_eq!(other.admin.get(&format!("{PATH}/{id}")).expect(200).json()["objections"], 0);
        object(&school.admin, &id).expect(200);
        let objections = school.admin.list(&format!("{PATH}/{id}/objections"));
        assert_eq!(objections.iter().filter(|objection| objection["withdrawnAt"].is_null()).count(), 1);
        assert_eq!((objections.len(), &objections[0]["institutionId"]), (2, &json!(school.id)));
        assert!(other.admin.list(&format!("{PATH}/{id}/objections")).is_empty(), "what another institution says is its own");
        assert_eq!(server.platform().list(&format!("{PATH}/{id}/objections")).len(), 2);

        server.clock.set("2027-01-05T09:00:00Z");
        let [admin, elsewhere] = [&school, &other].map(|school| {
            server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD)
        });
        let platform = server.platform();
        assert_eq!((state(&admin, &id), state(&elsewhere, &id)), (json!("objected"), json!("in-use")));
        assert_eq!(state(&platform, &id), "objected");
        take_back(&admin, &id, "objection").expect(204);
        take_back(&admin, &id, "objection").expect(204);
        assert_eq!((state(&admin, &id), state(&platform, &id)), (json!("in-use"), json!("in-use")));
        let log = server.audit_log(&school.id);
        let of = |operation: &str| log.entries().iter().filter(|entry| entry.operation == operation).count();
        assert_eq!((of("objectToSubprocessor"), of("withdrawObjection")), (2, 1));
    }

    fn c135_the_processor_may_withdraw_what_it_announced(server: Server) {
        let school = server.school();
        let id = announce(server, &subprocessor());
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        secretariat.call("DELETE", &format!("{PATH}/{id}")).send().expect(204);
        assert_eq!(state(&school.admin, &id), "withdrawn");
        let again = secretariat.call("DELETE", &format!("{PATH}/{id}")).send().expect(409);
        assert_eq!(again.problem("conflict").code(), "subprocessor-ended");
        assert_eq!(object(&school.admin, &id).expect(409).problem("conflict").code(), "subprocessor-ended");
        server.clock.set("2027-02-01T09:00:00Z");
        assert_eq!(state(&server.platform(), &id), "withdrawn");
    }

    fn c135_a_change_takes_the_place_of_what_was_used_when_its_own_window_is_over(server: Server) {
        let school = server.school();
        let first = announce(server, &subprocessor());
        server.clock.set("2027-01-05T09:00:00Z");
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let mut changed = subprocessor();
        changed["replacesId"] = json!(first);
        changed["task"] = json!("Beheert de servers en de back-ups.");
        let second = secretariat.post_once(PATH, &changed, "wijziging").expect(201).id();
        assert_eq!(secretariat.post_once(PATH, &changed, "wijziging").expect(201).id(), second);
        secretariat.post(PATH, &changed).refuses(&[("/replacesId", "already-replaced")]);
        let admin = || server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD);
        let asking = admin();
        assert_eq!((state(&asking, &first), state(&asking, &second)), (json!("in-use"), json!("announced")));
        server.clock.set("2027-02-05T09:00:00Z");
        let asking = admin();
        assert_eq!((state(&asking, &first), state(&asking, &second)), (json!("ended"), json!("in-use")));
        changed["replacesId"] = json!(ABSENT);
        server.platform().post(PATH, &changed).refuses(&[("/replacesId", "unknown-subprocessor")]);
    }

    fn c137_outside_the_eea_each_institution_consents_and_a_safeguard_is_there(server: Server) {
        let (school, other) = (server.school(), server.school());
        let id = announce(server, &abroad());
        consent(&school.admin, &id, "IN", "model-clauses")
            .refuses(&[("/country", "not-as-proposed"), ("/safeguard", "not-as-proposed")]);
        assert_eq!(consent(&school.admin, &id, "CH", "adequacy-decision").expect(200).json()["consented"], true);
        let home = announce(server, &subprocessor());
        consent(&school.admin, &home, "NL", "model-clauses").refuses(&[("/country", "consent-not-needed")]);

        server.clock.set("2027-01-05T09:00:00Z");
        let [admin, elsewhere] = [&school, &other].map(|school| {
            server.anyone().log_in(&format!("beheerder@{}", school.domain), groeilijn_tests::accounts::PASSWORD)
        });
        assert_eq!((state(&admin, &id), state(&elsewhere, &id)), (json!("in-use"), json!("awaiting-consent")));
        assert_eq!(state(&server.platform(), &id), "awaiting-consent");
        consent(&elsewhere, &id, "CH", "adequacy-decision").expect(200);
        assert_eq!(state(&server.platform(), &id), "in-use");
        take_back(&admin, &id, "transfer-consent").expect(204);
        assert_eq!((state(&admin, &id), state(&elsewhere, &id)), (json!("awaiting-consent"), json!("in-use")));
    }

    fn c138_a_country_without_safeguard_is_refused_and_the_united_states_always(server: Server) {
        server.school();
        let platform = server.platform();
        let mut body = subprocessor();
        let mut refused = |country: &str, safeguard: Value, pointer: &str, code: &str| {
            body["country"] = json!(country);
            body["safeguard"] = safeguard;
            platform.post(PATH, &body).refuses(&[(pointer, code)]);
        };
        for safeguard in [json!(null), json!("model-clauses"), json!("adequacy-decision")] {
            refused("us", safeguard, "/country", "country-never");
        }
        refused("PR", json!("model-clauses"), "/country", "country-never");
        refused("IN", json!(null), "/safeguard", "safeguard-required");
        refused("IN", json!("adequacy-decision"), "/safeguard", "country-not-adequate");
        refused("DE", json!("model-clauses"), "/safeguard", "safeguard-not-needed");
        refused("Nederland", json!(null), "/country", "not-a-country");
        assert!(platform.list(PATH).is_empty());
    }

    fn c136_duties_are_on_record_and_checked_every_year(server: Server) {
        let school = server.school();
        let (id, platform) = (announce(server, &subprocessor()), server.platform());
        let path = format!("{PATH}/{id}/checks");
        let body = json!({"checkedOn": "2026-11-20", "outcome": "shortcomings", "documentSha256": "cd".repeat(32)});
        let first = platform.post_once(&path, &body, "controle").expect(201).json();
        assert_eq!(platform.post_once(&path, &body, "controle").expect(201).json(), first);
        assert_eq!(school.admin.list(&path), [first]);
        assert_eq!(school.admin.get(&format!("{PATH}/{id}")).expect(200).json()["checkDue"], "2027-11-20");
        let wrong = json!({"checkedOn": "2026-11-22", "outcome": "kept", "documentSha256": "cd".repeat(32)});
        platform.post(&path, &wrong).refuses(&[("/checkedOn", "in-the-future")]);
        platform.post(&path, &json!({"outcome": "fine", "documentSha256": "x"})).refuses(&[
            ("/checkedOn", "required"), ("/outcome", "not-in-list"), ("/documentSha256", "not-a-digest"),
        ]);
        platform.post(&format!("{PATH}/{ABSENT}/checks"), &body).expect(404);
    }

    fn everything_wrong_with_an_announcement_is_told_at_once(server: Server) {
        let platform = server.platform();
        platform.post(PATH, &json!({"name": "", "place": 1, "owner": "x"})).refuses(&[
            ("/name", "empty"), ("/place", "not-a-string"), ("/task", "required"), ("/access", "required"),
            ("/passages", "required"), ("/owner", "unknown-field"),
        ]);
        let mut body = subprocessor();
        body["country"] = json!("US");
        let one = body["passages"][0].clone();
        body["passages"].as_array_mut().unwrap()[6] = one;
        platform.post(PATH, &body).refuses(&[
            ("/country", "country-never"), ("/passages/6/duty", "repeated"), ("/passages", "duty-missing"),
        ]);
    }

    fn who_may_what_with_subprocessors(server: Server) {
        let class = server.class();
        let id = announce(server, &abroad());
        let path = format!("{PATH}/{id}");
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client] {
            client.get(PATH).expect(403);
            object(client, &id).expect(403);
        }
        let adviser = server.staff(ProcessorFunction::Adviser);
        adviser.get(PATH).expect(403);
        for staff in [server.staff(ProcessorFunction::Secretariat), server.platform()] {
            staff.get(&path).expect(200);
            object(&staff, &id).expect(403);
            consent(&staff, &id, "CH", "adequacy-decision").expect(403);
        }
        class.school.admin.post(PATH, &subprocessor()).expect(403);
        class.school.admin.call("DELETE", &path).send().expect(403);
        for absent in ["objection", "transfer-consent"] {
            take_back(&class.school.admin, ABSENT, absent).expect(404);
        }
        object(&class.school.admin, ABSENT).expect(404);
        consent(&class.school.admin, ABSENT, "CH", "adequacy-decision").expect(404);
        // Who comes later has a window of its own contract, from the same day.
        let domain = groeilijn_tests::school::new_domain();
        let mut body = new_institution(&domain);
        body["contractProfile"] = json!("basisonline");
        let late = groeilijn_tests::School::entered(&server.anyone(), &domain, &body);
        assert_eq!(late.admin.get(&path).expect(200).json()["objectUntil"], "2026-12-21");
    }
}
