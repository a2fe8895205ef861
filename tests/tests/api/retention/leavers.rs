//! Users and staff who left become stubs when their term is over: what they wrote keeps an author without a name.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::instruction::contact_person;
use groeilijn_tests::{Board, both_databases, wait_until};
use serde_json::json;

use super::{count, count_of, log_in_anew};

const REASON: &str = "Werkt nu ergens anders.";
const DESTROYED: &str = "SELECT count(*) AS count FROM subject_key WHERE subject_id = $1 AND destroyed_at IS NOT NULL AND wrapped IS NULL";
const ALL_DESTROYED: &str = "SELECT count(*) AS count FROM subject_key WHERE destroyed_at IS NOT NULL";

both_databases! {
    fn c067_a_user_who_left_becomes_a_stub_and_what_she_wrote_stays(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        let registration = class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let path = format!("/v1/users/{}", teacher.id);
        admin.change(&path, &json!({"lastDay": "2026-11-30", "reason": REASON})).expect(200);
        let destroyed = |id: &str| count_of(&mut server.installation().raw_keys(), DESTROYED, id);

        server.clock.set("2027-11-30T22:59:00Z");
        let email = format!("beheerder@{}", class.school.domain);
        let admin = log_in_anew(server, &email);
        assert_eq!(admin.get(&path).expect(200).json()["lastName"], "Verzonnen");
        let colleague = format!("/v1/colleagues/{}", teacher.id);
        assert_eq!(admin.get(&colleague).expect(200).json()["hasLeft"], json!(true));
        let named = json!({"id": teacher.id, "name": "Fien van Verzonnen"});
        assert_eq!(admin.get(&format!("/v1/notes/{note}")).expect(200).json()["author"], named);
        assert_eq!(destroyed(&teacher.id), 0);

        // Her last day ended at midnight in Amsterdam, a year ago. A turn is taken each hour.
        server.clock.set("2027-12-01T00:01:00Z");
        wait_until(|| destroyed(&teacher.id) == 1);
        let admin = server.anyone().log_in(&email, super::LATER_PASSWORD);
        admin.get(&path).expect(404).problem("not-found");
        admin.get(&colleague).expect(404).problem("not-found");
        admin.get(&format!("{path}/right-changes")).expect(404);
        assert!(admin.list("/v1/users").iter().all(|user| user["id"] != json!(teacher.id)));
        let note = admin.get(&format!("/v1/notes/{note}")).expect(200).json();
        assert_eq!((&note["authorId"], &note["text"]), (&json!(teacher.id), &json!("Vertelt over de vakantie.")));
        let registration = admin.get(&format!("/v1/registrations/{registration}")).expect(200).json();
        assert_eq!(registration["authorId"], json!(teacher.id));
        let unnamed = json!({"id": teacher.id, "name": null});
        assert_eq!((&note["author"], &registration["author"]), (&unnamed, &unnamed));
        admin.list(&format!("/v1/pupils/{}/notes", class.pupil));
        server.anyone().try_log_in(&teacher.email, PASSWORD).expect(401);
        let stub = "SELECT count(*) AS count FROM users u JOIN membership m ON m.user_id = u.id \
            WHERE u.id = $1 AND length(u.name) = 0 AND length(u.email) = 0 AND length(u.gender) = 0 \
            AND m.function = 'teacher' AND m.state = 'blocked' AND m.last_day IS NULL";
        assert_eq!(count_of(&mut server.raw_data(), stub, &teacher.id), 1);
        let log = server.audit_log(&class.school.id);
        log.check();
        let ended: Vec<_> = log.entries().into_iter().filter(|entry| entry.operation == "endUser").collect();
        assert_eq!(ended.len(), 1);
        assert_eq!((ended[0].actor_kind.as_str(), &ended[0].actor), ("system", &None));

        // Somebody else may get her address, and she herself may come back: as another user.
        let mut again = class.school.new_user(Function::Teacher, &[]);
        again["email"] = json!(teacher.email);
        let again = admin.post("/v1/users", &again).expect(201).json();
        assert_ne!(again["user"]["id"], json!(teacher.id));
    }

    fn c067_who_is_let_in_again_in_time_stays(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let path = format!("/v1/users/{}", member.id);
        school.admin.change(&path, &json!({"state": "blocked", "reason": REASON})).expect(200);
        server.clock.set("2027-11-20T09:00:00Z");
        let admin = log_in_anew(server, &format!("beheerder@{}", school.domain));
        admin.change(&path, &json!({"state": "active", "reason": "Zij is terug."})).expect(200);
        let blocked = school_member_blocked(server, &admin, &school);
        server.clock.set("2028-11-21T09:00:00Z");
        wait_until(|| count_of(&mut server.installation().raw_keys(), DESTROYED, &blocked) == 1);
        assert_eq!(count_of(&mut server.installation().raw_keys(), DESTROYED, &member.id), 0);
    }

    fn c067_a_login_stays_as_long_as_she_is_a_user_of_another_institution(server: Server) {
        let board = Board::found(server);
        let (member, there) = board.teacher_at_both(&[]);
        let left = json!({"state": "blocked", "reason": REASON});
        board.one.admin.change(&format!("/v1/users/{}", member.id), &left).expect(200);
        server.clock.set("2027-11-22T09:00:00Z");
        wait_until(|| count_of(&mut server.installation().raw_keys(), DESTROYED, &member.id) == 1);
        let client = log_in_anew(server, &member.email);
        let own = client.get("/v1/sessions/current").expect(200).json();
        assert_eq!((&own["institutionId"], &own["userId"]), (&json!(board.other.id), &json!(there)));
        assert_eq!(count(&mut server.installation().raw_keys(), ALL_DESTROYED), 1);
        let admin = log_in_anew(server, &format!("directie@{}", board.other.domain));
        admin.get(&format!("/v1/users/{there}")).expect(200);
        admin.change(&format!("/v1/users/{there}"), &left).expect(200);
        server.clock.set("2028-11-23T09:00:00Z");
        wait_until(|| count(&mut server.installation().raw_keys(), ALL_DESTROYED) == 2);
        assert_eq!(count_of(&mut server.installation().raw_keys(), DESTROYED, &there), 1);
    }

    fn c019_who_was_a_contact_person_is_forgotten_a_year_later(server: Server) {
        let school = server.school();
        let (kept, gone) = (contact_person(&school), contact_person(&school));
        let path = format!("/v1/institutions/{}/contact-persons", school.id);
        school.admin.call("DELETE", &format!("{path}/{gone}")).send().expect(204);
        let destroyed = |id: &str| count_of(&mut server.installation().raw_keys(), DESTROYED, id);
        server.clock.set("2027-11-21T08:59:00Z");
        let admin = log_in_anew(server, &format!("beheerder@{}", school.domain));
        assert_eq!((admin.list(&path).len(), destroyed(&gone)), (2, 0));
        server.clock.set("2027-11-21T10:01:00Z");
        wait_until(|| destroyed(&gone) == 1);
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), super::LATER_PASSWORD);
        let left = admin.list(&path);
        assert_eq!((left.len(), &left[0]["id"]), (1, &json!(kept)));
    }

    fn c045_c067_staff_who_left_become_stubs_and_their_statements_go_later(server: Server) {
        let staff = server.new_staff(ProcessorFunction::Helpdesk);
        let guessed = server.new_staff(ProcessorFunction::Marketing);
        let path = format!("/v1/processor-staff/{}", staff.id);
        let platform = server.platform();
        platform.change(&path, &json!({"state": "blocked", "reason": "Uit dienst."})).expect(200);
        for _ in 0..3 {
            server.anyone().try_log_in(&guessed.email, "Verkeerd-1").expect(401);
        }
        let destroyed = |id: &str| count_of(&mut server.installation().raw_keys(), DESTROYED, id);
        let statements = |id: &str| {
            let signed = "SELECT count(*) AS count FROM confidentiality_statement WHERE staff_id = $1";
            count_of(&mut server.raw_data(), signed, id)
        };
        server.clock.set("2027-11-22T09:00:00Z");
        wait_until(|| destroyed(&staff.id) == 1);
        assert_eq!((destroyed(&guessed.id), statements(&staff.id)), (0, 1), "wrong passwords are no leaving");
        let log = server.platform_audit_log();
        assert!(log.entries().iter().any(|entry| entry.operation == "endStaff" && entry.actor_kind == "system"));
        server.clock.set("2031-11-24T09:00:00Z");
        wait_until(|| statements(&staff.id) == 0);
        assert_eq!(statements(&guessed.id), 1);
    }
}

/// Another user of a school, whom the administrator just blocked.
fn school_member_blocked(
    server: &groeilijn_tests::Server,
    admin: &groeilijn_tests::Client,
    school: &groeilijn_tests::School,
) -> String {
    let body = school.new_user(Function::Teacher, &[]);
    let made = admin.post("/v1/users", &body).expect(201).json();
    let id = groeilijn_tests::reply::text(&made["user"]["id"]);
    server.anyone().mailbox().token(body["email"].as_str().unwrap());
    admin.change(&format!("/v1/users/{id}"), &json!({"state": "blocked", "reason": REASON})).expect(200);
    id
}
