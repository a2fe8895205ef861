//! What holds for every route: methods, headers, media types, preconditions, repetition, paging.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use groeilijn_domain::access::Function;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Client, Server, both_databases};
use serde_json::json;

/// The head of the answer to a request of which only the head is sent.
fn answer_to_head(server: &Server, head: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    // The service closes without reading what it was promised, which may end in a reset.
    let _ = stream.read_to_string(&mut answer);
    answer
}

both_databases! {
    fn an_unknown_path_and_an_unknown_method_have_a_body(server: Server) {
        let anyone = server.anyone();
        for path in ["/", "/v1", "/v1/", "/v1/nothing", "/v2/users", "/v1/users/", "/v1//users", "/favicon.ico"] {
            anyone.get(path).expect(404).problem("not-found");
        }
        let reply = anyone.call("PUT", "/v1/users").send().expect(405).problem("method-not-allowed");
        assert_eq!(reply.header("Allow"), "GET, HEAD, POST");
        let reply = anyone.call("POST", "/v1/sessions/current").send().expect(405);
        assert_eq!(reply.header("Allow"), "DELETE, GET, HEAD");
    }

    fn head_is_get_without_a_body(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        for path in ["/v1/groups", &format!("/v1/groups/{group}"), "/v1/sessions/current"] {
            let got = school.admin.get(path).expect(200);
            let head = school.admin.call("HEAD", path).send().expect(200);
            assert!(head.body.is_empty());
            for name in ["Content-Type", "Content-Length", "ETag"] {
                assert_eq!(head.header(name), got.header(name), "{path} {name}");
            }
        }
        server.anyone().call("HEAD", "/v1/groups").send().expect(401);
    }

    fn whoever_may_not_ask_is_told_before_anything_is_read(server: Server) {
        let anyone = server.anyone();
        anyone.call("POST", "/v1/pupils").body("text/plain", b"{").send().expect(401).problem("unauthenticated");
        anyone.get("/v1/pupils/no-id?limit=x").expect(401);
        server.platform().call("POST", "/v1/pupils").body("text/plain", b"{").send().expect(403).problem("forbidden");
    }

    fn the_media_types_of_request_and_reply_are_agreed(server: Server) {
        let admin = server.school().admin;
        let refused = admin.call("GET", "/v1/groups").header("Accept", "text/html").send();
        refused.expect(406).problem("not-acceptable");
        admin.call("GET", "/v1/groups").header("Accept", "text/html, */*;q=0.1").send().expect(200);
        for media_type in ["text/plain", "application/xml", "application/merge-patch+json", "application/jsonp"] {
            let refused = admin.call("POST", "/v1/groups").body(media_type, b"{}").send();
            refused.expect(415).problem("unsupported-media-type");
        }
        admin.call("POST", "/v1/groups").send().expect(415);
        let compressed = admin.call("POST", "/v1/groups").json(&json!({})).header("Content-Encoding", "gzip");
        compressed.send().expect(415);
        let spelt = admin.call("POST", "/v1/groups");
        let body = new_group("De Rupsen").to_string();
        spelt.body("Application/JSON; charset=utf-8", body.as_bytes()).send().expect(201);
    }

    fn a_body_that_is_no_json_is_told_from_one_that_is_wrong(server: Server) {
        let admin = server.school().admin;
        for body in ["{", "{} {}", r#"{"name": "a", "name": "b"}"#, "\u{feff}{}", "[[", r#"{"name": "\ud800"}"#] {
            let reply = admin.call("POST", "/v1/groups").body("application/json", body.as_bytes()).send();
            reply.expect(400).problem("malformed-json");
        }
        for body in [json!([]), json!(null), json!("text"), json!(1)] {
            admin.post("/v1/groups", &body).refuses(&[("", "not-an-object")]);
        }
    }

    fn a_body_that_is_too_large_is_refused_unread(server: Server) {
        let head = format!(
            "POST /v1/groups HTTP/1.1\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}",
            server.school().admin.token(),
            (1 << 20) + 1
        );
        let answer = answer_to_head(server, &head);
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("urn:problem-type:groeilijn:payload-too-large"), "{answer}");
    }

    fn a_change_needs_the_revision_that_it_changes(server: Server) {
        let school = server.school();
        let path = format!("/v1/groups/{}", school.group("De Rupsen"));
        let patch = json!({"name": "De Vlinders"});
        let missing = school.admin.call("PATCH", &path).merge_patch(&patch).send();
        missing.expect(428).problem("precondition-required");
        for stale in ["\"r2\"", "W/\"r1\"", "\"anything\"", "\"r01\""] {
            school.admin.patch(&path, stale, &patch).expect(412).problem("precondition-failed");
        }
        school.admin.patch(&path, "r1", &patch).refuses(&[("If-Match", "not-an-etag")]);
        let first = school.admin.get(&path).expect(200);
        let changed = school.admin.patch(&path, &first.etag(), &patch).expect(200);
        assert_ne!(changed.etag(), first.etag());
        school.admin.patch(&path, &first.etag(), &patch).expect(412);
        school.admin.patch(&path, &format!("\"other\", {}", changed.etag()), &patch).expect(200);
        school.admin.call("DELETE", &path).send().expect(428);
        school.admin.delete(&path, &first.etag()).expect(412);
    }

    fn a_change_may_come_as_json_and_empty_what_the_client_cannot_send_as_null(server: Server) {
        let admin = server.school().admin;
        let mut body = new_group("De Rupsen");
        body["location"] = json!("Noord");
        let path = format!("/v1/groups/{}", admin.post("/v1/groups", &body).expect(201).id());
        let change = |query: &str, patch: &serde_json::Value| {
            let call = admin.call("PATCH", &format!("{path}{query}")).header("If-Match", "*");
            call.json(patch).send()
        };
        let renamed = change("", &json!({"name": "De Vlinders"})).expect(200).json();
        assert_eq!((&renamed["name"], &renamed["location"]), (&json!("De Vlinders"), &json!("Noord")));
        let emptied = change("?clear=/location", &json!({"name": "De Hommels"})).expect(200).json();
        assert_eq!((&emptied["name"], &emptied["location"]), (&json!("De Hommels"), &json!(null)));
        change("?clear=%2Fname", &json!({})).refuses(&[("/name", "null")]);
        change("?clear=/colour", &json!({})).refuses(&[("/colour", "unknown-field")]);
        change("?clear=/location", &json!({"location": null})).refuses(&[("clear", "set-and-cleared")]);
        change("?clear=/location", &json!({"location": "Zuid"})).refuses(&[("clear", "set-and-cleared")]);
        change("?clear=location&limit=3", &json!({})).refuses(&[("clear", "not-a-pointer"), ("limit", "unknown-parameter")]);
        change("?clear=/111222333", &json!({})).refuses(&[("clear", "bsn")]);
        assert_eq!(admin.get(&path).expect(200).json()["name"], "De Hommels");
    }

    fn a_whole_number_may_be_written_with_a_point(server: Server) {
        let admin = server.school().admin;
        let pupil = |day_parts: &str| {
            let text = new_pupil("Noor").to_string().replacen('{', &format!("{{\"dayPartsPerWeek\": {day_parts}, "), 1);
            admin.call("POST", "/v1/pupils").body("application/json", text.as_bytes()).send()
        };
        for five in ["5", "5.0", "0.5e1"] {
            assert_eq!(pupil(five).expect(201).json()["dayPartsPerWeek"], 5, "{five}");
        }
        for wrong in ["5.5", "15", "-1", "1e400"] {
            let refused = pupil(wrong).expect(400);
            assert!(wrong == "1e400" || refused.errors() == [("/dayPartsPerWeek".to_owned(), "out-of-range".to_owned())]);
        }
    }

    fn what_a_client_has_already_is_not_sent_again(server: Server) {
        let school = server.school();
        let path = format!("/v1/groups/{}", school.group("De Rupsen"));
        let etag = school.admin.get(&path).expect(200).etag();
        let ask = |tag: &str| school.admin.call("GET", &path).header("If-None-Match", tag).send();
        let unchanged = ask(&etag).expect(304);
        assert!(unchanged.body.is_empty());
        assert_eq!(unchanged.etag(), etag);
        ask(&format!("W/{etag}")).expect(304);
        ask("\"other\"").expect(200);
        // Of several, any may be the present one.
        for list in [format!("\"other\", {etag}"), format!("{etag}, \"other\"")] {
            ask(&list).expect(304);
        }
        ask("\"other\", \"another\"").expect(200);
    }

    fn a_request_that_is_repeated_with_its_key_is_done_once(server: Server) {
        let school = server.school();
        let body = new_group("De Rupsen");
        let first = school.admin.post_once("/v1/groups", &body, "key-1").expect(201);
        let again = school.admin.post_once("/v1/groups", &body, "key-1").expect(201);
        assert_eq!(first.visible(), again.visible());
        for name in ["Location", "ETag"] {
            assert_eq!(first.header(name), again.header(name));
        }
        let other = school.admin.post_once("/v1/groups", &new_group("De Vlinders"), "key-1");
        other.expect(409).problem("idempotency-key-reused");
        let elsewhere = school.admin.post_once("/v1/pupils", &new_pupil("Noor"), "key-1");
        elsewhere.expect(409).problem("idempotency-key-reused");
        assert_eq!(school.admin.list("/v1/groups").len(), 1);
        for key in ["two words", &"k".repeat(129)] {
            school.admin.post_once("/v1/groups", &body, key).refuses(&[("Idempotency-Key", "not-a-key")]);
        }
        server.school().admin.post_once("/v1/groups", &body, "key-1").expect(201);
    }

    fn a_key_is_its_senders_own_and_for_one_path(server: Server) {
        let class = server.class();
        let [noor, daan] = [class.pupil.clone(), class.child("Daan", "2022-06-04")].map(|id| format!("/v1/pupils/{id}/notes"));
        let colleague = class.school.member(Function::Teacher, &[&class.group]);
        let body = json!({"text": "Telt tot tien."});
        let send = |client: &Client, path: &str| client.post_once(path, &body, "key-1");
        let first = send(&class.teacher.client, &noor).expect(201);
        send(&class.teacher.client, &daan).expect(409).problem("idempotency-key-reused");
        let second = send(&colleague.client, &noor).expect(201);
        assert_ne!(second.id(), first.id());
        assert_eq!(second.json()["authorId"], colleague.id.as_str());
        assert_eq!(send(&class.teacher.client, &noor).expect(201).id(), first.id());
        assert_eq!(class.teacher.client.list(&noor).len(), 2);
        assert!(class.teacher.client.list(&daan).is_empty());
    }

    fn a_request_that_was_refused_may_be_repeated_with_its_key(server: Server) {
        let school = server.school();
        let group = json!({"id": school.group("De Rupsen"), "name": "De Vlinders", "schoolYear": "2026-2027"});
        school.admin.post_once("/v1/groups", &group, "key-1").expect(409).problem("conflict");
        school.admin.post_once("/v1/groups", &new_group("De Vlinders"), "key-1").expect(201);
    }

    fn of_two_equal_requests_at_once_one_is_done(server: Server) {
        let school = server.school();
        let send = || school.admin.post_once("/v1/groups", &new_group("De Rupsen"), "key-1").expect(201).id();
        let ids = thread::scope(|scope| {
            let others: Vec<_> = (0..4).map(|_| scope.spawn(send)).collect();
            others.into_iter().map(|other| other.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(school.admin.list("/v1/groups").len(), 1);
    }

    fn of_two_changes_of_one_revision_at_once_one_is_made(server: Server) {
        let school = server.school();
        let path = format!("/v1/groups/{}", school.group("De Rupsen"));
        let etag = school.admin.get(&path).expect(200).etag();
        let change = |name: &str| school.admin.patch(&path, &etag, &json!({ "name": name })).status;
        let mut statuses = thread::scope(|scope| {
            let names = ["De Vlinders", "De Kikkers", "De Muizen"];
            let others: Vec<_> = names.map(|name| scope.spawn(move || change(name))).into_iter().collect();
            others.into_iter().map(|other| other.join().unwrap()).collect::<Vec<_>>()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412]);
    }

    fn a_list_is_read_page_by_page_to_its_end(server: Server) {
        let school = server.school();
        let names: Vec<_> = (1..=7).map(|number| format!("Groep {number}")).collect();
        names.iter().for_each(|name| drop(school.group(name)));
        for limit in [1, 3, 7, 100] {
            let found = school.admin.list(&format!("/v1/groups?limit={limit}"));
            assert_eq!(found.iter().map(|group| text(&group["name"])).collect::<Vec<_>>(), names, "{limit}");
        }
        let next = school.admin.get("/v1/groups?limit=3&schoolYear=2026-2027").next().unwrap();
        assert!(next.contains("limit=3&schoolYear=2026-2027&cursor="), "{next}");
    }

    fn every_wrong_query_parameter_is_named(server: Server) {
        let admin = server.school().admin;
        admin.get("/v1/groups?limit=0&cursor=x&schoolYear=2026&schoolYear=2027&sort=name").refuses(&[
            ("limit", "out-of-range"),
            ("cursor", "not-a-cursor"),
            ("schoolYear", "repeated"),
            ("sort", "unknown-parameter"),
        ]);
        admin.get("/v1/groups?limit=101").refuses(&[("limit", "out-of-range")]);
        admin.get("/v1/groups?limit=%ff").expect(400).problem("invalid-input");
        admin.get("/v1/groups/no-id").refuses(&[("groupId", "not-a-uuid")]);
    }

    fn only_pages_of_admitted_origins_may_read_replies(server: Server) {
        let anyone = server.anyone();
        let ask = |origin: &str, path: &str| anyone.call("GET", path).header("Origin", origin).send();
        let admitted = "https://app.school.example";
        assert_eq!(ask(admitted, "/v1/users").header("Access-Control-Allow-Origin"), admitted);
        assert_eq!(ask("https://elders.example", "/v1/users").header("Access-Control-Allow-Origin"), "");
        let document = ask("https://elders.example", "/v1/openapi.json").expect(200);
        assert_eq!(document.header("Access-Control-Allow-Origin"), "*");
        let preflight = anyone.call("OPTIONS", "/v1/users").header("Origin", admitted);
        let preflight = preflight.header("Access-Control-Request-Method", "PATCH").send().expect(200);
        assert!(preflight.header("Access-Control-Allow-Methods").contains("PATCH"));
        assert_eq!(preflight.header("Access-Control-Allow-Credentials"), "");
    }

    fn c086_the_service_tells_how_it_is_without_telling_of_anybody(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Zilvertje", &group);
        school.admin.get(&format!("/v1/pupils/{pupil}")).expect(200);
        school.admin.get("/v1/Zilvertje").expect(404);
        let anyone = server.anyone();
        assert_eq!(anyone.get("/healthz").expect(200).json()["status"], "up");
        assert_eq!(anyone.get("/readyz").expect(200).json()["status"], "ready");
        let metrics = String::from_utf8(anyone.get("/metrics").expect(200).body).unwrap();
        assert!(metrics.contains("operation=\"readPupil\"") || metrics.contains("readPupil"), "{metrics}");
        for personal in ["Zilvertje", &pupil, &group, &school.id, &school.domain, "127.0.0.1"] {
            assert!(!metrics.contains(personal), "{personal}");
        }
    }
}
