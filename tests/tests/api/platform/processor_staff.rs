//! The processor's own staff: personal accounts, each with a signed confidentiality statement (C002, C045, C069).

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::accounts::{PASSWORD, PLATFORM_ADMINISTRATOR};
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_domain;
use groeilijn_tests::{Authenticator, Client, Database, Server, all_at_once, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/processor-staff";

fn new_staff(email: &str, function: ProcessorFunction) -> Value {
    json!({"firstName": "Stien", "infix": "van", "lastName": "Staf", "email": email, "function": function.code(), "reason": "In dienst."})
}

/// Why staff of these tests is changed.
const REASON: &str = "Ander werk.";

fn statement() -> Value {
    json!({"signedOn": "2026-11-01", "documentSha256": "ab".repeat(32), "reason": "Getekend ontvangen."})
}

/// A statement as it is shown.
fn shown_statement() -> Value {
    json!({"signedOn": "2026-11-01", "documentSha256": "ab".repeat(32)})
}

/// Enters somebody and gives the path and the token of the invitation.
#[track_caller]
fn enter(platform: &Client, email: &str, function: ProcessorFunction) -> (String, String) {
    let made = platform.post(PATH, &new_staff(email, function)).expect(201);
    (made.header("Location").to_owned(), platform.mailbox().token(email))
}

fn accept(server: &Server, token: &str) -> groeilijn_tests::Reply {
    server.anyone().post("/v1/invitations/_accept", &json!({"token": token, "password": PASSWORD}))
}

/// A second platform administrator, logged in with a second factor, and the path.
fn second_administrator(server: &Server) -> (Client, Authenticator, String) {
    let (platform, email) = (server.platform(), format!("tweede@{}", new_domain()));
    let (path, token) = enter(&platform, &email, ProcessorFunction::PlatformAdministrator);
    platform.post(&format!("{path}/statements"), &statement()).expect(201);
    accept(server, &token).expect(204);
    let client = server.anyone().log_in(&email, PASSWORD);
    let app = Authenticator::bind(&client);
    (client, app, path)
}

/// The path of the platform administrator that every installation begins with.
fn first_administrator(server: &Server) -> String {
    let session = server.platform().get("/v1/sessions/current").expect(200).json();
    format!("{PATH}/{}", text(&session["userId"]))
}

both_databases! {
    fn every_function_can_be_entered_and_each_has_its_own_role(server: Server) {
        let platform = server.platform();
        for function in ProcessorFunction::ALL {
            let email = format!("{}@{}", function.code(), new_domain());
            let made = platform.post(PATH, &new_staff(&email, function)).expect(201);
            let read = platform.get(made.header("Location")).expect(200);
            assert_eq!((read.json(), read.etag()), (made.json()["staff"].clone(), made.etag()));
            assert_eq!(read.json()["confidentialityStatement"], json!(null));
            let session = server.staff(function).get("/v1/sessions/current").expect(200).json();
            assert_eq!(session["role"], function.code());
        }
        let mut unknown = new_staff(&format!("x@{}", new_domain()), ProcessorFunction::Helpdesk);
        unknown["function"] = json!("administrator");
        platform.post(PATH, &unknown).refuses(&[("/function", "not-in-list")]);
        let listed = platform.list(&format!("{PATH}?limit=5"));
        assert_eq!(listed.len(), 1 + 2 * ProcessorFunction::ALL.len());
        assert_eq!(listed[0]["email"], PLATFORM_ADMINISTRATOR);
    }

    fn c045_without_a_signed_statement_no_account_is_activated(server: Server) {
        let platform = server.platform();
        let email = format!("stien@{}", new_domain());
        let (path, earlier) = enter(&platform, &email, ProcessorFunction::Adviser);
        platform.call("POST", &format!("{path}/invitations")).send().expect(201);
        let token = platform.mailbox().tokens(&email, 2).pop().unwrap();
        accept(server, &earlier).expect(404);
        let refused = accept(server, &token).expect(409).problem("conflict");
        assert_eq!(refused.code(), "no-confidentiality-statement");
        platform.change(&path, &json!({"state": "active", "reason": REASON})).expect(200);
        assert_eq!(platform.get(&path).expect(200).json()["state"], "invited");
        server.anyone().try_log_in(&email, PASSWORD).expect(401);

        let recorded = platform.post(&format!("{path}/statements"), &statement()).expect(201);
        assert_eq!(recorded.json()["confidentialityStatement"], shown_statement());
        let invited = platform.get(&path).expect(200);
        assert_eq!(invited.etag(), recorded.etag());
        accept(server, &token).expect(204);
        let active = platform.call("GET", &path).header("If-None-Match", &invited.etag()).send();
        assert_eq!(active.expect(200).json()["state"], "active");
        server.anyone().try_log_in(&email, PASSWORD).expect(201);
    }

    fn c045_a_statement_has_a_day_that_was_and_the_digest_of_a_document(server: Server) {
        let platform = server.platform();
        let (path, _) = enter(&platform, &format!("stien@{}", new_domain()), ProcessorFunction::Adviser);
        let statements = format!("{path}/statements");
        let with = |field: &str, value: Value| {
            let mut body = statement();
            body[field] = value;
            platform.post(&statements, &body)
        };
        with("signedOn", json!("2026-11-22")).refuses(&[("/signedOn", "in-the-future")]);
        with("signedOn", json!("2026-11-31")).refuses(&[("/signedOn", "not-a-date")]);
        for digest in ["", "ab", &"ab".repeat(31), &"ab".repeat(33), &"xy".repeat(32), &format!(" {}", "ab".repeat(32))] {
            with("documentSha256", json!(digest)).refuses(&[("/documentSha256", "not-a-digest")]);
        }
        platform.post(&statements, &json!({})).refuses(&[
            ("/signedOn", "required"), ("/documentSha256", "required"), ("/reason", "required"),
        ]);
        with("signedOn", json!("2026-11-21")).expect(201);
        with("documentSha256", json!("AB".repeat(32))).expect(201);
        assert_eq!(platform.get(&path).expect(200).json()["confidentialityStatement"], shown_statement());
        // At half past midnight in Amsterdam it is the next day.
        server.clock.set("2026-11-21T23:30:00Z");
        server.platform().post(&statements, &json!({"signedOn": "2026-11-22", "documentSha256": "cd".repeat(32), "reason": REASON})).expect(201);
        server.platform().post(&format!("{PATH}/{ABSENT}/statements"), &statement()).expect(404);
    }

    fn c002_the_processors_staff_are_members_of_no_institution(server: Server) {
        let school = server.school();
        for function in ProcessorFunction::ALL {
            let staff = server.staff(function);
            let session = staff.get("/v1/sessions/current").expect(200).json();
            assert_eq!(session["institutionId"], json!(null));
            let permissions = session["permissions"].as_array().unwrap();
            assert!(permissions.iter().all(|permission| permission["scope"] == "platform"));
            for path in ["/v1/pupils", "/v1/groups", "/v1/users", &format!("/v1/users/{}", school.admin_id)] {
                staff.get(path).expect(403).problem("forbidden");
            }
        }
        let staff_id = text(&server.platform().get("/v1/sessions/current").json()["userId"]);
        school.admin.sees_nothing(&staff_id, &[
            ("GET", "/v1/users/{}", json!(null)), ("GET", "/v1/users/{}/sessions", json!(null)),
            ("PATCH", "/v1/users/{}", json!({"state": "blocked", "reason": "x"})),
        ]);
        server.platform().sees_nothing(&school.admin_id, &[
            ("GET", "/v1/processor-staff/{}", json!(null)),
            ("PATCH", "/v1/processor-staff/{}", json!({"state": "blocked", "reason": REASON})),
            ("POST", "/v1/processor-staff/{}/invitations", json!(null)),
            ("POST", "/v1/processor-staff/{}/statements", statement()),
        ]);
        school.admin.get("/v1/users").expect(200);
    }

    fn only_the_platform_administrator_enters_staff(server: Server) {
        let school = server.school();
        let path = first_administrator(server);
        let others = ProcessorFunction::ALL.into_iter().filter(|one| *one != ProcessorFunction::PlatformAdministrator);
        for client in others.map(|function| server.staff(function)).chain([school.admin]) {
            client.post(PATH, &new_staff("a@b.example", ProcessorFunction::Helpdesk)).expect(403);
            client.get(PATH).expect(403);
            client.get(&path).expect(403);
            client.patch(&path, "*", &json!({"state": "blocked", "reason": REASON})).expect(403);
            client.post(&format!("{path}/statements"), &statement()).expect(403);
        }
    }

    fn a_change_ends_the_sessions_and_holds_from_the_next_login(server: Server) {
        let (second, app, path) = second_administrator(server);
        let email = text(&second.get(&path).expect(200).json()["email"]);
        second.get(PATH).expect(200);
        server.platform().change(&path, &json!({"function": "marketing", "reason": REASON})).expect(200);
        second.get("/v1/sessions/current").expect(401);
        let anyone = server.anyone();
        let tokens = anyone.try_log_in_with_code(&email, PASSWORD, &app.code_in(30)).expect(201).json();
        let second = anyone.with_token(&text(&tokens["accessToken"]));
        second.get(PATH).expect(403).problem("forbidden");
        server.platform().change(&path, &json!({"state": "blocked", "reason": REASON})).expect(200);
        second.get("/v1/sessions/current").expect(401);
        server.anyone().try_log_in(&email, PASSWORD).expect(401);
        let invite = format!("{path}/invitations");
        let refused = server.platform().call("POST", &invite).send().expect(409).problem("conflict");
        assert_eq!(refused.code(), "user-blocked");
        server.platform().change(&path, &json!({"state": "active", "reason": REASON})).expect(200);
        let token = server.anyone().mailbox().tokens(&email, 2).pop().unwrap();
        server.anyone().try_log_in(&email, PASSWORD).expect(401);
        let again = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &again).expect(204);
        anyone.try_log_in_with_code(&email, "Klaproos-12", &app.recovery_codes[0]).expect(201);
    }

    fn c060_whoever_is_unblocked_after_three_wrong_passwords_logs_in_again(server: Server) {
        let staff = server.new_staff(ProcessorFunction::Marketing);
        let path = format!("{PATH}/{}", staff.id);
        for _ in 0..3 {
            server.anyone().try_log_in(&staff.email, "Verkeerd-1").expect(401);
        }
        server.anyone().try_log_in(&staff.email, PASSWORD).expect(401);
        server.platform().change(&path, &json!({"state": "active", "reason": REASON})).expect(200);
        let token = server.anyone().mailbox().tokens(&staff.email, 2).pop();
        let chosen = json!({"token": token, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(204);
        server.anyone().try_log_in(&staff.email, "Klaproos-12").expect(201);
    }

    fn nobody_changes_what_she_does_herself(server: Server) {
        let (second, _, path) = second_administrator(server);
        let refused = second.change(&path, &json!({"function": "adviser", "reason": REASON})).expect(409).problem("conflict");
        assert_eq!(refused.code(), "own-function");
        server.platform().change(&path, &json!({"function": "adviser", "reason": REASON})).expect(200);
    }

    fn the_last_platform_administrator_stays_one(server: Server) {
        let path = first_administrator(server);
        let platform = server.platform();
        let refused = platform.change(&path, &json!({"state": "blocked", "reason": REASON})).expect(409).problem("conflict");
        assert_eq!(refused.code(), "last-administrator");
        let (second, _, _) = second_administrator(server);
        second.change(&path, &json!({"state": "blocked", "reason": REASON})).expect(200);
        platform.get(PATH).expect(401);
        second.get(PATH).expect(200);
    }

    fn c069_an_address_is_one_account_in_the_whole_service(server: Server) {
        let (platform, school) = (server.platform(), server.school());
        let domain = new_domain();
        enter(&platform, &format!("stien@{domain}"), ProcessorFunction::Marketing);
        let taken = [
            format!("stien@{domain}"), format!("STIEN@{}", domain.to_uppercase()), format!("stien+werk@{domain}"),
            format!("stien+@{domain}"), format!("beheerder@{}", school.domain), format!("beheerder+x@{}", school.domain),
            PLATFORM_ADMINISTRATOR.replace('@', "+twee@"),
        ];
        for email in taken {
            let refused = platform.post(PATH, &new_staff(&email, ProcessorFunction::Helpdesk)).expect(409);
            assert_eq!(refused.problem("conflict").code(), "email-in-use", "{email}");
        }
        server.anyone().try_log_in(&format!("beheerder+thuis@{}", school.domain), PASSWORD).expect(201);
        enter(&platform, &format!("s.tien@{domain}"), ProcessorFunction::Marketing);
    }

    fn everything_wrong_with_a_member_of_staff_is_told_at_once(server: Server) {
        let body = json!({"firstName": "", "lastName": 1, "email": "stien", "function": "teacher", "password": "x"});
        server.platform().post(PATH, &body).refuses(&[
            ("/firstName", "empty"), ("/lastName", "not-a-string"), ("/email", "not-an-email-address"),
            ("/function", "not-in-list"), ("/reason", "required"), ("/password", "unknown-field"),
        ]);
        let path = first_administrator(server);
        server.platform().patch(&path, "*", &json!({"email": "a@b.example", "state": "deleted"})).refuses(&[
            ("/email", "unknown-field"), ("/state", "not-in-list"), ("/reason", "required"),
        ]);
        server.platform().call("PATCH", &path).merge_patch(&json!({"state": "blocked", "reason": REASON})).send().expect(428);
        server.platform().patch(&path, "\"r99\"", &json!({"state": "blocked", "reason": REASON})).expect(412);
    }
}

/// In two processes neither sees what the other is about to do.
#[test]
fn two_platform_administrators_cannot_shut_each_other_out_at_once() {
    Server::run(Database::Postgres, |server| {
        let (first, _, first_path) = second_administrator(server);
        let (second, _, second_path) = second_administrator(server);
        first
            .change(&first_administrator(server), &json!({"state": "blocked", "reason": REASON}))
            .expect(200);
        let beside = server.beside();
        let second = beside.anyone().with_token(second.token());
        let pieces = vec![(&first, &second_path), (&second, &first_path)];
        let replies = all_at_once(pieces, |(client, path)| {
            client.patch(path, "*", &json!({"state": "blocked", "reason": REASON}))
        });
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        let left = if replies[0].status == 200 { first } else { second };
        left.get(PATH).expect(200);
    });
}
