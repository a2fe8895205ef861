//! Notes about all children within reach: found by child, group, line, author and period.

use std::collections::BTreeSet;
use std::slice::from_ref;

use groeilijn_domain::access::Function;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Class, Client, both_databases};
use serde_json::{Value, json};

use super::{LINES, each, notes_of};
use crate::retention::destroying::mark_destroying;

const NOTES: &str = "/v1/notes";

/// The ids of what a search finds on all of its pages, whatever each of them holds.
#[track_caller]
fn found(client: &Client, query: &str) -> Vec<String> {
    let mut page = client.get(&format!("{NOTES}{query}")).expect(200);
    let mut ids: Vec<_> = page.items().iter().map(|note| text(&note["id"])).collect();
    while let Some(next) = page.next() {
        page = client.get(&next).expect(200);
        ids.extend(page.items().iter().map(|note| text(&note["id"])));
    }
    ids
}

/// Writes a note about each of some children at once.
#[track_caller]
fn write_together(class: &Class, pupils: &[String], lines: &[&str]) -> Vec<Value> {
    let body =
        json!({"pupilIds": pupils, "text": "Telden samen.", "lines": lines, "frameworkId": class.framework});
    class.teacher.client.post(NOTES, &body).expect(201).json()["notes"].as_array().unwrap().clone()
}

both_databases! {
    fn c027_the_notes_about_all_children_come_the_last_one_first(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let sem = class.child("Sem", "2022-06-01");
        let made: Vec<_> = [&class.pupil, &sem, &class.pupil, &sem].map(|pupil| class.note(pupil, "2026-11-20", &LINES)).into();
        let newest_first: Vec<_> = made.iter().rev().cloned().collect();
        assert_eq!(found(teacher, ""), newest_first);
        for limit in [1, 3, 4, 100] {
            assert_eq!(each(&teacher.list(&format!("{NOTES}?limit={limit}")), "id"), newest_first);
        }
        for note in teacher.list(NOTES) {
            assert_eq!(note, teacher.get(&format!("{NOTES}/{}", text(&note["id"]))).expect(200).json());
        }
        // As in the list of one child, what was withdrawn stays.
        let withdrawn = format!("{NOTES}/{}", made[1]);
        let tag = teacher.get(&withdrawn).expect(200).etag();
        let reason = json!({"reason": "Was iemand anders."});
        teacher.call("POST", &format!("{withdrawn}/_withdraw")).header("If-Match", &tag).json(&reason).send().expect(200);
        assert_eq!(found(teacher, ""), newest_first);
        assert_eq!(teacher.list(NOTES)[2]["withdrawal"]["reason"], "Was iemand anders.");
    }

    fn notes_are_found_by_child_group_line_author_and_period(server: Server) {
        let class = server.class();
        let next_door = class.school.group("De Vlinders");
        let (noor, sem) = (class.pupil.clone(), class.child("Sem", "2022-06-01"));
        let siem = class.school.pupil("Siem", &next_door);
        let both = class.school.member(Function::Teacher, &[&class.group, &next_door]);
        let first = class.note(&noor, "2026-11-02", &LINES);
        let second = class.note(&sem, "2026-11-03", &LINES[..1]);
        let body = json!({"text": "Zwaait.", "observedOn": "2026-11-04", "lines": LINES[1..], "frameworkId": class.framework});
        let third = both.client.post(&notes_of(&siem), &body).expect(201).id();
        let fourth = both.client.post(&notes_of(&noor), &json!({"text": "Zwaait.", "observedOn": "2026-10-30"})).expect(201).id();
        let by = |query: &str, notes: &[&String]| {
            assert_eq!(found(&both.client, &format!("?{query}")), notes.iter().map(|id| (*id).clone()).collect::<Vec<_>>(), "{query}");
        };
        by(&format!("pupilId={noor}"), &[&fourth, &first]);
        by(&format!("groupId={}", class.group), &[&fourth, &second, &first]);
        by(&format!("groupId={next_door}"), &[&third]);
        by(&format!("line={}", LINES[0]), &[&second, &first]);
        by("line=no-such-line", &[]);
        by(&format!("authorId={}", class.teacher.id), &[&second, &first]);
        by(&format!("authorId={noor}"), &[]);
        by("from=2026-11-03", &[&third, &second]);
        by("until=2026-11-02", &[&fourth, &first]);
        by("from=2026-11-02&until=2026-11-03", &[&second, &first]);
        by("from=2026-11-03&until=2026-11-02", &[]);
        by(&format!("groupId={}&line={}&authorId={}&until=2026-11-02", class.group, LINES[1], class.teacher.id), &[&first]);
        by(&format!("pupilId={noor}&groupId={}", class.group), &[&fourth, &first]);
        by(&format!("pupilId={siem}&groupId={}", class.group), &[]);

        // A child takes its notes along to the group that it is in today.
        let moved = json!({"groupId": next_door, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        by(&format!("groupId={}", class.group), &[&fourth, &first]);
        by(&format!("groupId={next_door}"), &[&third, &second]);
    }

    fn everything_wrong_with_a_search_of_notes_is_told_at_once(server: Server) {
        let class = server.class();
        let wrong = "?pupilId=1&groupId=2&line=Praten!&authorId=3&from=gisteren&until=31-12-2026&limit=0&cursor=x&text=toren";
        class.teacher.client.get(&format!("{NOTES}{wrong}")).refuses(&[
            ("pupilId", "not-a-uuid"),
            ("groupId", "not-a-uuid"),
            ("line", "not-a-code"),
            ("authorId", "not-a-uuid"),
            ("from", "not-a-date"),
            ("until", "not-a-date"),
            ("limit", "out-of-range"),
            ("cursor", "not-a-cursor"),
            ("text", "unknown-parameter"),
        ]);
    }

    fn a_teacher_finds_the_notes_about_her_own_children_alone(server: Server) {
        let (class, elsewhere) = (server.class(), server.class());
        let next_door = class.school.group("De Vlinders");
        let siem = class.school.pupil("Siem", &next_door);
        let colleague = class.school.member(Function::Teacher, &[&next_door]);
        let own = class.note(&class.pupil, "2026-11-20", &LINES);
        let other = colleague.client.post(&notes_of(&siem), &json!({"text": "Zwaait."})).expect(201).id();
        let theirs = elsewhere.note(&elsewhere.pupil, "2026-11-20", &LINES);
        assert_eq!(found(&class.teacher.client, ""), from_ref(&own));
        assert_eq!(found(&class.teacher.client, &format!("?authorId={}", colleague.id)), [""; 0]);
        assert_eq!(found(&colleague.client, ""), from_ref(&other));
        assert_eq!(found(&colleague.client, &format!("?line={}", LINES[0])), [""; 0]);
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        for whole in [&ib, &class.school.admin] {
            assert_eq!(found(whole, ""), [other.clone(), own.clone()]);
            assert_eq!(found(whole, &format!("?groupId={next_door}")), from_ref(&other));
        }
        assert_eq!(found(&elsewhere.school.admin, ""), [theirs]);

        // Who is out of reach is as absent as who never was.
        let [by_pupil, by_group] = ["pupilId", "groupId"].map(|name| format!("{NOTES}?{name}={{}}"));
        for (client, pupil, group) in [
            (&class.teacher.client, &siem, &next_door),
            (&elsewhere.teacher.client, &class.pupil, &class.group),
            (&elsewhere.school.admin, &class.pupil, &class.group),
        ] {
            client.sees_nothing(pupil, &[("GET", &by_pupil, Value::Null)]);
            client.sees_nothing(group, &[("GET", &by_group, Value::Null)]);
        }
        for function in [Function::Management, Function::QualityOfficer] {
            class.school.member(function, &[]).client.get(NOTES).expect(403).problem("forbidden");
        }
        server.platform().get(NOTES).expect(403).problem("forbidden");
        server.anyone().get(NOTES).expect(401).problem("unauthenticated");
    }

    fn c143_who_is_limited_to_a_location_finds_the_notes_of_its_children(server: Server) {
        let class = server.class();
        let next_door = class.school.group("De Vlinders");
        let siem = class.school.pupil("Siem", &next_door);
        let noord = class.school.location("Noord", &[&class.group]);
        class.school.location("Zuid", &[&next_door]);
        let own = class.note(&class.pupil, "2026-11-20", &LINES);
        class.school.teacher(&next_door).post(&notes_of(&siem), &json!({"text": "Zwaait."})).expect(201);
        let ib = class.school.member_at(Function::InternBegeleider, &[&noord]).client;
        for query in [String::new(), format!("?groupId={}", class.group), format!("?pupilId={}", class.pupil), format!("?line={}", LINES[1])] {
            assert_eq!(found(&ib, &query), from_ref(&own), "{query}");
        }
        ib.sees_nothing(&siem, &[("GET", &format!("{NOTES}?pupilId={{}}"), Value::Null)]);
        ib.sees_nothing(&next_door, &[("GET", &format!("{NOTES}?groupId={{}}"), Value::Null)]);
    }

    fn c104_the_notes_about_a_child_in_the_archive_are_found_by_its_id(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-06-01");
        let (archived, stays) = (class.note(&class.pupil, "2026-11-20", &[]), class.note(&sem, "2026-11-20", &[]));
        let admin = &class.school.admin;
        let path = format!("/v1/pupils/{}", class.pupil);
        let tag = admin.get(&path).expect(200).etag();
        admin.act(&format!("{path}/_archive"), &tag).expect(200);
        let (by_child, by_group) = (format!("?pupilId={}", class.pupil), format!("?groupId={}", class.group));
        for client in [admin, &class.teacher.client] {
            assert_eq!(found(client, ""), from_ref(&stays));
            assert_eq!(found(client, &by_group), from_ref(&stays));
        }
        assert_eq!(found(admin, &by_child), [archived]);
        class.teacher.client.get(&format!("{NOTES}{by_child}")).expect(404).problem("not-found");

        mark_destroying(server, &sem);
        for client in [admin, &class.teacher.client] {
            assert_eq!(found(client, ""), [""; 0]);
        }
    }

    fn a_page_goes_on_where_the_one_before_ended_whatever_is_written_in_between(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let children = [class.pupil.clone(), class.child("Sem", "2022-06-01"), class.child("Siem", "2022-07-01")];
        let before: BTreeSet<_> = (0..4)
            .flat_map(|_| write_together(&class, &children, &LINES[..1]))
            .map(|note| text(&note["id"]))
            .collect();
        for query in ["?limit=5".to_owned(), format!("?limit=5&line={}", LINES[0]), format!("?limit=5&groupId={}", class.group)] {
            let mut seen = Vec::new();
            let mut page = teacher.get(&format!("{NOTES}{query}")).expect(200);
            loop {
                seen.extend(page.items().iter().map(|note| text(&note["id"])));
                class.note(&children[seen.len() % 3], "2026-11-20", &LINES[1..]);
                let Some(next) = page.next() else { break };
                page = teacher.get(&next).expect(200);
            }
            let once: BTreeSet<_> = seen.iter().cloned().collect();
            assert_eq!(once.len(), seen.len(), "{query}: nothing comes twice");
            assert!(once.is_superset(&before), "{query}: nothing is left out");
        }
    }

    fn a_search_for_a_rare_line_goes_on_by_its_cursor(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let children: Vec<_> = (1..=30).map(|day| class.child("Siem", &format!("2022-06-{day:02}"))).collect();
        let rare = class.note(&class.pupil, "2026-11-20", &LINES[1..]);
        for _ in 0..67 {
            write_together(&class, &children, &LINES[..1]);
        }
        let query = format!("?line={}", LINES[1]);
        let first = teacher.get(&format!("{NOTES}{query}")).expect(200);
        assert_eq!(first.items(), [Value::Null; 0], "2,000 notes were looked at");
        assert!(first.next().is_some());
        assert_eq!(found(teacher, &query), [rare]);
    }
}
