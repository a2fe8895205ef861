//! A request that is repeated with its `Idempotency-Key` is not done again: what it made is read anew, as a GET would.

use std::collections::BTreeSet;

use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::class::finalise;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{new_domain, new_group, new_institution, new_pupil, set_password};
use groeilijn_tests::{Client, Database, Reply, both_databases};
use serde_json::{Value, json};

const COLUMNS: [&str; 8] = [
    "actor_id",
    "idempotency_key",
    "fingerprint",
    "created_at",
    "status",
    "location",
    "revision",
    "created_ids",
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    created_ids: Option<String>,
}

/// Checks that a repeated request shows what stands at its `Location` now.
#[track_caller]
fn is_read_anew(client: &Client, first: &Reply, again: Reply) {
    let again = again.expect(201);
    assert_eq!(again.header("Location"), first.header("Location"));
    let now = client.get(first.header("Location")).expect(200);
    assert_eq!((again.json(), again.etag()), (now.json(), now.etag()));
}

both_databases! {
    fn a_repeated_request_shows_what_it_made_as_it_is_now(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher.client);
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let registrations = format!("/v1/pupils/{}/registrations", class.pupil);
        let judgements = json!({"scales": {"involvement": 3}});
        let begun = class.new_registration("2026-11-20", &judgements);
        let more = json!({"judgements": {"scales": {"involvement": 5}}});
        for (client, path, body, patch) in [
            (admin, "/v1/groups", new_group("De Bijen"), json!({"name": "De Wespen"})),
            (admin, "/v1/pupils", new_pupil("Sem"), json!({"firstName": "Semih"})),
            (teacher, &notes, json!({"text": "Telt tot tien."}), json!({"text": "Telt tot twintig."})),
            (teacher, &registrations, begun, more),
        ] {
            let key = format!("een-{path}");
            let first = client.post_once(path, &body, &key).expect(201);
            is_read_anew(client, &first, client.post_once(path, &body, &key));
            let changed = client.change(first.header("Location"), &patch).expect(200);
            assert_ne!(changed.etag(), first.etag());
            is_read_anew(client, &first, client.post_once(path, &body, &key));
        }
        assert_eq!((teacher.list(&notes).len(), teacher.list(&registrations).len()), (1, 1));
    }

    fn a_repeated_correction_shows_the_version_that_it_began(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let registration = class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 3}}));
        let versions = format!("/v1/registrations/{registration}/versions");
        let reason = json!({"reason": "Bij het verkeerde kind ingevuld."});
        let second = teacher.post_once(&versions, &reason, "een").expect(201);
        finalise(teacher, &registration);
        let third = teacher.post_once(&versions, &reason, "twee").expect(201);
        assert_ne!(second.header("Location"), third.header("Location"));
        is_read_anew(teacher, &second, teacher.post_once(&versions, &reason, "een"));
        teacher.delete(&format!("/v1/registrations/{registration}"), "*").expect(204);
        teacher.post_once(&versions, &reason, "twee").expect(404).problem("not-found");
        is_read_anew(teacher, &second, teacher.post_once(&versions, &reason, "een"));
        assert_eq!(teacher.list(&versions).len(), 2);
    }

    fn c006_c089_what_came_out_of_reach_is_not_shown_to_who_made_it(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let body = json!({"text": "Telt tot tien."});
        let first = teacher.post_once(&notes, &body, "een").expect(201);
        let next_door = class.school.group("De Vlinders");
        let placement = json!({"groupId": next_door, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);

        let log = server.audit_log(&class.school.id);
        let again = teacher.post_once(&notes, &body, "een").expect(404).problem("not-found");
        let entries = log.added(&server.audit_log(&class.school.id));
        let [entry] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((entry.operation.as_str(), entry.outcome.as_str()), ("createNote", "denied"));
        assert_eq!(entry.objects, [(ObjectKind::Pupil, class.pupil.clone()), (ObjectKind::Note, first.id())]);
        assert_eq!(entry.actor.as_ref(), Some(&class.teacher.id));
        let read = teacher.get(first.header("Location")).expect(404);
        assert_eq!(again.visible(), read.visible());

        // It was not written again, and is hers again when the child is.
        let back = json!({"groupId": class.group, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &back).expect(201);
        is_read_anew(teacher, &first, teacher.post_once(&notes, &body, "een"));
        assert_eq!(teacher.list(&notes).len(), 1);
    }

    fn c089_a_repeated_request_is_on_record_with_the_child_that_it_shows(server: Server) {
        let class = server.class();
        let (admin, teacher) = (&class.school.admin, &class.teacher.client);
        let child = (ObjectKind::Pupil, class.pupil.clone());
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let placements = format!("/v1/pupils/{}/placements", class.pupil);
        let placement = json!({"groupId": class.school.group("De Vlinders"), "placedOn": "2026-11-21"});
        for (client, path, body, operation) in [
            (teacher, &notes, json!({"text": "Telt tot tien."}), "createNote"),
            (admin, &placements, placement, "placePupil"),
        ] {
            client.post_once(path, &body, operation).expect(201);
            let log = server.audit_log(&class.school.id);
            client.post_once(path, &body, operation).expect(201);
            let entries = log.added(&server.audit_log(&class.school.id));
            let [entry] = &entries[..] else { panic!("{entries:?}") };
            assert_eq!((entry.operation.as_str(), entry.outcome.as_str()), (operation, "success"));
            assert!(entry.objects.contains(&child) && !entry.changed, "{entry:?}");
        }
    }

    fn what_is_gone_is_not_made_again(server: Server) {
        let school = server.school();
        let body = new_group("De Rupsen");
        let first = school.admin.post_once("/v1/groups", &body, "een").expect(201);
        school.admin.delete(first.header("Location"), &first.etag()).expect(204);
        school.admin.post_once("/v1/groups", &body, "een").expect(404).problem("not-found");
        assert!(school.admin.list("/v1/groups").is_empty());
        school.admin.post_once("/v1/groups", &body, "twee").expect(201);
    }

    fn a_repeated_placement_shows_when_it_ended(server: Server) {
        let school = server.school();
        let [rupsen, vlinders] = ["De Rupsen", "De Vlinders"].map(|name| school.group(name));
        let pupil = school.admin.post("/v1/pupils", &new_pupil("Noor")).expect(201).id();
        let path = format!("/v1/pupils/{pupil}/placements");
        let body = json!({"groupId": rupsen, "placedOn": "2026-11-02"});
        let first = school.admin.post_once(&path, &body, "een").expect(201);
        school.admin.post(&path, &json!({"groupId": vlinders, "placedOn": "2026-11-09"})).expect(201);
        let again = school.admin.post_once(&path, &body, "een").expect(201);
        assert_eq!(again.id(), first.id());
        assert_ne!(again.etag(), first.etag(), "it ends since");
        assert_eq!(again.json()["endedOn"], "2026-11-09");
        assert_eq!(again.json(), school.admin.list(&path)[0]);
    }

    fn an_invitation_is_shown_again_as_long_as_it_can_be_used(server: Server) {
        let school = server.school();
        let shown = |client: &Client, path: &str, body: &Value| client.post_once(path, body, path).expect(201).json();
        let of = |body: &Value| text(&body["email"]);

        let user = school.new_user(Function::Teacher, &[]);
        let first = shown(&school.admin, "/v1/users", &user);
        assert_eq!(shown(&school.admin, "/v1/users", &user), first);
        set_password(&server.anyone(), &of(&user));
        let again = shown(&school.admin, "/v1/users", &user);
        assert_eq!((&again["user"]["id"], &again["user"]["state"]), (&first["user"]["id"], &json!("active")));
        assert_eq!(again["invitation"], Value::Null);

        // It is not for a user who was shut out.
        let mut other = school.new_user(Function::Teacher, &[]);
        other["firstName"] = json!("Bo");
        let send = || school.admin.post_once("/v1/users", &other, "twee").expect(201).json();
        let path = format!("/v1/users/{}", text(&send()["user"]["id"]));
        assert!(send()["invitation"]["id"].is_string());
        school.admin.change(&path, &json!({"state": "blocked", "reason": "Komt toch niet."})).expect(200);
        assert_eq!(send()["invitation"], Value::Null);

        let platform = server.platform();
        let staff = json!({
            "firstName": "Fien", "lastName": "Verzonnen", "email": "fien@groeilijn.example",
            "function": ProcessorFunction::Helpdesk.code(), "reason": "Nieuw in dienst.",
        });
        let first = shown(&platform, "/v1/processor-staff", &staff);
        assert_eq!(shown(&platform, "/v1/processor-staff", &staff), first);
        let institution = new_institution(&new_domain());
        let first = shown(&platform, "/v1/institutions", &institution);
        assert_eq!(shown(&platform, "/v1/institutions", &institution), first);
        let administrator = of(&institution["administrator"]);
        set_password(&server.anyone(), &administrator);
        let again = shown(&platform, "/v1/institutions", &institution);
        assert_eq!((&again["administratorId"], &again["invitation"]), (&first["administratorId"], &Value::Null));
        assert_eq!(again["institution"], first["institution"]);
        server.anyone().log_in(&administrator, PASSWORD);
    }

    fn nothing_that_a_reply_said_is_kept(server: Server) {
        let class = server.class();
        let notes = format!("/v1/pupils/{}/notes", class.pupil);
        let note = class.teacher.client.post_once(&notes, &json!({"text": "Telt tot tien."}), "een").expect(201);
        let mut connection = server.raw_data();
        let query = match server.installation().database() {
            Database::Sqlite => "SELECT name FROM pragma_table_info('idempotency')",
            Database::Postgres => {
                "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = 'idempotency'"
            }
        };
        let columns: Vec<Column> = sql_query(query).load(&mut connection).unwrap();
        let columns: BTreeSet<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, BTreeSet::from(COLUMNS));
        let kept = sql_query("SELECT location, created_ids FROM idempotency").load::<Kept>(&mut connection).unwrap();
        let [kept] = &kept[..] else { panic!("{} replies", kept.len()) };
        assert_eq!(kept.location.as_deref(), Some(note.header("Location")));
        assert_eq!(kept.created_ids.as_deref(), Some(note.id().as_str()));
    }
}
