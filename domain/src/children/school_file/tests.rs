use proptest::prelude::*;

use super::*;

const EDEXML: &[u8] = include_bytes!("../../../../samples/school.edexml.xml");
const TABLE: &[u8] = include_bytes!("../../../../samples/school.csv");

fn edexml(text: &str) -> Result<SchoolFile, FileRefusal> {
    parse(FileFormat::Edexml, text.as_bytes())
}

fn table(text: &str) -> SchoolFile {
    parse(FileFormat::Csv, text.as_bytes()).map_err(|refusal| refusal.to_string()).unwrap()
}

/// The code and line with which a file is refused.
fn refused<T>(parsed: Result<T, FileRefusal>) -> (&'static str, u64) {
    parsed.err().map(|refusal| (refusal.code, refusal.line)).unwrap()
}

fn document(pupil: &str) -> String {
    format!("<EDEX>\n<leerlingen>\n<leerling key='1'>{pupil}</leerling>\n</leerlingen>\n</EDEX>")
}

#[test]
fn c023_the_edexml_sample_is_read() {
    let file = parse(FileFormat::Edexml, EDEXML).ok().unwrap();
    assert_eq!(file.school_year.unwrap().to_string(), "2026-2027");
    assert_eq!(file.brin.as_deref(), Some("99XX00"));
    assert_eq!((file.groups.len(), file.pupils.len(), file.teachers_seen), (3, 12, 1));
    let names: Vec<_> =
        file.groups.iter().map(|group| (group.name.as_str(), group.location.as_deref())).collect();
    assert_eq!(names[0], ("Groep 1/2 A", Some("Hoofdgebouw")));
    assert_eq!(names[2], ("Groep 3", Some("Dependance Bosrand")));
    let noor = &file.pupils[0];
    assert_eq!((noor.first_name.as_deref(), noor.infix.as_deref()), (Some("Noor"), Some("van 't")));
    assert_eq!((noor.key.as_deref(), noor.group_key.as_deref()), (Some("L1001"), Some("G12A")));
    assert_eq!(file.pupils[3].first_name.as_deref(), Some("Çağla"));
    assert_eq!(file.pupils[11].left_on.as_deref(), Some("2026-09-30"));
}

#[test]
fn c030_what_may_not_be_taken_over_is_dropped_and_counted() {
    for (format, bytes) in [(FileFormat::Edexml, EDEXML), (FileFormat::Csv, TABLE)] {
        let file = parse(format, bytes).ok().unwrap();
        assert!(file.dropped["bsn"] > 0);
        let stored = serde_json::to_string(&file).unwrap();
        assert!(!stored.contains("000000000") && !stored.contains("0000AA"));
    }
    let file = parse(FileFormat::Edexml, EDEXML).ok().unwrap();
    let dropped: Vec<_> = file.dropped.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(dropped, [("bsn", 3), ("etniciteit", 1), ("postcodenl", 1)]);
}

#[test]
fn the_table_sample_says_the_same_and_more() {
    let (one, other) =
        (parse(FileFormat::Edexml, EDEXML).ok().unwrap(), parse(FileFormat::Csv, TABLE).ok().unwrap());
    assert_eq!(other.ignored_columns, ["Kluisje"]);
    assert_eq!(other.school_year, one.school_year);
    assert_eq!(other.pupils.len(), one.pupils.len());
    for (one, other) in one.pupils.iter().zip(&other.pupils) {
        assert_eq!((&one.key, &one.eck_id, &one.last_name), (&other.key, &other.eck_id, &other.last_name));
        assert_eq!(other.broken, None);
    }
    assert_eq!(other.pupils[1].vve.as_deref(), Some("ja"));
    assert_eq!(
        other.pupils[5].particulars.as_deref(),
        Some("Spreekt thuis Frans; begrijpt Nederlands goed.")
    );
    for (one, other) in one.groups.iter().zip(&other.groups) {
        assert_eq!((&one.name, &one.location), (&other.name, &other.location));
        assert_eq!(other.school_key, None);
    }
}

#[test]
fn a_parsed_file_survives_being_stored() {
    for (format, bytes) in [(FileFormat::Edexml, EDEXML), (FileFormat::Csv, TABLE)] {
        let file = parse(format, bytes).ok().unwrap();
        let stored = serde_json::to_string(&file).unwrap();
        assert!(serde_json::from_str::<SchoolFile>(&stored).unwrap() == file);
    }
}

#[test]
fn lines_are_those_of_the_file() {
    let file = edexml(
        "<?xml version='1.0'?>\n<EDEX><leerlingen>\n\n<leerling\nkey='1'/>\n<leerling/></leerlingen></EDEX>",
    );
    let lines: Vec<_> = file.ok().unwrap().pupils.iter().map(|pupil| pupil.line).collect();
    assert_eq!(lines, [4, 6]);
    let text =
        "voornaam;achternaam;bijzonderheden;geboortedatum\nA;B;\"een\ntwee\";\n;;;\n\n\nC;D;;\nE;F;;\n";
    for line_end in ["\n", "\r\n", "\r"] {
        for first in ["", "sep=;\n", "\n\n"] {
            let file = table(&format!("{first}{text}").replace('\n', line_end));
            let lines: Vec<_> = file.pupils.iter().map(|pupil| pupil.line).collect();
            let before = first.matches('\n').count() as u64;
            assert_eq!(lines, [2, 7, 8].map(|line| line + before), "{line_end:?} {first:?}");
        }
    }
    let file =
        edexml("<EDEX><leerlingen>\r\n<leerling/>\r\n\r\n<leerling/></leerlingen></EDEX>").ok().unwrap();
    assert_eq!(file.pupils.iter().map(|pupil| pupil.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn xml_is_read_as_xml() {
    let pupil = "<!-- x --><roepnaam xsi:type='y'> <![CDATA[A&]]>&amp;&#x42;<!-- y -->C<b>no</b>D </roepnaam>\
                 <toevoegingen><blok><achternaam>no</achternaam><bsn>1</bsn></blok></toevoegingen>\
                 <achternaam/><samengestelde_groepen><samengestelde_groep key='s&#49;'/></samengestelde_groepen>";
    let file = edexml(&document(pupil)).ok().unwrap();
    assert_eq!(file.pupils[0].first_name.as_deref(), Some("A&&BCD"));
    assert_eq!(file.pupils[0].last_name, None);
    assert_eq!(file.pupils[0].group_key.as_deref(), Some("s1"));
    assert!(file.dropped.is_empty());
}

#[test]
fn a_document_type_is_refused() {
    let laughs = "<!DOCTYPE EDEX [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
    let file = "<!DOCTYPE EDEX [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>";
    for doctype in
        [laughs, file, "<!DOCTYPE EDEX>", "<!DOCTYPE EDEX SYSTEM 'http://x.example/'>", "<!DOCTYPE ["]
    {
        let text = format!("<?xml version='1.0'?>\n{doctype}\n{}", document("<roepnaam>&b;&f;</roepnaam>"));
        assert_eq!(refused(edexml(&text)), ("doctype-not-allowed", 2), "{doctype}");
    }
    assert_eq!(refused(edexml(&document("<roepnaam>\n&b;</roepnaam>"))), ("unknown-entity", 4));
    assert_eq!(refused(edexml(&document("<toevoegingen>&b;</toevoegingen>"))).0, "unknown-entity");
    assert_eq!(refused(edexml(&document("<groep key='&b;'/>"))).0, "not-well-formed");
}

#[test]
fn sizes_are_bounded() {
    assert_eq!(refused(edexml(&document(&"<a>".repeat(40)))).0, "too-deep");
    assert_eq!(refused(edexml(&"<EDEX>".repeat(1_000_000))).0, "too-deep");
    let wide: String = (0..100).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(refused(edexml(&document(&format!("<a{wide}/>")))).0, "too-many-attributes");
    let long = "x".repeat(70_000);
    assert_eq!(refused(edexml(&document(&format!("<a b='{long}'/>")))).0, "attributes-too-long");
    assert_eq!(refused(edexml(&document(&format!("<roepnaam>{long}</roepnaam>")))).0, "text-too-long");
    assert!(edexml(&document(&format!("<toevoegingen>{long}</toevoegingen>"))).is_ok());
    let many = "<leerling/>".repeat(MAX_PUPILS + 1);
    assert_eq!(
        refused(edexml(&format!("<EDEX><leerlingen>{many}</leerlingen></EDEX>"))).0,
        "too-many-pupils"
    );
    let many = "<groep key='1'/>".repeat(MAX_GROUPS + 1);
    assert_eq!(refused(edexml(&format!("<EDEX><groepen>{many}</groepen></EDEX>"))).0, "too-many-groups");
    assert_eq!(refused(parse(FileFormat::Csv, &vec![b'x'; MAX_BYTES + 1])).0, "file-too-large");
    let row = ";".repeat(20_000);
    assert_eq!(
        refused(parse(FileFormat::Csv, format!("voornaam;achternaam\n{row}").as_bytes())),
        ("too-many-columns", 2)
    );
    assert_eq!(
        refused(parse(FileFormat::Csv, format!("x{}", row.get(..500).unwrap()).as_bytes())).0,
        "too-many-columns"
    );
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "geen xml",
        "<EDEX>",
        "<EDEX></edex>",
        "<EDEX/><EDEX/>",
        "<EDEX/>x",
        "x<EDEX/>",
        "</EDEX>",
        "<EDEX a='1' a='2'/>",
        "<EDEX a=1/>",
        "<EDEX>&#0;</EDEX>",
        "<EDEX>&#x1;</EDEX>",
        "<EDEX>\u{1}</EDEX>",
        "<EDEX>&amp</EDEX>",
        "<EDEX><![CDATA[</EDEX>",
        "<EDEX><!-- </EDEX>",
        "<EDEX",
    ] {
        assert_eq!(refused(edexml(text)).0, "not-well-formed", "{text}");
    }
    assert_eq!(refused(edexml("<edex/>")), ("not-edexml", 1));
    assert_eq!(refused(edexml("<EDEX>\n<groepen>\n<groep/></groepen></EDEX>")), ("missing-key", 3));
    let year = "<EDEX><school>\n<schooljaar>2026</schooljaar></school></EDEX>";
    assert_eq!(refused(edexml(year)), ("not-a-school-year", 2));
}

#[test]
fn encodings_are_recognised() {
    let body = document("<roepnaam>Zoë €</roepnaam>");
    let declared = |label: &str| format!("<?xml version='1.0' encoding='{label}'?>{body}");
    let utf_16 = |units: Vec<[u8; 2]>| units.concat();
    let le = |text: &str| utf_16(text.encode_utf16().map(u16::to_le_bytes).collect());
    let be = |text: &str| utf_16(text.encode_utf16().map(u16::to_be_bytes).collect());
    for bytes in [
        body.clone().into_bytes(),
        format!("\u{feff}{body}").into_bytes(),
        declared("utf-8").into_bytes(),
        encoding_rs::WINDOWS_1252.encode(&declared("ISO-8859-1")).0.into_owned(),
        encoding_rs::WINDOWS_1252.encode(&declared("windows-1252")).0.into_owned(),
        encoding_rs::ISO_8859_15.encode(&declared("ISO-8859-15")).0.into_owned(),
        le(&format!("\u{feff}{}", declared("UTF-16"))),
        be(&format!("\u{feff}{}", declared("UTF-16"))),
        le(&declared("UTF-16")),
        be(&body),
    ] {
        let file = parse(FileFormat::Edexml, &bytes).map_err(|refusal| refusal.to_string()).unwrap();
        assert_eq!(file.pupils[0].first_name.as_deref(), Some("Zoë €"));
    }
    for label in ["utf-7", "shift_jis", "utf-16", "klingon"] {
        assert_eq!(refused(edexml(&declared(label))).0, "unsupported-encoding", "{label}");
    }
    assert_eq!(refused(parse(FileFormat::Edexml, b"<EDEX>\n\xe9</EDEX>")), ("wrong-encoding", 2));
    assert_eq!(refused(parse(FileFormat::Edexml, b"\xff\xfe<\x00E\xd8")).0, "wrong-encoding");

    let text = "voornaam;achternaam;geboortedatum\nZoë;Ève;\n";
    let windows = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    for bytes in
        [text.into(), format!("\u{feff}{text}").into_bytes(), windows, le(&format!("\u{feff}{text}"))]
    {
        let file = parse(FileFormat::Csv, &bytes).ok().unwrap();
        assert_eq!(file.pupils[0].first_name.as_deref(), Some("Zoë"));
    }
}

#[test]
fn c030_no_header_and_no_further_first_name_holds_a_citizen_service_number() {
    let file = "voornaam;achternaam;nr 111.222-333\nNoor;Verzinsel;1\n";
    assert_eq!(refused(parse(FileFormat::Csv, file.as_bytes())), ("bsn", 1));
    let file = table("voornamen;achternaam;geboortedatum\nNoor 111222333;Verzinsel;\n");
    assert_eq!(file.pupils[0].first_name.as_deref(), Some("bsn 000000012"));
}

#[test]
fn c030_no_citizen_service_number_is_kept_of_a_file() {
    let table = table(
        "voornaam;achternaam;groep;locatie;bijzonderheden;eckid;geboortedatum\n\
         Noor;Verzinsel;De 111 222 333;BSN111222333;nr. 111.222-333;https://eck.example/111%32%322333;\
         2022-03-14 111222333\n",
    );
    let pupil = "<leerling key='111222333' eckid='https://eck.example/111222333'>";
    let text = document("<roepnaam>111222333</roepnaam>").replacen("<leerling key='1'>", pupil, 1);
    let edexml = edexml(&text).ok().unwrap();
    for file in [&table, &edexml] {
        let stored = serde_json::to_string(file).unwrap();
        assert!(stored.contains("000000012"), "{stored}");
        assert!(!stored.contains("111") && !stored.contains("222"), "{stored}");
    }
}

#[test]
fn a_file_of_another_kind_has_an_answer_of_its_own() {
    let xls = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest";
    for (format, bytes, code) in [
        (FileFormat::Csv, &b""[..], "empty-file"),
        (FileFormat::Csv, b" \r\n\t\n", "empty-file"),
        (FileFormat::Csv, b"\xEF\xBB\xBF \n", "empty-file"),
        (FileFormat::Csv, b"sep=;\r\n", "empty-file"),
        (FileFormat::Csv, b";;\n;\n", "empty-file"),
        (FileFormat::Edexml, b"\n", "empty-file"),
        (FileFormat::Xlsx, b"", "empty-file"),
        (FileFormat::Csv, b"voornaam;achternaam;geboortedatum\n;;\n", "no-rows"),
        (FileFormat::Csv, EDEXML, "is-xml"),
        (FileFormat::Csv, b"\xFF\xFE<\x00E\x00/\x00>\x00", "is-xml"),
        (FileFormat::Edexml, TABLE, "is-a-table"),
        (FileFormat::Edexml, b"voornaam,achternaam", "is-a-table"),
        (FileFormat::Csv, xls, "is-xls"),
        (FileFormat::Edexml, xls, "is-xls"),
        (FileFormat::Xlsx, xls, "is-xls"),
        (FileFormat::Csv, b"PK\x03\x04rest", "is-xlsx"),
        (FileFormat::Edexml, b"PK\x03\x04rest", "is-xlsx"),
        (FileFormat::Xlsx, TABLE, "not-xlsx"),
        (FileFormat::Xlsx, b"PK\x03\x04rest", "not-xlsx"),
    ] {
        assert_eq!(refused(parse(format, bytes)).0, code, "{format:?} {}", bytes.len());
    }
}

#[test]
fn the_separator_that_excel_is_told_counts() {
    for first in ["sep=|", "\"SEP=|\""] {
        let file = table(&format!("{first}\r\nvoornaam|achternaam|geboortedatum\r\nA;B|C,D|\r\n"));
        assert_eq!(file.pupils[0].first_name.as_deref(), Some("A;B"));
        assert_eq!(file.pupils[0].line, 3);
    }
}

#[test]
fn c023_the_day_on_which_a_pupil_leaves_has_many_names() {
    for header in ["Datum uitschrijving", "Uitschrijfdatum", "Uitstroomdatum", "Vertrekdatum", "left_on"] {
        let file = table(&format!("voornaam;achternaam;geboortedatum;{header}\nA;B;;30-09-2026\n"));
        assert_eq!(file.pupils[0].left_on.as_deref(), Some("30-09-2026"), "{header}");
        assert_eq!(file.columns["leftOn"], header);
    }
}

#[test]
fn columns_are_recognised_in_two_languages() {
    for header in [
        "Voornaam;Tussenvoegsel;Achternaam;Bsn;Geboortedatum",
        "first_name,INFIX,Last Name,bsn,birth date",
        "FirstName\tinfix\tlast-name\tBSN\tBirthDate",
    ] {
        let row = "A;b;C;9;".replace(';', &header.chars().find(|c| ";,\t".contains(*c)).unwrap().to_string());
        let file = table(&format!("{header}\r\n{row}\r\n"));
        let pupil = &file.pupils[0];
        let names = [&pupil.first_name, &pupil.infix, &pupil.last_name].map(|name| name.as_deref().unwrap());
        assert_eq!(names, ["A", "b", "C"]);
        assert_eq!(file.dropped["bsn"], 1);
    }
    let file = table(
        "voornamen;roepnaam;achternaam;achternaam;groep;groep;geboortedatum\nAn Na;;X;Y;1;2;\nAn Na;Annie;X;Y;1;2;\n",
    );
    let names: Vec<_> = file.pupils.iter().map(|pupil| pupil.first_name.as_deref().unwrap()).collect();
    assert_eq!(names, ["An", "Annie"]);
    assert_eq!(file.pupils[0].last_name.as_deref(), Some("X"));
    assert_eq!((file.groups.len(), file.ignored_columns.len()), (1, 2));
    assert_eq!(file.columns["firstName"], "voornamen");
    for header in
        ["voornaam", "achternaam", "naam;groep", "Voornaam;Achternaam\nNoor;Verzinsel\nDaan;Denkbeeld"]
    {
        assert_eq!(refused(parse(FileFormat::Csv, header.as_bytes())), ("missing-column", 1), "{header}");
    }
}

#[test]
fn broken_rows_are_marked() {
    let file = table(
        "voornaam;achternaam;schooljaar;geboortedatum\nA;B\nA;B;2026-2027;\nA;B;2025/2026;\nA;B;;\"x\nC;D;;\n",
    );
    let broken: Vec<_> = file.pupils.iter().map(|pupil| pupil.broken).collect();
    let expected =
        [Some(BrokenRow::CellCount), None, Some(BrokenRow::OtherSchoolYear), Some(BrokenRow::UnclosedQuote)];
    assert_eq!(broken, expected);
    let long = table(&format!("voornaam;achternaam;geboortedatum\nA;{};\n", "x".repeat(70_000)));
    assert_eq!(long.pupils[0].broken, Some(BrokenRow::CellTooLong));
    assert_eq!(long.pupils[0].last_name, None);
}

#[test]
fn a_location_counts_when_all_pupils_of_the_group_agree() {
    let file = table(
        "voornaam;achternaam;groep;locatie;geboortedatum\nA;B;1;Oost;\nA;B;1;;\nA;B;2;Oost;\nA;B;2;West;\nA;B;3;;\n",
    );
    let locations: Vec<_> = file.groups.iter().map(|group| group.location.as_deref()).collect();
    assert_eq!(locations, [Some("Oost"), None, None]);
}

#[test]
fn a_truncated_file_does_no_harm() {
    for end in 0..EDEXML.len() - 1 {
        assert!(parse(FileFormat::Edexml, &EDEXML[..end]).is_err(), "{end}");
    }
    for end in 0..TABLE.len() {
        let _ = parse(FileFormat::Csv, &TABLE[..end]);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<EDEX>",
        "</EDEX>",
        "<leerlingen>",
        "</leerlingen>",
        "<leerling key='1'>",
        "</leerling>",
        "<bsn>",
        "</bsn>",
        "<groepen>",
        "<groep key=\"g\"/>",
        "<roepnaam>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#65;",
        "&x;",
        "<!DOCTYPE",
        "[",
        "]",
        ">",
        "<",
        "'",
        "\"",
        "<?xml version='1.0'?>",
        "é",
        "\n",
        ";",
        "voornaam",
        "achternaam",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(FileFormat::Edexml, &bytes);
        let _ = parse(FileFormat::Csv, &bytes);
        let _ = parse(FileFormat::Csv, &[b"voornaam;achternaam;geboortedatum\n", bytes.as_slice()].concat());
    }

    #[test]
    fn any_markup_is_taken(text in pieces()) {
        let _ = parse(FileFormat::Edexml, text.as_bytes());
        let _ = edexml(&document(&text));
        let _ = parse(FileFormat::Csv, format!("voornaam;achternaam;geboortedatum\n{text}").as_bytes());
    }

    #[test]
    fn one_changed_byte_does_no_harm(position in 0..EDEXML.len(), byte: u8) {
        let mut bytes = EDEXML.to_vec();
        bytes[position] = byte;
        let _ = parse(FileFormat::Edexml, &bytes);
    }
}
