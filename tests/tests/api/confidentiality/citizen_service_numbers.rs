//! A citizen service number gets in nowhere, however it is spelled (C030).

use groeilijn_domain::access::Role;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Client, Reply, School, Server, both_databases};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::children::imports::{CSV, XML, lines, pupil_outcomes, send};
use crate::policy::everybody;

/// 200 spellings.
fn spellings() -> Vec<String> {
    serde_json::from_str(include_str!("../../../../domain/src/values/bsn/spellings.json")).unwrap()
}

fn path(operation: &Operation) -> String {
    operation.path_with(|name| if name == "version" { "1".to_owned() } else { ABSENT.to_owned() })
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

/// A value for everything that a schema lets a body have, each text the spelling, with the pointers to them.
fn filled(document: &Value, schema: &Value, text: &str, at: &str, pointers: &mut Vec<String>) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        let named = document.pointer(place.trim_start_matches('#')).unwrap();
        return filled(document, named, text, at, pointers);
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array()).or(schema["allOf"].as_array());
    if let Some(choice) = choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        return filled(document, choice, text, at, pointers);
    }
    if let Some(properties) = schema["properties"].as_object() {
        let member = |(name, member): (&String, &Value)| {
            (name.clone(), filled(document, member, text, &format!("{at}/{name}"), pointers))
        };
        return properties.iter().map(member).collect::<Map<_, _>>().into();
    }
    if schema["additionalProperties"].is_object() {
        pointers.push(format!("{at}/{}", text.replace('~', "~0").replace('/', "~1")));
        return json!({ text: 1 });
    }
    if !schema["items"].is_null() {
        return json!([filled(document, &schema["items"], text, &format!("{at}/0"), pointers)]);
    }
    pointers.push(at.to_owned());
    json!(text)
}

#[track_caller]
fn is_refused_at(reply: &Reply, places: &[String], text: &str) {
    assert_eq!(reply.status, 400, "{}: {text:?}", reply.asked);
    let errors = reply.errors();
    for place in places {
        let refused = errors.iter().any(|(at, code)| at == place && code == "bsn");
        assert!(refused, "{}: {text:?} at {place}: {errors:?}", reply.asked);
    }
}

fn takes_key(operation: &Operation) -> bool {
    let parameters = operation.described["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "Idempotency-Key"))
}

/// What a header can carry.
fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn people(server: &Server) -> (School, Vec<(&'static str, Client)>) {
    let school = server.school();
    let group = school.group("De Rupsen");
    let people = everybody(server, &school, &group);
    assert_eq!(people.len(), Role::ALL.len());
    (school, people)
}

/// The fields of a pupil in a table.
const COLUMNS: &[&str] = &[
    "leerlingnummer",
    "eckid",
    "voornaam",
    "tussenvoegsel",
    "achternaam",
    "geslacht",
    "geboortedatum",
    "thuistaal",
    "vve",
    "dagdelen",
    "bijzonderheden",
];

/// A table in which each pupil has one field that holds one spelling.
fn table(spellings: &[String]) -> String {
    let mut table = COLUMNS.join(";") + "\n";
    for text in spellings {
        for spelled in COLUMNS {
            let cells = COLUMNS.iter().map(|column| match *column {
                column if column == *spelled => {
                    let link = if column == "eckid" { "https://test.example/" } else { "" };
                    format!("\"{link}{}\"", text.replace('"', "\"\""))
                }
                "voornaam" => "Noor".to_owned(),
                "achternaam" => "Verzinsel".to_owned(),
                "geboortedatum" => "14-03-2022".to_owned(),
                _ => String::new(),
            });
            table += &(cells.collect::<Vec<_>>().join(";") + "\n");
        }
    }
    table
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) })
        .collect()
}

/// A school file in which each pupil has one field that holds one spelling, and each group a name or key that does.
fn edexml(spellings: &[String]) -> String {
    let (mut groups, mut pupils) = (String::new(), String::new());
    for (number, text) in spellings.iter().map(|text| escaped(text)).enumerate() {
        groups += &format!("<groep key='{text}'><naam>Groep {number}</naam></groep>");
        groups += &format!("<groep key='G{number}'><naam>{text}</naam></groep>");
        for spelled in ["roepnaam", "voornamen", "voorvoegsel", "achternaam"] {
            let name = |field: &str, usual: &str| {
                let value = if field == spelled { &text } else { usual };
                if value.is_empty() { String::new() } else { format!("<{field}>{value}</{field}>") }
            };
            let called = if spelled == "voornamen" { "" } else { "Noor" };
            let names =
                [("roepnaam", called), ("voornamen", ""), ("voorvoegsel", ""), ("achternaam", "Verzinsel")];
            let names: String = names.map(|(field, usual)| name(field, usual)).concat();
            pupils += &format!(
                "<leerling key='{spelled}{number}x'>{names}<geboortedatum>2022-03-14</geboortedatum></leerling>"
            );
        }
    }
    format!(
        "<?xml version='1.0'?><EDEX><school><schooljaar>2026-2027</schooljaar></school><groepen>{groups}</groepen>\
         <leerlingen>{pupils}</leerlingen></EDEX>"
    )
}

both_databases! {
    fn c030_no_body_takes_one_in_any_field_or_name(server: Server) {
        let (_, people) = people(server);
        let (anyone, document) = (server.anyone(), served(server));
        let spellings = spellings();
        let mut fields = 0;
        for operation in operations(&document) {
            let Some(media_type) = operation.reads().filter(|media_type| media_type.ends_with("json")) else {
                continue;
            };
            let schema = &operation.described["requestBody"]["content"][media_type]["schema"];
            let client = caller(&operation, &anyone, &people).unwrap_or_else(|| panic!("nobody may {}", operation.id));
            for text in &spellings {
                let mut places = Vec::new();
                let body = filled(&document, schema, text, "", &mut places).to_string();
                let call = client.call(operation.method, &path(&operation)).header("If-Match", "\"r1\"");
                is_refused_at(&call.body(media_type, body.as_bytes()).send(), &places, text);
                fields += places.len();
            }
        }
        assert!(fields > 100 * spellings.len(), "{fields}");
    }

    fn c030_no_key_of_a_client_and_no_parameter_holds_one(server: Server) {
        let (school, people) = people(server);
        let (anyone, document) = (server.anyone(), served(server));
        let spellings = spellings();
        let visible: Vec<&String> = spellings.iter().filter(|text| is_visible_ascii(text)).collect();
        assert!(visible.len() > 50, "{}", visible.len());
        let mut asked = 0;
        for (index, operation) in operations(&document).iter().enumerate() {
            let Some(client) = caller(operation, &anyone, &people) else { continue };
            asked += 1;
            if takes_key(operation) {
                let text = visible[index % visible.len()];
                let call = client.call(operation.method, &path(operation)).header("Idempotency-Key", text);
                let reply = call.header("If-Match", "\"r1\"").json(&json!({})).send();
                is_refused_at(&reply, &["Idempotency-Key".to_owned()], text);
            }
            for parameter in operation.described["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "query" {
                    let name = parameter["name"].as_str().unwrap();
                    let text = &spellings[index % spellings.len()];
                    let value = utf8_percent_encode(text, NON_ALPHANUMERIC);
                    let place = format!("{}?{name}={value}", path(operation));
                    let reply = client.call(operation.method, &place).body("text/csv", b"x").send();
                    is_refused_at(&reply, &[name.to_owned()], text);
                }
            }
        }
        assert!(asked > 80, "{asked}");
        for text in visible {
            let reply = school.admin.post_once("/v1/groups", &new_group("De Vlinders"), text);
            reply.refuses(&[("Idempotency-Key", "bsn")]);
        }
        for text in &spellings {
            let value = utf8_percent_encode(text, NON_ALPHANUMERIC);
            is_refused_at(&school.admin.get(&format!("/v1/groups?{value}=1")), std::slice::from_ref(text), text);
        }
        let made_up = "01999999-0000-7000-8000-000111222333";
        school.admin.get(&format!("/v1/pupils/{made_up}")).refuses(&[("pupilId", "bsn")]);
        let mut pupil = new_pupil("Noor");
        pupil["id"] = json!(made_up);
        let errors = school.admin.post("/v1/pupils", &pupil).expect(400).errors();
        assert!(errors.contains(&("/id".to_owned(), "bsn".to_owned())), "{errors:?}");
        assert_eq!(school.admin.list("/v1/groups").len(), 1);
    }

    fn c030_no_field_of_a_school_file_holds_one(server: Server) {
        let (admin, spellings) = (server.school().admin, spellings());
        let id = send(&admin, CSV, table(&spellings).as_bytes()).expect(201).id();
        let outcomes = pupil_outcomes(&admin, &id);
        assert_eq!(outcomes.len(), spellings.len() * COLUMNS.len());
        let read = |index: usize| (&spellings[index / COLUMNS.len()], COLUMNS[index % COLUMNS.len()]);
        for (index, outcome) in outcomes.iter().enumerate() {
            assert!(outcome.starts_with("refuse "), "{:?}: {outcome}", read(index));
        }

        let id = send(&admin, XML, edexml(&spellings).as_bytes()).expect(201).id();
        let report = lines(&admin, &id);
        assert_eq!(report.len(), spellings.len() * 6);
        for line in report {
            assert_eq!(line["outcome"], "refuse", "{line}");
        }

        let header = "voornaam;achternaam;nr 111.222-333\nNoor;Verzinsel;1\n";
        send(&admin, CSV, header.as_bytes()).refuses(&[("", "bsn")]);
        assert!(admin.list("/v1/pupils").is_empty());
    }
}
