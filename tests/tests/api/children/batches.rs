//! Batches: what a phone kept while it had no network, and the drafts of a whole group, in one request.

use groeilijn_domain::access::Function;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

const BATCHES: &str = "/v1/batches";

/// The results of a batch.
#[track_caller]
fn send(client: &Client, operations: &[Value]) -> Vec<Value> {
    let reply = client.post(BATCHES, &json!({"operations": operations})).expect(200).json();
    reply["results"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<u64> {
    results.iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

fn note(pupil: &str, text: &str, key: &str) -> Value {
    json!({"method": "POST", "path": format!("/v1/pupils/{pupil}/notes"), "idempotencyKey": key, "body": {"text": text}})
}

fn patch(registration: &str, tag: &str, judgements: &Value) -> Value {
    json!({
        "method": "PATCH", "path": format!("/v1/registrations/{registration}"), "ifMatch": tag,
        "body": {"judgements": judgements},
    })
}

fn involvement(value: u8) -> Value {
    json!({"scales": {"involvement": value}})
}

both_databases! {
    fn c071_what_was_done_without_a_network_is_done_in_its_order(server: Server) {
        let class = server.class();
        let (teacher, pupil) = (&class.teacher.client, &class.pupil);
        let id = Uuid::from_u128(0x0199_9999_0000_7000_8000_0000_0000_0042).to_string();
        let draft = format!("/v1/registrations/{id}");
        let mut begun = class.new_registration("2026-11-20", &involvement(3));
        begun["id"] = json!(id);
        let results = send(teacher, &[
            note(pupil, "Bouwt een toren.", "een"),
            json!({"method": "POST", "path": format!("/v1/pupils/{pupil}/registrations"), "idempotencyKey": "twee", "body": begun}),
            json!({"method": "PATCH", "path": draft, "after": 1, "body": {"judgements": involvement(4)}}),
            json!({"method": "POST", "path": format!("{draft}/_finalise"), "after": 2}),
        ]);
        assert_eq!(statuses(&results), [201, 201, 200, 200]);
        assert_eq!(results[0]["body"]["text"], "Bouwt een toren.");
        let path = results[0]["location"].as_str().unwrap();
        let stored = teacher.get(path).expect(200);
        assert_eq!((&stored.json(), json!(stored.etag())), (&results[0]["body"], results[0]["entityTag"].clone()));
        let registration = teacher.get(&draft).expect(200).json();
        assert_eq!((&registration["state"], &registration["judgements"]), (&json!("final"), &json!({
            "scales": {"involvement": 4}, "lines": {}, "milestones": {},
        })));
        assert_eq!(registration, results[3]["body"]);
    }

    fn one_that_is_refused_keeps_none_of_the_others_back(server: Server) {
        let class = server.class();
        let (teacher, pupil) = (&class.teacher.client, &class.pupil);
        let nobody = Uuid::from_u128(5).to_string();
        let results = send(teacher, &[
            note(pupil, "De eerste.", "1"),
            note(pupil, "", "2"),
            note(pupil, "Het nummer is 111222333.", "3"),
            note(&nobody, "Niemand.", "4"),
            json!({"method": "DELETE", "path": "/v1/registrations/x", "ifMatch": "\"r1\""}),
            json!({"method": "DELETE", "path": format!("/v1/registrations/{nobody}")}),
            json!({"method": "POST", "path": format!("/v1/registrations/{nobody}/_finalise"), "after": 1}),
            note(pupil, "De laatste.", "8"),
        ]);
        assert_eq!(statuses(&results), [201, 400, 400, 404, 400, 428, 424, 201]);
        assert_eq!(results[1]["body"]["errors"][0]["pointer"], "/text");
        assert_eq!(results[2]["body"]["errors"], json!([{
            "in": "body", "pointer": "/text", "code": "bsn", "detail": results[2]["body"]["errors"][0]["detail"],
        }]));
        assert_eq!(results[6]["body"]["type"], "urn:problem-type:groeilijn:failed-dependency");
        let texts: Vec<_> = teacher.list(&format!("/v1/pupils/{pupil}/notes")).iter().map(|note| note["text"].clone()).collect();
        assert_eq!(texts, ["De laatste.", "De eerste."]);
    }

    fn a_conflict_carries_what_is_there_now(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let begun = class.begin(&class.pupil, "2026-11-20", &involvement(2));
        let (id, seen) = (begun.id(), begun.etag());
        let changed = teacher.change(&format!("/v1/registrations/{id}"), &json!({"judgements": involvement(5)})).expect(200);
        let finalise = json!({"method": "POST", "path": format!("/v1/registrations/{id}/_finalise"), "ifMatch": seen});
        let results = send(teacher, &[patch(&id, &seen, &involvement(1)), finalise]);
        for result in &results {
            assert_eq!((&result["status"], &result["body"]["type"]),
                (&json!(412), &json!("urn:problem-type:groeilijn:precondition-failed")));
            assert_eq!(result["entityTag"], json!(changed.etag()));
            assert_eq!(result["current"], json!({"entityTag": changed.etag(), "body": changed.json()}));
        }
        assert_eq!(teacher.get(&format!("/v1/registrations/{id}")).expect(200).json(), changed.json());
    }

    fn c027_a_step_of_thirty_drafts_is_one_request(server: Server) {
        let class = server.class();
        let begun: Vec<_> = (0..30)
            .map(|_| class.begin(&class.child("Sem", "2022-05-04"), "2026-11-20", &json!({})))
            .collect();
        let steps: Vec<_> = begun.iter().map(|draft| patch(&draft.id(), &draft.etag(), &involvement(4))).collect();
        let results = send(&class.teacher.client, &steps);
        assert_eq!(statuses(&results), [200; 30]);
        for (draft, result) in begun.iter().zip(&results) {
            assert_eq!((&result["body"]["id"], &result["body"]["judgements"]["scales"]),
                (&json!(draft.id()), &json!({"involvement": 4})));
        }
    }

    fn a_batch_of_which_the_reply_was_lost_is_sent_again(server: Server) {
        let class = server.class();
        let (teacher, pupil) = (&class.teacher.client, &class.pupil);
        let draft = class.begin(pupil, "2026-11-20", &json!({}));
        let batch = [note(pupil, "Eén keer.", "een"), patch(&draft.id(), &draft.etag(), &involvement(3))];
        let first = send(teacher, &batch);
        let again = send(teacher, &batch);
        assert_eq!(first[0], again[0]);
        // The step was done, as what is there now shows.
        assert_eq!((&again[1]["status"], &again[1]["current"]["body"]), (&json!(412), &first[1]["body"]));
        assert_eq!(teacher.list(&format!("/v1/pupils/{pupil}/notes")).len(), 1);
    }

    fn what_others_made_of_it_since_is_not_changed_by_a_batch_that_is_sent_again(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let id = teacher.time().uuid();
        let mut create = note(&class.pupil, "Eerst.", "een");
        create["body"]["id"] = json!(id);
        let path = format!("/v1/notes/{id}");
        let mend = json!({"method": "PATCH", "path": path, "after": 0, "body": {"text": "Gemend."}});
        let mend_again = json!({"method": "PATCH", "path": path, "after": 1, "body": {"text": "Weer."}});
        let batch = [create, mend, mend_again];
        assert_eq!(statuses(&send(teacher, &batch)), [201, 200, 200]);
        let other = teacher.change(&path, &json!({"text": "Op een ander toestel."})).expect(200).json();
        let again = send(teacher, &batch);
        assert_eq!(statuses(&again), [201, 412, 424]);
        assert_eq!((&again[0]["body"], &again[1]["current"]["body"]), (&other, &other));
        assert_eq!(teacher.get(&path).expect(200).json(), other);
    }

    fn c067_each_operation_has_the_rights_of_who_sends_it(server: Server) {
        let class = server.class();
        let school = &class.school;
        let stranger = school.member(Function::Teacher, &[&school.group("De Vlinders")]).client;
        let own = class.begin(&class.pupil, "2026-11-20", &json!({}));
        let batch = [note(&class.pupil, "Van een ander.", "1"), patch(&own.id(), "*", &involvement(1))];
        let results = send(&stranger, &batch);
        assert_eq!(statuses(&results), [404, 404]);
        assert!(results.iter().all(|result| result["current"].is_null()));
        assert_eq!(statuses(&send(&school.admin, &batch)), [403, 403]);
        assert_eq!(statuses(&send(&server.school().admin, &batch)), [403, 403]);
        server.platform().post(BATCHES, &json!({"operations": batch})).expect(403).problem("forbidden");
        server.anyone().post(BATCHES, &json!({"operations": batch})).expect(401);
        let unchanged = class.teacher.client.get(&format!("/v1/registrations/{}", own.id())).expect(200);
        assert_eq!(unchanged.json(), own.json());
    }

    fn c046_each_operation_is_on_record_by_its_own_name_in_one_trace(server: Server) {
        let class = server.class();
        let before = server.audit_log(&class.school.id).entries().len();
        send(&class.teacher.client, &[note(&class.pupil, "Een.", "1"), note(&class.pupil, "Twee.", "2")]);
        let made = server.audit_log(&class.school.id).entries().split_off(before);
        assert_eq!(made.iter().map(|entry| entry.operation.as_str()).collect::<Vec<_>>(), ["createNote"; 2]);
        assert_eq!(made[0].trace_id, made[1].trace_id);
    }

    fn a_batch_holds_operations_on_notes_and_registrations_alone(server: Server) {
        let class = server.class();
        let path = format!("/v1/pupils/{}", class.pupil);
        let inner = json!({"operations": [note(&class.pupil, "Binnen.", "1")]});
        let results = send(&class.school.admin, &[
            json!({"method": "POST", "path": BATCHES, "body": inner}),
            json!({"method": "PATCH", "path": path, "ifMatch": "*", "body": {"firstName": "Ander"}}),
            json!({"method": "POST", "path": "/v1/sessions", "body": {"email": "a@school.example", "password": "x"}}),
            json!({"method": "POST", "path": "/v1/../v1/users", "body": {}}),
            json!({"method": "PATCH", "path": "/v1/pupils/x/notes", "body": {}}),
        ]);
        assert_eq!(statuses(&results), [404, 404, 404, 404, 405]);
        assert!(class.teacher.client.list(&format!("{path}/notes")).is_empty());
    }

    fn a_batch_whose_form_is_wrong_does_nothing_and_names_everything(server: Server) {
        let class = server.class();
        let (teacher, pupil) = (&class.teacher.client, &class.pupil);
        let notes = format!("/v1/pupils/{pupil}/notes");
        let refused = |operations: Value, expected: &[(&str, &str)]| {
            teacher.post(BATCHES, &json!({"operations": operations})).refuses(expected);
        };
        refused(json!([]), &[("/operations", "empty")]);
        refused(json!(vec![note(pupil, "Te veel.", "k"); 501]), &[("/operations", "too-many")]);
        refused(
            json!([
                note(pupil, "Goed.", "1"),
                {"method": "GET", "path": notes},
                {"method": "POST", "path": "https://elders.example/v1/pupils", "body": []},
                {"method": "POST", "path": notes, "ifMatch": "a b", "idempotencyKey": "", "more": 1},
            ]),
            &[
                ("/operations/1/method", "not-in-list"),
                ("/operations/2/path", "not-a-path"),
                ("/operations/2/body", "not-an-object"),
                ("/operations/3/ifMatch", "not-a-header"),
                ("/operations/3/idempotencyKey", "not-a-header"),
                ("/operations/3/more", "unknown-field"),
            ],
        );
        refused(
            json!([
                {"method": "DELETE", "path": "/v1/registrations/x", "after": 0},
                {"method": "DELETE", "path": "/v1/registrations/x", "after": 0, "ifMatch": "*"},
                {"method": "DELETE", "path": "/v1/registrations/x", "after": 3},
            ]),
            &[
                ("/operations/0/after", "not-earlier"),
                ("/operations/1/after", "not-beside-a-tag"),
                ("/operations/2/after", "not-earlier"),
            ],
        );
        assert!(teacher.list(&notes).is_empty());
    }
}
