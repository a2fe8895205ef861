//! API tokens: what auditors and programs may do, and until when.

mod counts;
mod scopes;

use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::api_token::{self, ApiTokenKind};
use groeilijn_domain::access::{Action, Function, Part, Role, scope};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::openapi::{Operation, operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Client, School, Server, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const PATH: &str = "/v1/api-tokens";

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    token_hash: Vec<u8>,
    #[diesel(sql_type = Text)]
    rights: String,
    #[diesel(sql_type = BigInt)]
    replies: i64,
}

/// A token that was just made.
struct Token {
    /// Where it stands.
    path: String,
    /// Its id.
    id: String,
    /// The token itself.
    token: String,
    /// Who asks with it.
    client: Client,
}

/// The body of a token with these rights, which counts until the end of the year.
fn new_token(kind: ApiTokenKind, scopes: &[(Part, &[Action])]) -> Value {
    let scopes: Vec<_> = scopes
        .iter()
        .map(|(part, actions)| {
            let actions: Vec<_> = actions.iter().map(|action| action.code()).collect();
            json!({"part": part.code(), "actions": actions})
        })
        .collect();
    json!({"name": "Koppeling leerlingadministratie", "kind": kind.code(), "scopes": scopes, "expiresOn": "2026-12-31", "currentPassword": PASSWORD})
}

/// Everything that a token of a kind can be given by an administrator.
pub(crate) fn everything(kind: ApiTokenKind) -> Value {
    let administrator = Role::Institution(Function::Administrator);
    let may = |part, action| kind.may_hold(part, action) && scope(administrator, part, action).is_some();
    let actions = |part| Action::ALL.into_iter().filter(|&action| may(part, action)).collect::<Vec<_>>();
    let scopes: Vec<_> = Part::ALL.into_iter().map(|part| (part, actions(part))).collect();
    let scopes: Vec<_> = scopes
        .iter()
        .filter(|(_, actions)| !actions.is_empty())
        .map(|(part, actions)| (*part, &actions[..]))
        .collect();
    new_token(kind, &scopes)
}

fn auditor() -> Value {
    everything(ApiTokenKind::Auditor)
}

fn integration() -> Value {
    everything(ApiTokenKind::Integration)
}

#[track_caller]
fn make(server: &Server, school: &School, body: &Value) -> Token {
    let made = school.admin.post(PATH, body).expect(201);
    let token = text(&made.json()["token"]);
    Token {
        path: made.header("Location").to_owned(),
        id: text(&made.json()["apiToken"]["id"]),
        client: server.anyone().with_token(&token),
        token,
    }
}

#[track_caller]
fn refuses(client: &Client) {
    let refused = client.get(PATH).expect(401).problem("unauthenticated");
    assert_eq!(refused.header("WWW-Authenticate"), "Bearer");
    assert_eq!(refused.visible(), client.with_token("onzin").get(PATH).visible());
}

/// The part and the action that an operation needs; nothing of what is open to everyone.
fn permission(operation: &Operation) -> Option<(Part, Action)> {
    let (part, action) = operation.described["x-permission"].as_str()?.split_once(':')?;
    Some((Part::from_code(part).unwrap(), Action::from_code(action).unwrap()))
}

/// Asks everything that the API has, and holds the answers against the scopes that a token was made with. Gives how much
/// was refused and how much was not.
fn ask_everything(
    server: &Server,
    client: &Client,
    made_with: &Value,
    ids: impl Fn(&str) -> String,
) -> [u32; 2] {
    let may = |part: Part, action: Action| {
        made_with["scopes"].as_array().unwrap().iter().any(|scope| {
            let actions = scope["actions"].as_array().unwrap();
            scope["part"] == part.code() && actions.contains(&json!(action.code()))
        })
    };
    let (mut refused, mut answered) = (0, 0);
    for operation in operations(&served(server)) {
        let Some((part, action)) = permission(&operation) else { continue };
        let status = client.call(operation.method, &operation.path_with(&ids)).send().status;
        if may(part, action) {
            assert!(!matches!(status, 401 | 403) && status < 500, "{}: {status}", operation.id);
            answered += 1;
        } else {
            assert_eq!(status, 403, "{}", operation.id);
            refused += 1;
        }
    }
    [refused, answered]
}

fn absent(parameter: &str) -> String {
    match parameter {
        "version" => "1".to_owned(),
        "schoolYear" => "2024-2025".to_owned(),
        _ => ABSENT.to_owned(),
    }
}

both_databases! {
    fn a_token_is_made_used_seen_and_revoked(server: Server) {
        let school = server.school();
        let mut body = new_token(ApiTokenKind::Auditor, &[(Part::Users, &[Action::Read])]);
        body["networks"] = json!(["127.0.0.1", "2001:db8::/32"]);
        let made = school.admin.post(PATH, &body).expect(201);
        let shown = made.json()["apiToken"].clone();
        let token = text(&made.json()["token"]);
        assert!(token.starts_with("groeilijn_") && token.len() == 62, "{}", token.len());
        for field in ["name", "kind", "scopes", "expiresOn"] {
            assert_eq!(shown[field], body[field], "{field}");
        }
        assert_eq!(shown["networks"], json!(["127.0.0.1/32", "2001:db8::/32"]));
        assert_eq!(shown["createdBy"], school.admin_id.as_str());
        assert_eq!((&shown["lastUsedAt"], &shown["revokedAt"]), (&json!(null), &json!(null)));
        let path = made.header("Location");
        assert_eq!(path, format!("{PATH}/{}", text(&shown["id"])));
        assert_eq!(school.admin.get(path).expect(200).json(), shown);
        assert_eq!(school.admin.list(PATH), [shown]);

        let client = server.anyone().with_token(&token);
        assert_eq!(client.get("/v1/users").expect(200).items().len(), 1);
        client.get("/v1/groups").expect(403).problem("forbidden");
        school.admin.call("DELETE", path).send().expect(204);
        client.get("/v1/users").expect(401).problem("unauthenticated");
        let revoked = school.admin.get(path).expect(200).json();
        assert!(revoked["revokedAt"].is_string(), "{revoked}");
        school.admin.call("DELETE", path).send().expect(204);
        assert_eq!(school.admin.get(path).expect(200).json()["revokedAt"], revoked["revokedAt"]);
        assert_eq!(school.admin.list(PATH), [revoked]);
    }

    fn everything_wrong_with_a_token_is_told_at_once(server: Server) {
        let school = server.school();
        let scopes = json!([
            {"part": "users", "actions": ["read"]},
            {"part": "pupils", "actions": ["read"]},
            {"part": "licences", "actions": ["read", "create"]},
            {"part": "users", "actions": []},
            {"part": "account", "actions": ["read"]},
        ]);
        let body = json!({
            "name": "x", "kind": "auditor", "scopes": scopes, "expiresOn": "2026-11-20", "currentPassword": PASSWORD,
        });
        school.admin.post(PATH, &body).refuses(&[
            ("/scopes/1", "not-grantable"),
            ("/scopes/2", "not-grantable"),
            ("/scopes/3", "empty"),
            ("/scopes/3/part", "repeated"),
            ("/scopes/4", "not-grantable"),
            ("/expiresOn", "expiry-past"),
        ]);
        for (part, action) in [
            ("notes", "create"), ("registrations", "create"), ("imports", "read"), ("imports", "create"),
            ("users", "read"), ("pupils", "export"), ("account", "read"), ("credentials", "change"), ("api-tokens", "read"),
        ] {
            let mut body = integration();
            body["scopes"] = json!([{"part": part, "actions": [action]}]);
            school.admin.post(PATH, &body).refuses(&[("/scopes/0", "not-grantable")]);
        }
        let mut body = auditor();
        body["scopes"] = json!([]);
        school.admin.post(PATH, &body).refuses(&[("/scopes", "empty")]);
        let body = json!({
            "name": " ", "kind": "robot", "scopes": [{"part": "all", "actions": ["read"], "scope": "platform"}],
            "expiresOn": "morgen", "networks": ["0.0.0.0/0", "school.example", "192.0.2.1/24"], "token": "x",
        });
        school.admin.post(PATH, &body).refuses(&[
            ("/name", "empty"),
            ("/kind", "not-in-list"),
            ("/scopes/0/part", "not-in-list"),
            ("/scopes/0/scope", "unknown-field"),
            ("/expiresOn", "not-a-date"),
            ("/networks/0", "too-wide"),
            ("/networks/1", "not-a-network"),
            ("/networks/2", "host-bits"),
            ("/currentPassword", "required"),
            ("/token", "unknown-field"),
        ]);
        assert!(school.admin.list(PATH).is_empty());
    }

    fn when_a_token_was_last_used_is_seen(server: Server) {
        let school = server.school();
        let token = make(server, &school, &auditor());
        let last_use = |admin: &Client| admin.get(&token.path).expect(200).json()["lastUsedAt"].clone();
        assert_eq!(last_use(&school.admin), json!(null));
        server.clock.set("2026-11-21T09:01:00Z");
        token.client.get("/v1/users").expect(200);
        let first: Timestamp = text(&last_use(&school.admin)).parse().unwrap();
        let start: Timestamp = "2026-11-21T09:01:00Z".parse().unwrap();
        assert!((start..start + SignedDuration::from_secs(1)).contains(&first), "{first}");
        server.clock.set("2026-11-21T09:03:00Z");
        // A refusal is use too; a token that does not count is not used.
        token.client.get("/v1/pupils").expect(403);
        let second: Timestamp = text(&last_use(&school.admin)).parse().unwrap();
        assert!(second.duration_since(first) > SignedDuration::from_secs(100));
        school.admin.call("DELETE", &token.path).send().expect(204);
        server.clock.set("2026-11-21T09:05:00Z");
        refuses(&token.client);
        assert_eq!(last_use(&school.admin), json!(second.to_string()));

        server.restart();
        let admin = server.anyone().with_token(school.admin.token());
        assert!((0..1000).any(|_| last_use(&admin) == json!(second.to_string())));
    }

    fn c060_making_a_token_asks_for_what_its_maker_logs_in_with(server: Server) {
        let school = server.school();
        let second = school.member(Function::Administrator, &[]);
        let app = groeilijn_tests::Authenticator::bind(&second.client);
        server.clock.advance(SignedDuration::from_mins(5));
        let mut body = auditor();
        second.client.post(PATH, &body).expect(401).problem("second-factor-required");
        body["code"] = json!(app.code());
        second.client.post(PATH, &body).expect(201);
        // A code that is sent twice makes no second token, and is no guess either.
        let repeated = second.client.post(PATH, &body).expect(401).problem("unauthenticated");
        assert_eq!(repeated.code(), "code-used");
        body["currentPassword"] = json!("Verkeerd-1");
        for _ in 0..3 {
            second.client.post(PATH, &body).expect(401);
        }
        assert_eq!(school.admin.get(&format!("/v1/users/{}", second.id)).expect(200).json()["state"], "blocked");
        body.as_object_mut().unwrap().remove("currentPassword");
        school.admin.post(PATH, &body).refuses(&[("/currentPassword", "required")]);
    }

    fn a_token_is_shown_once_and_kept_as_a_hash(server: Server) {
        let school = server.school();
        let first = school.admin.post(PATH, &auditor()).expect(201).json();
        let token = text(&first["token"]);
        let path = format!("{PATH}/{}", text(&first["apiToken"]["id"]));
        for path in [PATH, &path] {
            let shown = String::from_utf8(school.admin.get(path).expect(200).body).unwrap();
            assert!(!shown.contains(&token) && !shown.contains("token\"") && !shown.contains("hash"), "{shown}");
        }
        assert_eq!(school.admin.list(PATH).len(), 1);
        server.anyone().with_token(&token).get("/v1/users").expect(200);

        let query = "SELECT token_hash, rights, (SELECT count(*) FROM idempotency) AS replies FROM api_token";
        let kept: Vec<Kept> = sql_query(query).load(&mut server.raw_data()).unwrap();
        let [kept] = &kept[..] else { panic!("{} tokens", kept.len()) };
        assert!(kept.replies == 0 && kept.rights.contains("\"users\":[\"read\"]"), "{}", kept.rights);
        let secret = api_token::read(&token).unwrap();
        assert_eq!(kept.token_hash.len(), 32);
        assert_ne!(kept.token_hash, secret.as_slice());
    }

    fn only_an_administrator_sees_and_makes_tokens(server: Server) {
        let school = server.school();
        let token = make(server, &school, &auditor());
        for function in Function::ALL.into_iter().filter(|&function| function != Function::Administrator) {
            let client = school.member(function, &[]).client;
            client.get(PATH).expect(403).problem("forbidden");
            client.post(PATH, &auditor()).expect(403);
            client.call("DELETE", &token.path).send().expect(403);
        }
        server.platform().post(PATH, &auditor()).expect(403);
        token.client.get("/v1/users").expect(200);
    }

    fn c036_c048_what_a_token_does_is_on_record_under_its_id(server: Server) {
        let school = server.school();
        let before = server.audit_log(&school.id);
        let token = make(server, &school, &integration());
        let pupil = token.client.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        token.client.get(&format!("/v1/pupils/{pupil}")).expect(200);
        token.client.get("/v1/users").expect(403);
        school.admin.call("DELETE", &token.path).send().expect(204);
        let after = server.audit_log(&school.id);
        after.check();
        let entries = before.added(&after);
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.operation.as_str(), entry.actor_kind.as_str(), entry.actor.as_deref(), entry.outcome.as_str()))
            .collect();
        let (admin, id) = (Some(school.admin_id.as_str()), Some(token.id.as_str()));
        assert_eq!(told, [
            ("createApiToken", "institution-user", admin, "success"),
            ("createPupil", "api-token", id, "success"),
            ("readPupil", "api-token", id, "success"),
            ("listUsers", "api-token", id, "denied"),
            ("revokeApiToken", "institution-user", admin, "success"),
        ]);
        for entry in [&entries[0], &entries[4]] {
            assert_eq!(entry.objects, [(ObjectKind::ApiToken, token.id.clone())]);
        }
    }

    fn tokens_are_listed_page_by_page_in_the_order_in_which_they_were_made(server: Server) {
        let school = server.school();
        let made: Vec<_> = (0..5).map(|_| make(server, &school, &auditor()).id).collect();
        let listed = school.admin.list(&format!("{PATH}?limit=2"));
        assert_eq!(listed.iter().map(|token| text(&token["id"])).collect::<Vec<_>>(), made);
    }
}
