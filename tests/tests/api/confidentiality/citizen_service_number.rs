//! No citizen service number comes in, however it is written and wherever (C030).

mod files;

use std::fmt::Write;

use groeilijn_domain::access::Role;
use groeilijn_domain::values::bsn::contains_bsn;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::sentences::sentences;
use groeilijn_tests::{Client, Reply, School, Server, both_databases, bsn};
use serde_json::{Map, Value, json};

use crate::policy::everybody;

/// The most errors that a reply names.
const MOST_ERRORS: usize = 100;

/// How many of 10,000 ordinary sentences are refused at most, as ADR 33 has it.
const MOST_FALSE_ALARMS: usize = 83;

fn path(operation: &Operation) -> String {
    operation.path_with(|name| if name == "version" { "1".to_owned() } else { ABSENT.to_owned() })
}

fn people(server: &Server) -> (School, Vec<(&'static str, Client)>) {
    let school = server.school();
    let group = school.group("De Rupsen");
    let people = everybody(server, &school, &group);
    assert_eq!(people.len(), Role::ALL.len());
    (school, people)
}

/// Somebody who may ask for it; `None` for what is only for support sessions.
fn caller<'a>(operation: &Operation, anyone: &'a Client, people: &'a [(&str, Client)]) -> Option<&'a Client> {
    if operation.is_open() {
        return Some(anyone);
    }
    let lets_in = |client: &&Client| {
        let status = client.call(operation.method, &path(operation)).send().status;
        status != 401 && status != 403
    };
    people.iter().map(|(_, client)| client).find(lets_in)
}

/// A body that has everything that a schema lets it have, with a number in each text, number and free name of it.
struct Filled<'a> {
    document: &'a Value,
    number: &'a str,
    /// Which of several schemas is taken.
    choice: usize,
    /// The pointers to where the number is.
    places: Vec<String>,
}

impl Filled<'_> {
    fn of(&mut self, schema: &Value, at: &str) -> Value {
        if let Some(place) = schema["$ref"].as_str() {
            return self.of(self.document.pointer(place.trim_start_matches('#')).unwrap(), at);
        }
        let choices = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|key| schema[key].as_array());
        if let Some(choices) = choices {
            let choices: Vec<_> = choices.iter().filter(|choice| choice["type"] != "null").collect();
            return self.of(choices[self.choice % choices.len()], at);
        }
        if let Some(properties) = schema["properties"].as_object() {
            let members = properties
                .iter()
                .map(|(name, member)| (name.clone(), self.of(member, &format!("{at}/{name}"))));
            return members.collect::<Map<_, _>>().into();
        }
        if schema["additionalProperties"].is_object() {
            self.places.push(format!("{at}/{}", self.number.replace('~', "~0").replace('/', "~1")));
            let member = self.of(&schema["additionalProperties"], &format!("{at}/play"));
            return json!({ self.number: true, "play": member });
        }
        if schema["additionalProperties"] == true {
            // The body of another operation, which looks for itself.
            return json!({});
        }
        if !schema["items"].is_null() {
            return json!([self.of(&schema["items"], &format!("{at}/0"))]);
        }
        self.places.push(at.to_owned());
        json!(self.number)
    }
}

/// Checks that the number was refused in each of the places, or in as many of them as a reply names.
#[track_caller]
fn is_refused_at(reply: &Reply, places: &[String], number: &str) {
    assert_eq!(reply.status, 400, "{}: {number:?}", reply.asked);
    let mut refused = reply.errors();
    refused.retain(|(_, code)| code == "bsn");
    assert_eq!(
        refused.len(),
        places.len().min(MOST_ERRORS),
        "{}: {number:?}: {refused:?} of {places:?}",
        reply.asked
    );
    for (place, _) in refused {
        assert!(places.contains(&place), "{}: {number:?} at {place}", reply.asked);
    }
}

fn takes_key(operation: &Operation) -> bool {
    let parameters = operation.described["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "Idempotency-Key"))
}

/// Percent-encoded, every byte of it.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}

both_databases! {
    fn c030_no_body_takes_one_in_any_field_or_name(server: Server) {
        let (_, people) = people(server);
        let (anyone, document) = (server.anyone(), served(server));
        let spellings = bsn::spellings();
        let mut fields = 0;
        for operation in operations(&document) {
            let Some(media_type) = operation.reads().filter(|media_type| media_type.ends_with("json")) else {
                continue;
            };
            let schema = &operation.described["requestBody"]["content"][media_type]["schema"];
            let client = caller(&operation, &anyone, &people).unwrap_or_else(|| panic!("nobody may {}", operation.id));
            for (choice, number) in spellings.iter().enumerate() {
                let mut filled = Filled { document: &document, number, choice, places: Vec::new() };
                let body = filled.of(schema, "").to_string();
                let call = client.call(operation.method, &path(&operation)).header("If-Match", "\"r1\"");
                is_refused_at(&call.body(media_type, body.as_bytes()).send(), &filled.places, number);
                fields += filled.places.len();
            }
        }
        assert!(fields > 100 * spellings.len(), "{fields}");
    }

    fn c030_no_key_of_a_client_and_no_parameter_holds_one(server: Server) {
        let (school, people) = people(server);
        let (anyone, document) = (server.anyone(), served(server));
        let spellings = bsn::spellings();
        // What a header can carry.
        let visible = |text: &&String| text.bytes().all(|byte| byte.is_ascii_graphic());
        let visible: Vec<&String> = spellings.iter().filter(visible).collect();
        assert!(visible.len() > 50, "{}", visible.len());
        let mut asked = 0;
        for (index, operation) in operations(&document).iter().enumerate() {
            let Some(client) = caller(operation, &anyone, &people) else { continue };
            asked += 1;
            if takes_key(operation) {
                let number = visible[index % visible.len()];
                let call = client.call(operation.method, &path(operation)).header("Idempotency-Key", number);
                let reply = call.header("If-Match", "\"r1\"").json(&json!({})).send();
                is_refused_at(&reply, &["Idempotency-Key".to_owned()], number);
            }
            for parameter in operation.described["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "query" {
                    let name = parameter["name"].as_str().unwrap();
                    let number = &spellings[index % spellings.len()];
                    let asked = format!("{}?{name}={}", path(operation), encoded(number));
                    let call = client.call(operation.method, &asked).header("If-Match", "\"r1\"");
                    let reply = call.body("text/csv", b"x").send();
                    is_refused_at(&reply, &[name.to_owned()], number);
                }
            }
        }
        assert!(asked > 80, "{asked}");
        // The administrator was logged out, as the last of all operations.
        let admin = anyone.log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        for number in visible {
            let reply = admin.post_once("/v1/groups", &new_group("De Vlinders"), number);
            reply.refuses(&[("Idempotency-Key", "bsn")]);
        }
        for number in &spellings {
            let reply = admin.get(&format!("/v1/groups?{}=1", encoded(number)));
            is_refused_at(&reply, std::slice::from_ref(number), number);
        }
        let made_up = "01999999-0000-7000-8000-000111222333";
        admin.get(&format!("/v1/pupils/{made_up}")).refuses(&[("pupilId", "bsn")]);
        let mut pupil = new_pupil("Noor");
        pupil["id"] = json!(made_up);
        let errors = admin.post("/v1/pupils", &pupil).expect(400).errors();
        assert!(errors.contains(&("/id".to_owned(), "bsn".to_owned())), "{errors:?}");
        assert_eq!(admin.list("/v1/groups").len(), 1);
    }
}

#[test]
fn c030_every_spelling_is_seen() {
    let all = [bsn::spellings(), bsn::combined_spellings()].concat();
    assert!(all.len() >= 400, "{}", all.len());
    let missed: Vec<_> = all.into_iter().filter(|spelling| !contains_bsn(spelling)).collect();
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure stands in ADR 33")]
fn c030_ordinary_sentences_are_hardly_ever_refused() {
    let sentences = sentences();
    let refused: Vec<_> = sentences.iter().filter(|sentence| contains_bsn(sentence)).collect();
    println!("{} of {} sentences are refused: {refused:#?}", refused.len(), sentences.len());
    assert!(refused.len() <= MOST_FALSE_ALARMS, "{}: {refused:#?}", refused.len());
}
