//! The overview of a group, and the children without a registration in the half-year.

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::class::{Class, finalise};
use groeilijn_tests::framework::{new_framework, publish};
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

use super::{attention, each, find, lines_in, lines_of, phase, position};

fn overview(client: &Client, group: &str, query: &str) -> Value {
    client.get(&format!("/v1/groups/{group}/overview{query}")).expect(200).json()
}

/// A class of four: Noor and Siem registered in this half-year, Fleur only in a draft, Guus in the half-year before.
fn class_of_four(class: &Class) -> [String; 4] {
    let [siem, fleur, guus] = ["Siem", "Fleur", "Guus"].map(|name| class.child(name, "2022-05-04"));
    let noor = class.pupil.clone();
    let behind = json!({"phaseFromMonth": 36, "completeness": "begun", "attention": true});
    class.register(&noor, "2026-11-20", &json!({"lines": {"play": behind, "drawing": phase(60, "begun")}}));
    class.register(
        &siem,
        "2026-11-19",
        &json!({"lines": {"drawing": phase(54, "begun"), "play": attention()}}),
    );
    class.begin(&fleur, "2026-11-18", &json!({"lines": {"drawing": phase(0, "begun")}}));
    class.register(&guus, "2026-03-10", &json!({"lines": {"drawing": phase(60, "complete")}}));
    [noor, siem, fleur, guus]
}

both_databases! {
    fn c029_c028_a_past_group_is_looked_at_as_it_was_then(server: Server) {
        let class = server.class();
        let [noor, siem, ..] = class_of_four(&class);
        let other = class.school.group("De Torren");
        let moved = json!({"groupId": other, "placedOn": "2026-11-21"});
        class.school.admin.post(&format!("/v1/pupils/{noor}/placements"), &moved).expect(201);
        let of = |client: &Client, query: &str| each(&overview(client, &class.group, query)["children"], "id");
        let now = of(&class.school.admin, "");
        assert!(!now.as_array().unwrap().contains(&json!(noor)));
        let then = of(&class.school.admin, "?on=2026-11-20&halfYear=2026-2027-1");
        assert_eq!(then.as_array().unwrap()[..2], [json!(noor), json!(siem)]);
        // The teacher reaches Noor no more, so not as she was either.
        assert_eq!(of(&class.teacher.client, "?on=2026-11-20"), now);
        let last_year = overview(&class.school.admin, &class.last_year, "?on=2026-07-31&halfYear=2025-2026-2");
        assert_eq!(last_year["children"].as_array().unwrap().len(), 4);
        let guus = find(&last_year["children"], "firstName", "Guus");
        assert_eq!(guus["registeredThisHalfYear"], json!(true));
        let path = format!("/v1/groups/{}/overview?on=gisteren", class.group);
        class.school.admin.get(&path).refuses(&[("on", "not-a-date")]);
    }

    /// C023, C028: the day of birth stands beside the children of one name, and beside nobody else.
    fn c023_namesakes_in_an_overview_are_told_apart_by_their_day_of_birth(server: Server) {
        let class = server.class();
        let sem = class.child("Sem", "2022-05-04");
        let namesake = class.child("Noör", "2022-01-31");
        let children = overview(&class.teacher.client, &class.group, "")["children"].clone();
        assert_eq!(each(&children, "id"), json!([class.pupil, sem, namesake]));
        assert_eq!(each(&children, "birthDate"), json!(["2022-05-04", null, "2022-01-31"]));
        // On rosters and in searches it is beside every name.
        let searched = json!({"name": "noor fantasie"});
        let found = class.teacher.client.post("/v1/pupils/_search", &searched).expect(200).json();
        assert_eq!(each(&found["items"], "birthDate"), json!(["2022-05-04", "2022-01-31"]));
    }

    /// C028, C097: one moment of a group, as a cross-section.
    fn c028_the_children_of_a_group_are_side_by_side(server: Server) {
        let class = server.class();
        let children = class_of_four(&class);
        let teacher = &class.teacher.client;
        let overview = overview(teacher, &class.group, "");
        assert_eq!(overview["groupId"], class.group.as_str());
        assert_eq!(overview["halfYear"], "2026-2027-1");
        assert_eq!(overview["frameworkId"], class.framework.as_str());
        assert_eq!(lines_in(&overview), lines_of(teacher, &class.framework));
        for line in overview["lines"].as_array().unwrap() {
            let counts = ["ahead", "atLevel", "behind", "attention"].map(|level| line[level].as_u64().unwrap());
            let expected = match line["line"].as_str().unwrap() {
                "drawing" => [2, 1, 0, 0],
                "play" => [0, 0, 1, 2],
                _ => [0; 4],
            };
            assert_eq!(counts, expected, "{line}");
        }

        assert_eq!(each(&overview["children"], "id"), json!(children));
        assert_eq!(each(&overview["children"], "firstName"), json!(["Noor", "Siem", "Fleur", "Guus"]));
        let registration = overview["children"][0]["registration"]["registrationId"].clone();
        assert_eq!(overview["children"][0], json!({
            "id": class.pupil, "firstName": "Noor", "infix": null, "lastName": "Fantasie", "birthDate": null, "yearLevel": null,
            "registration": {
                "registrationId": registration, "registeredOn": "2026-11-20", "halfYear": "2026-2027-1", "ageMonths": 54, "correctedAgeMonths": null,
            },
            "registeredThisHalfYear": true,
            "cells": [
                {"line": "drawing", "position": position(60, 6, "ahead"), "attention": false},
                {"line": "play", "position": position(36, -18, "behind"), "attention": true},
            ],
        }));
        assert_eq!(overview["children"][1]["cells"], json!([
            {"line": "drawing", "position": position(54, 0, "at-level"), "attention": false},
            {"line": "play", "position": null, "attention": true},
        ]));
        assert_eq!(overview["children"][2]["registration"], Value::Null);
        assert_eq!(overview["children"][2]["cells"], json!([]));
        assert_eq!(overview["children"][3]["registration"]["ageMonths"], 46);
        assert_eq!(overview["children"][3]["registeredThisHalfYear"], false);
    }

    fn c027_the_children_without_a_registration_in_the_half_year_are_named(server: Server) {
        let class = server.class();
        let [noor, siem, fleur, guus] = class_of_four(&class);
        let teacher = &class.teacher.client;
        let without = |client: &Client, query: &str| {
            overview(client, &class.group, query)["withoutRegistration"].clone()
        };
        assert_eq!(without(teacher, ""), json!([fleur, guus]));
        assert_eq!(without(teacher, "?halfYear=2026-2027-1"), json!([fleur, guus]));
        assert_eq!(without(teacher, "?halfYear=2025-2026-2"), json!([noor, siem, fleur]));
        assert_eq!(without(teacher, "?halfYear=2026-2027-2"), json!([noor, siem, fleur, guus]));
        let half_year_before = overview(teacher, &class.group, "?halfYear=2025-2026-2");
        assert_eq!(each(&half_year_before["children"], "registeredThisHalfYear"), json!([false, false, false, true]));
        assert_eq!(half_year_before["children"][0]["registration"], Value::Null, "what came after is left out");

        let draft = teacher.get(&format!("/v1/pupils/{fleur}/registrations")).expect(200).items()[0]["id"].clone();
        finalise(teacher, draft.as_str().unwrap());
        assert_eq!(without(teacher, ""), json!([guus]));

        // The last evening of the half-year in Amsterdam, and the first minute of the next.
        server.clock.set("2027-01-31T22:59:00Z");
        let teacher = server.anyone().log_in(&class.teacher.email, PASSWORD);
        assert_eq!(without(&teacher, ""), json!([guus]));
        server.clock.set("2027-01-31T23:00:00Z");
        let next = overview(&teacher, &class.group, "");
        assert_eq!(next["halfYear"], "2026-2027-2");
        assert_eq!(next["withoutRegistration"], json!([noor, siem, fleur, guus]));
        assert_eq!(next["children"][0]["registration"]["registeredOn"], "2026-11-20");
        let body = class.new_registration("2027-02-01", &json!({"lines": {"drawing": attention()}}));
        let made = teacher.post(&format!("/v1/pupils/{noor}/registrations"), &body).expect(201).id();
        finalise(&teacher, &made);
        assert_eq!(without(&teacher, ""), json!([siem, fleur, guus]));
        assert_eq!(without(&teacher, "?halfYear=2026-2027-1"), json!([guus]));
    }

    fn a_correction_counts_once_it_is_final(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let judged = json!({"lines": {"drawing": phase(54, "begun")}});
        let registration = class.register(&class.pupil, "2026-11-20", &judged);
        let drawing = || {
            let overview = overview(teacher, &class.group, "");
            assert_eq!(overview["withoutRegistration"], json!([]));
            find(&overview["lines"], "line", "drawing").clone()
        };
        let before = drawing();
        let path = format!("/v1/registrations/{registration}");
        teacher.post(&format!("{path}/versions"), &json!({"reason": "Verkeerde fase."})).expect(201);
        let correction = json!({"judgements": {"lines": {"drawing": phase(36, "begun")}}});
        teacher.change(&path, &correction).expect(200);
        assert_eq!((&drawing(), &before["behind"]), (&before, &json!(0)));
        finalise(teacher, &registration);
        assert_eq!((&drawing()["atLevel"], &drawing()["behind"]), (&json!(0), &json!(1)));
    }

    fn a_child_is_in_the_overview_of_the_group_that_it_is_in(server: Server) {
        let class = server.class();
        let school = &class.school;
        let registration = class.register(&class.pupil, "2026-11-20", &json!({"lines": {"drawing": attention()}}));
        let next = school.group("De Vlinders");
        let of = |group: &str| overview(&school.admin, group, "")["children"].clone();
        assert_eq!((of(&class.group).as_array().unwrap().len(), of(&next)), (1, json!([])));
        let placement = json!({"groupId": next, "placedOn": "2026-11-21"});
        school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);
        assert_eq!(of(&class.group), json!([]));
        assert_eq!(of(&next)[0]["registration"]["registrationId"], registration.as_str());
        let empty = overview(&school.admin, &class.group, "");
        assert_eq!((&empty["children"], &empty["withoutRegistration"]), (&json!([]), &json!([])));
    }

    fn a_child_is_in_the_overview_from_the_day_on_which_it_is_placed(server: Server) {
        let class = server.class();
        let school = &class.school;
        let next = school.group("De Vlinders");
        let coordinator = school.member(Function::InternBegeleider, &[]);
        let placement = json!({"groupId": next, "placedOn": "2026-11-22"});
        school.admin.post(&format!("/v1/pupils/{}/placements", class.pupil), &placement).expect(201);
        let children = |client: &Client| {
            [&class.group, &next].map(|group| each(&overview(client, group, "")["children"], "id"))
        };
        let pupil = json!([class.pupil]);
        // The last evening before that day in Amsterdam, and its first minute.
        server.clock.set("2026-11-21T22:59:00Z");
        let client = server.anyone().log_in(&coordinator.email, PASSWORD);
        assert_eq!(children(&client), [pupil.clone(), json!([])]);
        server.clock.set("2026-11-21T23:00:00Z");
        assert_eq!(children(&client), [json!([]), pupil]);
    }

    fn c072_each_child_is_read_with_the_framework_that_it_was_registered_with(server: Server) {
        let class = server.class();
        let siem = class.child("Siem", "2022-05-04");
        class.register(&class.pupil, "2026-11-20", &json!({"lines": {
            "drawing": phase(54, "begun"), "play": phase(54, "begun"),
        }}));
        let own = publish(&server.platform(), &new_framework(1, &["drawing", "zingen"]));
        let body = json!({
            "frameworkId": own, "registeredOn": "2026-11-21",
            "judgements": {"lines": {"drawing": phase(48, "partly"), "zingen": phase(0, "complete")}},
        });
        let teacher = &class.teacher.client;
        finalise(teacher, &teacher.post(&format!("/v1/pupils/{siem}/registrations"), &body).expect(201).id());

        let newest = overview(teacher, &class.group, "");
        assert_eq!(newest["frameworkId"], own.as_str());
        assert_eq!(each(&newest["lines"], "title"), json!(["Lijn drawing", "Lijn zingen", "Spel"]));
        assert_eq!(find(&newest["lines"], "line", "drawing")["atLevel"], 2);
        assert_eq!(newest["children"][1]["cells"][0]["position"], position(72, 18, "at-level"));
        assert_eq!(newest["children"][1]["cells"][1]["position"], position(48, -6, "behind"));
        let shipped = overview(teacher, &class.group, &format!("?frameworkId={}", class.framework));
        assert_eq!(shipped["frameworkId"], class.framework.as_str());
        assert_eq!(shipped["children"], newest["children"]);
        assert_eq!(find(&shipped["lines"], "line", "zingen")["behind"], 1);
    }
}
