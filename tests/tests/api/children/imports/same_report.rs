//! The same school file in every way that a program writes it gives the same report (C023).

use groeilijn_tests::both_databases;
use serde_json::Value;

use super::workbook::{PACKAGE, PACKAGE_AT, PARTS, PARTS_AT, WORKBOOK, sheet, with_sheet, zipped};
use super::{CSV, TABLE, XLSX, lines, send, take_over};

/// The sample with records that are refused, left alone and remarked upon as well.
fn rows() -> Vec<Vec<String>> {
    let text = std::str::from_utf8(TABLE)
        .unwrap()
        .replace("\"Spreekt thuis Frans; begrijpt Nederlands goed.\"", "Spreekt Frans.");
    let more = "L2001;;Noor;;Verzinsel;meisje;ooit;nl;nee;9;Groep 3;Dependance Bosrand;2026-2027;;;;;\n\
        L2002;;;;Fictief;jongen;14-03-2022;nl;soms;9;;;2026-2027;;31-07-2027;;Kost € 5;\n\
        L1001;;Dubbel;;Denkbeeld;jongen;14-03-2022;nl;nee;9;Groep 3;Dependance Bosrand;2026-2027;;;;;\n\
        L2003;;Loïs;;Morgen;meisje;14-03-2022;nl;nee;9;;;2026-2027;;31-07-2027;;;\n";
    let known = |c: char| c != 'Ł' && c != 'ğ';
    let text: String = (text + more).chars().filter(|c| known(*c)).collect();
    text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect()
}

fn joined(separator: &str, line_end: &str) -> String {
    rows().iter().map(|row| row.join(separator) + line_end).collect()
}

fn utf_16(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(encode).collect()
}

both_databases! {
    fn c023_the_same_file_gives_the_same_report_line_by_line(server: Server) {
        let admin = server.school().admin;
        let plain = joined(";", "\n");
        let report = |media_type: &str, file: &[u8]| -> (Value, Vec<Value>) {
            let sent = send(&admin, media_type, file).expect(201);
            (sent.json()["pupils"].clone(), lines(&admin, &sent.id()))
        };
        let expected = report(CSV, plain.as_bytes());
        assert_eq!(expected.1.len(), 3 + 16);
        for outcome in ["create", "leave-alone", "refuse"] {
            assert!(expected.1.iter().any(|line| line["outcome"] == outcome), "{outcome}");
        }
        assert!(expected.1.iter().any(|line| !line["remarks"].as_array().unwrap().is_empty()));
        for separator in [";", ",", "\t"] {
            for line_end in ["\n", "\r\n", "\r"] {
                let text = joined(separator, line_end);
                for (encoding, bytes) in [
                    ("UTF-8", text.clone().into_bytes()),
                    ("UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
                    ("UTF-16 LE", utf_16(&text, u16::to_le_bytes)),
                    ("UTF-16 BE", utf_16(&text, u16::to_be_bytes)),
                    ("Windows-1252", encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()),
                ] {
                    assert_eq!(report(CSV, &bytes), expected, "{encoding} {separator:?} {line_end:?}");
                }
            }
        }
        let workbook = with_sheet(&sheet(&rows()), &[]);
        assert_eq!(report(XLSX, &workbook), expected);

        let import = take_over(&admin, XLSX, &workbook);
        assert_eq!(import["format"], "xlsx");
        assert_eq!(admin.list("/v1/pupils").len() as u64, import["pupils"]["created"].as_u64().unwrap());
    }

    fn a_workbook_that_says_once_what_is_kept_many_times_is_refused(server: Server) {
        let admin = server.school().admin;
        let good = sheet(&rows());
        let shared = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(60_000));
        let shared_by_many = good.replace(
            "</sheetData>",
            &((100..300).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>")).collect::<String>()
                + "</sheetData>"),
        );
        let looks = |length: usize, count: usize| {
            let format = format!("<numFmts><numFmt numFmtId=\"164\" formatCode=\"{}\"/></numFmts>", "0".repeat(length));
            format!("<styleSheet>{format}<cellXfs>{}</cellXfs></styleSheet>", "<xf numFmtId=\"164\"/>".repeat(count))
        };
        let far = PARTS.replace("worksheets/sheet1.xml", &format!("worksheets/{}/sheet1.xml", "x".repeat(2_000)));
        let sheets = WORKBOOK.replace("<sheets>", &format!("<sheets>{}", "<sheet name=\"a\" r:id=\"r1\"/>".repeat(1_100)));
        let elsewhere = PACKAGE.replace("xl/workbook.xml", "xl/worksheets/workbook.xml");
        for (file, code) in [
            (with_sheet(&shared_by_many, &[("xl/sharedStrings.xml", shared.as_bytes())]), "file-too-large"),
            (with_sheet(&good, &[("xl/styles.xml", looks(500_000, 1).as_bytes())]), "file-too-large"),
            (with_sheet(&good, &[("xl/styles.xml", looks(1_000, 20_000).as_bytes())]), "file-too-large"),
            (with_sheet(&good, &[(PARTS_AT, far.as_bytes())]), "file-too-large"),
            (with_sheet(&good, &[("xl/workbook.xml", sheets.as_bytes())]), "too-many-sheets"),
            (with_sheet(&good, &[(PACKAGE_AT, elsewhere.as_bytes())]), "not-xlsx"),
        ] {
            send(&admin, XLSX, &file).refuses(&[("", code)]);
        }
        send(&admin, XLSX, &with_sheet(&good, &[("xl/styles.xml", looks(255, 100).as_bytes())])).expect(201);
    }

    fn a_workbook_that_takes_too_much_or_is_none_is_refused(server: Server) {
        let admin = server.school().admin;
        let good = sheet(&rows());
        let promise = br#"<?xml version="1.0"?><sst uniqueCount="99999999999"></sst>"#;
        let zeros = vec![b' '; 60 << 20];
        let many: Vec<_> = (0..1_100).map(|number| format!("xl/worksheets/s{number}.xml")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"<a/>"[..])).collect();
        let wide = vec![vec!["x".to_owned(); 26]];
        let wide = sheet(&wide).replace("r=\"Z1\"", "r=\"XFD1\"");
        for (file, code) in [
            (with_sheet(&good, &[("xl/worksheets/bomb.xml", &zeros)]), "file-too-large"),
            (with_sheet(&good, &[("xl/sharedStrings.xml", promise)]), "not-xlsx"),
            (with_sheet(&good, &many), "too-many-sheets"),
            (with_sheet(&wide, &[]), "too-many-columns"),
            (with_sheet(&sheet(&[]), &[]), "empty-file"),
            (with_sheet(&sheet(&rows()[..1]), &[]), "no-rows"),
            (with_sheet("<worksheet><sheetData><row r=\"1\"><c r=\"AAAAAAAAAAAA1\"><v>1</v></c>", &[]), "not-xlsx"),
            (zipped(&[("word/document.xml", b"<a/>")]), "not-xlsx"),
            (b"PK\x03\x04".to_vec(), "not-xlsx"),
            (TABLE.to_vec(), "not-xlsx"),
            (Vec::new(), "empty-file"),
        ] {
            send(&admin, XLSX, &file).refuses(&[("", code)]);
        }
        send(&admin, CSV, &with_sheet(&good, &[])).refuses(&[("", "is-xlsx")]);
        assert!(admin.list("/v1/imports").is_empty());
    }
}
