//! The report for a talk with parents: what is in it, that it opens with its password alone, and that it is on record.

use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_tests::accounts;
use groeilijn_tests::class::Class;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, Reply, both_databases};
use lopdf::{Document, LoadOptions};
use memchr::memmem;
use serde_json::{Value, json};

use crate::audit::one_entry;

const PASSWORD: &str = "drie blauwe olifanten";

fn report_of(pupil: &str) -> String {
    format!("/v1/pupils/{pupil}/_report-to-parents")
}

/// The body of a request with other members.
fn wished(mut members: Value) -> Value {
    members["password"] = json!(PASSWORD);
    members
}

fn made(client: &Client, pupil: &str, language: &str, members: Value) -> Reply {
    let call = client.call("POST", &report_of(pupil)).header("Accept-Language", language);
    let reply = call.json(&wished(members)).send().expect(200);
    assert_eq!(reply.header("content-type"), "application/pdf");
    assert_eq!(reply.header("content-language"), language);
    assert_eq!(reply.header("cache-control"), "no-store");
    reply
}

fn opened(report: &Reply, password: &str) -> lopdf::Result<Document> {
    Document::load_mem_with_options(&report.body, LoadOptions::with_password(password))
}

/// The texts of each page, without spaces: where those stand is for the eye.
fn pages(report: &Reply) -> Vec<String> {
    let document = opened(report, PASSWORD).unwrap();
    let pages = document.get_pages();
    let page = |number: &u32| document.extract_text(&[*number]).unwrap();
    pages.keys().map(|number| page(number).split_whitespace().collect()).collect()
}

fn says(report: &str, text: &str) -> bool {
    report.contains(&text.split_whitespace().collect::<String>())
}

fn registered(class: &Class) -> [String; 2] {
    let before = json!({
        "lines": {"drawing": {"phaseFromMonth": 36, "completeness": "complete"}}, "scales": {"involvement": 2},
    });
    let now = json!({
        "lines": {
            "drawing": {"phaseFromMonth": 42, "completeness": "partly"}, "play": {"attention": true},
        },
        "scales": {"involvement": 4},
        "milestones": {
            "drawing.42-48.1": "reached", "drawing.42-48.2": "not-yet", "drawing.36-42.1": "reached",
        },
    });
    [class.register(&class.pupil, "2026-03-10", &before), class.register(&class.pupil, "2026-11-20", &now)]
}

both_databases! {
    /// C085: what leaves is encrypted, and PDF.
    fn c085_a_report_to_parents_opens_with_its_password_and_with_nothing_else(server: Server) {
        let class = server.class();
        registered(&class);
        let report = made(&class.teacher.client, &class.pupil, "nl", json!({}));
        let named = "attachment; filename=\"verslag-voor-ouders.pdf\"";
        assert_eq!(report.header("content-disposition"), named);

        assert!(report.body.starts_with(b"%PDF-2.0"));
        let closed = Document::load_mem(&report.body).unwrap();
        assert!(closed.is_encrypted());
        let encryption = closed.get_encrypted().unwrap();
        let number = |name: &[u8]| encryption.get(name).unwrap().as_i64().unwrap();
        assert_eq!((number(b"V"), number(b"R")), (5, 6), "AES-256 as PDF 2.0 has it");
        let streams = closed.objects.values().filter_map(|object| object.as_stream().ok());
        let readable = streams.filter(|stream| stream.decompressed_content().is_ok_and(|text| text.starts_with(b"BT")));
        assert_eq!(readable.count(), 0);
        for text in ["Noor", "Fantasie", "Voor het gesprek", "OpenSans.", PASSWORD] {
            assert_eq!(memmem::find(&report.body, text.as_bytes()), None, "{text}");
        }
        for wrong in ["", "drie blauwe olifantem", "Drie blauwe olifanten", "groeilijn"] {
            assert!(opened(&report, wrong).is_err(), "{wrong}");
        }

        let told = pages(&report).concat();
        for text in ["Noor Fantasie", "4 mei 2022 (4 jaar en 6 maanden)", "De Rupsen", "Tekenontwikkeling"] {
            assert!(says(&told, text), "{text}: {told}");
        }
        let again = made(&class.teacher.client, &class.pupil, "nl", json!({}));
        assert_ne!(again.body, report.body, "each file has a key of its own");
    }

    /// C085, C046: to make one is a disclosure.
    fn c085_c046_each_report_is_a_disclosure_on_record_and_in_the_childs_log(server: Server) {
        let class = server.class();
        registered(&class);
        let (admin, teacher) = (&class.school.admin, &class.teacher);
        let disclosures = format!("/v1/institutions/{}/disclosures", class.school.id);
        let mut report = None;
        let entry = one_entry(server, &class.school.id, "reportToParents", || {
            report = Some(made(&teacher.client, &class.pupil, "nl", json!({})));
        });
        let on_record = admin.list(&disclosures);
        assert_eq!(on_record.len(), 1);
        let first = &on_record[0];
        let id = text(&first["id"]);
        for object in [(ObjectKind::Pupil, &class.pupil), (ObjectKind::Overview, &class.pupil), (ObjectKind::Disclosure, &id)] {
            assert!(entry.objects.contains(&(object.0, object.1.clone())), "{:?}", object.0);
        }
        assert_eq!(entry.actor.as_deref(), Some(teacher.id.as_str()));
        for page in pages(&report.unwrap()) {
            assert!(says(&page, &id), "each page says where it is on record");
        }
        assert_eq!((&first["pupilIds"], &first["everybody"]), (&json!([class.pupil]), &json!(false)));
        assert_eq!((&first["recordedBy"], &first["ground"]), (&json!(teacher.id), &json!("controller-order")));
        assert_eq!(first["classes"], json!(["ordinary", "sensitive", "learning-result"]));
        assert_eq!(first["recipient"], "The parents or guardians of the child.");

        let note = class.note(&class.pupil, "2026-11-02", &[]);
        made(&teacher.client, &class.pupil, "nl", json!({"noteIds": [note], "recipient": "De moeder, per e-mail."}));
        let second = admin.list(&disclosures).remove(1);
        assert_eq!(second["recipient"], "De moeder, per e-mail.");
        assert!(second["classes"].as_array().unwrap().contains(&json!("special-category")));

        let log = admin.get(&format!("/v1/pupils/{}/access-log", class.pupil)).expect(200).json();
        let lines = log["lines"].as_array().unwrap();
        let made_by_teacher = lines.iter().any(|line| {
            let operations = line["operations"].as_array().unwrap();
            line["actorId"] == json!(teacher.id)
                && operations.contains(&json!({"operation": "reportToParents", "count": 2}))
        });
        assert!(made_by_teacher, "{log}");
    }

    fn c085_who_may_not_take_overviews_along_makes_no_report_and_nothing_is_on_record(server: Server) {
        let class = server.class();
        let school = &class.school;
        let elsewhere = server.class();
        let body = wished(json!({}));
        for stranger in [&school.teacher(&school.group("De Vlinders")), &elsewhere.teacher.client, &elsewhere.school.admin] {
            stranger.sees_nothing(&class.pupil, &[("POST", "/v1/pupils/{}/_report-to-parents", body.clone())]);
        }
        for function in [Function::Management, Function::QualityOfficer, Function::PedagogicalCoach] {
            let member = school.member(function, &[&class.group]).client;
            member.post(&report_of(&class.pupil), &body).expect(403).problem("forbidden");
        }
        server.platform().post(&report_of(&class.pupil), &body).expect(403).problem("forbidden");
        server.anyone().post(&report_of(&class.pupil), &body).expect(401);
        assert_eq!(school.admin.list(&format!("/v1/institutions/{}/disclosures", school.id)), [Value::Null; 0]);
        for function in [Function::Teacher, Function::ChildcareWorker, Function::InternBegeleider] {
            made(&school.member(function, &[&class.group]).client, &class.pupil, "en", json!({}));
        }
        made(&school.admin, &class.pupil, "en", json!({}));
    }

    /// C066: a report is no way around the right to read notes.
    fn c066_who_may_not_read_notes_puts_none_in_a_report(server: Server) {
        let class = server.class();
        let note = class.note(&class.pupil, "2026-11-02", &[]);
        let member = class.school.member(Function::Teacher, &[&class.group]);
        let rights = json!({"rights": [{"part": "notes", "actions": []}], "reason": "Alleen overzichten."});
        class.school.admin.change(&format!("/v1/users/{}", member.id), &rights).expect(200);
        let member = server.anyone().log_in(&member.email, accounts::PASSWORD);
        let with_note = wished(json!({"noteIds": [note]}));
        member.post(&report_of(&class.pupil), &with_note).expect(403).problem("forbidden");
        made(&member, &class.pupil, "nl", json!({}));
    }

    fn c085_a_password_that_is_easy_to_guess_or_hard_to_type_is_refused(server: Server) {
        let class = server.class();
        let refuses = |password: &str, codes: &[&str]| {
            let expected: Vec<_> = codes.iter().map(|code| ("/password", *code)).collect();
            let reply = class.teacher.client.post(&report_of(&class.pupil), &json!({ "password": password }));
            assert!(!String::from_utf8_lossy(&reply.refuses(&expected).body).contains(password) || password.is_empty());
        };
        refuses("", &["password-length", "password-common"]);
        refuses("kort-2026", &["password-length"]);
        refuses(&"lang genoeg ".repeat(6), &["password-length", "password-characters"]);
        refuses("drie blauwe coöperaties", &["password-characters"]);
        refuses("Wachtwoord2026", &["password-common"]);
        refuses("familie Fantasie", &["password-personal"]);
        refuses("kind van 04-05-2022", &["password-personal"]);
        let nothing = class.teacher.client.post(&report_of(&class.pupil), &json!({}));
        nothing.refuses(&[("/password", "required")]);
        assert_eq!(class.school.admin.list(&format!("/v1/institutions/{}/disclosures", class.school.id)), [Value::Null; 0]);
    }

    fn a_report_says_in_words_how_it_is_and_how_it_was(server: Server) {
        let class = server.class();
        let [before, now] = registered(&class);
        let teacher = &class.teacher.client;
        let dutch = pages(&made(teacher, &class.pupil, "nl", json!({}))).concat();
        for text in [
            "20 november 2026", "10 maart 2026", "3½ tot 4 jaar, ongeveer de helft", "3 tot 3½ jaar, helemaal",
            "Tekent een kopvoeter", "Krijgt extra aandacht", "stap 4 van 5", "stap 2 van 5",
            "geen test en geen diagnose", "Wat we afspreken", "Niet bekeken: Zelfbeeld",
        ] {
            assert!(says(&dutch, text), "{text}: {dutch}");
        }
        for text in ["Zet ogen en een mond", "Tekent een kruis van twee lijnen na", "onder de leeftijd", "-12", "−12"] {
            assert!(!says(&dutch, text), "{text}");
        }
        let english = pages(&made(teacher, &class.pupil, "en", json!({"registrationIds": [before]}))).concat();
        assert!(says(&english, "10 March 2026") && says(&english, "no test and no diagnosis"));
        assert!(says(&english, "3 to 3½ years, all of it") && !says(&english, "20 November 2026"));
        assert_ne!(before, now);
    }

    fn a_report_has_the_notes_and_registrations_that_are_chosen_and_refuses_others_by_name(server: Server) {
        let class = server.class();
        let [before, _] = registered(&class);
        let teacher = &class.teacher.client;
        let write = |pupil: &str, text: &str| {
            teacher.post(&format!("/v1/pupils/{pupil}/notes"), &json!({ "text": text })).expect(201).id()
        };
        let chosen = write(&class.pupil, "Vertelt over de kikkers in de sloot.");
        write(&class.pupil, "Slaapt slecht.");
        let told = pages(&made(teacher, &class.pupil, "nl", json!({"noteIds": [chosen]}))).concat();
        assert!(says(&told, "kikkers in de sloot") && !says(&told, "Slaapt slecht"));
        let none = pages(&made(teacher, &class.pupil, "nl", json!({}))).concat();
        assert!(!says(&none, "kikkers"));

        let sem = class.child("Sem", "2022-06-01");
        let of_sem = write(&sem, "Bouwt een toren.");
        let withdrawn = write(&class.pupil, "Van een ander kind.");
        let path = format!("/v1/notes/{withdrawn}/_withdraw");
        let reason = teacher.call("POST", &path).header("If-Match", "*").json(&json!({"reason": "Vergissing."}));
        reason.send().expect(200);
        let draft = class.begin(&class.pupil, "2026-11-21", &json!({})).id();
        let wrong = wished(json!({
            "noteIds": [of_sem, chosen, withdrawn, chosen], "registrationIds": [draft, before, of_sem],
        }));
        let reply = teacher.post(&report_of(&class.pupil), &wrong);
        reply.refuses(&[
            ("/noteIds/0", "unknown-note"),
            ("/noteIds/2", "unknown-note"),
            ("/noteIds/3", "repeated"),
            ("/registrationIds/0", "unknown-registration"),
            ("/registrationIds/2", "unknown-registration"),
        ]);
        let empty = teacher.post(&report_of(&class.pupil), &wished(json!({"registrationIds": []})));
        empty.refuses(&[("/registrationIds", "empty")]);
    }

    fn a_child_of_no_registration_and_one_with_a_long_name_have_a_report(server: Server) {
        let class = server.class();
        let admin = &class.school.admin;
        let sem = class.child("Sem", "2022-06-01");
        let nothing = pages(&made(&class.teacher.client, &sem, "nl", json!({})));
        let told = nothing.concat();
        assert!(says(&told, "Sem Fantasie") && says(&told, "nog niets definitief geregistreerd"));
        assert!(!says(&told, "De ontwikkeling in beeld") && says(&told, "Wat we afspreken"));
        assert_eq!(nothing.len(), 1);

        let long = json!({"firstName": "Şığłő ".repeat(30).trim(), "lastName": "X".repeat(200)});
        admin.change(&format!("/v1/pupils/{sem}"), &long).expect(200);
        class.register(&sem, "2026-11-20", &json!({"lines": {"drawing": {"phaseFromMonth": 42, "completeness": "partly"}}}));
        let told = pages(&made(&class.teacher.client, &sem, "en", json!({}))).concat();
        assert!(says(&told, &"Şığłő ".repeat(30)) && says(&told, "X"), "{told}");
        assert!(told.matches('X').count() >= 200);
        assert!(says(&told, "Tekenontwikkeling"));
    }
}
