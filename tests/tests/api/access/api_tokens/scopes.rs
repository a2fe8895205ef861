//! What a token may do, and what it never may.

use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::access::{Action, Function, Part};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::openapi::{operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_group, new_pupil};
use groeilijn_tests::{Client, both_databases};
use serde_json::json;

use super::*;
use crate::policy::one_of_each;

both_databases! {
    fn c002_an_auditor_reads_evidence_and_never_anything_about_a_child(server: Server) {
        let school = server.school();
        let body = auditor();
        let token = make(server, &school, &body);
        let ids = one_of_each(server, &school);
        let own = |name: &str| ids.get(name).cloned().unwrap_or_else(|| absent(name));
        let before = school.admin.list("/v1/pupils");
        for operation in operations(&served(server)) {
            if permission(&operation).is_some_and(|(part, _)| part.is_of_children()) {
                let reply = token.client.call(operation.method, &operation.path_with(own)).send();
                reply.expect(403).problem("forbidden");
            }
        }
        let [refused, answered] = ask_everything(server, &token.client, &body, own);
        assert!(refused > 40 && answered >= 8, "{refused} {answered}");
        for path in ["/v1/users", "/v1/institutions", PATH, &format!("/v1/institutions/{}/licence", school.id)] {
            token.client.get(path).expect(200);
        }
        let sessions = token.client.get(&format!("/v1/users/{}/sessions", school.admin_id)).expect(200).items();
        assert!(sessions.iter().all(|session| session["current"] == false), "{sessions:?}");
        assert_eq!(school.admin.list("/v1/pupils"), before);
    }

    fn an_integration_works_with_groups_and_children_and_writes_for_nobody(server: Server) {
        let school = server.school();
        let ids = one_of_each(server, &school);
        let body = integration();
        let client = &make(server, &school, &body).client;
        let group = client.post_once("/v1/groups", &new_group("De Kikkers"), "een").expect(201);
        let again = client.post_once("/v1/groups", &new_group("De Kikkers"), "een").expect(201);
        assert_eq!(group.visible(), again.visible());
        client.change(group.header("Location"), &json!({"name": "De Padden"})).expect(200);
        let mut pupil = new_pupil("Sem");
        pupil["groupId"] = json!(group.id());
        let pupil = client.post_once("/v1/pupils", &pupil, "twee").expect(201).id();
        let path = format!("/v1/pupils/{pupil}");
        client.change(&path, &json!({"vve": true})).expect(200);
        client.post(&format!("{path}/placements"), &json!({"groupId": ids["groupId"], "placedOn": "2026-11-22"})).expect(201);
        client.delete(group.header("Location"), "*").expect(409);
        let notes = format!("/v1/pupils/{}/notes", ids["pupilId"]);
        assert_eq!(client.get(&notes).expect(200).items().len(), 1);
        client.post(&notes, &json!({"text": "Bouwt een toren."})).expect(403).problem("forbidden");

        let [refused, answered] = ask_everything(server, client, &body, absent);
        assert!(refused > 30 && answered > 20, "{refused} {answered}");
    }

    fn a_token_does_what_its_scopes_say_and_nothing_else(server: Server) {
        let school = server.school();
        let body = new_token(ApiTokenKind::Integration, &[(Part::Groups, &[Action::Read])]);
        let client = make(server, &school, &body).client;
        client.get("/v1/groups").expect(200);
        client.post("/v1/groups", &new_group("De Kikkers")).expect(403).problem("forbidden");
        client.get("/v1/pupils").expect(403);
        client.get("/v1/institutions").expect(403);
        client.get(PATH).expect(403);
        client.post(PATH, &auditor()).expect(403);
        let auditor = make(server, &school, &auditor());
        auditor.client.post(PATH, &self::auditor()).expect(403);
        auditor.client.call("DELETE", &auditor.path).send().expect(403);
    }

    fn nobody_gives_a_token_what_was_taken_from_her(server: Server) {
        let school = server.school();
        let second = school.member(Function::Administrator, &[]);
        let rights = json!([{"part": "notes", "actions": []}]);
        let patch = json!({"rights": rights, "reason": "Heeft geen notities nodig."});
        school.admin.change(&format!("/v1/users/{}", second.id), &patch).expect(200);
        let client = server.anyone().log_in(&second.email, PASSWORD);
        let body = new_token(ApiTokenKind::Integration, &[(Part::Notes, &[Action::Read])]);
        client.post(PATH, &body).refuses(&[("/scopes/0", "not-grantable")]);
        school.admin.post(PATH, &body).expect(201);
    }

    fn c067_a_token_does_not_outlast_the_rights_of_its_maker(server: Server) {
        let school = server.school();
        let maker = school.member(Function::Administrator, &[]);
        let made = maker.client.post(PATH, &integration()).expect(201).json();
        let client = server.anyone().with_token(&text(&made["token"]));
        client.get("/v1/pupils").expect(200);
        let user = format!("/v1/users/{}", maker.id);
        let without = json!({"rights": [{"part": "pupils", "actions": []}], "reason": "Andere taak."});
        school.admin.change(&user, &without).expect(200);
        client.get("/v1/pupils").expect(403).problem("forbidden");
        client.get("/v1/groups").expect(200);
        // A teacher reaches her own groups, and a token has none.
        let group = school.group("De Rupsen");
        let teacher = json!({"function": "teacher", "groupIds": [group], "rights": [], "reason": "Voor de klas."});
        school.admin.change(&user, &teacher).expect(200);
        assert!(client.list("/v1/groups").is_empty());
        client.post("/v1/groups", &new_group("De Kikkers")).expect(403);
        let back = json!({"function": "administrator", "groupIds": [], "reason": "Toch weer beheer."});
        school.admin.change(&user, &back).expect(200);
        assert_eq!(client.list("/v1/groups").len(), 1);
        school.admin.change(&user, &json!({"lastDay": "2026-11-20", "reason": "Uit dienst."})).expect(200);
        refuses(&client);
        school.admin.change(&user, &json!({"lastDay": null, "reason": "Toch niet."})).expect(200);
        client.get("/v1/groups").expect(200);
        school.admin.change(&user, &json!({"state": "blocked", "reason": "Weg."})).expect(200);
        refuses(&client);
    }

    fn a_token_is_no_account(server: Server) {
        let school = server.school();
        let token = make(server, &school, &auditor());
        let secret = token.token.split('_').nth(1).unwrap();
        let anyone = server.anyone();
        for tried in [token.token.as_str(), secret] {
            let refresh = json!({ "refreshToken": tried });
            anyone.post("/v1/sessions/_refresh", &refresh).expect(401).problem("unauthenticated");
            let acceptance = json!({"token": tried, "password": "Kiezelpad-8"});
            anyone.post("/v1/invitations/_accept", &acceptance).expect(404);
        }
        token.client.get("/v1/sessions/current").expect(403).problem("forbidden");
        token.client.call("DELETE", "/v1/sessions/current").send().expect(403);
        token.client.get("/v1/account/sessions").expect(403);
        let change = json!({"currentPassword": "x", "newPassword": "Kiezelpad-8"});
        token.client.post("/v1/account/password/_change", &change).expect(403);
        token.client.get("/v1/users").expect(200);
    }

    fn c001_a_token_reaches_its_own_institution_alone(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let theirs = one_of_each(server, &other);
        let [own, foreign] = [&school, &other].map(|school| make(server, school, &auditor()));
        school.admin.sees_nothing(&foreign.id, &[
            ("GET", "/v1/api-tokens/{}", json!(null)),
            ("DELETE", "/v1/api-tokens/{}", json!(null)),
        ]);
        foreign.client.get(&foreign.path).expect(200);
        own.client.sees_nothing(&other.admin_id, &[
            ("GET", "/v1/users/{}", json!(null)),
            ("GET", "/v1/users/{}/sessions", json!(null)),
        ]);
        own.client.sees_nothing(&other.id, &[
            ("GET", "/v1/institutions/{}", json!(null)),
            ("GET", "/v1/institutions/{}/licence", json!(null)),
        ]);
        let listed = |client: &Client, path: &str| client.list(path).iter().map(|item| text(&item["id"])).collect::<Vec<_>>();
        assert_eq!(listed(&own.client, PATH), [own.id.as_str()]);
        assert_eq!(listed(&own.client, "/v1/users"), [school.admin_id.as_str()]);
        assert_eq!(listed(&own.client, "/v1/institutions"), [school.id.as_str()]);

        let program = make(server, &school, &integration()).client;
        program.sees_nothing(&theirs["pupilId"], &[
            ("GET", "/v1/pupils/{}", json!(null)),
            ("PATCH", "/v1/pupils/{}", json!({"vve": true})),
            ("GET", "/v1/pupils/{}/notes", json!(null)),
        ]);
        assert!(program.list("/v1/pupils").is_empty() && program.list("/v1/groups").is_empty());
    }
}
