//! Children who come within somebody's reach, or leave it.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

use super::{FEED, Phone, about, of_group, of_pupil};

/// The last placement of a child.
fn placement(client: &Client, pupil: &str) -> String {
    let placements = client.list(&format!("/v1/pupils/{pupil}/placements"));
    format!("/v1/placements/{}", text(&placements.last().unwrap()["id"]))
}

both_databases! {
    fn c143_who_comes_within_reach_is_told_and_who_leaves_it(server: Server) {
        let class = server.class();
        let (admin, group) = (&class.school.admin, class.group.as_str());
        let other_group = class.school.group("De Vlinders");
        let colleague = class.school.teacher(&other_group);
        let [mut here, mut there] = [&class.teacher.client, &colleague].map(Phone::of);

        // A new child.
        let sem = class.school.pupil("Sem", group);
        assert_eq!((here.told(), there.told()), (vec![of_pupil("in-reach", &sem)], vec![]));
        // One that moves to the other group: each hears of her own side only, and of nothing that was written there.
        let moved = json!({"groupId": other_group, "placedOn": "2026-11-21"});
        admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        let note = colleague.post(&format!("/v1/pupils/{sem}/notes"), &json!({"text": "Telt."})).expect(201).id();
        assert_eq!(here.told(), [of_pupil("out-of-reach", &sem)]);
        assert_eq!(there.told(), [
            of_pupil("in-reach", &sem),
            of_pupil("changed", &sem),
            about("note", "created", &note, &sem),
        ]);
        // One that was put there by mistake.
        let path = placement(admin, &sem);
        admin.change(&path, &json!({"groupId": group, "reason": "Vergissing."})).expect(200);
        assert_eq!(here.told()[0], of_pupil("in-reach", &sem));
        assert_eq!(there.told(), [of_pupil("out-of-reach", &sem)]);
        // What was on its way and never came: nobody heard of it.
        let planned = json!({"groupId": other_group, "placedOn": "2026-12-01"});
        admin.post(&format!("/v1/pupils/{sem}/placements"), &planned).expect(201);
        assert_eq!((here.told(), there.told()), (vec![of_pupil("changed", &sem)], vec![]));
        // A child in the archive is reached by nobody in a group.
        let etag = admin.get(&format!("/v1/pupils/{}", class.pupil)).expect(200).etag();
        admin.act(&format!("/v1/pupils/{}/_archive", class.pupil), &etag).expect(200);
        assert_eq!((here.told(), there.told()), (vec![of_pupil("out-of-reach", &class.pupil)], vec![]));
    }

    fn c143_a_day_that_passes_is_told_though_nothing_was_written(server: Server) {
        let class = server.class();
        let other_group = class.school.group("De Vlinders");
        let substitute = class.school.member(Function::Teacher, &[]);
        let given = json!([{"groupId": class.group, "firstDay": "2026-11-22", "lastDay": "2026-11-23"}]);
        class.school.admin.change(&format!("/v1/users/{}", substitute.id), &json!({"groups": given, "reason": "Inval."})).expect(200);
        let moved = json!({"groupId": other_group, "placedOn": "2026-11-23"});
        let sem = class.child("Sem", "2022-05-04");
        class.school.admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        let mut phone = Phone::of(&substitute.client);
        let mut on = |moment: &str| {
            server.clock.set(moment);
            phone.client = server.anyone().log_in(&substitute.email, PASSWORD);
            phone.told()
        };
        assert_eq!(on("2026-11-21T22:59:00Z"), []);
        let mut pupils = [of_pupil("in-reach", &class.pupil), of_pupil("in-reach", &sem)];
        pupils.sort_by(|one, other| one.2.cmp(&other.2));
        let [one, other] = pupils;
        assert_eq!(on("2026-11-21T23:01:00Z"), [of_group("group", "in-reach", &class.group), one, other]);
        assert_eq!(on("2026-11-22T23:01:00Z"), [of_pupil("out-of-reach", &sem)]);
        let gone = [of_pupil("out-of-reach", &class.pupil), of_group("group", "out-of-reach", &class.group)];
        assert_eq!(on("2026-11-23T23:01:00Z"), gone);
        assert_eq!(on("2026-11-30T09:00:00Z"), []);
    }

    fn c143_who_is_given_another_group_or_location_is_told_all_of_it_in_pages(server: Server) {
        let class = server.class();
        let school = &class.school;
        let other_group = school.group("De Vlinders");
        let children: Vec<_> = (0..5).map(|_| school.pupil("Sem", &other_group)).collect();
        let mut phone = Phone::of(&class.teacher.client);
        school.admin.change(&format!("/v1/users/{}", class.teacher.id), &json!({"groupIds": [other_group], "reason": "Ruil."})).expect(200);
        let mut told = phone.told_by(2);
        assert_eq!(told.drain(..3).collect::<Vec<_>>(), [
            of_pupil("out-of-reach", &class.pupil),
            of_group("group", "out-of-reach", &class.group),
            of_group("group", "in-reach", &other_group),
        ]);
        let mut ids: Vec<_> = told.iter().map(|told| told.2.clone()).collect();
        ids.sort();
        let mut expected = children.clone();
        expected.sort();
        assert_eq!(ids, expected);
        assert!(told.iter().all(|told| told.1 == "in-reach"));

        let [here, there] = [[class.group.as_str()], [other_group.as_str()]].map(|groups| school.location("Locatie", &groups));
        let manager = school.member_at(Function::Management, &[&here]);
        let mut phone = Phone::of(&manager.client);
        let path = format!("/v1/users/{}", manager.id);
        school.admin.change(&path, &json!({"locations": [{"locationId": there}], "reason": "Ruil."})).expect(200);
        let told = phone.told();
        assert_eq!(told.len(), 8);
        assert_eq!(told[0], of_pupil("out-of-reach", &class.pupil));
        // How far she reaches is another thing altogether.
        school.admin.change(&path, &json!({"locations": null, "reason": "Hele bestuur."})).expect(200);
        manager.client.get(&phone.next()).refuses(&[("after", "start-anew")]);
    }

    /// C103: what happens elsewhere does not even show.
    fn c103_of_another_group_and_another_school_nothing_is_told(server: Server) {
        let class = server.class();
        let other = server.class();
        let stranger = class.school.teacher(&class.school.group("De Vlinders"));
        let mut phones = [Phone::of(&stranger), Phone::of(&other.teacher.client), Phone::of(&other.school.admin)];
        let note = class.note(&class.pupil, "2026-11-20", &[]);
        class.goal("play", &[&class.pupil]);
        class.school.admin.change(&format!("/v1/groups/{}", class.group), &json!({"name": "De Bijen"})).expect(200);
        class.school.pupil("Sem", &class.group);
        class.school.group("De Eitjes");
        for phone in &mut phones {
            let reply = phone.client.get(&phone.next()).expect(200).json();
            assert_eq!((&reply["changes"], &reply["more"]), (&json!([]), &json!(false)));
            // Nor does the size of the cursor tell of it.
            assert_eq!(text(&reply["cursor"]).len(), phone.cursor.len());
            assert_eq!(phone.told(), []);
            phone.client.sees_nothing(&note, &[("GET", "/v1/notes/{}", Value::Null)]);
        }
        // A right that was taken away takes what it showed along.
        let mut phone = Phone::of(&class.teacher.client);
        let with_rights = |rights: &Value| {
            let body = json!({"rights": rights, "reason": "Ander werk."});
            class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &body).expect(200);
            server.anyone().log_in(&class.teacher.email, PASSWORD)
        };
        phone.client = with_rights(&json!([{"part": "notes", "actions": []}]));
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        ib.post(&format!("/v1/pupils/{}/notes", class.pupil), &json!({"text": "Telt."})).expect(201);
        phone.client.get(&phone.next()).refuses(&[("after", "start-anew")]);
        phone = Phone::of(&phone.client);
        ib.post(&format!("/v1/pupils/{}/notes", class.pupil), &json!({"text": "Telt."})).expect(201);
        assert_eq!(phone.told(), []);
        let without = with_rights(&json!([{"part": "pupils", "actions": []}]));
        without.get(&phone.next()).expect(403).problem("forbidden");
        without.get(FEED).expect(403).problem("forbidden");
    }

    fn a_school_of_five_hundred_children_at_one_location_is_told_whether_it_is_still_the_same(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let location = school.location("Locatie", &[&group]);
        let mut file = String::from("leerlingnummer;voornaam;achternaam;geboortedatum;groep\n");
        for number in 0..450 {
            file.push_str(&format!("L{number};Kind{number};Fantasie;04-05-2022;De Rupsen\n"));
        }
        crate::children::imports::take_over(&school.admin, crate::children::imports::CSV, file.as_bytes());
        let manager = school.member_at(Function::Management, &[&location]);
        let teacher = school.teacher(&group);
        let mut phone = Phone::of(&manager.client);
        let pupil = text(&teacher.list("/v1/pupils")[0]["id"]);
        school.admin.change(&format!("/v1/pupils/{pupil}"), &json!({"firstName": "Noor"})).expect(200);
        assert_eq!(phone.told(), [of_pupil("changed", &pupil)]);
        assert!(phone.next().len() < 7_000);
        school.pupil("Sem", &group);
        manager.client.get(&phone.next()).refuses(&[("after", "start-anew")]);
        phone = Phone::of(&manager.client);
        assert_eq!(phone.told(), []);
    }
}
