//! School files that hold a citizen service number in one of their texts (C030).

use groeilijn_tests::{both_databases, bsn};

use crate::children::imports::workbook::{sheet, with_sheet};
use crate::children::imports::{CSV, XLSX, XML, lines, pupil_outcomes, send};

/// The texts of a pupil in a table.
const COLUMNS: &[&str] = &[
    "leerlingnummer",
    "eckid",
    "roepnaam",
    "voornaam",
    "voornamen",
    "tussenvoegsel",
    "achternaam",
    "geslacht",
    "geboortedatum",
    "thuistaal",
    "vve",
    "dagdelen",
    "bijzonderheden",
    "plaatsingsdatum",
    "uitstroomdatum",
    "groep",
    "locatie",
];

/// The texts of a pupil in EDEXML that are elements.
const ELEMENTS: &[&str] = &[
    "roepnaam",
    "voornamen",
    "voorvoegsel",
    "achternaam",
    "geslacht",
    "geboortedatum",
    "instroomdatum",
    "uitstroomdatum",
];

/// How many records there are for each spelling in EDEXML: a pupil for each element and attribute, a pupil and a group
/// at a location, and a group for its key and its name.
const RECORDS: usize = ELEMENTS.len() + 2 + 2 + 2;

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A table in which each pupil has one text that holds one spelling.
fn table(spellings: &[String]) -> String {
    let mut table = COLUMNS.join(";") + "\n";
    for (row, number) in spellings.iter().enumerate() {
        for spelled in COLUMNS {
            let cells = COLUMNS.iter().map(|column| match *column {
                column if column == *spelled => {
                    let link = if column == "eckid" { "https://test.example/" } else { "" };
                    quoted(&format!("{link}{number}"))
                }
                "voornaam" if !matches!(*spelled, "roepnaam" | "voornamen") => "Noor".to_owned(),
                "achternaam" => "Verzinsel".to_owned(),
                "geboortedatum" => "14-03-2022".to_owned(),
                "groep" if *spelled == "locatie" => format!("Klas {row}"),
                _ => String::new(),
            });
            table += &(cells.collect::<Vec<_>>().join(";") + "\n");
        }
    }
    table
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) })
        .collect()
}

/// A school file in which each pupil, location and group has one text that holds one spelling.
fn edexml(spellings: &[String]) -> String {
    let (mut locations, mut groups, mut pupils) = (String::new(), String::new(), String::new());
    for (number, text) in spellings.iter().map(|text| escaped(text)).enumerate() {
        let mut pupil = |attributes: &str, spelled: &[&str], more: &str| {
            let usual = [("roepnaam", "Noor"), ("achternaam", "Verzinsel"), ("geboortedatum", "2022-03-14")];
            let is_usual = |name: &str| {
                !spelled.contains(&name) && (name != "roepnaam" || !spelled.contains(&"voornamen"))
            };
            let usual = usual.iter().filter(|(name, _)| is_usual(name));
            let spelled = spelled.iter().map(|name| format!("<{name}>{text}</{name}>"));
            let elements = spelled.chain(usual.map(|(name, value)| format!("<{name}>{value}</{name}>")));
            pupils += &format!("<leerling {attributes}>{}{more}</leerling>", elements.collect::<String>());
        };
        for element in ELEMENTS {
            pupil(&format!("key='{element}{number}x'"), &[element], "");
        }
        pupil(&format!("key='{text}'"), &[], "");
        pupil(&format!("key='e{number}x' eckid='https://test.example/{text}'"), &[], "");
        let at_location = format!("<groep key='L{number}'/><vestiging key='V{number}'/>");
        pupil(&format!("key='l{number}x'"), &[], &at_location);
        locations += &format!("<vestiging key='V{number}'><naam>{text}</naam></vestiging>");
        groups += &format!("<groep key='L{number}'><naam>Klas {number}</naam></groep>");
        groups += &format!("<groep key='{text}'><naam>Groep {number}</naam></groep>");
        groups += &format!("<groep key='G{number}'><naam>{text}</naam></groep>");
    }
    format!(
        "<?xml version='1.0'?><EDEX><school><schooljaar>2026-2027</schooljaar></school>\
         <vestigingen>{locations}</vestigingen><groepen>{groups}</groepen>\
         <leerlingen>{pupils}</leerlingen></EDEX>"
    )
}

both_databases! {
    fn c030_no_field_of_a_school_file_holds_one(server: Server) {
        let (admin, spellings) = (server.school().admin, bsn::spellings());
        let id = send(&admin, CSV, table(&spellings).as_bytes()).expect(201).id();
        let outcomes = pupil_outcomes(&admin, &id);
        assert_eq!(outcomes.len(), spellings.len() * COLUMNS.len());
        for (index, outcome) in outcomes.iter().enumerate() {
            let (number, column) = (&spellings[index / COLUMNS.len()], COLUMNS[index % COLUMNS.len()]);
            assert!(outcome.starts_with("refuse "), "{column} {number:?}: {outcome}");
        }

        let id = send(&admin, XML, edexml(&spellings).as_bytes()).expect(201).id();
        let report = lines(&admin, &id);
        assert_eq!(report.len(), spellings.len() * RECORDS);
        for line in report {
            assert_eq!(line["outcome"], "refuse", "{line}");
        }
        assert!(admin.list("/v1/pupils").is_empty());
        assert!(admin.list("/v1/groups").is_empty());
    }

    fn c030_no_cell_of_a_workbook_holds_one(server: Server) {
        let admin = server.school().admin;
        for number in ["111222333", "111.222-333", "BSN 111222333 "] {
            let text = table(&[number.to_owned()]).replace('"', "");
            let rows: Vec<_> = text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect();
            let id = send(&admin, XLSX, &with_sheet(&sheet(&rows), &[])).expect(201).id();
            let outcomes = pupil_outcomes(&admin, &id);
            assert_eq!(outcomes.len(), COLUMNS.len());
            for (outcome, column) in outcomes.iter().zip(COLUMNS) {
                assert!(outcome.starts_with("refuse "), "{column}: {outcome}");
            }
            let header = [["voornaam", "achternaam", "geboortedatum", number], ["Noor", "Verzinsel", "", "1"]];
            let header = header.map(|row| row.map(str::to_owned).to_vec());
            send(&admin, XLSX, &with_sheet(&sheet(&header), &[])).refuses(&[("", "bsn")]);
        }
        assert!(admin.list("/v1/pupils").is_empty());
    }

    fn c030_no_header_and_no_school_year_of_a_school_file_holds_one(server: Server) {
        let (admin, spellings) = (server.school().admin, bsn::spellings());
        for number in &spellings {
            let file = format!("voornaam;achternaam;{}\nNoor;Verzinsel;1\n", quoted(&format!("nr {number}")));
            send(&admin, CSV, file.as_bytes()).refuses(&[("", "bsn")]);
            let file = format!("voornaam;achternaam;schooljaar\nNoor;Verzinsel;{}\n", quoted(number));
            send(&admin, CSV, file.as_bytes()).expect(400);
        }
        assert!(admin.list("/v1/pupils").is_empty());
    }
}
