//! Logging in with a second factor, and what wrong codes do.

mod setting_up;

use diesel::sql_types::Binary;
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::Function;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::second_factor::PATH;
use groeilijn_tests::{Authenticator, Client, Member, Reply, School, Server, both_databases, twice_at_once};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::wrong_passwords::strikes;

const CONFIRM: &str = "/v1/account/second-factor/_confirm";
const REMOVE: &str = "/v1/account/second-factor/_remove";

/// After the password of everybody who was entered at the start has expired.
const THREE_MONTHS_LATER: &str = "2027-02-22T09:00:00Z";

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
}

/// A teacher with a second factor, so long after she confirmed it that every code of this moment is unused.
fn with_app(server: &Server) -> (School, Member, Authenticator) {
    let school = server.school();
    let member = school.member(Function::Teacher, &[]);
    let app = Authenticator::bind(&member.client);
    server.clock.advance(SignedDuration::from_mins(5));
    (school, member, app)
}

fn log_in(server: &Server, email: &str, code: &str) -> Reply {
    server.anyone().try_log_in_with_code(email, PASSWORD, code)
}

fn state(client: &Client) -> (String, u64, bool) {
    let read = client.get(PATH).expect(200).json();
    (text(&read["state"]), read["recoveryCodesLeft"].as_u64().unwrap(), read["required"].as_bool().unwrap())
}

fn status_at_once(attempt: impl Fn() -> Reply + Sync) -> [u16; 2] {
    let mut answers = twice_at_once(|| attempt().status);
    answers.sort_unstable();
    answers
}

/// Says that the administrators of a school need a second factor.
fn administrators_need_it(school: &School) {
    school.admin.change("/v1/access-settings", &json!({"administratorsNeedSecondFactor": true})).expect(200);
}

both_databases! {
    fn a_code_is_asked_for_once_the_second_factor_is_confirmed(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let (client, anyone) = (&member.client, server.anyone());
        assert_eq!(state(client), ("none".to_owned(), 0, false));
        client.post(CONFIRM, &json!({"code": "123456"})).expect(409).problem("conflict");

        client.post(PATH, &json!({"currentPassword": "Verkeerd-1"})).expect(401).problem("unauthenticated");
        assert_eq!(state(client).0, "none");
        let given = client.post(PATH, &json!({"currentPassword": PASSWORD})).expect(201);
        assert_eq!(given.header("Location"), PATH);
        let given = given.json();
        let secret = text(&given["secret"]);
        let label = format!("otpauth://totp/Groeilijn:{}?secret={secret}&", member.email.replace('@', "%40"));
        assert!(text(&given["uri"]).starts_with(&label), "{given}");
        // An image that loads nothing and runs nothing.
        let image = text(&given["qrCode"]);
        assert!(image.contains("<svg ") && image.ends_with("</svg>") && !image.contains(&secret), "{image}");
        assert!(!image.contains("href") && !image.contains("<script") && !image.contains("style="), "{image}");
        assert_eq!(given["recoveryCodes"].as_array().unwrap().len(), 10);
        assert_eq!(state(client), ("pending".to_owned(), 10, false));

        let app = Authenticator::set_up(client, None);
        assert_ne!(app.base32, secret);
        let other = anyone.log_in(&member.email, PASSWORD);
        client.post(CONFIRM, &json!({"code": app.code()})).expect(204);
        assert_eq!(state(client), ("active".to_owned(), 10, false));
        other.get(PATH).expect(401);
        client.post(CONFIRM, &json!({"code": app.code_in(30)})).expect(409).problem("conflict");

        let refused = anyone.try_log_in(&member.email, PASSWORD).expect(401).problem("second-factor-required");
        assert_eq!(refused.header("WWW-Authenticate"), "Bearer");
        let tokens = log_in(server, &member.email, &app.code_in(30)).expect(201).json();
        assert_eq!(tokens["mustSetUpSecondFactor"], false);
        anyone.with_token(&text(&tokens["accessToken"])).get("/v1/groups").expect(200);
    }

    fn what_is_no_code_is_refused_whoever_sends_it(server: Server) {
        let (_, member, _) = with_app(server);
        for malformed in ["", "12345", "1234567", "0123-4567-89AB-CDEU"] {
            log_in(server, &member.email, malformed).refuses(&[("/code", "not-a-login-code")]);
            member.client.post(CONFIRM, &json!({"code": malformed})).refuses(&[("/code", "not-an-app-code")]);
        }
        member.client.post(CONFIRM, &json!({})).refuses(&[("/code", "required")]);
        let body = json!({"code": 1, "secret": "x"});
        for path in [PATH, REMOVE] {
            member.client.post(path, &body).refuses(&[
                ("/code", "not-a-string"),
                ("/currentPassword", "required"),
                ("/secret", "unknown-field"),
            ]);
        }
    }

    fn a_code_works_once(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let app = Authenticator::bind(&member.client);
        log_in(server, &member.email, &app.code()).expect(401).problem("unauthenticated");
        server.clock.advance(SignedDuration::from_mins(5));
        let code = app.code();
        log_in(server, &member.email, &code).expect(201);
        log_in(server, &member.email, &code).expect(401).problem("unauthenticated");
        log_in(server, &member.email, &app.code_in(-30)).expect(401).problem("unauthenticated");
    }

    fn of_two_logins_with_one_code_at_once_one_succeeds(server: Server) {
        let (_, member, app) = with_app(server);
        let anyone = server.anyone();
        for code in [app.code(), app.recovery_codes[0].clone()] {
            let attempt = || anyone.try_log_in_with_code(&member.email, PASSWORD, &code);
            assert_eq!(status_at_once(attempt), [201, 401]);
        }
    }

    fn a_right_code_that_is_sent_twice_is_no_wrong_code(server: Server) {
        let (_, member, app) = with_app(server);
        let anyone = server.anyone();
        for code in [app.code(), app.recovery_codes[0].clone()] {
            let attempt = || anyone.try_log_in_with_code(&member.email, PASSWORD, &code);
            assert_eq!(status_at_once(attempt), [201, 401]);
            for _ in 0..4 {
                let repeated = attempt().expect(401).problem("unauthenticated");
                assert_eq!((repeated.code(), strikes(server, &member.id)), ("code-used".into(), 0));
            }
        }
        // What is long gone is a guess like any other.
        server.clock.advance(SignedDuration::from_mins(1));
        for (strike, code) in (1..).zip([app.code_in(-60), app.recovery_codes[0].clone()]) {
            let wrong = log_in(server, &member.email, &code).expect(401);
            assert_eq!(wrong.json().get("code"), None);
            assert_eq!(strikes(server, &member.id), strike);
        }
        log_in(server, &member.email, &app.code()).expect(201);
    }

    fn a_first_code_that_is_sent_twice_is_no_wrong_code(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let app = Authenticator::set_up(&member.client, None);
        let body = json!({"code": app.code()});
        let mut answers = twice_at_once(|| member.client.post(CONFIRM, &body).status);
        answers.sort_unstable();
        assert_eq!((answers, strikes(server, &member.id)), ([204, 409], 0));
    }

    fn a_clock_may_be_one_step_early_or_late(server: Server) {
        let (_, member, app) = with_app(server);
        for far in [-60, 60] {
            log_in(server, &member.email, &app.code_in(far)).expect(401);
        }
        for near in [-30, 0, 30] {
            log_in(server, &member.email, &app.code_in(near)).expect(201);
        }
    }

    fn a_recovery_code_works_once_however_it_is_typed(server: Server) {
        let (_, member, app) = with_app(server);
        let [one, other] = [0, 1].map(|index| app.recovery_codes[index].clone());
        log_in(server, &member.email, &one).expect(201);
        log_in(server, &member.email, &one).expect(401).problem("unauthenticated");
        log_in(server, &member.email, &other.replace('-', " ").to_lowercase()).expect(201);
        assert_eq!(state(&member.client), ("active".to_owned(), 8, false));
        let renewed = Authenticator::set_up(&member.client, Some(&app.code()));
        // Until it is confirmed the one before it is asked for.
        assert_eq!(state(&member.client), ("active".to_owned(), 8, false));
        server.clock.advance(SignedDuration::from_mins(2));
        log_in(server, &member.email, &renewed.code()).expect(401);
        log_in(server, &member.email, &renewed.recovery_codes[0]).expect(401);
        log_in(server, &member.email, &app.code()).expect(201);
        member.client.post(CONFIRM, &json!({"code": renewed.code()})).expect(204);
        assert_eq!(state(&member.client), ("active".to_owned(), 10, false));
        log_in(server, &member.email, &app.recovery_codes[2]).expect(401);
        log_in(server, &member.email, &renewed.recovery_codes[0]).expect(201);
        assert!(app.recovery_codes.iter().all(|code| !renewed.recovery_codes.contains(code)));
    }

    fn a_code_of_another_user_is_wrong(server: Server) {
        let (school, member, app) = with_app(server);
        let other = school.member(Function::Teacher, &[]);
        let theirs = Authenticator::bind(&other.client);
        log_in(server, &member.email, &theirs.recovery_codes[0]).expect(401);
        log_in(server, &member.email, &theirs.code_in(30)).expect(401);
        log_in(server, &member.email, &app.code()).expect(201);
        log_in(server, &other.email, &theirs.recovery_codes[0]).expect(201);
    }

    fn that_a_code_is_needed_is_told_to_whoever_has_the_password_alone(server: Server) {
        let (school, member, app) = with_app(server);
        let anyone = server.anyone();
        let unknown = anyone.try_log_in(&format!("niemand@{}", school.domain), PASSWORD).expect(401);
        for refused in [
            anyone.try_log_in(&member.email, "Verkeerd-1"),
            anyone.try_log_in_with_code(&member.email, "Verkeerd-1", &app.code()),
        ] {
            assert_eq!(refused.expect(401).visible(), unknown.visible());
        }
        anyone.try_log_in(&member.email, PASSWORD).expect(401).problem("second-factor-required");
        // The code that came with a wrong password is not used up.
        log_in(server, &member.email, &app.code()).expect(201);
        let wrong = log_in(server, &member.email, &app.wrong_code()).expect(401);
        assert_eq!(wrong.visible(), unknown.visible());
        // A code that nobody asks for does no harm.
        log_in(server, &format!("beheerder@{}", school.domain), "123456").expect(201);
    }

    fn c060_the_third_wrong_code_in_a_row_blocks(server: Server) {
        let (school, member, app) = with_app(server);
        let anyone = server.anyone();
        for round in 0..2 {
            for _ in 0..2 {
                log_in(server, &member.email, &app.wrong_code()).expect(401);
            }
            // Without a code nothing is counted, and nothing is forgiven either.
            for _ in 0..4 {
                anyone.try_log_in(&member.email, PASSWORD).expect(401).problem("second-factor-required");
            }
            if round == 0 {
                log_in(server, &member.email, &app.code()).expect(201);
            }
        }
        anyone.try_log_in(&member.email, "Verkeerd-1").expect(401);
        for refused in [
            log_in(server, &member.email, &app.code_in(30)),
            log_in(server, &member.email, &app.recovery_codes[0]),
            anyone.try_log_in(&member.email, PASSWORD),
        ] {
            refused.expect(401).problem("unauthenticated");
        }
        member.client.get(PATH).expect(401);
        let user = school.admin.get(&format!("/v1/users/{}", member.id)).expect(200).json();
        assert_eq!(user["state"], "blocked");
    }

    fn c060_wrong_codes_and_passwords_count_wherever_they_are_asked_for(server: Server) {
        let school = server.school();
        let pending = || {
            let member = school.member(Function::Teacher, &[]);
            let app = Authenticator::set_up(&member.client, None);
            (member, app)
        };
        let (member, app) = pending();
        let wrong = json!({"code": app.wrong_code()});
        for _ in 0..2 {
            member.client.post(CONFIRM, &wrong).expect(401).problem("unauthenticated");
        }
        member.client.post(CONFIRM, &json!({"code": app.code()})).expect(204);

        for path in [PATH, REMOVE] {
            member.client.post(path, &json!({"currentPassword": PASSWORD})).expect(401).problem("second-factor-required");
        }
        let ask = |path: &str, body: &Value| member.client.post(path, body).expect(401).problem("unauthenticated");
        ask(REMOVE, &json!({"currentPassword": PASSWORD, "code": app.wrong_code()}));
        ask(PATH, &json!({"currentPassword": PASSWORD, "code": app.wrong_code()}));
        ask(REMOVE, &json!({"currentPassword": "Verkeerd-1", "code": app.code_in(30)}));
        member.client.get(PATH).expect(401);
        log_in(server, &member.email, &app.code_in(30)).expect(401);

        let (member, app) = pending();
        let wrong = json!({"code": app.wrong_code()});
        for _ in 0..3 {
            member.client.post(CONFIRM, &wrong).expect(401).problem("unauthenticated");
        }
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401).problem("unauthenticated");
    }

    fn c060_a_right_password_does_not_take_back_wrong_codes(server: Server) {
        let (school, member, app) = with_app(server);
        let remove = json!({"currentPassword": PASSWORD, "code": app.wrong_code()});
        for _ in 0..2 {
            member.client.post(REMOVE, &remove).expect(401);
        }
        let again = json!({"currentPassword": PASSWORD, "newPassword": PASSWORD});
        member.client.post("/v1/account/password/_change", &again).refuses(&[("/newPassword", "password-used-before")]);
        member.client.post(REMOVE, &remove).expect(401);
        let user = school.admin.get(&format!("/v1/users/{}", member.id)).expect(200).json();
        assert_eq!(user["state"], "blocked");
    }

    fn c059_an_expired_password_comes_before_the_second_factor(server: Server) {
        let (school, member, app) = with_app(server);
        administrators_need_it(&school);
        server.clock.set(THREE_MONTHS_LATER);
        let anyone = server.anyone();
        anyone.try_log_in(&member.email, PASSWORD).expect(401).problem("second-factor-required");
        let tokens = log_in(server, &member.email, &app.code()).expect(201).json();
        assert_eq!((&tokens["mustChangePassword"], &tokens["mustSetUpSecondFactor"]), (&json!(true), &json!(false)));

        let email = format!("beheerder@{}", school.domain);
        let tokens = anyone.try_log_in(&email, PASSWORD).expect(201).json();
        assert_eq!((&tokens["mustChangePassword"], &tokens["mustSetUpSecondFactor"]), (&json!(true), &json!(true)));
        let admin = anyone.with_token(&text(&tokens["accessToken"]));
        admin.get("/v1/users").expect(403).problem("password-change-required");
        let body = json!({"currentPassword": PASSWORD, "newPassword": "Klaproos-12"});
        admin.post("/v1/account/password/_change", &body).expect(204);
        let admin = anyone.log_in(&email, "Klaproos-12");
        admin.get("/v1/users").expect(403).problem("second-factor-setup-required");
    }

    fn c074_the_secret_is_sealed_for_its_own_account(server: Server) {
        let (school, member, app) = with_app(server);
        let other = school.member(Function::Teacher, &[]);
        Authenticator::bind(&other.client);
        let mut connection = server.raw_data();
        let secrets: Vec<Stored> =
            sql_query("SELECT secret AS value FROM second_factor").load(&mut connection).unwrap();
        let secret = data_encoding::BASE32_NOPAD.decode(app.base32.as_bytes()).unwrap();
        assert_eq!(secrets.len(), 3);
        let readable = |stored: &Stored| stored.value.windows(secret.len()).any(|part| part == secret);
        assert!(!secrets.iter().any(readable));

        sql_query(
            "UPDATE second_factor SET secret = (SELECT o.secret FROM second_factor o JOIN membership m \
             ON m.account_id = o.account_id WHERE m.user_id = $1) \
             WHERE account_id = (SELECT account_id FROM membership WHERE user_id = $2)",
        )
        .bind::<Binary, _>(Uuid::parse_str(&other.id).unwrap().as_bytes().to_vec())
        .bind::<Binary, _>(Uuid::parse_str(&member.id).unwrap().as_bytes().to_vec())
        .execute(&mut connection)
        .unwrap();
        log_in(server, &member.email, &app.code()).expect(401).problem("unauthenticated");
    }
}
