//! What is counted of clauses at the moment of asking: for the own institution, and for the service.

use diesel::sql_query;
use diesel::sql_types::{Binary, Text};
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::subprocessor::{announce, subprocessor};
use groeilijn_tests::{Client, School, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::one_entry;
use crate::retention::depart;

/// What is counted under this name for a clause: the figure, and whether the norm is kept.
#[track_caller]
fn counted(client: &Client, clause: &str, kind: &str) -> (Value, bool) {
    let live = client.get(&format!("/v1/compliance/clauses/{clause}")).expect(200).json()["live"].clone();
    let check = live.as_array().unwrap().iter().find(|check| check["kind"] == kind).unwrap();
    (check["figure"].clone(), check["kept"].as_bool().unwrap())
}

/// Has the service notice what was changed past it: readers of an embedded database keep their moment until it writes.
fn notice(school: &School) {
    school.group("De Vlinders");
}

fn bytes(id: &str) -> Vec<u8> {
    Uuid::parse_str(id).unwrap().as_bytes().to_vec()
}

both_databases! {
    fn c054_users_on_a_domain_that_is_the_institutions_no_longer_are_counted_in_it_alone(server: Server) {
        let [school, other] = [server.school(), server.school()];
        school.member(Function::Teacher, &[]);
        let count = |client: &Client| counted(client, "C054", "accounts-on-foreign-domains");
        assert_eq!(count(&school.admin), (json!(0), true));
        let moved = sql_query("UPDATE institution_domain SET domain = 'elders.example' WHERE domain = $1");
        assert_eq!(moved.bind::<Text, _>(&school.domain).execute(&mut server.raw_data()).unwrap(), 1);
        notice(&school);
        assert_eq!(count(&school.admin), (json!(2), false));
        assert_eq!(count(&other.admin), (json!(0), true));
        let clause = school.admin.get("/v1/compliance/clauses/C055").expect(200).json();
        assert_eq!(clause["live"][0]["norm"], 0);
        let listed = school.admin.list("/v1/compliance/clauses?section=login");
        assert_eq!(listed.iter().find(|listed| listed["id"] == "C055").unwrap()["live"][0]["figure"], 2);
    }

    fn c109_holds_past_their_day_of_review_are_counted(server: Server) {
        let school = server.school();
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2026-11-22"});
        let hold = school.admin.post(&format!("/v1/pupils/{pupil}/holds"), &held).expect(201).id();
        let count = |client: &Client| counted(client, "C109", "holds-past-their-review");
        assert_eq!(count(&school.admin), (json!(0), true));
        for (now, figure) in [("2026-11-22T22:59:00Z", 0), ("2026-11-22T23:01:00Z", 1)] {
            server.clock.set(now);
            let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
            assert_eq!(count(&admin), (json!(figure), figure == 0), "{now}");
            if figure == 1 {
                admin.call("DELETE", &format!("/v1/holds/{hold}")).send().expect(204);
                assert_eq!(count(&admin), (json!(0), true));
            }
        }
    }

    fn c105_a_child_whose_term_is_over_is_counted_when_nothing_holds_it(server: Server) {
        let school = server.school();
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        let count = || counted(&school.admin, "C105", "children-beyond-their-term");
        let held = json!({"reason": "Bezwaar loopt nog.", "reviewDay": "2027-06-01"});
        let hold = school.admin.post(&format!("/v1/pupils/{pupil}/holds"), &held).expect(201).id();
        depart(&mut server.raw_data(), &pupil, "2024-11-20", "next-education");
        notice(&school);
        assert_eq!(count(), (json!(0), true));
        // What has to go is looked for when the clock goes on, and it stands still here.
        school.admin.call("DELETE", &format!("/v1/holds/{hold}")).send().expect(204);
        assert_eq!(count(), (json!(1), false));
    }

    fn c136_a_subprocessor_that_nobody_checked_for_a_year_is_counted_until_it_is(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let id = announce(server, &subprocessor());
        let count = |client: &Client| counted(client, "C136", "subprocessors-without-a-yearly-check");
        assert_eq!(count(&school.admin), (json!(0), true));
        let long_ago = sql_query("UPDATE subprocessor SET announced_at = 0 WHERE id = $1");
        assert_eq!(long_ago.bind::<Binary, _>(bytes(&id)).execute(&mut server.raw_data()).unwrap(), 1);
        notice(&school);
        for client in [&school.admin, &secretariat] {
            assert_eq!(count(client), (json!(1), false));
        }
        let check = json!({"checkedOn": "2026-11-20", "outcome": "kept", "documentSha256": "cd".repeat(32)});
        secretariat.post(&format!("/v1/subprocessors/{id}/checks"), &check).expect(201);
        assert_eq!(count(&school.admin), (json!(0), true));
    }

    fn c045_staff_who_can_log_in_without_a_statement_are_counted(server: Server) {
        let school = server.school();
        let helpdesk = server.new_staff(ProcessorFunction::Helpdesk);
        let count = || counted(&school.admin, "C045", "staff-without-a-statement");
        assert_eq!(count(), (json!(0), true));
        let lost = sql_query("DELETE FROM confidentiality_statement WHERE staff_id = $1");
        assert_eq!(lost.bind::<Binary, _>(bytes(&helpdesk.id)).execute(&mut server.raw_data()).unwrap(), 1);
        notice(&school);
        assert_eq!(count(), (json!(1), false));
    }

    fn c075_without_a_backup_its_age_cannot_be_told_and_is_not_kept(server: Server) {
        let admin = server.school().admin;
        assert_eq!(counted(&admin, "C075", "hours-since-the-last-backup"), (json!(null), false));
    }

    fn c090_the_log_may_go_without_a_review_for_as_long_as_the_contract_says(server: Server) {
        let school = server.school();
        let live = |client: &Client| client.get("/v1/compliance/clauses/C090").expect(200).json()["live"][0].clone();
        let counted = |client: &Client| {
            let check = live(client);
            assert_eq!(check["kind"], "days-since-the-oldest-unreviewed-log");
            (check["figure"].as_u64().unwrap(), check["norm"].as_u64().unwrap(), check["kept"].as_bool().unwrap())
        };
        assert_eq!(counted(&school.admin), (0, 30, true));
        let again = || server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        server.clock.set("2026-12-21T09:00:00Z");
        assert_eq!(counted(&again()), (30, 30, true));
        server.clock.set("2026-12-22T09:00:00Z");
        let admin = again();
        assert_eq!(counted(&admin), (31, 30, false));
        assert_eq!(admin.get("/v1/log-review-duty").expect(200).json()["overdue"], true);
        let review = json!({"reviewedUntil": "2026-12-20T23:00:00Z", "findings": "Niets bijzonders.", "nextDueOn": "2026-12-31"});
        admin.post("/v1/log-reviews", &review).expect(201);
        assert_eq!(counted(&admin), (1, 10, true));
        assert_eq!(counted(&server.school().admin), (0, 31, true));
    }

    fn c089_counting_is_on_record_with_the_institution_and_names_nobody(server: Server) {
        let school = server.school();
        let entry = one_entry(server, &school.id, "readClause", || {
            school.admin.get("/v1/compliance/clauses/C054").expect(200);
        });
        assert_eq!(entry.objects.len(), 1);
        assert_eq!(entry.objects[0].1, school.id);
        let clause = server.platform().get("/v1/compliance/clauses/C054").expect(200).json();
        assert_eq!(clause["live"], json!([]));
    }
}
