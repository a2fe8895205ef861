//! The feed of changes for a client that keeps copies.

mod reach;
mod stream;
mod waiting;
mod writers;

use std::collections::BTreeSet;

use groeilijn_domain::access::{Function, Part};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::feed::is_known;
use groeilijn_tests::openapi::{operations, served};
use groeilijn_tests::reply::text;
use groeilijn_tests::tampering::Tampering;
use groeilijn_tests::{Client, both_databases};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::children::imports::{CSV, take_over};
use crate::retention::destroying::mark_destroying;

const FEED: &str = "/v1/changes";

/// What a change says: the kind, what happened, the id, and the child.
type Told = (String, String, String, Option<String>);

/// Somebody who follows the feed.
struct Phone {
    client: Client,
    cursor: String,
}

impl Phone {
    /// Begins to follow.
    #[track_caller]
    fn of(client: &Client) -> Self {
        let begun = client.get(FEED).expect(200).json();
        assert_eq!((&begun["changes"], &begun["more"]), (&json!([]), &json!(false)));
        Self { client: client.clone(), cursor: text(&begun["cursor"]) }
    }

    /// The address of what is told from the cursor on.
    fn next(&self) -> String {
        format!("{FEED}?after={}", self.cursor)
    }

    /// Takes in one reply.
    fn take_in(&mut self, reply: &Value) -> Vec<Told> {
        self.cursor = text(&reply["cursor"]);
        reply["changes"].as_array().unwrap().iter().map(told).collect()
    }

    /// Everything that is told since the last time, in replies of at most `limit` changes.
    #[track_caller]
    fn told_by(&mut self, limit: usize) -> Vec<Told> {
        let mut all = Vec::new();
        loop {
            let reply = self.client.get(&format!("{}&limit={limit}", self.next())).expect(200).json();
            let told = self.take_in(&reply);
            assert!(told.len() <= limit);
            all.extend(told);
            if reply["more"] == false {
                return all;
            }
        }
    }

    /// The same, in replies of the usual size.
    #[track_caller]
    fn told(&mut self) -> Vec<Told> {
        self.told_by(25)
    }
}

fn told(change: &Value) -> Told {
    let pupil = change["pupilId"].as_str().map(str::to_owned);
    (text(&change["kind"]), text(&change["change"]), text(&change["id"]), pupil)
}

/// A change of something about a child.
fn about(kind: &str, change: &str, id: &str, pupil: &str) -> Told {
    (kind.to_owned(), change.to_owned(), id.to_owned(), Some(pupil.to_owned()))
}

/// A change of a child itself.
fn of_pupil(change: &str, pupil: &str) -> Told {
    about("pupil", change, pupil, pupil)
}

/// A change of what is about a group.
fn of_group(kind: &str, change: &str, id: &str) -> Told {
    (kind.to_owned(), change.to_owned(), id.to_owned(), None)
}

fn put_right(client: &Client, path: &str, how: &str, body: &Value) -> Value {
    let etag = client.get(path).expect(200).etag();
    client
        .call("POST", &format!("{path}/{how}"))
        .header("If-Match", &etag)
        .json(body)
        .send()
        .expect(200)
        .json()
}

both_databases! {
    fn each_change_is_told_once_and_in_its_order(server: Server) {
        let class = server.class();
        let (teacher, admin) = (&class.teacher.client, &class.school.admin);
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let mut phones = [Phone::of(teacher), Phone::of(&ib)];
        let pupil = class.pupil.as_str();

        let note = class.note(pupil, "2026-11-20", &[]);
        teacher.change(&format!("/v1/notes/{note}"), &json!({"text": "Vertelt."})).expect(200);
        let registration = class.register(pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
        let draft = class.begin(pupil, "2026-11-21", &json!({})).expect(201).id();
        let etag = teacher.get(&format!("/v1/registrations/{draft}")).expect(200).etag();
        teacher.delete(&format!("/v1/registrations/{draft}"), &etag).expect(204);
        admin.change(&format!("/v1/pupils/{pupil}"), &json!({"firstName": "Noortje"})).expect(200);
        put_right(teacher, &format!("/v1/notes/{note}"), "_withdraw", &json!({"reason": "Ander kind."}));
        put_right(teacher, &format!("/v1/registrations/{registration}"), "_withdraw", &json!({"reason": "Ander kind."}));
        let goal = class.goal("play", &[pupil]);
        let etag = teacher.get(&format!("/v1/goals/{goal}")).expect(200).etag();
        teacher.delete(&format!("/v1/goals/{goal}"), &etag).expect(204);
        admin.change(&format!("/v1/groups/{}", class.group), &json!({"name": "De Vlinders"})).expect(200);

        let expected = [
            about("note", "created", &note, pupil),
            about("note", "changed", &note, pupil),
            about("registration", "created", &registration, pupil),
            about("registration", "changed", &registration, pupil),
            about("registration", "created", &draft, pupil),
            about("registration", "removed", &draft, pupil),
            of_pupil("changed", pupil),
            about("note", "withdrawn", &note, pupil),
            about("registration", "withdrawn", &registration, pupil),
            of_group("goal", "created", &goal),
            of_group("goal", "removed", &goal),
            of_group("group", "changed", &class.group),
        ];
        for phone in &mut phones {
            let begun = phone.cursor.clone();
            assert_eq!(phone.told(), expected);
            assert_eq!(phone.told(), []);
            // A reply that was lost is asked for again, in any size.
            for limit in [1, 5, 100] {
                phone.cursor.clone_from(&begun);
                assert_eq!(phone.told_by(limit), expected);
            }
        }
    }

    fn a_request_that_comes_again_is_told_once(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let path = format!("/v1/pupils/{}/notes", class.pupil);
        let write = || class.teacher.client.post_once(&path, &json!({"text": "Telt."}), "1").expect(201).id();
        let note = write();
        assert_eq!(write(), note);
        assert_eq!(phone.told(), [about("note", "created", &note, &class.pupil)]);
    }

    fn each_operation_of_a_batch_is_told(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let path = format!("/v1/pupils/{}/notes", class.pupil);
        let note = |number: u8| format!("01999999-0000-7000-8000-00000000000{number}");
        let write = |number: u8| {
            json!({"method": "POST", "path": path, "idempotencyKey": number.to_string(), "body": {"id": note(number), "text": "Telt."}})
        };
        let change = json!({"method": "PATCH", "path": format!("/v1/notes/{}", note(1)), "after": 0, "body": {"text": "Vertelt."}});
        let batch = json!({"operations": [write(1), change, write(2), write(1)]});
        class.teacher.client.post("/v1/batches", &batch).expect(200);
        assert_eq!(phone.told(), [
            about("note", "created", &note(1), &class.pupil),
            about("note", "changed", &note(1), &class.pupil),
            about("note", "created", &note(2), &class.pupil),
        ]);
    }

    fn what_reads_and_what_is_refused_is_no_change(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let mut other = Phone::of(&class.school.admin);
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        assert_eq!(phone.told().len(), 1);
        assert_eq!(other.told().len(), 1);
        class.teacher.client.list(&format!("/v1/pupils/{}/notes", class.pupil));
        class.teacher.client.post("/v1/pupils/_search", &json!({"name": "Noor"})).expect(200);
        class.school.admin.change(&format!("/v1/notes/{note}"), &json!({"text": "Anders."})).expect(403);
        // Nor is that somebody looks at the feed.
        for _ in 0..3 {
            assert_eq!((phone.told(), other.told()), (vec![], vec![]));
        }
    }

    /// C048: only what names a child is a look at it.
    fn c048_what_the_feed_tells_of_children_is_on_record_and_an_idle_phone_leaves_nothing(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let before = server.audit_log(&class.school.id);
        phone.told();
        assert_eq!(before.added(&server.audit_log(&class.school.id)).len(), 0);
        class.note(&class.pupil, "2026-11-20", &[]);
        let before = server.audit_log(&class.school.id);
        phone.told();
        let added = before.added(&server.audit_log(&class.school.id));
        let [entry] = added.as_slice() else { panic!("{} entries", added.len()) };
        assert_eq!(entry.operation, "followChanges");
        assert_eq!(entry.objects, [(ObjectKind::Pupil, class.pupil.parse().unwrap())]);
    }

    fn c029_nobody_is_told_of_what_she_may_not_read(server: Server) {
        let class = server.class();
        let management = class.school.member(Function::Management, &[]).client;
        let quality = class.school.member(Function::QualityOfficer, &[]).client;
        let mut phones = [Phone::of(&management), Phone::of(&quality)];
        class.note(&class.pupil, "2026-11-20", &[]);
        let registration = class.begin(&class.pupil, "2026-11-20", &json!({})).expect(201).id();
        let goal = class.goal("play", &[&class.pupil]);
        let [management, quality] = phones.each_mut().map(Phone::told);
        assert_eq!(management, [
            about("registration", "created", &registration, &class.pupil),
            of_group("goal", "created", &goal),
        ]);
        assert_eq!(quality, [of_group("goal", "created", &goal)]);
        for client in [server.platform(), server.anyone()] {
            assert!([401, 403].contains(&client.get(FEED).status));
        }
    }

    fn a_note_that_moves_is_withdrawn_there_and_created_here(server: Server) {
        let class = server.class();
        let other_group = class.school.group("De Vlinders");
        let sem = class.school.pupil("Sem", &other_group);
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let colleague = class.school.teacher(&other_group);
        let both = class.school.member(Function::Teacher, &[&class.group, &other_group]).client;
        let note = both.post(&format!("/v1/pupils/{}/notes", class.pupil), &json!({"text": "Telt."})).expect(201).id();
        let mut phones = [&class.teacher.client, &colleague, &ib].map(Phone::of);
        let moved = put_right(&both, &format!("/v1/notes/{note}"), "_move", &json!({"pupilId": sem, "reason": "Was Sem."}));
        let new = text(&moved["movedTo"]);
        let [here, there, all] = phones.each_mut().map(Phone::told);
        assert_eq!(here, [about("note", "withdrawn", &note, &class.pupil)]);
        assert_eq!(there, [about("note", "created", &new, &sem)]);
        let both: BTreeSet<_> = all.into_iter().collect();
        assert_eq!(both, here.into_iter().chain(there).collect());
    }

    fn who_reaches_all_is_told_of_new_children_and_groups_and_of_an_import(server: Server) {
        let school = server.school();
        let mut phone = Phone::of(&school.admin);
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let empty = school.group("De Eitjes");
        let path = format!("/v1/groups/{empty}");
        school.admin.delete(&path, &school.admin.get(&path).expect(200).etag()).expect(204);
        // What was created and removed again is told as removed alone: there is nothing to read.
        assert_eq!(phone.told(), [
            of_group("group", "created", &group),
            of_pupil("created", &pupil),
            of_group("group", "removed", &empty),
        ]);
        take_over(&school.admin, CSV, b"leerlingnummer;voornaam;achternaam;geboortedatum;groep\n\
            L1;Daan;Denkbeeld;27-11-2021;De Bijen\n\
            L2;Mees;Denkbeeld;27-11-2021;De Bijen\n");
        let ids = |list: &str| -> BTreeSet<String> {
            school.admin.list(list).iter().map(|item| text(&item["id"])).collect()
        };
        let told = phone.told_by(2);
        assert!(told.iter().all(|told| told.1 == "changed"), "{told:?}");
        assert_eq!(told.len(), 3);
        let expected: BTreeSet<_> = ids("/v1/pupils").into_iter().chain(ids("/v1/groups")).collect();
        let told: BTreeSet<_> = told.into_iter().map(|told| told.2).collect();
        assert_eq!(told, expected.into_iter().filter(|id| *id != pupil && *id != group).collect());
    }

    fn a_file_that_only_moves_a_child_or_says_that_it_leaves_is_told(server: Server) {
        let admin = server.school().admin;
        let import = |group: &str, left_on: &str| {
            let table = format!(
                "leerlingnummer;voornaam;achternaam;geboortedatum;groep;uitstroomdatum\n\
                 L1;Daan;Denkbeeld;27-11-2021;{group};{left_on}\nL2;Mees;Denkbeeld;27-11-2021;De Bijen;\n\
                 L3;Fien;Denkbeeld;27-11-2021;De Wespen;\n"
            );
            take_over(&admin, CSV, table.as_bytes());
        };
        import("De Bijen", "");
        let daan = text(&admin.list("/v1/pupils")[0]["id"]);
        let mut phone = Phone::of(&admin);
        import("De Wespen", "");
        assert_eq!(phone.told(), [of_pupil("changed", &daan)]);
        import("De Wespen", "18-12-2026");
        assert_eq!(phone.told(), [of_pupil("changed", &daan)]);
    }

    fn c105_a_child_that_is_destroyed_is_deleted_from_every_phone(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        class.note(&class.pupil, "2026-11-20", &[]);
        mark_destroying(server, &class.pupil);
        assert_eq!(phone.told(), [of_pupil("destroyed", &class.pupil)]);
        assert_eq!(phone.told(), []);
    }

    fn a_cursor_of_somebody_else_and_a_mangled_one_are_refused_alike(server: Server) {
        let class = server.class();
        let other = server.class();
        let colleague = class.school.teacher(&class.group);
        let phone = Phone::of(&class.teacher.client);
        let mangled = {
            let mut cursor = phone.cursor.clone().into_bytes();
            let middle = cursor.len() / 2;
            cursor[middle] = if cursor[middle] == b'A' { b'B' } else { b'A' };
            String::from_utf8(cursor).unwrap()
        };
        let theirs = Phone::of(&other.teacher.client);
        for (client, cursor) in [
            (&colleague, phone.cursor.as_str()),
            (&class.school.admin, &phone.cursor),
            (&other.teacher.client, &phone.cursor),
            (&class.teacher.client, &theirs.cursor),
            (&class.teacher.client, &mangled),
            (&class.teacher.client, phone.cursor.split_at(40).0),
            (&class.teacher.client, "AQ"),
            (&class.teacher.client, "!"),
            (&class.teacher.client, ""),
        ] {
            let asked = format!("{FEED}?after={cursor}");
            client.get(&asked).refuses(&[("after", "not-a-cursor")]);
            client.get(&format!("{asked}&waitSeconds=30")).refuses(&[("after", "not-a-cursor")]);
        }
        phone.client.get(&format!("{FEED}?limit=0&waitSeconds=31&after=!&since=1")).refuses(&[
            ("limit", "out-of-range"), ("waitSeconds", "out-of-range"), ("after", "not-a-cursor"), ("since", "unknown-parameter"),
        ]);
        phone.client.get(&format!("{FEED}?limit=101&waitSeconds=-1")).refuses(&[
            ("limit", "out-of-range"), ("waitSeconds", "out-of-range"),
        ]);
        // It is good in another session of the same user.
        let again = server.anyone().log_in(&class.teacher.email, groeilijn_tests::accounts::PASSWORD);
        again.get(&phone.next()).expect(200);
    }

    fn who_comes_back_after_the_log_forgot_starts_anew(server: Server) {
        let class = server.class();
        let phone = Phone::of(&class.school.admin);
        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.change(&pupil, &json!({"firstName": "Noortje"})).expect(200);
        assert_eq!(phone.client.get(&phone.next()).expect(200).json()["changes"].as_array().unwrap().len(), 1);
        let size = i64::try_from(server.audit_log(&class.school.id).entries().len()).unwrap();
        server.clock.advance(SignedDuration::from_hours(800 * 24));
        let admin = class.school.renewed(groeilijn_tests::accounts::PASSWORD, "Klaproos-12");
        let mut after_two_years = Tampering::with(server, &class.school.id);
        (0..size).for_each(|sequence| after_two_years.end_body(sequence));
        admin.get(&phone.next()).refuses(&[("after", "start-anew")]);
        assert_eq!(Phone::of(&admin).told(), []);
    }

    fn who_followed_a_log_that_was_put_back_starts_anew(server: Server) {
        let class = server.class();
        let [mut cut, mut other] = [&class.teacher.client, &class.school.admin].map(Phone::of);
        class.note(&class.pupil, "2026-11-20", &[]);
        assert_eq!(other.told().len(), 1);
        class.note(&class.pupil, "2026-11-20", &[]);
        assert_eq!(cut.told().len(), 2);
        let size = i64::try_from(server.audit_log(&class.school.id).entries().len()).unwrap();
        let mut put_back = Tampering::with(server, &class.school.id);
        put_back.cut(size - 2);
        cut.client.get(&cut.next()).refuses(&[("after", "start-anew")]);
        // Who was not that far goes on.
        other.client.get(&other.next()).expect(200);
    }

    fn every_operation_that_changes_what_is_told_is_known(server: Server) {
        let mut unknown = Vec::new();
        for operation in operations(&served(server)) {
            let permission = operation.described["x-permission"].as_str().unwrap_or_default();
            let part = permission.split(':').next().and_then(Part::from_code);
            let told = matches!(
                part,
                Some(Part::Pupils | Part::Groups | Part::Notes | Part::Registrations | Part::Overviews | Part::Imports)
            );
            if told && operation.method != "GET" && !is_known(&operation.id) {
                unknown.push(operation.id);
            }
        }
        assert!(unknown.is_empty(), "not in the table of domain/src/children/feed.rs: {unknown:?}");
    }
}
