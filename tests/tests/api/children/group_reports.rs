//! The report of a group: what is in it, that it opens with its password alone, and when it is on record.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::class::Class;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, both_databases};
use lopdf::{Document, LoadOptions};
use memchr::memmem;
use serde_json::{Value, json};

use crate::audit::one_entry;

const PASSWORD: &str = "drie blauwe olifanten";

fn report_of(group: &str) -> String {
    format!("/v1/groups/{group}/_report")
}

/// The body of a request with other members.
fn wished(mut members: Value) -> Value {
    members["password"] = json!(PASSWORD);
    members
}

fn made(client: &Client, group: &str, language: &str, members: Value) -> Reply {
    let call = client.call("POST", &report_of(group)).header("Accept-Language", language);
    let reply = call.json(&wished(members)).send().expect(200);
    assert_eq!(reply.header("content-type"), "application/pdf");
    assert_eq!(reply.header("content-language"), language);
    assert_eq!(reply.header("cache-control"), "no-store");
    reply
}

/// The texts of each page, without spaces: where those stand is for the eye.
fn pages(report: &Reply) -> Vec<String> {
    let document =
        Document::load_mem_with_options(&report.body, LoadOptions::with_password(PASSWORD)).unwrap();
    let pages = document.get_pages();
    let page = |number: &u32| document.extract_text(&[*number]).unwrap();
    pages.keys().map(|number| page(number).split_whitespace().collect()).collect()
}

fn says(report: &str, text: &str) -> bool {
    report.contains(&text.split_whitespace().collect::<String>())
}

fn registered(class: &Class) {
    let judged = json!({
        "lines": {"drawing": {"phaseFromMonth": 36, "completeness": "complete"}, "play": {"attention": true}},
    });
    class.register(&class.pupil, "2026-11-20", &judged);
}

both_databases! {
    /// C085: what leaves is encrypted, and PDF.
    fn c085_a_report_of_a_group_opens_with_its_password_and_with_nothing_else(server: Server) {
        let class = server.class();
        registered(&class);
        class.child("Sem", "2022-06-01");
        let report = made(&class.teacher.client, &class.group, "nl", json!({}));
        assert_eq!(report.header("content-disposition"), "attachment; filename=\"groepsoverzicht.pdf\"");
        assert!(Document::load_mem(&report.body).unwrap().is_encrypted());
        for text in ["Noor", "Fantasie", "Groepsoverzicht", "Gemaakt op", PASSWORD] {
            assert_eq!(memmem::find(&report.body, text.as_bytes()), None, "{text}");
        }
        let wrong = LoadOptions::with_password("drie blauwe olifantem");
        assert!(Document::load_mem_with_options(&report.body, wrong).is_err());

        let told = pages(&report).concat();
        for text in [
            "Groepsoverzicht, 2026-2027-1", "De Rupsen", "Noor Fantasie", "Sem Fantasie *", "Tekenontwikkeling", "−12",
            "onder de leeftijd", "extra aandacht", "niet om kinderen te rangschikken", "Vertrouwelijk",
        ] {
            assert!(says(&told, text), "{text}: {told}");
        }
        assert!(!says(&told, "Noor Fantasie *") && !says(&told, "Kenmerk"));
        let english = pages(&made(&class.teacher.client, &class.group, "en", json!({}))).concat();
        assert!(says(&english, "not for ranking children") && says(&english, "behind age"), "{english}");
    }

    /// C085, C046: what goes to somebody else is a disclosure; what stays within the institution is not.
    fn c085_c046_a_report_that_is_given_to_somebody_is_on_record_and_another_is_in_the_log_alone(server: Server) {
        let class = server.class();
        registered(&class);
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        let disclosures = format!("/v1/institutions/{}/disclosures", class.school.id);
        let entry = one_entry(server, &class.school.id, "reportGroup", || {
            made(&teacher.client, &class.group, "nl", json!({}));
        });
        for object in [(ObjectKind::Pupil, &class.pupil), (ObjectKind::Overview, &class.group)] {
            assert!(entry.objects.contains(&(object.0, object.1.clone())), "{:?}", object.0);
        }
        assert_eq!(admin.list(&disclosures), [Value::Null; 0]);

        let given = made(&teacher.client, &class.group, "nl", json!({"recipient": "Het zorgteam van de gemeente."}));
        let on_record = admin.list(&disclosures);
        assert_eq!(on_record.len(), 1);
        let first = &on_record[0];
        for page in pages(&given) {
            assert!(says(&page, &text(&first["id"])), "each page says where it is on record");
        }
        assert_eq!((&first["pupilIds"], &first["everybody"]), (&json!([class.pupil]), &json!(false)));
        assert_eq!(first["recipient"], "Het zorgteam van de gemeente.");
        assert_eq!(first["classes"], json!(["ordinary", "sensitive", "learning-result"]));
    }

    fn c085_who_may_not_take_overviews_along_makes_no_report_of_a_group(server: Server) {
        let class = server.class();
        let school = &class.school;
        let elsewhere = server.class();
        let body = wished(json!({"recipient": "Iedereen."}));
        let of_another = school.teacher(&school.group("De Vlinders"));
        for stranger in [&of_another, &elsewhere.teacher.client, &elsewhere.school.admin] {
            stranger.sees_nothing(&class.group, &[("POST", "/v1/groups/{}/_report", body.clone())]);
        }
        for function in [Function::Management, Function::QualityOfficer, Function::PedagogicalCoach] {
            let member = school.member(function, &[&class.group]).client;
            member.post(&report_of(&class.group), &body).expect(403).problem("forbidden");
        }
        server.anyone().post(&report_of(&class.group), &body).expect(401);
        assert_eq!(school.admin.list(&format!("/v1/institutions/{}/disclosures", school.id)), [Value::Null; 0]);
    }

    fn c085_a_password_with_a_name_of_any_child_of_the_group_is_refused(server: Server) {
        let class = server.class();
        class.child("Brechtje", "2022-06-01");
        let refuses = |password: &str, code: &str| {
            let sent = json!({"password": password, "recipient": "Het zorgteam."});
            class.teacher.client.post(&report_of(&class.group), &sent).refuses(&[("/password", code)]);
        };
        refuses("groep van Brechtje", "password-personal");
        refuses("kind van 01-06-2022", "password-personal");
        refuses("Wachtwoord2026", "password-common");
        let wrong = json!({"password": PASSWORD, "halfYear": "2026-3", "asOf": "gisteren", "recipient": ""});
        class.teacher.client.post(&report_of(&class.group), &wrong).refuses(&[
            ("/halfYear", "not-a-half-year"),
            ("/asOf", "not-a-date"),
            ("/recipient", "empty"),
        ]);
        let admin = &class.school.admin;
        assert_eq!(admin.list(&format!("/v1/institutions/{}/disclosures", class.school.id)), [Value::Null; 0]);
    }

    fn a_group_of_nobody_and_one_of_sixty_with_long_names_have_a_report(server: Server) {
        let class = server.class();
        let empty = class.school.group("De Vlinders");
        let nobody = made(&class.school.admin, &empty, "nl", json!({"recipient": "Het zorgteam."}));
        assert!(says(&pages(&nobody).concat(), "Er zitten geen kinderen in deze groep"));
        let disclosures = format!("/v1/institutions/{}/disclosures", class.school.id);
        assert_eq!(class.school.admin.list(&disclosures), [Value::Null; 0], "of nobody nothing is disclosed");

        let long = "Şığłő ".repeat(20);
        for number in 0..60 {
            class.child(&format!("{number} {}", long.trim()), "2022-06-01");
        }
        let pages = pages(&made(&class.teacher.client, &class.group, "nl", json!({})));
        assert_eq!(pages.len(), 2);
        for page in &pages {
            assert!(says(page, "Tekenontwikkeling"), "each page has the headings");
        }
        assert!(says(&pages.concat(), "59 Şığłő") && says(&pages[0], "…"));
    }
}
