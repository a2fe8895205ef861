//! Sessions that have not ended: looking at them and ending them, one's own and those of users.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::Value;

const OWN: &str = "/v1/account/sessions";

fn ids(sessions: &[Value]) -> Vec<String> {
    sessions.iter().map(|session| text(&session["id"])).collect()
}

fn current(client: &Client) -> String {
    client.get("/v1/sessions/current").expect(200).id()
}

fn end(client: &Client, path: &str, status: u16) {
    client.call("DELETE", path).send().expect(status);
}

both_databases! {
    fn everybody_sees_her_own_sessions_the_newest_first(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let second = server.anyone().log_in(&user.email, PASSWORD);
        let sessions = second.get(OWN).expect(200).items();
        assert_eq!(ids(&sessions), [current(&second), current(&user.client)]);
        assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&Value::Bool(true), &Value::Bool(false)));
        for session in &sessions {
            let [created, active, ends] = ["createdAt", "lastActivityAt", "endsAt"]
                .map(|field| text(&session[field]).parse::<jiff::Timestamp>().unwrap());
            assert!(created <= active);
            assert_eq!(ends.duration_since(active), SignedDuration::from_mins(30));
        }
        let staff = server.staff(ProcessorFunction::Helpdesk);
        assert_eq!(ids(&staff.get(OWN).expect(200).items()), [current(&staff)]);
    }

    fn a_session_that_has_ended_by_itself_is_not_listed(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        server.clock.advance(SignedDuration::from_mins(30));
        let second = server.anyone().log_in(&user.email, PASSWORD);
        assert_eq!(ids(&second.get(OWN).expect(200).items()), [current(&second)]);
        server.clock.advance(SignedDuration::from_hours(13));
        let third = server.anyone().log_in(&user.email, PASSWORD);
        assert_eq!(ids(&third.get(OWN).expect(200).items()), [current(&third)]);
    }

    fn everybody_ends_her_own_sessions_one_by_one(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let second = server.anyone().log_in(&user.email, PASSWORD);
        let lost = current(&user.client);
        end(&second, &format!("{OWN}/{lost}"), 204);
        user.client.get("/v1/sessions/current").expect(401);
        assert_eq!(ids(&second.get(OWN).expect(200).items()), [current(&second)]);
        end(&second, &format!("{OWN}/{lost}"), 404);
        end(&second, &format!("{OWN}/{}", current(&second)), 204);
        second.get(OWN).expect(401);
    }

    fn a_session_of_somebody_else_looks_absent(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let user = school.member(Function::Teacher, &[]);
        let platform = server.platform();
        for theirs in [&school.admin, &other.admin, &platform] {
            let [answer, of_nothing] = [current(theirs), ABSENT.to_owned()]
                .map(|id| user.client.call("DELETE", &format!("{OWN}/{id}")).send().expect(404));
            assert_eq!(answer.visible(), of_nothing.visible());
            theirs.get("/v1/sessions/current").expect(200);
        }
    }

    fn an_administrator_sees_and_ends_the_sessions_of_her_users(server: Server) {
        let school = server.school();
        let user = school.member(Function::Teacher, &[]);
        let second = server.anyone().log_in(&user.email, PASSWORD);
        let path = format!("/v1/users/{}/sessions", user.id);
        let sessions = school.admin.get(&path).expect(200).items();
        assert_eq!(ids(&sessions), [current(&second), current(&user.client)]);
        assert!(sessions.iter().all(|session| session["current"] == false));

        let before = server.audit_log(&school.id);
        end(&school.admin, &path, 204);
        let entries = before.added(&server.audit_log(&school.id));
        assert!(entries.iter().any(|entry| {
            entry.operation == "endSessionsOfUser" && entry.actor.as_ref() == Some(&school.admin_id)
        }));
        for client in [&second, &user.client] {
            client.get("/v1/sessions/current").expect(401).problem("unauthenticated");
        }
        assert_eq!(school.admin.get(&path).expect(200).items(), [0; 0]);
        server.anyone().log_in(&user.email, PASSWORD);
        school.admin.get(&path).expect(200);
    }

    fn only_an_administrator_of_the_institution_itself_sees_sessions_of_users(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let user = school.member(Function::InternBegeleider, &[]);
        let path = format!("/v1/users/{}/sessions", user.id);
        for method in ["GET", "DELETE"] {
            let [answer, of_nothing] = [&path, &format!("/v1/users/{ABSENT}/sessions")]
                .map(|path| other.admin.call(method, path).send().expect(404));
            assert_eq!(answer.visible(), of_nothing.visible());
            for client in [&user.client, &server.platform()] {
                client.call(method, &path).send().expect(403).problem("forbidden");
            }
        }
        user.client.get("/v1/sessions/current").expect(200);
    }
}
