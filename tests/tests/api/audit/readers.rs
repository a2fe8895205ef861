//! Who may see a child now: the answer is held against what really happens when each of them asks (C096).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::{ConsentKind, SupportKind};
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{
    allow, ask_about, begin, code_of, couple, coupling, request_for_case, request_with,
};
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn readers(admin: &Client, pupil: &str) -> Vec<Value> {
    let reply = admin.get(&format!("/v1/pupils/{pupil}/readers")).expect(200).json();
    reply["readers"].as_array().unwrap().clone()
}

/// Whether somebody is told to be able to read a part of what is kept about the child.
fn may_read(readers: &[Value], basis_id: &str, part: &str) -> bool {
    let reads =
        |one: &Value| one["part"] == part && one["actions"].as_array().unwrap().contains(&json!("read"));
    let of_one = |one: &&Value| one["basisId"] == json!(basis_id);
    readers.iter().filter(of_one).any(|one| one["parts"].as_array().unwrap().iter().any(reads))
}

fn of_basis<'a>(readers: &'a [Value], basis: &str) -> Vec<&'a Value> {
    readers.iter().filter(|one| one["basis"] == basis).collect()
}

both_databases! {
    fn c096_the_answer_is_what_each_users_next_request_gets(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let elsewhere = school.group("De Vlinders");
        let mut members = vec![(class.teacher.id.clone(), class.teacher.client.clone())];
        for function in Function::ALL.into_iter().filter(|function| *function != Function::Administrator) {
            for group in [&class.group, &elsewhere] {
                let member = school.member(function, &[group]);
                members.push((member.id, member.client));
            }
        }
        // One who had the right taken away, and one whose last day is over.
        let limited = school.member(Function::Teacher, &[&class.group]);
        let rights = json!({"rights": [{"part": "notes", "actions": []}], "reason": "Leest niet mee."});
        admin.change(&format!("/v1/users/{}", limited.id), &rights).expect(200);
        members.push((limited.id.clone(), limited.client.log_in(&limited.email, PASSWORD)));
        members.push((school.admin_id.clone(), admin.clone()));

        let told = readers(admin, &class.pupil);
        let pupil = format!("/v1/pupils/{}", class.pupil);
        let mut seen = 0;
        for (id, client) in &members {
            for (part, path) in [
                ("pupils", pupil.clone()),
                ("notes", format!("{pupil}/notes")),
                ("registrations", format!("{pupil}/registrations")),
                ("overviews", format!("{pupil}/overview")),
            ] {
                let status = client.get(&path).status;
                assert_eq!(may_read(&told, id, part), status == 200, "{id} {part}: {status}");
                seen += usize::from(status == 200);
            }
        }
        assert!(seen > 20, "{seen}");
        assert!(!may_read(&told, &limited.id, "notes") && may_read(&told, &limited.id, "pupils"));
        let teacher = told.iter().find(|one| one["basisId"] == json!(class.teacher.id)).unwrap();
        assert_eq!((&teacher["who"], &teacher["function"]), (&json!("teacher"), &json!("teacher")));
        assert_eq!(teacher["firstName"], "Fien");
    }

    fn c096_who_left_was_blocked_or_lost_the_group_is_there_no_more(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let others = ["blocked", "last day", "group"].map(|_| school.member(Function::Teacher, &[&class.group]));
        let is_there = |id: &str| may_read(&readers(admin, &class.pupil), id, "pupils");
        assert!(others.iter().all(|one| is_there(&one.id)));
        let change = |id: &str, change: Value| drop(admin.change(&format!("/v1/users/{id}"), &change).expect(200));
        change(&others[0].id, json!({"state": "blocked", "reason": "Weg."}));
        change(&others[1].id, json!({"lastDay": "2026-11-21", "reason": "Weg."}));
        change(&others[2].id, json!({"groupIds": [], "reason": "Andere groep."}));
        assert!(is_there(&others[1].id), "her last day is today");
        server.clock.advance(SignedDuration::from_hours(24));
        let admin = admin.log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let told = readers(&admin, &class.pupil);
        assert!(others.iter().all(|one| !may_read(&told, &one.id, "pupils")));
        assert!(may_read(&told, &class.teacher.id, "pupils"));
    }

    fn c010_c012_c013_c096_c100_the_processor_is_there_with_what_it_can_look_by(server: Server) {
        let class = server.class();
        let (school, admin) = (&class.school, &class.school.admin);
        let at_first = readers(admin, &class.pupil);
        for basis in ["support-session", "support-consent", "coupling", "support-request", "api-token"] {
            assert!(of_basis(&at_first, basis).is_empty(), "{basis}");
        }
        let emergency = of_basis(&at_first, "emergency");
        assert_eq!((emergency.len(), &emergency[0]["basisId"]), (1, &Value::Null));
        assert_eq!(emergency[0]["staffFunction"], "platform-administrator");

        let adviser = server.new_staff(ProcessorFunction::Adviser);
        let coupled = couple(server, school, &coupling(school, &adviser.id));
        let request = ask_about(school, &json!({"pupilIds": [class.pupil]}));
        let other = school.pupil("Sem", &school.group("De Vlinders"));
        let of_other = ask_about(school, &json!({"pupilIds": [other]}));
        let consent = allow(server, &class.teacher.client, ConsentKind::LookAlong);
        let told = readers(admin, &class.pupil);
        assert_eq!(of_basis(&told, "coupling")[0]["actorId"], json!(adviser.id));
        assert!(may_read(&told, &coupled, "registrations") && !may_read(&told, &coupled, "notes"));
        assert!(may_read(&told, &request, "pupils"));
        assert!(!may_read(&told, &of_other, "pupils"), "it names another child");
        assert!(may_read(&told, &consent, "support-view"));
        assert!(!may_read(&readers(admin, &other), &consent, "support-view"), "the teacher does not see that child");

        let looking = request_with(server, school, &class.teacher.id, &code_of(&class.teacher.client));
        let (helpdesk, session) = begin(&server.staff(ProcessorFunction::Helpdesk), &looking);
        let looks = || may_read(&readers(admin, &class.pupil), &session, "support-view");
        let path = format!("/v1/support-view/pupils/{}/registrations", class.pupil);
        helpdesk.get(&path).expect(200);
        assert!(looks());
        class.teacher.client.call("DELETE", &format!("/v1/support-consents/{consent}")).send().expect(204);
        assert!(!looks());
        helpdesk.get(&path).expect(403);
        admin.call("DELETE", &format!("/v1/couplings/{coupled}")).send().expect(204);
        assert!(of_basis(&readers(admin, &class.pupil), "coupling").is_empty());
        let (_, session) = begin(&server.platform(), &request_for_case(server, school, SupportKind::Emergency));
        assert!(may_read(&readers(admin, &class.pupil), &session, "notes"));
    }

    fn c096_a_program_with_a_token_is_there_as_long_as_its_token(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let body = json!({
            "name": "Koppeling", "kind": "integration", "scopes": [{"part": "notes", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let made = admin.post("/v1/api-tokens", &body).expect(201).json();
        let id = text(&made["apiToken"]["id"]);
        let told = readers(admin, &class.pupil);
        assert!(may_read(&told, &id, "notes") && !may_read(&told, &id, "pupils"));
        admin.call("DELETE", &format!("/v1/api-tokens/{id}")).send().expect(204);
        assert!(of_basis(&readers(admin, &class.pupil), "api-token").is_empty());
    }

    fn c096_it_is_told_to_who_answers_for_the_log_and_of_her_own_institution(server: Server) {
        let (class, other) = (server.class(), server.class());
        let path = |pupil: &str| format!("/v1/pupils/{pupil}/readers");
        for client in [&class.teacher.client, &class.school.member(Function::Management, &[]).client, &server.platform()] {
            client.get(&path(&class.pupil)).expect(403).problem("forbidden");
        }
        let absent = [ABSENT, &other.pupil].map(|pupil| class.school.admin.get(&path(pupil)).expect(404).visible());
        assert_eq!(absent[0], absent[1]);
    }
}
