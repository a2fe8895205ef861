//! When and from where a token counts.

use diesel::sql_query;
use diesel::sql_types::{Binary, Text};
use groeilijn_domain::access::api_token;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use serde_json::json;

use super::*;

both_databases! {
    fn a_token_counts_through_its_last_day_in_amsterdam(server: Server) {
        let school = server.school();
        let mut body = auditor();
        body["expiresOn"] = json!("2026-11-22");
        let client = make(server, &school, &body).client;
        client.get("/v1/users").expect(200);
        server.clock.set("2026-11-22T22:59:59Z");
        client.get("/v1/users").expect(200);
        server.clock.set("2026-11-22T23:00:00Z");
        refuses(&client);
        server.clock.set("2026-11-22T22:59:59Z");
        client.get("/v1/users").expect(200);
    }

    fn a_token_lasts_a_year_at_most(server: Server) {
        let school = server.school();
        for (expires_on, refused) in [
            ("2026-11-20", Some("expiry-past")),
            ("2026-11-21", None),
            ("2027-11-21", None),
            ("2027-11-22", Some("expiry-too-far")),
            ("9999-12-31", Some("expiry-too-far")),
        ] {
            let mut body = auditor();
            body["expiresOn"] = json!(expires_on);
            let reply = school.admin.post(PATH, &body);
            match refused {
                Some(code) => drop(reply.refuses(&[("/expiresOn", code)])),
                None => drop(reply.expect(201)),
            }
        }
        // In Amsterdam the next day has begun.
        server.clock.set("2026-11-21T23:00:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let mut body = auditor();
        body["expiresOn"] = json!("2026-11-21");
        admin.post(PATH, &body).refuses(&[("/expiresOn", "expiry-past")]);
    }

    fn a_token_is_used_from_its_networks_alone(server: Server) {
        let school = server.school();
        for (networks, admitted) in [
            (json!(null), true),
            (json!([]), true),
            (json!(["127.0.0.0/8"]), true),
            (json!(["192.0.2.0/24", "127.0.0.1"]), true),
            (json!(["192.0.2.0/24"]), false),
            (json!(["127.0.0.2", "2001:db8::/32"]), false),
        ] {
            let mut body = auditor();
            body["networks"] = networks.clone();
            let client = make(server, &school, &body).client;
            if admitted {
                client.get("/v1/users").expect(200);
            } else {
                refuses(&client);
                let forged = client.call("GET", "/v1/users").header("X-Forwarded-For", "192.0.2.7").send();
                forged.expect(401);
            }
        }
    }

    fn c065_a_token_is_used_from_the_networks_of_the_institution_alone(server: Server) {
        let school = server.school();
        let mut body = auditor();
        body["networks"] = json!(["127.0.0.0/8"]);
        let client = make(server, &school, &body).client;
        for (networks, admitted) in [("127.0.0.1/32", true), ("192.0.2.0/24,2001:db8::/32", false), ("", true)] {
            let id = uuid::Uuid::parse_str(&school.id).unwrap();
            sql_query("UPDATE institution SET login_networks = $1 WHERE id = $2")
                .bind::<Text, _>(networks)
                .bind::<Binary, _>(id.as_bytes().to_vec())
                .execute(&mut server.raw_data())
                .unwrap();
            // A change through the service, so that it sees the one past it.
            server.platform().change(&format!("/v1/institutions/{}", school.id), &json!({"name": "De Ark"})).expect(200);
            if admitted {
                client.get("/v1/users").expect(200);
            } else {
                refuses(&client);
            }
        }
    }

    fn c004_without_an_active_licence_a_token_gives_nothing(server: Server) {
        let school = server.school();
        let client = make(server, &school, &auditor()).client;
        let licence = format!("/v1/institutions/{}/licence", school.id);
        server.platform().change(&licence, &json!({"state": "suspended"})).expect(200);
        client.get("/v1/users").expect(403).problem("no-active-licence");
        server.platform().change(&licence, &json!({"state": "active"})).expect(200);
        client.get("/v1/users").expect(200);
    }

    fn what_is_no_token_opens_nothing(server: Server) {
        let school = server.school();
        let made = make(server, &school, &auditor());
        let (token, anyone) = (&made.token, server.anyone());
        for end in 0..token.len() {
            refuses(&anyone.with_token(token.get(..end).unwrap()));
            let mut bytes = token.clone().into_bytes();
            bytes[end] ^= 1;
            refuses(&anyone.with_token(&String::from_utf8(bytes).unwrap()));
        }
        let secret = token.split('_').nth(1).unwrap();
        for wrong in [
            format!("{token}0"),
            format!("{token}="),
            format!("{token} {token}"),
            format!("{token},{token}"),
            token.to_uppercase(),
            token.to_lowercase(),
            secret.to_owned(),
            format!("groeilijn_{secret}"),
            format!("groeilijn__{secret}"),
            format!("Groeilijn_{}", token.trim_start_matches("groeilijn_")),
            format!("groeilijn_{}", "_".repeat(52)),
            made.id.clone(),
            "groeilijn_".to_owned(),
            api_token::write(&[0; 32]).to_string(),
            api_token::write(&[0xff; 32]).to_string(),
            format!("eyJhbGciOiJub25lIn0.{secret}."),
        ] {
            refuses(&anyone.with_token(&wrong));
        }
        for scheme in ["Basic", "Token", "groeilijn", "Bearer:"] {
            anyone.call("GET", PATH).header("Authorization", &format!("{scheme} {token}")).send().expect(401);
        }
        anyone.get(&format!("{PATH}?access_token={token}")).expect(401);
        anyone.call("GET", PATH).header("Authorization", &format!("bearer  {token}")).send().expect(200);
    }
}
