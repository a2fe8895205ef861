//! Overviews as pictures and as tables.

use std::io::{Cursor, Read};

use groeilijn_tests::both_databases;
use groeilijn_tests::class::Class;
use groeilijn_tests::{Client, Reply};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use super::{attention, phase};

const SVG: &str = "image/svg+xml";
const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn looked(client: &Client, path: &str, form: &str, language: &str) -> Reply {
    let asked = client.call("GET", path).header("Accept", form).header("Accept-Language", language);
    let reply = asked.send().expect(200);
    assert_eq!(reply.header("content-type"), form);
    assert_eq!(reply.header("content-language"), language);
    let varies: Vec<_> = reply.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(varies.join(",").split(',').any(|name| name.trim() == "Accept"), "{varies:?}");
    reply
}

/// The texts of a picture, which is XML that a browser reads.
fn texts(picture: &Reply) -> Vec<String> {
    let svg = String::from_utf8(picture.body.clone()).unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    let mut reader = Reader::from_str(&svg);
    let (mut texts, mut open) = (vec![String::new()], 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Text(text) => texts.last_mut().unwrap().push_str(&text.xml10_content()),
            Event::GeneralRef(name) => texts.last_mut().unwrap().push_str(&format!("&{};", &*name)),
            Event::Start(_) => {
                open += 1;
                texts.push(String::new());
            }
            Event::End(_) => {
                open -= 1;
                texts.push(String::new());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0);
    texts.retain(|text| !text.is_empty());
    texts
}

fn registered(class: &Class) {
    class.register(&class.pupil, "2026-03-10", &json!({"lines": {"drawing": phase(36, "partly")}}));
    let latest =
        json!({"lines": {"drawing": phase(42, "begun"), "play": attention()}, "scales": {"involvement": 4}});
    class.register(&class.pupil, "2026-11-20", &latest);
}

both_databases! {
    /// C028: the lines of a child as a picture, also for who cannot see it.
    fn c028_a_child_is_drawn_in_the_language_that_is_asked_for(server: Server) {
        let class = server.class();
        let path = format!("/v1/pupils/{}/overview", class.pupil);
        let empty = texts(&looked(&class.teacher.client, &path, SVG, "nl"));
        assert_eq!(empty[..2], ["Ontwikkelingslijnen", "Er is nog niets definitief geregistreerd."]);

        registered(&class);
        let dutch = texts(&looked(&class.teacher.client, &path, SVG, "nl"));
        let told = "Tekenontwikkeling: 2026-11-20, leeftijd bij de registratie 54 mnd: 42 mnd (−12), onder de leeftijd.";
        assert!(dutch[1].contains(told), "{}", dutch[1]);
        assert!(dutch[1].contains("Spel: 2026-11-20, leeftijd bij de registratie 54 mnd: niet beoordeeld, extra aandacht."));
        let drawn: Vec<_> = dutch.iter().filter(|text| text.starts_with("Tekenontwikkeling, 2026-")).collect();
        assert_eq!(drawn.len(), 2, "a bar for each moment");
        let english = texts(&looked(&class.teacher.client, &path, SVG, "en"));
        assert_eq!(english[0], "Development lines");
        assert!(english[1].contains("42 mo (−12), behind age."));
    }

    /// C028: a group side by side.
    fn c028_a_group_is_drawn_by_name(server: Server) {
        let class = server.class();
        let path = format!("/v1/groups/{}/overview", class.group);
        registered(&class);
        class.child("Aart", "2022-06-01");
        let picture = texts(&looked(&class.teacher.client, &path, SVG, "nl"));
        let roster = class.teacher.client.get(&path).expect(200).json()["children"].clone();
        for child in roster.as_array().unwrap() {
            let first = child["firstName"].as_str().unwrap();
            assert!(picture.iter().any(|text| text.starts_with(first)), "{first}");
        }
        let cell = ", Tekenontwikkeling: 42 mnd (−12), onder de leeftijd";
        assert!(picture.iter().any(|text| text.ends_with(cell)), "{picture:?}");

        let nobody = format!("/v1/groups/{}/overview", class.school.group("De Vlinders"));
        let empty = texts(&looked(&class.school.admin, &nobody, SVG, "nl"));
        assert_eq!(empty[1], "Er zitten geen kinderen in deze groep.");
    }

    /// C103: in forms that other programs read.
    fn c103_overviews_are_tables_too(server: Server) {
        let class = server.class();
        registered(&class);
        let of_group = format!("/v1/groups/{}/overview", class.group);
        let of_child = format!("/v1/pupils/{}/overview", class.pupil);
        let table = |path: &str, language: &str| {
            let reply = looked(&class.teacher.client, path, CSV, language);
            let text = String::from_utf8(reply.body).unwrap();
            text.strip_prefix('\u{feff}').unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let dutch = table(&of_group, "nl");
        assert_eq!(dutch.len(), 2);
        assert!(dutch[0].starts_with("Achternaam;Tussenvoegsel;Voornaam;Geboortedatum (bij gelijke namen);Jaargroep;Geregistreerd op;"));
        let columns: Vec<_> = dutch[0].split(';').collect();
        let drawing = columns.iter().position(|title| *title == "Tekenontwikkeling").unwrap();
        let values: Vec<_> = dutch[1].split(';').collect();
        assert_eq!(values[drawing..drawing + 3], ["42", "-12", "nee"]);
        assert_eq!(values.len(), columns.len());

        let english = table(&of_child, "en");
        assert_eq!(english.len(), 5, "two of drawing, one of play, one of involvement: {english:?}");
        let judged = "Tekenontwikkeling,,2026-2027-1,2026-11-20,54,,42,-12,behind age,no,";
        assert!(english.contains(&judged.to_owned()), "{english:?}");

        for path in [of_group, of_child] {
            let workbook = looked(&class.teacher.client, &path, XLSX, "nl").body;
            let mut files = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
            let mut texts = String::new();
            files.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut texts).unwrap();
            assert!(texts.contains("Tekenontwikkeling"));
        }
    }

    fn an_overview_is_json_unless_another_form_is_liked_better(server: Server) {
        let class = server.class();
        let path = format!("/v1/groups/{}/overview", class.group);
        let form = |accept: &str| {
            let reply = class.teacher.client.call("GET", &path).header("Accept", accept).send().expect(200);
            reply.header("content-type").to_owned()
        };
        assert_eq!(form("*/*"), "application/json");
        assert_eq!(form("application/json, image/svg+xml"), "application/json");
        assert_eq!(form("image/svg+xml, */*;q=0.1"), SVG);
        let refused = class.teacher.client.call("GET", &path).header("Accept", "application/pdf").send();
        refused.expect(406).problem("not-acceptable");
    }

    /// Names are texts in a picture and in a table, whatever they are made of.
    fn a_name_of_markup_is_a_name(server: Server) {
        let class = server.class();
        let pupil = format!("/v1/pupils/{}", class.pupil);
        class.school.admin.change(&pupil, &json!({"firstName": "D'Artagnan", "lastName": "A&B"})).expect(200);
        let path = format!("/v1/groups/{}/overview", class.group);
        let picture = texts(&looked(&class.teacher.client, &path, SVG, "nl"));
        assert!(picture.iter().any(|text| text == "D&apos;Artagnan A&amp;B"), "{picture:?}");
    }
}
