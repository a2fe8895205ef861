//! Holds: what keeps a child or the whole institution from being destroyed for now.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{School, both_databases};
use serde_json::{Value, json};

use crate::audit::one_entry;

fn new_hold(review_day: &str) -> Value {
    json!({"reason": "Bezwaar loopt nog.", "reviewDay": review_day})
}

/// Where holds on a child and on the institution of a school are made.
fn both(school: &School, pupil: &str) -> [String; 2] {
    [format!("/v1/pupils/{pupil}/holds"), format!("/v1/institutions/{}/holds", school.id)]
}

both_databases! {
    fn c109_a_hold_has_a_reason_an_author_and_a_review_day_and_its_history_stays(server: Server) {
        let school = server.school();
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        for (path, of_pupil) in both(&school, &pupil).into_iter().zip([true, false]) {
            let made = school.admin.post(&path, &new_hold("2027-06-01")).expect(201);
            let hold = format!("/v1/holds/{}", made.id());
            assert_eq!(made.header("Location"), hold);
            let shown = school.admin.get(&hold).expect(200).json();
            assert_eq!(shown, made.json());
            let subject = if of_pupil { "pupil" } else { "institution" };
            assert_eq!(shown["subject"], subject);
            assert_eq!(shown["pupilId"], if of_pupil { json!(pupil) } else { Value::Null });
            assert_eq!(shown["reason"], "Bezwaar loopt nog.");
            assert_eq!((&shown["reviewDay"], &shown["madeBy"]), (&json!("2027-06-01"), &json!(school.admin_id)));
            assert_eq!((&shown["liftedBy"], &shown["liftedAt"]), (&Value::Null, &Value::Null));

            let lift = || drop(school.admin.call("DELETE", &hold).send().expect(204));
            let entry = one_entry(server, &school.id, "liftHold", lift);
            assert!(entry.objects.contains(&(ObjectKind::Hold, made.id())));
            let lifted = school.admin.get(&hold).expect(200).json();
            assert_eq!(lifted["liftedBy"], json!(school.admin_id));
            assert!(lifted["liftedAt"].is_string());
            // Lifting it again changes nothing of who lifted it and when.
            lift();
            assert_eq!(school.admin.list(&path), [lifted]);
        }
    }

    fn c109_a_hold_without_a_reason_or_a_day_that_can_be_is_refused(server: Server) {
        let school = server.school();
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        for path in both(&school, &pupil) {
            school.admin.post(&path, &json!({})).refuses(&[("/reason", "required"), ("/reviewDay", "required")]);
            school.admin.post(&path, &json!({"reason": " ", "reviewDay": "2027-02-29"}))
                .refuses(&[("/reason", "empty"), ("/reviewDay", "not-a-date")]);
            for (day, code) in [("2026-11-20", "in-the-past"), ("2031-11-22", "too-far-ahead")] {
                school.admin.post(&path, &new_hold(day)).refuses(&[("/reviewDay", code)]);
            }
            assert_eq!(school.admin.list(&path), Vec::<Value>::new());
            for day in ["2026-11-21", "2031-11-21"] {
                school.admin.post(&path, &new_hold(day)).expect(201);
            }
        }
        school.admin.post(&format!("/v1/pupils/{ABSENT}/holds"), &new_hold("2027-06-01")).expect(404);
    }

    fn c109_today_is_the_day_in_amsterdam_also_when_the_clocks_change(server: Server) {
        let school = server.school();
        let path = format!("/v1/institutions/{}/holds", school.id);
        let mut password = PASSWORD;
        for (moment, yesterday, today, next) in [
            ("2027-03-27T23:30:00Z", "2027-03-27", "2027-03-28", "Grindweg-17"),
            ("2027-10-30T22:30:00Z", "2027-10-30", "2027-10-31", "Klinkerlaan-23"),
            ("2028-02-28T23:30:00Z", "2028-02-28", "2028-02-29", "Zandpaadje-31"),
        ] {
            server.clock.set(moment);
            let admin = school.renewed(password, next);
            password = next;
            admin.post(&path, &new_hold(yesterday)).refuses(&[("/reviewDay", "in-the-past")]);
            admin.post(&path, &new_hold(today)).expect(201);
        }
    }

    fn c109_holds_are_the_administrators_of_the_institution(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let paths = both(&school, &pupil);
        let holds = paths.each_ref().map(|path| school.admin.post(path, &new_hold("2027-06-01")).expect(201).id());
        for function in [Function::Teacher, Function::InternBegeleider, Function::Management] {
            let member = school.member(function, &[&group]).client;
            for path in &paths {
                member.get(path).expect(403);
                member.post(path, &new_hold("2027-06-01")).expect(403);
            }
            member.call("DELETE", &format!("/v1/holds/{}", holds[0])).send().expect(403);
        }
        let other = server.school();
        for hold in &holds {
            other.admin.sees_nothing(hold, &[
                ("GET", "/v1/holds/{}", Value::Null),
                ("DELETE", "/v1/holds/{}", Value::Null),
            ]);
        }
        other.admin.sees_nothing(&school.id, &[
            ("GET", "/v1/institutions/{}/holds", Value::Null),
            ("POST", "/v1/institutions/{}/holds", new_hold("2027-06-01")),
        ]);
        assert!(school.admin.get(&format!("/v1/holds/{}", holds[0])).expect(200).json()["liftedAt"].is_null());
    }

    fn c109_a_hold_is_made_once_for_a_key_and_stays_on_what_is_archived(server: Server) {
        let school = server.school();
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        let path = format!("/v1/pupils/{pupil}/holds");
        let etag = school.admin.get(&format!("/v1/pupils/{pupil}")).expect(200).etag();
        school.admin.act(&format!("/v1/pupils/{pupil}/_archive"), &etag).expect(200);
        let first = school.admin.post_once(&path, &new_hold("2027-06-01"), "een").expect(201);
        assert_eq!(school.admin.post_once(&path, &new_hold("2027-06-01"), "een").expect(201).visible(), first.visible());
        school.admin.post(&path, &new_hold("2027-07-01")).expect(201);
        assert_eq!(school.admin.list(&format!("{path}?limit=1")).len(), 2);
    }
}
