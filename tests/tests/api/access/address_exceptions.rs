//! Addresses that are not the institution's any more, and those of another organisation by leave of an administrator.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, set_password};
use groeilijn_tests::{Client, School, Server, both_databases, wait_until};
use serde_json::{Value, json};

use super::email_addresses::{another_domain, confirm};

fn except(admin: &Client, user: &str, body: &Value) -> groeilijn_tests::Reply {
    let path = format!("/v1/users/{user}");
    let etag = admin.get(&path).expect(200).etag();
    admin.put(&format!("{path}/address-exception"), &etag, body)
}

/// A substitute with an address of an agency until a day, let in.
fn substitute(server: &Server, school: &School, until: &str) -> (String, String) {
    let mut body = school.new_user(Function::Teacher, &[]);
    body["email"] = json!(format!("invaller@{}", new_domain()));
    body["addressException"] = json!({"reason": "Van een uitzendbureau.", "until": until});
    let made = school.admin.post("/v1/users", &body).expect(201).json();
    let email = text(&body["email"]);
    set_password(&server.anyone(), &email);
    (text(&made["user"]["id"]), email)
}

fn due(admin: &Client) -> Vec<(String, Value)> {
    let users = admin.list("/v1/users?addressDue=true");
    users.iter().map(|user| (text(&user["id"]), user["addressDue"].clone())).collect()
}

both_databases! {
    /// C054, C055: whose domain is taken away is told, is in the administrator's list, and can do nothing but move.
    fn c055_who_has_an_address_on_a_domain_that_was_taken_away_can_only_move(server: Server) {
        let school = server.school();
        let (old, new) = (school.domain.clone(), new_domain());
        another_domain(server, &school, &[&old, &new]);
        let member = school.member(Function::Teacher, &[]);
        assert!(due(&school.admin).is_empty());
        let mut body = school.new_user(Function::Administrator, &[]);
        body["email"] = json!(format!("directie@{new}"));
        school.admin.post("/v1/users", &body).expect(201);
        set_password(&server.anyone(), &format!("directie@{new}"));
        let admin = server.anyone().log_in(&format!("directie@{new}"), PASSWORD);

        another_domain(server, &school, &[&new]);
        let listed = due(&admin);
        let expected = json!("not-of-the-institution");
        assert_eq!(listed, [(school.admin_id.clone(), expected.clone()), (member.id.clone(), expected)]);
        server.anyone().mailbox().wait_for(&member.email, "hoort niet bij uw instelling", 1);
        for path in ["/v1/groups", "/v1/sessions/current", "/v1/colleagues"] {
            member.client.get(path).expect(403).problem("email-change-required");
        }
        let tokens = server.anyone().try_log_in(&member.email, PASSWORD).expect(201).json();
        assert_eq!(tokens["mustChangeEmail"], json!(true));

        let wanted = format!("fien@{new}");
        let ask = json!({"email": wanted, "currentPassword": PASSWORD});
        member.client.post("/v1/account/email-address/_change", &ask).expect(202);
        for to in [&member.email, &wanted] {
            let token = server.anyone().mailbox().address_tokens(to, 1).pop().unwrap();
            confirm(&server.anyone(), &token).expect(200);
        }
        let tokens = server.anyone().try_log_in(&wanted, PASSWORD).expect(201).json();
        assert_eq!(tokens["mustChangeEmail"], json!(false));
        server.anyone().with_token(&text(&tokens["accessToken"])).get("/v1/groups").expect(200);
        assert_eq!(due(&admin).len(), 1);
        // Who gets her domain back goes on at once.
        another_domain(server, &school, &[&new, &old]);
        school.admin.get("/v1/groups").expect(200);
        assert!(due(&admin).is_empty());
    }

    /// C055: a substitute's address of an agency, with a reason and an end.
    fn c055_a_substitute_has_the_address_of_an_agency_until_a_day(server: Server) {
        let school = server.school();
        let mut body = school.new_user(Function::Teacher, &[]);
        body["email"] = json!("invaller@bureau.example");
        school.admin.post("/v1/users", &body).refuses(&[("/email", "not-of-the-institution")]);
        for (email, until, refused) in [
            ("invaller@bureau.example", "2026-11-20", ("/addressException/until", "in-the-past")),
            ("invaller@bureau.example", "2027-11-22", ("/addressException/until", "too-far-ahead")),
            ("invaller@gmail.com", "2026-12-18", ("/email", "free-mail-domain")),
            (school.new_email().as_str(), "2026-12-18", ("/email", "not-needed")),
        ] {
            body["email"] = json!(email);
            body["addressException"] = json!({"reason": "Invaller.", "until": until});
            school.admin.post("/v1/users", &body).refuses(&[refused]);
        }
        body["addressException"] = json!({"until": "2026-12-18"});
        school.admin.post("/v1/users", &body).refuses(&[("/addressException/reason", "required")]);

        let (id, email) = substitute(server, &school, "2026-11-21");
        let kept = school.admin.get(&format!("/v1/users/{id}")).expect(200).json();
        let exception = &kept["addressException"];
        assert_eq!((&exception["reason"], &exception["until"]), (&json!("Van een uitzendbureau."), &json!("2026-11-21")));
        assert_eq!((&exception["grantedBy"], &kept["addressDue"]), (&json!(school.admin_id), &json!(null)));
        let client = server.anyone().log_in(&email, PASSWORD);
        client.get("/v1/groups").expect(200);

        server.clock.set("2026-11-21T23:01:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        wait_until(|| due(&admin) == [(id.clone(), json!("exception-ended"))]);
        let client = server.anyone().log_in(&email, PASSWORD);
        client.get("/v1/groups").expect(403).problem("email-change-required");

        except(&admin, &id, &json!({"reason": "Blijft.", "until": "2026-11-21"})).refuses(&[("/until", "in-the-past")]);
        let granted = except(&admin, &id, &json!({"reason": "Blijft nog een week.", "until": "2026-11-29"})).expect(200).json();
        assert_eq!((&granted["addressDue"], &granted["addressException"]["until"]), (&json!(null), &json!("2026-11-29")));
        client.get("/v1/groups").expect(200);
        let own = format!("/v1/users/{}/address-exception", school.admin_id);
        let other = json!({"reason": "Zomaar.", "until": "2026-11-29"});
        admin.put(&own, "*", &other).refuses(&[("/email", "not-needed")]);
        client.put(&own, "*", &other).expect(403).problem("forbidden");
    }
}
