//! Access tokens that are not what this service gave out: every one is refused like none at all.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use groeilijn_domain::access::Function;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Client, Server, both_databases};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use crate::program;

const PATH: &str = "/v1/sessions/current";

macro_rules! mac {
    ($hash:ty, $secret:expr, $text:expr) => {{
        let mut mac = Hmac::<$hash>::new_from_slice($secret).unwrap();
        mac.update($text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }};
}

/// A token as whoever has `secret` would make it, with the algorithm that its header names; HS256 for one that has no
/// secret.
fn forge(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let [header_part, claims_part] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header_part}.{claims_part}");
    let signature = match header["alg"].as_str().unwrap_or_default() {
        "HS384" => mac!(Sha384, secret, signed),
        "HS512" => mac!(Sha512, secret, signed),
        _ => mac!(Sha256, secret, signed),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The header and the claims of a token.
fn read(token: &str) -> (Value, Value) {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims] =
        [0, 1].map(|index| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).unwrap()).unwrap());
    (header, claims)
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    changed[name] = value;
    changed
}

fn without(object: &Value, name: &str) -> Value {
    let mut changed = object.clone();
    changed.as_object_mut().unwrap().remove(name).unwrap();
    changed
}

/// The one key of a fresh installation.
fn secret(server: &Server) -> [u8; 32] {
    *server.installation().signing_keys().last().unwrap().secret
}

/// Checks that each of these is refused like no token at all.
#[track_caller]
fn check_refused(anyone: &Client, tokens: impl IntoIterator<Item = String>) {
    let nobody = anyone.get(PATH).expect(401).problem("unauthenticated");
    for token in tokens {
        let reply = anyone.with_token(&token).get(PATH);
        assert_eq!(reply.visible(), nobody.visible(), "{token}");
        assert_eq!(reply.header("WWW-Authenticate"), nobody.header("WWW-Authenticate"), "{token}");
    }
}

/// An access token whose time has not come, however long it takes.
fn fresh_token(server: &Server) -> String {
    server.school().admin.token().to_owned()
}

both_databases! {
    fn a_token_with_another_algorithm_is_refused(server: Server) {
        let own = fresh_token(server);
        let (header, claims) = read(&own);
        let key = secret(server);
        // What follows is refused for what it changes, and for nothing else.
        server.anyone().with_token(&forge(&header, &claims, &key)).get(PATH).expect(200);

        let named = ["none", "None", "NONE", "nOnE", "", "hs256", "HS257", "RS256", "ES256", "PS256", "EdDSA", "HS384",
            "HS512"];
        let of_algorithm = |alg: &str| forge(&with(&header, "alg", json!(alg)), &claims, &key);
        check_refused(&server.anyone(), named.map(of_algorithm));
        let unsigned = |alg: &str| {
            let token = of_algorithm(alg);
            format!("{}.", token.rsplit_once('.').unwrap().0)
        };
        check_refused(&server.anyone(), named.map(unsigned));
        let bare = named.map(|alg| unsigned(alg).trim_end_matches('.').to_owned());
        check_refused(&server.anyone(), bare);
        for alg in [json!(null), json!(["HS256"]), json!(256)] {
            check_refused(&server.anyone(), [forge(&with(&header, "alg", alg), &claims, &key)]);
        }
        check_refused(&server.anyone(), [forge(&without(&header, "alg"), &claims, &key)]);
    }

    fn a_token_that_was_signed_with_another_key_is_refused(server: Server) {
        let own = fresh_token(server);
        let (header, claims) = read(&own);
        let kid = header["kid"].as_str().unwrap().to_owned();
        let digits: Vec<_> = kid.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
        let of_kid: Vec<_> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let guessed: [&[u8]; 9] = [
            b"", b"secret", b"groeilijn", b"groeilijn-api", b"changeme", &[0; 32], &[0xff; 32], kid.as_bytes(), &of_kid,
        ];
        check_refused(&server.anyone(), guessed.map(|key| forge(&header, &claims, key)));

        let mine = [7; 32];
        let elsewhere = json!("https://elders.example/keys");
        let jwk = json!({"kty": "oct", "alg": "HS256", "kid": "mijn", "k": URL_SAFE_NO_PAD.encode(mine)});
        let headers = [
            with(&header, "jku", elsewhere.clone()),
            with(&header, "x5u", elsewhere),
            with(&header, "jwk", jwk.clone()),
            with(&with(&header, "jwk", jwk), "kid", json!("mijn")),
            with(&header, "x5c", json!([STANDARD.encode(mine)])),
            with(&header, "kid", json!("../../../dev/null")),
            with(&header, "kid", json!("' OR 1=1 --")),
        ];
        check_refused(&server.anyone(), headers.iter().map(|header| forge(header, &claims, &mine)));
        // With the right key, but not under its name.
        let unnamed = [
            with(&header, "kid", json!("0123456789abcdef")),
            with(&header, "kid", json!(kid.to_uppercase() + "0")),
            without(&header, "kid"),
        ];
        check_refused(&server.anyone(), unnamed.iter().map(|header| forge(header, &claims, &secret(server))));
    }

    fn a_token_for_something_else_is_refused(server: Server) {
        let own = fresh_token(server);
        let (header, claims) = read(&own);
        let key = secret(server);
        let now = claims["iat"].as_i64().unwrap();
        let wrong = [
            ("aud", json!("groeilijn")), ("aud", json!("")), ("aud", json!(["groeilijn-api", "elders"])),
            ("iss", json!("elders")), ("iss", json!("https://groeilijn.example")), ("iss", json!(["groeilijn"])),
            ("exp", json!((now + 600).to_string())), ("exp", json!(now as f64 + 600.5)), ("exp", json!(null)),
            ("exp", json!(now)), ("exp", json!(0)), ("exp", json!(-1)), ("exp", json!(u64::MAX)),
            ("sub", json!(ABSENT)), ("sub", json!("")), ("sub", json!("beheerder")), ("sid", json!(ABSENT)),
            ("sid", json!(1)), ("role", json!("platform-administrator")), ("nbf", json!(now + 300)),
        ];
        let changed = wrong.map(|(name, value)| forge(&header, &with(&claims, name, value), &key));
        check_refused(&server.anyone(), changed);
        let missing = ["exp", "iss", "aud", "sub", "sid", "iat"];
        check_refused(&server.anyone(), missing.map(|name| forge(&header, &without(&claims, name), &key)));
        let headers = [
            with(&header, "typ", json!("JWT")), with(&header, "typ", json!("id+jwt")), with(&header, "typ", json!("")),
            without(&header, "typ"),
        ];
        check_refused(&server.anyone(), headers.map(|header| forge(&header, &claims, &key)));
        for claims in [json!([]), json!("x"), json!(null), json!({})] {
            check_refused(&server.anyone(), [forge(&header, &claims, &key)]);
        }
    }

    fn a_token_for_the_session_of_somebody_else_is_refused(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let teacher = school.member(Function::Teacher, &[]).client;
        let everybody = [teacher.token(), school.admin.token(), other.admin.token(), server.platform().token()]
            .map(read);
        let key = secret(server);
        for (index, (header, claims)) in everybody.iter().enumerate() {
            server.anyone().with_token(&forge(header, claims, &key)).get(PATH).expect(200);
            let others = everybody.iter().enumerate().filter(|(other, _)| *other != index);
            let mixed = others.map(|(_, (_, theirs))| forge(header, &with(claims, "sid", theirs["sid"].clone()), &key));
            check_refused(&server.anyone(), mixed);
        }
    }

    fn a_token_that_was_damaged_is_refused(server: Server) {
        let own = fresh_token(server);
        let anyone = server.anyone();
        check_refused(&anyone, (0..own.len()).step_by(10).map(|end| own.chars().take(end).collect()));
        let (signed, signature) = own.rsplit_once('.').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let flipped = (0..bytes.len() * 8).step_by(3).map(|bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
        });
        check_refused(&anyone, flipped);
        // Two bits of the last letter stand for nothing: with others it would be a second way to write the token.
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (last, rest) = own.as_bytes().split_last().unwrap();
        let place = alphabet.iter().position(|letter| letter == last).unwrap();
        let twins = (1..4).map(|unused| String::from_utf8([rest, &[alphabet[place + unused]]].concat()).unwrap());
        check_refused(&anyone, twins);
        let (head, rest) = own.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        check_refused(&anyone, [
            format!("{own}."), format!(".{own}"), format!("{own}.{signature}"), format!("{head}..{claims}.{signature}"),
            format!("{head}.{claims}"), format!("{head}.{claims}."), format!("{claims}.{head}.{signature}"),
            format!("{own}="), format!("{own}\u{20}x"), format!("{head} .{claims}.{signature}"), format!("{own},{own}"),
            own.to_lowercase(), own.replace('.', ":"), "...".to_owned(), "..".to_owned(), "\"\"".to_owned(),
            "A".repeat(4000),
        ]);
    }

    fn a_token_stands_behind_bearer_in_one_header(server: Server) {
        let own = fresh_token(server);
        let anyone = server.anyone();
        let nobody = anyone.get(PATH).expect(401);
        for sent in [format!("Bearer {own}"), format!("bearer {own}"), format!("BEARER  {own}")] {
            anyone.call("GET", PATH).header("Authorization", &sent).send().expect(200);
        }
        for sent in [own.clone(), format!("Bearer{own}"), format!("Bearer\t{own}"), format!("Basic {own}"),
            format!("Token {own}"), format!("Bearer, {own}"), format!("DPoP {own}"), "Bearer".to_owned(), String::new()]
        {
            let reply = anyone.call("GET", PATH).header("Authorization", &sent).send();
            assert_eq!(reply.visible(), nobody.visible(), "{sent}");
        }
        let good = format!("Bearer {own}");
        for sent in [["Bearer x", &good], [&good, "Bearer x"], [&good, &good]] {
            let call = anyone.call("GET", PATH).header("Authorization", sent[0]).header("Authorization", sent[1]);
            assert_eq!(call.send().visible(), nobody.visible());
        }
        let elsewhere = [format!("{PATH}?access_token={own}"), format!("{PATH}?token={own}")];
        for path in elsewhere {
            assert!([400, 401].contains(&anyone.get(&path).status));
        }
        anyone.call("GET", PATH).header("Cookie", &format!("access_token={own}")).send().expect(401);
    }

    fn a_new_signing_key_takes_over_and_the_one_before_it_still_counts(server: Server) {
        let school = server.school();
        let email = format!("beheerder@{}", school.domain);
        let rotate = |server: &Server| {
            let done = program::run(server.installation(), &["keys", "rotate", "signing"]);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let log_in = |server: &Server| server.anyone().log_in(&email, groeilijn_tests::accounts::PASSWORD);
        let answer = |server: &Server, token: &str| server.anyone().with_token(token).get(PATH).status;
        let first = log_in(server);
        rotate(server);
        // Until it starts anew, a server goes on as it was.
        assert_eq!(read(first.token()).0["kid"], read(log_in(server).token()).0["kid"]);
        server.restart();
        let second = log_in(server);
        assert_ne!(read(first.token()).0["kid"], read(second.token()).0["kid"]);
        assert_eq!([first.token(), second.token()].map(|token| answer(server, token)), [200, 200]);
        rotate(server);
        server.restart();
        let third = log_in(server);
        let all = [first.token(), second.token(), third.token()].map(|token| answer(server, token));
        assert_eq!(all, [401, 200, 200]);
        assert_eq!(server.installation().signing_keys().len(), 2);
    }
}

/// A token ends at its own moment, to the second.
#[test]
fn a_forged_end_makes_no_token_last() {
    Server::run(groeilijn_tests::Database::Sqlite, |server| {
        let own = fresh_token(server);
        let (header, claims) = read(&own);
        let ends = Timestamp::from_second(claims["exp"].as_i64().unwrap()).unwrap();
        let prolonged = with(&claims, "exp", json!(ends.as_second() + 3600));
        let [_, signature] = [0, 1].map(|_| own.rsplit_once('.').unwrap().1);
        let parts = [&header, &prolonged].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        check_refused(&server.anyone(), [format!("{}.{signature}", parts.join("."))]);
        server.clock.set(&(ends - SignedDuration::from_secs(1)).to_string());
        server.anyone().with_token(&own).get(PATH).expect(200);
        server.clock.set(&ends.to_string());
        check_refused(&server.anyone(), [own]);
    });
}
