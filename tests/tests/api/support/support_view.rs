//! What the helpdesk sees of children while it looks along.

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::ConsentKind;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::reply::text;
use groeilijn_tests::support::{allow, begin, code_of, request_with};
use groeilijn_tests::{Client, School, Server, both_databases};
use serde_json::json;

/// The helpdesk, looking along with a user who just allowed it.
fn looking_along(server: &Server, school: &School, user: &str, client: &Client) -> Client {
    allow(server, client, ConsentKind::LookAlong);
    let body = request_with(server, school, user, &code_of(client));
    begin(&server.staff(ProcessorFunction::Helpdesk), &body).0
}

both_databases! {
    fn c016_a_child_is_shown_with_exactly_these_fields(server: Server) {
        let class = server.class();
        let path = format!("/v1/pupils/{}", class.pupil);
        let known = json!({"homeLanguage": "ary", "particulars": "Draagt een bril.", "vve": true, "infix": "de"});
        class.school.admin.change(&path, &known).expect(200);
        let helpdesk = looking_along(server, &class.school, &class.teacher.id, &class.teacher.client);
        assert_eq!(helpdesk.list("/v1/support-view/pupils"), [json!({
            "id": class.pupil, "firstName": "Noor", "lastName": "Fantasie", "birthDate": "2022-05-04",
            "homeLanguage": "ary",
        })]);
    }

    fn c016_a_registration_is_shown_with_its_milestones_and_nothing_else(server: Server) {
        let class = server.class();
        let framework = class.teacher.client.get(&format!("/v1/frameworks/{}", class.framework)).expect(200).json();
        let line = &framework["document"]["areas"][0]["lines"][0];
        let milestone = text(&line["phases"][0]["milestones"][0]["code"]);
        let judgements = json!({
            "scales": {"curious-and-enterprising": 3}, "milestones": {milestone.clone(): "reached"},
            "lines": {text(&line["code"]): {"attention": true}},
        });
        let id = class.register(&class.pupil, "2026-11-20", &judgements);
        let versions = format!("/v1/registrations/{id}/versions");
        class.teacher.client.post(&versions, &json!({"reason": "Te snel ingevuld."})).expect(201);
        let helpdesk = looking_along(server, &class.school, &class.teacher.id, &class.teacher.client);
        let path = format!("/v1/support-view/pupils/{}/registrations", class.pupil);
        assert_eq!(helpdesk.list(&path), [json!({
            "id": id, "milestones": {milestone: "reached"},
        })]);
    }

    fn c012_the_helpdesk_sees_no_more_children_than_the_user(server: Server) {
        let class = server.class();
        let other = class.school.group("De Vlinders");
        let hidden = class.school.pupil("Sem", &other);
        let registrations = |pupil: &str| format!("/v1/support-view/pupils/{pupil}/registrations");
        let helpdesk = looking_along(server, &class.school, &class.teacher.id, &class.teacher.client);
        let seen = |client: &Client| client.list("/v1/support-view/pupils").len();
        assert_eq!(seen(&helpdesk), 1);
        helpdesk.get(&registrations(&class.pupil)).expect(200);
        let answers = [&hidden, ABSENT].map(|pupil| helpdesk.get(&registrations(pupil)).expect(404).visible());
        assert_eq!(answers[0], answers[1]);
        let admin = looking_along(server, &class.school, &class.school.admin_id, &class.school.admin);
        assert_eq!(admin.list("/v1/support-view/pupils?limit=1").len(), 2);
        admin.get(&registrations(&hidden)).expect(200);
        let change = json!({"groupIds": [], "reason": "Andere groep."});
        class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &change).expect(200);
        assert_eq!(seen(&helpdesk), 0);
    }

    fn whoever_sees_no_registrations_herself_shows_none(server: Server) {
        let school = server.school();
        let officer = school.member(Function::QualityOfficer, &[]);
        allow(server, &officer.client, ConsentKind::LookAlong);
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let body = request_with(server, &school, &officer.id, &code_of(&officer.client));
        let refused = helpdesk.post("/v1/support-sessions", &body).expect(403).problem("forbidden");
        assert_eq!(refused.code(), "sees-no-registrations");
    }

    fn c016_registrations_are_paged_by_what_tells_nothing_of_them(server: Server) {
        let class = server.class();
        let judged = json!({"scales": {"curious-and-enterprising": 3}});
        let days = ["2026-01-20", "2026-05-20", "2026-11-20"];
        let mut made: Vec<_> = days.map(|day| class.register(&class.pupil, day, &judged)).into();
        made.reverse();
        let helpdesk = looking_along(server, &class.school, &class.teacher.id, &class.teacher.client);
        let path = format!("/v1/support-view/pupils/{}/registrations?limit=1", class.pupil);
        let listed = helpdesk.list(&path);
        assert_eq!(listed.iter().map(|seen| text(&seen["id"])).collect::<Vec<_>>(), made);
    }

    fn c016_nobody_else_has_the_view(server: Server) {
        let class = server.class();
        for client in [&class.school.admin, &class.teacher.client, &server.staff(ProcessorFunction::Helpdesk)] {
            client.get("/v1/support-view/pupils").expect(403).problem("forbidden");
        }
    }
}
