//! The day of a registration, and what follows from it and stays: half-year, group and age.

use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::framework::{new_framework, publish};
use serde_json::json;

use super::{path_of, registrations_of, some_judgements};

both_databases! {
    fn c026_children_of_0_up_to_and_including_7_years_are_registered(server: Server) {
        let class = server.class();
        let oldest = class.child("Oudste", "2018-11-22");
        let youngest = class.child("Jongste", "2026-11-21");
        let age = |pupil: &str, day: &str| class.begin(pupil, day, &json!({})).json()["ageMonths"].clone();
        assert_eq!(age(&oldest, "2026-11-21"), 95);
        assert_eq!(age(&youngest, "2026-11-21"), 0);
        let list = registrations_of(&youngest);
        let before_birth = class.new_registration("2026-11-20", &json!({}));
        class.teacher.client.post(&list, &before_birth).refuses(&[
            ("/registeredOn", "before-birth"),
            ("/registeredOn", "not-in-a-group"),
        ]);

        server.clock.set("2026-11-22T09:00:00Z");
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        let on_its_birthday = class.new_registration("2026-11-22", &json!({}));
        teacher.post(&registrations_of(&oldest), &on_its_birthday).refuses(&[("/registeredOn", "too-old")]);
        teacher.post(&registrations_of(&oldest), &class.new_registration("2026-11-21", &json!({}))).expect(201);
    }

    fn the_half_year_is_that_of_the_day(server: Server) {
        let class = server.class();
        for (day, half_year) in [
            ("2025-08-01", "2025-2026-1"),
            ("2026-01-31", "2025-2026-1"),
            ("2026-02-01", "2025-2026-2"),
            ("2026-07-31", "2025-2026-2"),
            ("2026-08-01", "2026-2027-1"),
        ] {
            assert_eq!(class.begin(&class.pupil, day, &json!({})).json()["halfYear"], half_year);
        }
    }

    fn today_is_the_day_in_amsterdam(server: Server) {
        let class = server.class();
        server.clock.set("2026-11-21T23:00:00Z");
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        let body = json!({"frameworkId": class.framework});
        let made = teacher.post(&registrations_of(&class.pupil), &body).expect(201).json();
        assert_eq!(made["registeredOn"], "2026-11-22");
    }

    fn the_group_is_the_one_that_the_child_was_in_then(server: Server) {
        let class = server.class();
        let school = &class.school;
        let next = school.group("De Vlinders");
        let early = class.begin(&class.pupil, "2026-11-09", &some_judgements()).json();
        assert_eq!(early["groupId"], class.group.as_str());
        let placement = json!({"groupId": next, "placedOn": "2026-11-10"});
        school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);

        let teacher = school.teacher(&next);
        let list = registrations_of(&class.pupil);
        for (day, group) in [("2026-11-09", &class.group), ("2026-11-10", &next)] {
            let made = teacher.post(&list, &class.new_registration(day, &some_judgements())).expect(201).json();
            assert_eq!(made["groupId"], group.as_str());
        }
        let before_any_group = class.new_registration("2025-07-31", &some_judgements());
        teacher.post(&list, &before_any_group).refuses(&[("/registeredOn", "not-in-a-group")]);
        let unchanged = teacher.get(&path_of(early["id"].as_str().unwrap())).expect(200).json();
        assert_eq!(unchanged, early);
    }

    /// C026: a corrected birth date corrects the ages of what was registered before, and whoever knew them reads them anew.
    fn c026_ages_follow_a_corrected_birth_date(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let ready = class.register(&class.pupil, "2026-11-20", &some_judgements());
        let draft = class.begin(&class.pupil, "2026-05-04", &some_judgements()).id();
        let read = || [&ready, &draft].map(|id| teacher.get(&path_of(id)).expect(200));
        let before = read();
        assert_eq!(before.each_ref().map(|reply| reply.json()["ageMonths"].clone()), [54, 48]);

        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.change(&pupil, &json!({"birthDate": "2021-05-05"})).expect(200);
        let after = read();
        assert_eq!(after.each_ref().map(|reply| reply.json()["ageMonths"].clone()), [66, 59]);
        for (before, after) in before.iter().zip(&after) {
            let mut expected = before.json();
            expected["etag"] = json!(after.etag());
            expected["ageMonths"] = after.json()["ageMonths"].clone();
            assert_eq!(after.json(), expected);
            let path = path_of(expected["id"].as_str().unwrap());
            teacher.call("GET", &path).header("If-None-Match", &before.etag()).send().expect(200);
        }
        let listed: Vec<_> = teacher.list(&registrations_of(&class.pupil)).iter().map(|one| one["ageMonths"].clone()).collect();
        assert_eq!(listed, [66, 59]);
        assert_eq!(teacher.get(&format!("{}/versions/1", path_of(&ready))).expect(200).json()["ageMonths"], 66);
        let group = teacher.get(&format!("/v1/groups/{}/overview", class.group)).expect(200).json();
        assert_eq!(group["children"][0]["registration"]["ageMonths"], 66);
        let saved = teacher.change(&path_of(&draft), &json!({"judgements": some_judgements()})).expect(200);
        assert_eq!(saved.json()["ageMonths"], 59);
        let versions = format!("{}/versions", path_of(&ready));
        let correction = teacher.post(&versions, &json!({"reason": "Verkeerde stap."})).expect(201).json();
        assert_eq!(correction["ageMonths"], 66);
        assert_eq!(class.begin(&class.pupil, "2026-05-04", &json!({})).json()["ageMonths"], 59);
    }

    fn a_registration_is_made_with_a_published_framework_of_any_version(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let platform = server.platform();
        let draft = platform.post("/v1/frameworks", &new_framework(3, &["zingen"])).expect(201).id();
        let ids = [1, 2].map(|version| publish(&platform, &new_framework(version, &["zingen"])));
        let body = |framework: &str| {
            json!({"frameworkId": framework, "judgements": {"lines": {"zingen": {"attention": true}}}})
        };
        let list = registrations_of(&class.pupil);
        for id in &ids {
            let made = teacher.post(&list, &body(id)).expect(201).json();
            assert_eq!(made["frameworkId"], id.as_str());
        }
        teacher.post(&list, &body(&draft)).refuses(&[("/frameworkId", "not-published")]);
        let of_another = body(&class.framework);
        teacher.post(&list, &of_another).refuses(&[("/judgements/lines/zingen", "not-in-framework")]);
    }
}
