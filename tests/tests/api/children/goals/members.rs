//! The children of a goal: whom a caller is told of, and what becomes of it when one leaves or is destroyed.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{both_databases, wait_until};
use serde_json::{Value, json};

use super::{goal_at, goals_of};
use crate::retention::{depart, done};

both_databases! {
    fn children_whom_the_teacher_does_not_reach_any_more_stay_in_a_goal(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let [sem, fien] = ["Sem", "Fien"].map(|name| class.child(name, "2022-06-01"));
        let goal = goal_at(&class.goal("play", &[&class.pupil, &sem]));
        let other = class.school.group("De Torren");
        let moved = json!({"groupId": other, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        let children = |effect: Value| -> Vec<String> {
            effect["children"].as_array().unwrap().iter().map(|child| text(&child["id"])).collect()
        };
        let effect = format!("{goal}/effect");
        assert_eq!(teacher.get(&goal).expect(200).json()["pupilIds"], json!([class.pupil]));
        assert_eq!(children(teacher.get(&effect).expect(200).json()), [class.pupil.as_str()]);
        assert_eq!(teacher.list(&goals_of(&class.group))[0]["pupilIds"], json!([class.pupil]));
        let changed = teacher.change(&goal, &json!({"pupilIds": [fien]})).expect(200).json();
        assert_eq!(changed["pupilIds"], json!([fien]));
        assert_eq!(ib.get(&goal).expect(200).json()["pupilIds"], json!([sem, fien]));
        assert_eq!(children(ib.get(&effect).expect(200).json()), [sem.as_str(), &fien]);
        // Who moved into the group's goal was in it for a part of the period.
        teacher.patch(&goal, "*", &json!({"firstDay": "2026-11-21", "pupilIds": [sem]})).refuses(&[
            ("/pupilIds/0", "not-in-the-group"),
        ]);
        let ended = ib.patch(&goal, "*", &json!({"firstDay": "2026-11-21"}));
        ended.refuses(&[("/pupilIds/0", "not-in-the-group")]);
    }

    fn a_goal_names_no_child_of_the_group_whoever_reaches_it(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let ib = class.school.member(Function::InternBegeleider, &[]).client;
        let sem = class.child("Sem", "2022-06-01");
        let goal = goal_at(&class.goal("play", &[&class.pupil, &sem]));
        let moved = json!({"groupId": class.school.group("De Torren"), "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{sem}/placements"), &moved).expect(201);
        let named = json!({"text": "Met Sem samen tellen."});
        let refused = [("/text", "names-pupil")];
        teacher.change(&goal, &named).refuses(&refused);
        teacher.post(&format!("{goal}/offers"), &named).refuses(&refused);
        let child = format!("/v1/pupils/{sem}");
        let admin = &class.school.admin;
        admin.act(&format!("{child}/_archive"), &admin.get(&child).etag()).expect(200);
        ib.change(&goal, &named).refuses(&refused);
        // Who was meant stays so in the archive, and stops no change of the period.
        let longer = ib.change(&goal, &json!({"lastDay": "2027-01-29"})).expect(200).json();
        assert_eq!(longer["pupilIds"].as_array().unwrap().len(), 2);
    }

    fn c142_a_child_that_is_destroyed_leaves_its_goals_which_stay(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-06-01");
        let [both, alone] = [vec![&*class.pupil, &*sem], vec![&*class.pupil]].map(|meant| class.goal("play", &meant));
        let offers = format!("{}/offers", goal_at(&both));
        class.teacher.client.post(&offers, &json!({"text": "Poppenkast."})).expect(201);
        depart(&mut server.raw_data(), &class.pupil, "2024-11-21", "next-education");
        server.clock.set("2026-11-21T23:00:30Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", class.school.domain), PASSWORD);
        wait_until(|| !admin.list("/v1/destructions").is_empty());
        let id = text(&admin.list("/v1/destructions")[0]["id"]);
        done(&admin, &id);
        let evidence = admin.get(&format!("/v1/destructions/{id}/evidence")).expect(200).json();
        assert!(evidence["rows"].as_array().unwrap().iter().any(|row| row["table"] == "goal_pupil"));
        let left = admin.get(&goal_at(&both)).expect(200).json();
        assert_eq!((&left["pupilIds"], &left["offers"][0]["text"]), (&json!([sem]), &json!("Poppenkast.")));
        assert_eq!(admin.get(&goal_at(&alone)).expect(200).json()["pupilIds"], json!([]));
        let effect = admin.get(&format!("{}/effect", goal_at(&alone))).expect(200).json();
        assert_eq!(effect["children"], json!([]));
    }

    /// C089: what was read of whom is on record.
    fn a_read_of_goals_names_them_and_their_children(server: Server) {
        let class = server.class();
        let goal = class.goal("play", &[&class.pupil]);
        class.child("Sem", "2022-06-01");
        for (operation, path) in [
            ("listGoals", goals_of(&class.group)),
            ("readGoal", goal_at(&goal)),
            ("readGoalEffect", format!("{}/effect", goal_at(&goal))),
        ] {
            class.teacher.client.get(&path).expect(200);
            let entries = server.audit_log(&class.school.id).entries();
            let entry = entries.iter().rev().find(|entry| entry.operation == operation).unwrap();
            let names = |id: &str| entry.objects.iter().any(|object| object.1 == id);
            assert!(names(&goal) && names(&class.pupil), "{operation}");
            let children = entry.objects.iter().filter(|object| object.0 == groeilijn_domain::audit::entry::ObjectKind::Pupil);
            assert_eq!(children.count(), 1, "{operation}");
        }
        let log = server.audit_log(&class.school.id).entries();
        let set = log.iter().find(|entry| entry.operation == "createGoal").unwrap();
        assert!(set.changed && set.objects.iter().any(|object| object.1 == class.pupil));
    }
}
