//! How replies are sent: compressed where that tells nothing, and refused with a body where a request cannot be read.

use std::io::{Read, Write};
use std::net::TcpStream;

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::openapi::{operations, served};
use groeilijn_tests::school::new_group;
use groeilijn_tests::{Client, Reply, Server, both_databases};
use serde_json::{Value, json};

/// What a reply holds that gives access: it may not be compressed, as its size could tell of it.
const SECRETS: [&str; 6] = ["accessToken", "refreshToken", "token", "secret", "otpauthUri", "recoveryCodes"];

fn ask(client: &Client, path: &str, accepted: &str) -> Reply {
    client.call("GET", path).header("Accept-Encoding", accepted).send()
}

/// The names of all members of a schema, through its references.
fn members(document: &Value, schema: &Value, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return members(document, document.pointer(reference.trim_start_matches('#')).unwrap(), found);
    }
    match schema {
        Value::Object(parts) => {
            found.extend(
                parts
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone()),
            );
            parts.values().for_each(|part| members(document, part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| members(document, part, found)),
        _ => {}
    }
}

/// The answer to bytes that a client of HTTP would not send.
fn answer_to(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // The service may close before it has read everything, which may end in a reset.
    let _ = stream.read_to_string(&mut answer);
    answer
}

both_databases! {
    fn a_long_reply_is_compressed_as_the_client_likes_it(server: Server) {
        let school = server.school();
        for number in 1..=20 {
            school.group(&format!("Groep {number}"));
        }
        let plain = school.admin.get("/v1/groups").expect(200);
        assert_eq!((plain.header("Content-Encoding"), plain.body.len() > 1024), ("", true));
        let varies = |reply: &Reply| reply.headers.get_all("Vary").iter().any(|value| value == "Accept-Encoding");
        assert!(varies(&plain));
        for (accepted, coding) in [("gzip, deflate, br, zstd", "zstd"), ("gzip", "gzip"), ("zstd;q=0.5, gzip;q=0.9", "gzip")] {
            let reply = ask(&school.admin, "/v1/groups", accepted).expect(200);
            assert_eq!((reply.header("Content-Encoding"), reply.etag()), (coding, plain.etag()), "{accepted}");
            assert!(varies(&reply) && reply.body.len() < plain.body.len() / 2, "{accepted}");
            let back = match coding {
                "zstd" => zstd::bulk::decompress(&reply.body, plain.body.len()).unwrap(),
                _ => {
                    let mut back = Vec::new();
                    flate2::read::GzDecoder::new(reply.body.as_slice()).read_to_end(&mut back).unwrap();
                    back
                }
            };
            assert_eq!(back, plain.body, "{accepted}");
        }
        for accepted in ["", "br", "identity", "gzip;q=0", "identity, gzip;q=0.1", "nonsense;;=,"] {
            let reply = ask(&school.admin, "/v1/groups", accepted).expect(200);
            assert_eq!((reply.header("Content-Encoding"), &reply.body), ("", &plain.body), "{accepted}");
        }
        let known = school.admin.call("GET", "/v1/groups").header("Accept-Encoding", "gzip");
        let known = known.header("If-None-Match", &plain.etag()).send().expect(304);
        assert_eq!((known.header("Content-Encoding"), known.body.len()), ("", 0));
        let short = ask(&school.admin, "/v1/sessions/current", "gzip, zstd").expect(200);
        assert!(short.body.len() < 1024 || !short.header("Content-Encoding").is_empty());
    }

    fn a_client_that_refuses_what_there_is_gets_an_answer_that_says_so(server: Server) {
        let school = server.school();
        for accepted in ["identity;q=0", "*;q=0", "br, identity;q=0", "br, *;q=0"] {
            ask(&school.admin, "/v1/groups", accepted).expect(406).problem("not-acceptable");
        }
        let small = ask(&school.admin, "/v1/groups", "gzip, identity;q=0").expect(200);
        assert_eq!(small.header("Content-Encoding"), "gzip");
        let made = school.admin.call("POST", "/v1/groups").header("Accept-Encoding", "gzip, identity;q=0");
        made.json(&new_group("De Rupsen")).send().expect(406).problem("not-acceptable");
        assert!(school.admin.list("/v1/groups").is_empty());
    }

    fn a_reply_with_a_secret_is_never_compressed(server: Server) {
        let school = server.school();
        let log_in = json!({"email": format!("beheerder@{}", school.domain), "password": PASSWORD});
        let anyone = server.anyone();
        let tokens = anyone.call("POST", "/v1/sessions").header("Accept-Encoding", "gzip, zstd");
        let tokens = tokens.json(&log_in).send().expect(201);
        assert_eq!(tokens.header("Content-Encoding"), "");
        assert!(tokens.json()["accessToken"].is_string());
        // Replies to GET are compressed, so none may hold one.
        let document = served(server);
        let mut read = 0;
        for operation in operations(&document).iter().filter(|operation| operation.method == "GET") {
            let content = &operation.described["responses"]["200"]["content"];
            // A document to print has no members.
            if content["application/json"].is_null() {
                continue;
            }
            let mut names = Vec::new();
            members(&document, content, &mut names);
            assert!(!names.is_empty() && !names.iter().any(|name| SECRETS.contains(&name.as_str())), "{}", operation.id);
            read += 1;
        }
        assert!(read > 30, "{read}");
    }

    fn a_request_whose_head_is_too_large_is_told_what_is(server: Server) {
        let anyone = server.anyone();
        let address = |bytes: usize| format!("/v1/groups?cursor={}", "x".repeat(bytes - "/v1/groups?cursor=".len()));
        anyone.get(&address(8192)).expect(401);
        anyone.get(&address(8193)).expect(414).problem("address-too-long");
        anyone.call("GET", "/v1/groups").header("X-Large", &"x".repeat(20_000)).send().expect(401);
        let large = anyone.call("GET", "/v1/groups").header("X-Large", &"x".repeat(32_769)).send();
        large.expect(431).problem("headers-too-large");
        let many = (0..80).fold(anyone.call("GET", "/v1/groups"), |call, _| call.header("X-Many", "x"));
        many.send().expect(431).problem("headers-too-large");
    }

    fn what_is_no_http_is_refused_and_a_connection_answers_until_it_is_closed(server: Server) {
        let ask = |close: &str| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{close}\r\n");
        let answer = answer_to(server, &format!("{}{}", ask(""), ask("Connection: close\r\n")));
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
        for (request, status) in [
            ("GET /healthz HTTP/1.1\r\nHost localhost\r\n\r\n".to_owned(), "400"),
            ("no request\r\n\r\n".to_owned(), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{}\r\n", "X-Many: x\r\n".repeat(100)), "431"),
        ] {
            let answer = answer_to(server, &request);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        }
    }
}
