//! What a report tells the people of a school: the child, the column as it stands in the file, a sentence in their language.

use groeilijn_tests::both_databases;
use groeilijn_tests::client::Client;
use groeilijn_tests::reply::{Reply, text};
use serde_json::{Value, json};

use super::{CSV, EDEXML, XML, path, send};

const ODD: &str = "Leerlingnummer;Roepnaam;Achternaam;Geboortedatum;VVE;Klas;Datum uitschrijving\r\n\
    1;Noor;Verzinsel;31-02-2022;ja;x;\r\n\
    2;Daan;Denkbeeld;27-11-2021;soms;x;\r\n\
    3;Fien;Fictief;01-02-2022;nee;x;\r\n\
    4;Sam;Sprookje;01-02-2022;nee;x;30-09-2026\r\n\
    5;Mo;Morgen;01-02-2022;nee;x;01-02-2027\r\n";

fn ask(client: &Client, path: &str, language: &str) -> Reply {
    client.call("GET", path).header("Accept-Language", language).send().expect(200)
}

/// What is said of each pupil: the line, the name, and of each reason and remark the column, the code and the sentence.
fn told(reply: &Reply) -> Vec<String> {
    let said = |reason: &Value| {
        format!("{} {} {}", reason["column"], text(&reason["code"]), text(&reason["detail"]))
    };
    let of_line = |line: &Value| {
        let both = [&line["reasons"], &line["remarks"]].map(|list| list.as_array().unwrap().clone()).concat();
        format!(
            "{} {}: {}",
            line["line"],
            text(&line["name"]),
            both.iter().map(said).collect::<Vec<_>>().join("; ")
        )
    };
    reply.json()["items"].as_array().unwrap().iter().map(of_line).collect()
}

both_databases! {
    fn a_report_is_told_in_dutch_and_in_english(server: Server) {
        let admin = server.school().admin;
        let lines = format!("{}/lines", path(&send(&admin, CSV, ODD.as_bytes()).expect(201).id()));
        let dutch = ask(&admin, &lines, "nl-NL, en;q=0.5");
        assert_eq!(dutch.header("Content-Language"), "nl");
        assert!(dutch.header("Vary").split(", ").any(|name| name == "Accept-Language"));
        assert_eq!(
            told(&dutch),
            [
                "2 Noor Verzinsel: \"Geboortedatum\" no-such-day deze dag bestaat niet",
                "3 Daan Denkbeeld: \"VVE\" not-yes-or-no schrijf ja of nee",
                "4 Fien Fictief: null no-group het bestand noemt geen groep voor de leerling, en de leerling zit in geen groep",
                "5 Sam Sprookje: \"Datum uitschrijving\" left-the-school de leerling heeft de school verlaten en wordt overgeslagen",
                "6 Mo Morgen: \"Datum uitschrijving\" leaves-later de leerling verlaat de school op deze dag, vandaag of \
                 later, en doet tot dan mee; null no-group het bestand noemt geen groep voor de leerling, en de leerling zit in geen groep",
            ]
        );
        let codes = |reply: &Reply| -> Vec<Value> {
            reply.json()["items"].as_array().unwrap().iter().map(|line| line["reasons"].clone()).collect()
        };
        for language in ["en", "fr, de;q=0.3", "*", "klingon;q=oops", ""] {
            let english = ask(&admin, &lines, language);
            assert_eq!(english.header("Content-Language"), "en", "{language}");
            assert!(told(&english)[0].contains("\"Geboortedatum\" no-such-day there is no such day"), "{language}");
            for (one, other) in codes(&english).into_iter().zip(codes(&dutch)) {
                for (one, other) in one.as_array().unwrap().iter().zip(other.as_array().unwrap()) {
                    assert_eq!((&one["code"], &one["field"]), (&other["code"], &other["field"]));
                    assert_ne!(one["detail"], other["detail"]);
                }
            }
        }
        assert_eq!(admin.get(&lines).expect(200).header("Content-Language"), "en");
    }

    fn an_element_is_named_as_the_standard_names_it(server: Server) {
        let admin = server.school().admin;
        let id = send(&admin, XML, EDEXML).expect(201).id();
        let left = admin.list(&format!("{}/lines?outcome=leave-alone", path(&id)));
        assert_eq!((&left[0]["name"], &left[0]["reasons"][0]["column"]), (&json!("Fleur Weggelopen"), &json!("uitstroomdatum")));
    }

    fn a_refused_file_is_answered_in_the_language_of_the_client(server: Server) {
        let admin = server.school().admin;
        let refused = |language: &str| {
            let call = admin.call("POST", "/v1/imports").header("Accept-Language", language);
            call.body(CSV, b"Voornaam;Achternaam\nNoor;Verzinsel\n").send().refuses(&[("", "missing-column")])
        };
        let detail = |reply: &Reply| text(&reply.json()["errors"][0]["detail"]);
        let dutch = refused("nl");
        assert_eq!(dutch.header("Content-Language"), "nl");
        assert!(dutch.header("Vary").split(", ").any(|name| name == "Accept-Language"));
        assert_eq!(
            detail(&dutch),
            "regel 1: de eerste regel mist een kolom: nodig zijn Voornaam, Achternaam en Geboortedatum"
        );
        assert_eq!(
            detail(&refused("en;q=0.9, nl;q=0.1")),
            "line 1: the first row has no column for the birth date (Geboortedatum)"
        );
    }

    fn a_file_of_an_earlier_school_year_is_remarked_upon(server: Server) {
        let admin = server.school().admin;
        let send = |year: &str| {
            let call = admin.call("POST", &format!("/v1/imports?schoolYear={year}"));
            call.header("Accept-Language", "nl").body(CSV, ODD.as_bytes()).send().expect(201)
        };
        let old = send("2025-2026");
        assert_eq!(old.header("Content-Language"), "nl");
        let remark = &old.json()["remarks"][0];
        assert_eq!(remark["code"], "earlier-school-year");
        assert!(text(&remark["detail"]).starts_with("het bestand is van een eerder schooljaar"), "{remark}");
        let english = ask(&admin, &path(&old.id()), "en").json();
        assert!(text(&english["remarks"][0]["detail"]).starts_with("the file is of an earlier"), "{english}");
        assert_eq!(send("2026-2027").json()["remarks"], json!([]));
    }
}
