//! What will be destroyed, when, and by which rule.

use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

use super::depart;

fn forecast(admin: &Client, query: &str) -> Vec<Value> {
    admin.list(&format!("/v1/retention/forecast?{query}"))
}

both_databases! {
    fn c105_a_child_that_moved_goes_two_years_later_and_not_a_day_sooner(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        class.note(&class.pupil, "2026-11-20", &[]);
        depart(&mut server.raw_data(), &class.pupil, "2026-02-28", "next-education");
        assert!(forecast(admin, "at=2028-02-28").is_empty());
        let goes = forecast(admin, "at=2028-02-29");
        assert_eq!(goes.len(), 1);
        assert_eq!((text(&goes[0]["id"]), text(&goes[0]["kind"])), (class.pupil.clone(), "pupil".to_owned()));
        assert_eq!((text(&goes[0]["dueOn"]), text(&goes[0]["rule"])), ("2028-02-29".to_owned(), "next-education".to_owned()));
        assert_eq!((&goes[0]["months"], &goes[0]["basis"]), (&json!(24), &json!("contract")));
        let rows = goes[0]["rows"].as_array().unwrap();
        let count = |table: &str| rows.iter().find(|row| row["table"] == table).unwrap()["rows"].clone();
        assert_eq!((count("pupil"), count("note"), count("placement")), (json!(1), json!(1), json!(2)));
    }

    fn each_child_has_an_end_whatever_was_forgotten(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let never_placed = admin.post("/v1/pupils", &new_pupil("Daan")).expect(201).id();
        let elsewhere = class.child("Sem", "2022-05-04");
        depart(&mut server.raw_data(), &elsewhere, "2026-10-01", "elsewhere");
        let goes = forecast(admin, "at=2030-01-01");
        let rule = |id: &str| {
            let found = goes.iter().find(|item| item["id"] == id).unwrap();
            (text(&found["rule"]), text(&found["dueOn"]))
        };
        assert_eq!(rule(&never_placed), ("never-placed".to_owned(), "2028-11-22".to_owned()));
        assert_eq!(rule(&elsewhere), ("departure".to_owned(), "2028-10-02".to_owned()));
        // In a group of 2026-2027 and never taken out of it.
        assert_eq!(rule(&class.pupil), ("last-placement".to_owned(), "2029-08-02".to_owned()));
    }

    fn what_if_changes_nothing(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        depart(&mut server.raw_data(), &class.pupil, "2026-07-17", "next-education");
        assert_eq!(text(&forecast(admin, "at=2027-07-18&monthsAfterLeaving=12")[0]["dueOn"]), "2027-07-18");
        let cancelled = forecast(admin, "at=2027-04-01&cancelledOn=2026-11-30");
        let kinds: Vec<_> = cancelled.iter().map(|item| (text(&item["kind"]), text(&item["dueOn"]), text(&item["rule"]))).collect();
        assert_eq!(kinds.len(), 2);
        for (kind, due_on, rule) in kinds {
            assert_eq!((due_on.as_str(), rule.as_str()), ("2027-03-01", "contract-end"), "{kind}");
        }
        assert!(forecast(admin, "at=2028-07-17").is_empty());
        assert_eq!(admin.get("/v1/retention/policy").expect(200).json()["months"], 24);
    }

    fn what_is_asked_wrongly_is_told(server: Server) {
        let admin = server.school().admin;
        for (query, code) in [
            ("at=someday", "not-a-date"),
            ("at=2028-01-01&monthsAfterLeaving=0", "out-of-range"),
            ("at=2028-01-01&monthsAfterLeaving=x", "not-a-number"),
            ("at=2028-01-01&cancelledOn=2026-02-30", "not-a-date"),
        ] {
            let refused = admin.get(&format!("/v1/retention/forecast?{query}")).expect(400).json();
            assert_eq!(refused["errors"][0]["code"], code, "{query}");
        }
    }

    fn a_forecast_is_read_in_pages(server: Server) {
        let class = server.class();
        for name in ["Daan", "Sem", "Mila"] {
            class.child(name, "2022-05-04");
        }
        let ids = |query: &str| forecast(&class.school.admin, query).iter().map(|item| text(&item["id"])).collect::<Vec<_>>();
        let all = ids("at=2030-01-01");
        assert_eq!(all.len(), 4);
        assert_eq!(ids("at=2030-01-01&limit=3"), all);
        assert!(all.is_sorted());
    }
}
