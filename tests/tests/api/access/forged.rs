//! Whoever can write the data database, but has no keys, does not get in by it.

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::Function;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::support::SupportKind;
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::support::{begin, request_for_case};
use groeilijn_tests::{Authenticator, Member, School, Server, both_databases};
use serde_json::json;
use uuid::Uuid;

const ACCOUNT: &str = "(SELECT account_id FROM membership WHERE user_id = $1)";

const OTHER: &str = "(SELECT account_id FROM membership WHERE user_id = $2)";

fn bytes(id: &str) -> Vec<u8> {
    Uuid::parse_str(id).unwrap().as_bytes().to_vec()
}

/// Changes rows behind the service's back.
fn change(data: &mut AnyConnection, statement: &str, user: &str) {
    let changed = sql_query(statement).bind::<Binary, _>(bytes(user)).execute(data).unwrap();
    assert!(changed > 0, "{statement}");
}

/// The same, with two users.
fn change_for(data: &mut AnyConnection, statement: &str, user: &str, other: &str) {
    let change = sql_query(statement).bind::<Binary, _>(bytes(user)).bind::<Binary, _>(bytes(other));
    assert!(change.execute(data).unwrap() > 0, "{statement}");
}

/// How often the platform administrator was told.
fn told(server: &Server) -> usize {
    let events = server.platform().list("/v1/security-events");
    events.iter().filter(|event| event["kind"] == SecurityEventKind::RowForged.code()).count()
}

fn two_teachers(school: &School) -> (Member, Member) {
    (school.member(Function::Teacher, &[]), school.member(Function::Teacher, &[]))
}

both_databases! {
    fn c063_a_hash_that_was_exchanged_opens_nothing_and_is_told(server: Server) {
        let school = server.school();
        let (victim, thief) = two_teachers(&school);
        let mut data = server.raw_data();
        let own = format!("(SELECT password_hash FROM account WHERE id = {ACCOUNT})");
        let exchange = format!("UPDATE account SET password_hash = {own} WHERE id = {OTHER}");
        change_for(&mut data, &exchange, &thief.id, &victim.id);
        server.anyone().try_log_in(&victim.email, PASSWORD).expect(401);
        assert_eq!(told(server), 1);
        // Met again within the hour it is not told again; nobody else is harmed.
        server.anyone().try_log_in(&victim.email, PASSWORD).expect(401);
        victim.client.get("/v1/sessions/current").expect(401);
        assert_eq!(told(server), 1);
        server.anyone().try_log_in(&thief.email, PASSWORD).expect(201);
    }

    fn a_right_a_function_and_a_state_that_were_changed_are_refused(server: Server) {
        let school = server.school();
        for statement in [
            "UPDATE membership SET function = 'administrator' WHERE user_id = $1",
            "UPDATE membership SET rights = '{\"users\":[\"read\"]}' WHERE user_id = $1",
            "UPDATE membership SET last_day = '2099-01-01' WHERE user_id = $1",
            "UPDATE membership SET limited_to_locations = 1 WHERE user_id = $1",
            &format!("UPDATE account SET processor_function = 'platform-administrator' WHERE id = {ACCOUNT}"),
            &format!("UPDATE session SET expires_at = expires_at + 1 WHERE account_id = {ACCOUNT}"),
        ] {
            let member = school.member(Function::Teacher, &[]);
            member.client.get("/v1/sessions/current").expect(200);
            change(&mut server.raw_data(), statement, &member.id);
            // What is remembered of a session lasts until the service writes something.
            school.group("De Rupsen");
            member.client.get("/v1/sessions/current").expect(401);
        }
        assert_eq!(told(server), 1);
        let blocked = school.member(Function::Teacher, &[]);
        let path = format!("/v1/users/{}", blocked.id);
        school.admin.change(&path, &json!({"state": "blocked", "reason": "Is weg."})).expect(200);
        let unblock = "UPDATE membership SET state = 'active' WHERE user_id = $1";
        change(&mut server.raw_data(), unblock, &blocked.id);
        server.anyone().try_log_in(&blocked.email, PASSWORD).expect(401);
    }

    fn a_second_factor_that_was_taken_away_or_exchanged_is_still_asked_for(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let app = Authenticator::bind(&member.client);
        let mut data = server.raw_data();
        change(&mut data, &format!("DELETE FROM second_factor WHERE account_id = {ACCOUNT}"), &member.id);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
        server.anyone().try_log_in_with_code(&member.email, PASSWORD, &app.code()).expect(401);
        assert_eq!(told(server), 1);
        let away = format!("UPDATE account SET second_factor_at = NULL WHERE id = {ACCOUNT}");
        change(&mut data, &away, &member.id);
        server.anyone().try_log_in(&member.email, PASSWORD).expect(401);
    }

    fn what_ended_cannot_be_brought_back_and_nothing_is_made_up(server: Server) {
        let school = server.school();
        let (member, other) = two_teachers(&school);
        member.client.call("DELETE", "/v1/sessions/current").send().expect(204);
        let mut data = server.raw_data();
        let open = format!("UPDATE session SET ended_at = NULL, end_reason = NULL WHERE account_id = {ACCOUNT}");
        change(&mut data, &open, &member.id);
        school.group("De Rupsen");
        member.client.get("/v1/sessions/current").expect(401);
        // A session of somebody else is not taken over, nor is a link made up for her.
        let taken = format!("UPDATE session SET account_id = {ACCOUNT} WHERE account_id = {OTHER}");
        change_for(&mut data, &taken, &member.id, &other.id);
        school.group("De Vlinders");
        other.client.get("/v1/sessions/current").expect(401);
        let made_up = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let hash: Vec<u8> = <sha2::Sha256 as sha2::Digest>::digest([0; 32]).to_vec();
        sql_query(
            "INSERT INTO invitation (id, account_id, institution_id, kind, token_hash, created_at, expires_at, proof) \
             SELECT user_id, account_id, institution_id, 'set-password', $1, 0, 4102444800000000, $1 \
             FROM membership WHERE user_id = $2",
        )
        .bind::<Binary, _>(hash)
        .bind::<Binary, _>(bytes(&member.id))
        .execute(&mut data)
        .unwrap();
        let chosen = json!({"token": made_up, "password": "Klaproos-12"});
        server.anyone().post("/v1/invitations/_accept", &chosen).expect(404);
        assert_eq!(told(server), 1);
    }

    fn c048_a_look_that_was_made_up_or_widened_shows_nothing(server: Server) {
        let class = server.class();
        let body = request_for_case(server, &class.school, SupportKind::Emergency);
        let (looking, id) = begin(&server.platform(), &body);
        looking.get("/v1/groups").expect(200);
        let widened = sql_query("UPDATE support_session SET free_text = 1 - free_text WHERE id = $1");
        widened.bind::<Binary, _>(bytes(&id)).execute(&mut server.raw_data()).unwrap();
        class.school.group("De Vlinders");
        looking.get("/v1/groups").expect(401);
        assert_eq!(told(server), 1);
    }
}
