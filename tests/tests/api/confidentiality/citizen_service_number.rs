//! No citizen service number comes in, however it is written and wherever (C030).

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::values::bsn::contains_bsn;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{self, Operation};
use groeilijn_tests::school::new_group;
use groeilijn_tests::{Client, Server, both_databases, bsn};
use serde_json::{Map, Value, json};

/// A document in which every text that a body of `schema` can have is `text`, and the pointers to them.
fn filled(document: &Value, schema: &Value, text: &str, at: &str, pointers: &mut Vec<String>) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return filled(document, &document["components"]["schemas"][name], text, at, pointers);
    }
    for alternatives in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema[alternatives].as_array() {
            let other = schemas.iter().find(|schema| schema["type"] != "null").unwrap();
            return filled(document, other, text, at, pointers);
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        let members = properties.iter().map(|(name, schema)| {
            (name.clone(), filled(document, schema, text, &format!("{at}/{name}"), pointers))
        });
        return Value::Object(members.collect::<Map<_, _>>());
    }
    if schema["items"].is_object() {
        return json!([filled(document, &schema["items"], text, &format!("{at}/0"), pointers)]);
    }
    // A number is as good a place to hide one as a text.
    pointers.push(at.to_owned());
    json!(text)
}

/// Everybody who may send something.
fn everybody(server: &Server) -> Vec<Client> {
    let class = server.class();
    let staff = [
        ProcessorFunction::Secretariat,
        ProcessorFunction::AccountManager,
        ProcessorFunction::Adviser,
        ProcessorFunction::Helpdesk,
    ];
    let mut everybody =
        vec![server.anyone(), class.school.admin.clone(), class.teacher.client.clone(), server.platform()];
    everybody.extend(staff.map(|function| server.staff(function)));
    everybody
}

/// Sends a body as the first who may, and gives what was refused.
fn refused(everybody: &[Client], operation: &Operation, body: &Value) -> Vec<(String, String)> {
    let path = operation.path_with(|_| ABSENT.to_owned());
    let media_type = operation.reads().unwrap().to_owned();
    let replies = everybody.iter().map(|client| {
        let call = client.call(operation.method, &path).header("If-Match", "*");
        call.body(&media_type, body.to_string().as_bytes()).send()
    });
    let reply = replies.into_iter().find(|reply| ![401, 403].contains(&reply.status));
    reply
        .unwrap_or_else(|| panic!("nobody may {}", operation.id))
        .expect(400)
        .problem("invalid-input")
        .errors()
}

both_databases! {
    fn c030_no_field_of_any_body_takes_one(server: Server) {
        let document = openapi::served(server);
        let everybody = everybody(server);
        let spellings = bsn::spellings();
        let reading = openapi::operations(&document).into_iter();
        let reading = reading.filter(|operation| operation.reads().is_some_and(|media_type| media_type.ends_with("json")));
        for (index, operation) in reading.enumerate() {
            let spelling = &spellings[index * 7 % spellings.len()];
            let content = &operation.described["requestBody"]["content"][operation.reads().unwrap()];
            let mut pointers = Vec::new();
            let body = filled(&document, &content["schema"], spelling, "", &mut pointers);
            let refused = refused(&everybody, &operation, &body);
            for pointer in pointers.into_iter().take(refused.len()) {
                assert!(refused.contains(&(pointer.clone(), "bsn".to_owned())), "{} {pointer} {spelling}", operation.id);
            }
        }
    }

    fn c030_no_spelling_gets_into_a_pupil_a_note_a_key_or_a_file(server: Server) {
        let class = server.class();
        let pupil = class.child("Noor", "2022-03-14");
        let admin = &class.school.admin;
        for (index, spelling) in bsn::spellings().iter().enumerate() {
            let note = json!({"text": format!("Ze bouwde een toren. {spelling}")});
            class.teacher.client.post(&format!("/v1/pupils/{pupil}/notes"), &note).refuses(&[("/text", "bsn")]);
            let name = json!({"name": spelling});
            admin.post("/v1/pupils/_search", &name).refuses(&[("/name", "bsn")]);
            admin.patch(&format!("/v1/pupils/{pupil}"), "*", &json!({"particulars": spelling})).refuses(&[("/particulars", "bsn")]);
            if spelling.bytes().all(|byte| byte.is_ascii_graphic()) {
                let reply = admin.post_once("/v1/groups", &new_group("De Rupsen"), spelling);
                reply.refuses(&[("Idempotency-Key", "bsn")]);
            }
            // The first of the file is taken, so that the file itself is good.
            let file = format!(
                "leerlingnummer;voornaam;achternaam;geslacht;geboortedatum\n\
                 a{index};Noor;Verzinsel;m;2022-03-14\n\
                 b{index};\"{spelling}\";Verzinsel;m;2022-03-14\n\
                 \"{spelling}\";Daan;Denkbeeld;m;2022-03-14\n"
            );
            if index % 20 == 0 {
                let sent = admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes()).send();
                let sent = sent.expect(201).json();
                assert_eq!(sent["pupils"]["refused"], 2, "{spelling}: {sent}");
            }
        }
        assert_eq!(admin.list("/v1/groups").len(), 1);
    }
}

#[test]
fn c030_every_spelling_is_seen() {
    let missed: Vec<_> = bsn::spellings().into_iter().filter(|spelling| !contains_bsn(spelling)).collect();
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn c030_ordinary_sentences_are_left_alone() {
    let refused: Vec<_> = bsn::sentences().into_iter().filter(|sentence| contains_bsn(sentence)).collect();
    assert_eq!(refused, Vec::<String>::new(), "{} of them are refused", refused.len());
}
