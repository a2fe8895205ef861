//! The feed as a stream of events that stays open.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Server, both_databases};
use serde_json::{Value, json};

use super::{Phone, Told, about, of_pupil, told};

const STREAM: &str = "/v1/change-events";

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream that was begun.
struct Open(BufReader<TcpStream>);

impl Open {
    /// Asks for it, with these headers besides; the reply is one of success.
    #[track_caller]
    fn begin(server: &Server, client: &Client, query: &str, headers: &str) -> Self {
        let mut connection = TcpStream::connect(server.address()).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "GET {STREAM}?{query} HTTP/1.1\r\nHost: groeilijn.example\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
            client.token()
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut open = Self(BufReader::new(connection));
        let head: Vec<_> = std::iter::from_fn(|| open.line().filter(|line| !line.is_empty())).collect();
        assert_eq!(head[0], "HTTP/1.1 200 OK", "{head:?}");
        for header in ["content-type: text/event-stream", "cache-control: no-store"] {
            assert!(head.iter().any(|line| line.eq_ignore_ascii_case(header)), "{header}: {head:?}");
        }
        open
    }

    /// The next line; `None` at the end.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The id and the data of the next event that has any; `None` at the end of the stream.
    fn event(&mut self) -> Option<(String, Value)> {
        let mut id = None;
        loop {
            let line = self.line()?;
            if let Some(told) = line.strip_prefix("id: ") {
                id = Some(told.to_owned());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((id.unwrap(), serde_json::from_str(data).unwrap()));
            }
            // The last of the chunks that the reply comes in.
            if line == "0" {
                return None;
            }
        }
    }

    #[track_caller]
    fn told(&mut self) -> Vec<Told> {
        let (_, data) = self.event().expect("an event");
        data["changes"].as_array().unwrap().iter().map(told).collect()
    }
}

both_databases! {
    fn an_open_stream_tells_each_change_and_goes_on_where_it_broke_off(server: Server) {
        let class = server.class();
        let (teacher, admin) = (&class.teacher.client, &class.school.admin);
        let mut open = Open::begin(server, teacher, "openSeconds=600", "");
        let (begun, first) = open.event().unwrap();
        assert_eq!((&first["changes"], text(&first["cursor"])), (&json!([]), begun.clone()));

        let note = class.note(&class.pupil, "2026-11-20", &[]);
        assert_eq!(open.told(), [about("note", "created", &note, &class.pupil)]);
        admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({"firstName": "Noortje"})).expect(200);
        assert_eq!(open.told(), [of_pupil("changed", &class.pupil)]);
        drop(open);

        // Both again to who had neither, and the last counts before where she once began.
        let last_event = format!("Last-Event-ID: {begun}\r\n");
        let now = Phone::of(teacher).cursor;
        let mut again = Open::begin(server, teacher, &format!("after={now}"), &last_event);
        assert_eq!(again.told(), [about("note", "created", &note, &class.pupil), of_pupil("changed", &class.pupil)]);
        assert_eq!(again.event(), None, "it stays open for as long as was asked, which is not at all");
        let mut one_by_one = Open::begin(server, teacher, "limit=1", &last_event);
        assert_eq!(one_by_one.told().len() + one_by_one.told().len(), 2);
        assert_eq!(one_by_one.event(), None);
    }

    fn a_stream_ends_with_the_session_and_with_the_service(server: Server) {
        let class = server.class();
        let mut open = Open::begin(server, &class.teacher.client, "openSeconds=600", "");
        open.event().unwrap();
        server.wait_for_waiting(1);
        class.school.admin.call("DELETE", &format!("/v1/users/{}/sessions", class.teacher.id)).send().expect(204);
        // Something that the institution does wakes it at the latest.
        class.school.group("De Eitjes");
        assert_eq!(open.event(), None);
        server.wait_for_waiting(0);

        let admin = &class.school.admin;
        let mut open = Open::begin(server, admin, "openSeconds=600", "");
        open.event().unwrap();
        server.lets_nobody_wait();
        assert_eq!(open.event(), None);
    }

    fn who_loses_her_group_is_told_so_and_nothing_of_the_child_any_more(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let mut open = Open::begin(server, &class.teacher.client, "openSeconds=600", "");
        open.event().unwrap();
        let none = json!({"groupIds": [], "reason": "Weg."});
        admin.change(&format!("/v1/users/{}", class.teacher.id), &none).expect(200);
        assert_eq!(open.told()[0], of_pupil("out-of-reach", &class.pupil));
        admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({"firstName": "Noortje"})).expect(200);
        let other = class.school.group("De Eitjes");
        let back = json!({"groupIds": [other], "reason": "Een andere groep."});
        admin.change(&format!("/v1/users/{}", class.teacher.id), &back).expect(200);
        let told = open.told();
        assert!(told.iter().all(|(kind, ..)| kind == "group"), "{told:?}");
    }

    fn a_stream_with_a_wrong_beginning_is_refused_before_it_begins(server: Server) {
        let class = server.class();
        let elsewhere = server.class();
        let teacher = &class.teacher.client;
        let foreign = Phone::of(&elsewhere.teacher.client).cursor;
        let begin = |query: &str, last: Option<&str>| {
            let path = format!("{STREAM}?{query}");
            let call = teacher.call("GET", &path);
            match last { Some(id) => call.header("Last-Event-ID", id), None => call }.send()
        };
        begin(&format!("after={foreign}"), None).expect(400);
        let refused = begin("openSeconds=600", Some(&foreign)).expect(400).json();
        assert_eq!((&refused["errors"][0]["in"], &refused["errors"][0]["name"]), (&json!("header"), &json!("Last-Event-ID")));
        begin("", Some("é")).expect(400);
        begin("openSeconds=601&limit=0&after=!", None).expect(400);
        server.anyone().get(STREAM).expect(401);
        server.platform().get(STREAM).expect(403);
        // Who asks for the head alone gets that, and keeps no place.
        teacher.call("HEAD", &format!("{STREAM}?openSeconds=600")).send().expect(200);
        server.wait_for_waiting(0);
    }
}
