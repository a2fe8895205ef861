//! Passwords: what they are made of, how long they count, and what is not taken again (C056–C059).

use diesel::sql_query;
use diesel::sql_types::{Binary, Text};
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::access::password_hashing::PasswordHasher;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, Server, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

const CHANGE: &str = "/v1/account/password/_change";

const KEPT_HASH: &str = "SELECT password_hash FROM account WHERE id = \
    (SELECT account_id FROM membership WHERE user_id = $1)";

#[derive(diesel::QueryableByName)]
struct KeptHash {
    #[diesel(sql_type = Text)]
    password_hash: String,
}

/// The answer to a password with an invitation that does not exist: 404 when the password keeps the rules.
fn choose(anyone: &Client, password: &str) -> Reply {
    anyone.post("/v1/invitations/_accept", &json!({"token": "A".repeat(43), "password": password}))
}

fn change(client: &Client, current: &str, new: &str) -> Reply {
    client.post(CHANGE, &json!({"currentPassword": current, "newPassword": new}))
}

/// Changes the password of a user at this moment, whether or not the old one has expired.
#[track_caller]
fn renew(server: &Server, email: &str, current: &str, new: &str) {
    change(&server.anyone().log_in(email, current), current, new).expect(204);
}

/// When the password of whoever is logged in expires.
fn expires_at(client: &Client) -> Timestamp {
    let session = client.get("/v1/sessions/current").expect(200).json();
    text(&session["passwordExpiresAt"]).parse().unwrap()
}

both_databases! {
    fn c056_a_password_has_8_to_128_characters_of_any_script(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        // A letter of two bytes, one of three and one of four.
        for letter in ["é", "ह", "𝒜"] {
            let of = |length: usize| format!("A1!{}", letter.repeat(length - 3));
            for length in [8, 9, 127, 128] {
                choose(&server.anyone(), &of(length)).expect(404);
            }
            for length in [3, 7, 129, 300] {
                choose(&server.anyone(), &of(length)).refuses(&[("/password", "password-length")]);
            }
        }
        let [shortest, longest] = [8, 128].map(|length: usize| format!("A1!{}", "𝒜".repeat(length - 3)));
        renew(server, &user.email, PASSWORD, &shortest);
        renew(server, &user.email, &shortest, &longest);
        let all_but_the_last = longest.strip_suffix('𝒜').unwrap();
        server.anyone().try_log_in(&user.email, all_but_the_last).expect(401);
        server.anyone().try_log_in(&user.email, &longest).expect(201);
    }

    fn c056_a_letter_with_an_accent_is_one_character_however_it_is_typed(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        choose(&server.anyone(), "Kr1!eeee\u{301}").expect(404);
        choose(&server.anyone(), "Kr1!eee\u{301}").refuses(&[("/password", "password-length")]);
        renew(server, &user.email, PASSWORD, "Kre\u{301}kel-91");
        server.anyone().try_log_in(&user.email, "Kr\u{e9}kel-91").expect(201);
    }

    fn c057_a_password_has_a_capital_and_a_digit(server: Server) {
        let anyone = server.anyone();
        choose(&anyone, "kiezelpad-7").refuses(&[("/password", "password-capital")]);
        choose(&anyone, "Kiezelpad-x").refuses(&[("/password", "password-digit")]);
        choose(&anyone, "kiezelpad-x").refuses(&[("/password", "password-capital"), ("/password", "password-digit")]);
        for fine in ["kiezelpaD-7", "7-kiezelpaD", "Ékiezelpad-7", "Жkiezelpad-7"] {
            choose(&anyone, fine).expect(404);
        }
        // Digits of other scripts are no keys on a Dutch keyboard.
        choose(&anyone, "Kiezelpad-٧").refuses(&[("/password", "password-digit")]);
    }

    fn c058_each_of_the_23_symbols_counts_and_no_other(server: Server) {
        let anyone = server.anyone();
        let symbols = "!@#$%^&*()_-=+`~.,/?:;|";
        assert_eq!(symbols.chars().count(), 23);
        for symbol in symbols.chars() {
            choose(&anyone, &format!("Kiezelpad{symbol}7")).expect(404);
        }
        let others = (' '..='~').filter(|&one| !one.is_ascii_alphanumeric() && !symbols.contains(one));
        for other in others.chain("€£§°¡–\u{a0}😀".chars()) {
            choose(&anyone, &format!("Kiezelpad{other}7")).refuses(&[("/password", "password-symbol")]);
            choose(&anyone, &format!("Kiezelpad{other}-7")).expect(404);
        }
    }

    fn c059_a_password_counts_for_three_calendar_months(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let mut current = PASSWORD.to_owned();
        for (number, (set_on, expires_on)) in [
            ("2026-11-22T12:00:00+01", "2027-02-22T12:00:00+01"),
            ("2026-11-30T12:00:00+01", "2027-02-28T12:00:00+01"),
            ("2027-07-31T23:30:00+02", "2027-10-31T23:30:00+01"),
            ("2027-11-29T12:00:00+01", "2028-02-29T12:00:00+01"),
            ("2027-12-01T00:30:00+01", "2028-03-01T00:30:00+01"),
            ("2028-05-31T12:00:00+02", "2028-08-31T12:00:00+02"),
        ].into_iter().enumerate() {
            let new = format!("Kiezelpad-{number}-Grind");
            server.clock.set(&set_on.parse::<Timestamp>().unwrap().to_string());
            renew(server, &user.email, &current, &new);
            current = new;
            let client = server.anyone().log_in(&user.email, &current);
            let (expires, expected) = (expires_at(&client), expires_on.parse::<Timestamp>().unwrap());
            let late = expires.duration_since(expected);
            assert!((0..1000).contains(&late.as_millis()), "{set_on}: {expires}");

            server.clock.set(&(expires - SignedDuration::from_mins(5)).to_string());
            let login = server.anyone().try_log_in(&user.email, &current).expect(201).json();
            assert_eq!(login["mustChangePassword"], false);
            let client = server.anyone().with_token(&text(&login["accessToken"]));
            server.clock.set(&(expires - SignedDuration::from_millis(50)).to_string());
            client.get("/v1/groups").expect(200);
            server.clock.set(&expires.to_string());
            client.get("/v1/groups").expect(403).problem("password-change-required");
        }
    }

    fn c059_with_an_expired_password_only_another_one_can_be_chosen(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        server.clock.set("2027-02-21T09:30:00Z");
        let login = server.anyone().try_log_in(&user.email, PASSWORD).expect(201).json();
        assert_eq!(login["mustChangePassword"], true);
        let body = json!({"refreshToken": login["refreshToken"]});
        let renewed = server.anyone().post("/v1/sessions/_refresh", &body).expect(200).json();
        assert_eq!(renewed["mustChangePassword"], true);
        let client = server.anyone().with_token(&text(&renewed["accessToken"]));
        for path in ["/v1/sessions/current", "/v1/account/sessions", "/v1/groups", "/v1/pupils", "/v1/frameworks"] {
            client.get(path).expect(403).problem("password-change-required");
        }
        let other = server.anyone().log_in(&user.email, PASSWORD);
        other.call("DELETE", "/v1/sessions/current").send().expect(204);
        change(&client, "Verkeerd-1", "Klaproos-12").expect(401);
        change(&client, PASSWORD, PASSWORD).refuses(&[("/newPassword", "password-used-before")]);
        change(&client, PASSWORD, "Klaproos-12").expect(204);
        let login = server.anyone().try_log_in(&user.email, "Klaproos-12").expect(201).json();
        assert_eq!(login["mustChangePassword"], false);
        server.anyone().with_token(&text(&login["accessToken"])).get("/v1/groups").expect(200);
    }

    fn c059_none_of_the_last_five_passwords_is_taken_again(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let passwords: Vec<_> = [PASSWORD.to_owned()].into_iter().chain((1..=5).map(|n| format!("Grindpad-{n}"))).collect();
        for pair in passwords[..5].windows(2) {
            renew(server, &user.email, &pair[0], &pair[1]);
        }
        let client = server.anyone().log_in(&user.email, &passwords[4]);
        for used in &passwords[..5] {
            change(&client, &passwords[4], used).refuses(&[("/newPassword", "password-used-before")]);
        }
        school.admin.call("POST", &format!("/v1/users/{}/invitations", user.id)).send().expect(201);
        let token = school.admin.mailbox().tokens(&user.email, 2).pop().unwrap();
        let acceptance = json!({"token": token, "password": PASSWORD});
        server.anyone().post("/v1/invitations/_accept", &acceptance).refuses(&[("/password", "password-used-before")]);
        change(&client, &passwords[4], &passwords[5]).expect(204);
        // It is the sixth now, counted from the present one.
        renew(server, &user.email, &passwords[5], PASSWORD);
        server.anyone().try_log_in(&user.email, PASSWORD).expect(201);
    }

    fn a_common_password_and_one_with_ones_own_name_are_refused(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let refused = |password: &str, codes: &[&str]| {
            let expected: Vec<_> = codes.iter().map(|code| ("/newPassword", *code)).collect();
            change(&user.client, PASSWORD, password).refuses(&expected);
        };
        for common in ["Welkom2026!", "W@chtw00rd1", "Qwerty123!"] {
            refused(common, &["password-common"]);
        }
        for personal in ["xVerzonnen-8", "V3rz0nn3n-Qx", "Medewerker-88"] {
            refused(personal, &["password-personal"]);
        }
        refused("kort", &["password-length", "password-capital", "password-digit", "password-symbol"]);
        user.client.post(CHANGE, &json!({"newPassword": 1})).refuses(&[
            ("/currentPassword", "required"), ("/newPassword", "not-a-string"),
        ]);
        school.admin.call("POST", &format!("/v1/users/{}/invitations", user.id)).send().expect(201);
        let token = school.admin.mailbox().tokens(&user.email, 2).pop().unwrap();
        for (password, code) in [("Welkom2026!", "password-common"), ("xVerzonnen-8", "password-personal")] {
            let acceptance = json!({"token": token, "password": password});
            server.anyone().post("/v1/invitations/_accept", &acceptance).refuses(&[("/password", code)]);
        }
        server.anyone().try_log_in(&user.email, PASSWORD).expect(201);
    }

    fn the_processors_staff_choose_no_password_with_their_own_name_either(server: Server) {
        let staff = server.staff(ProcessorFunction::Secretariat);
        change(&staff, PASSWORD, "Welkom2026!").refuses(&[("/newPassword", "password-common")]);
        for personal in ["xStien-Pad-8", "Secretariat-8x"] {
            change(&staff, PASSWORD, personal).refuses(&[("/newPassword", "password-personal")]);
        }
        change(&staff, PASSWORD, "Klaproos-12").expect(204);
    }

    fn c063_a_password_is_kept_as_a_slow_hash_in_as_much_memory_as_is_set(server: Server) {
        let least = PasswordHasher::LEAST_MEMORY_KIB.to_string();
        server.restart_with(|installation| installation.set("password.argon2_memory_kib", &least));
        let member = server.school().member(Function::Teacher, &[]);
        let kept = sql_query(KEPT_HASH)
            .bind::<Binary, _>(Uuid::parse_str(&member.id).unwrap().as_bytes().to_vec())
            .get_result::<KeptHash>(&mut server.raw_data())
            .unwrap();
        assert!(kept.password_hash.starts_with(&format!("$argon2id$v=19$m={least},t=1,p=1$")));
    }

    fn c063_no_answer_repeats_a_password(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let secret = "Geheim-verhaal";
        for reply in [
            change(&user.client, PASSWORD, secret),
            change(&user.client, secret, "Klaproos-12"),
            choose(&server.anyone(), secret),
            server.anyone().try_log_in(&user.email, secret),
        ] {
            assert!(reply.status >= 400 && !String::from_utf8_lossy(&reply.body).contains(secret), "{}", reply.asked);
        }
        let shown: Value = school.admin.get(&format!("/v1/users/{}", user.id)).expect(200).json();
        assert!(!shown.to_string().contains("argon2") && !shown.to_string().to_lowercase().contains("password"));
    }
}
