//! Files that are refused as a whole: nothing of them is kept.

use std::io::{Read, Write};
use std::net::TcpStream;

use groeilijn_tests::both_databases;

use super::{CSV, EDEXML, TABLE, XML, pupil_outcomes, send, take_over};

fn document(content: &str) -> String {
    format!("<?xml version='1.0'?>\n<EDEX>{content}</EDEX>")
}

/// Files of XML and the code that each is refused with.
fn hostile() -> Vec<(String, &'static str)> {
    let bomb = "<!DOCTYPE EDEX [<!ENTITY a 'haha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>\
        <EDEX><leerlingen><leerling key='1'><roepnaam>&b;</roepnaam></leerling></leerlingen></EDEX>";
    let external =
        "<!DOCTYPE EDEX [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><EDEX><school>&f;</school></EDEX>";
    let parameter = "<!DOCTYPE EDEX [<!ENTITY % p SYSTEM 'http://elders.example/x.dtd'> %p;]><EDEX/>";
    let attributes: String = (0..65).map(|number| format!(" a{number}='1'")).collect();
    let broken_off = String::from_utf8(EDEXML[..EDEXML.len() / 2].to_vec()).unwrap();
    vec![
        (bomb.to_owned(), "doctype-not-allowed"),
        (external.to_owned(), "doctype-not-allowed"),
        (parameter.to_owned(), "doctype-not-allowed"),
        ("<!DOCTYPE EDEX SYSTEM 'http://elders.example/x.dtd'><EDEX/>".to_owned(), "doctype-not-allowed"),
        (document("<school><schooljaar>&x;</schooljaar></school>"), "unknown-entity"),
        (document(&"<a>".repeat(100_000)), "too-deep"),
        (document(&format!("<leerlingen><leerling{attributes}/></leerlingen>")), "too-many-attributes"),
        (
            document(&format!("<leerlingen><leerling key='{}'/></leerlingen>", "x".repeat(20_000))),
            "attributes-too-long",
        ),
        (
            document(&format!("<school><schooljaar>{}</schooljaar></school>", "x".repeat(70_000))),
            "text-too-long",
        ),
        (document("<school><schooljaar>2026-2028</schooljaar></school>"), "not-a-school-year"),
        (document("<groepen><groep><naam>A</naam></groep></groepen>"), "missing-key"),
        ("<html/>".to_owned(), "not-edexml"),
        ("<?xml version='1.0' encoding='UTF-7'?><EDEX/>".to_owned(), "unsupported-encoding"),
        ("{\"leerlingen\": []}".to_owned(), "not-well-formed"),
        ("<EDEX><school></EDEX>".to_owned(), "not-well-formed"),
        (broken_off, "not-well-formed"),
    ]
}

both_databases! {
    fn a_hostile_or_broken_file_is_refused_by_name_and_nothing_of_it_is_kept(server: Server) {
        let school = server.school();
        let before = server.audit_log(&school.id);
        for (file, code) in hostile() {
            let refused = send(&school.admin, XML, file.as_bytes()).refuses(&[("", code)]);
            let detail = refused.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
            assert!(detail.starts_with("line "), "{detail}");
        }
        for (file, code) in [
            (&b"naam;klas\nNoor;A\n"[..], "missing-column"),
            (b"\xFF\xFEn\x00a", "wrong-encoding"),
            (b"voornaam;achternaam;geboortedatum;schooljaar\nNoor;Verzinsel;;ooit\n", "not-a-school-year"),
            (b"Voornaam;Achternaam\nNoor;Verzinsel\nDaan;Denkbeeld\n", "missing-column"),
            (b"voornaam;achternaam;geboortedatum\n", "no-rows"),
            (b" \r\n", "empty-file"),
            (EDEXML, "is-xml"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "is-xls"),
            (b"PK\x03\x04", "is-xlsx"),
        ] {
            send(&school.admin, CSV, file).refuses(&[("", code)]);
        }
        send(&school.admin, XML, TABLE).refuses(&[("", "is-a-table")]);
        assert_eq!(school.admin.list("/v1/imports").len(), 0);
        assert_eq!(before.added(&server.audit_log(&school.id)), []);
    }

    fn a_file_of_another_kind_or_without_a_kind_is_refused(server: Server) {
        let admin = server.school().admin;
        for media_type in ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/zip", ""] {
            send(&admin, media_type, TABLE).expect(415).problem("unsupported-media-type");
        }
        let compressed = admin.call("POST", "/v1/imports").header("Content-Encoding", "gzip").body(CSV, TABLE);
        compressed.send().expect(415).problem("unsupported-media-type");
        send(&admin, "text/xml; charset=utf-8", EDEXML).expect(201);
        send(&admin, "Text/CSV", TABLE).expect(201);
    }

    fn a_file_that_is_too_large_is_refused_before_it_is_received(server: Server) {
        let admin = server.school().admin;
        let mut connection = TcpStream::connect(server.address()).unwrap();
        write!(
            connection,
            "POST /v1/imports HTTP/1.1\r\nHost: groeilijn.example\r\nAuthorization: Bearer {}\r\n\
             Content-Type: text/csv\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            admin.token(),
            (50 << 20) + 1
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("urn:problem-type:groeilijn:payload-too-large"), "{answer}");
        assert_eq!(admin.list("/v1/imports").len(), 0);
    }

    fn an_empty_body_is_refused(server: Server) {
        let admin = server.school().admin;
        for media_type in [XML, CSV] {
            send(&admin, media_type, b"").refuses(&[("", "empty-file")]);
        }
    }

    fn a_table_of_a_windows_program_is_read_in_its_encoding(server: Server) {
        let admin = server.school().admin;
        let file = b"leerlingnummer\tVoornaam\tAchternaam\tGeboortedatum\tBijzonderheden\r\n\
            1\tZo\xEB\tVerzinsel\t30-10-2022\tKost \x80 5\r\n";
        take_over(&admin, CSV, file);
        let id = admin.list("/v1/pupils")[0]["id"].as_str().unwrap().to_owned();
        let zoe = admin.get(&format!("/v1/pupils/{id}")).expect(200).json();
        assert_eq!((&zoe["firstName"], &zoe["particulars"]), (&"Zoë".into(), &"Kost € 5".into()));
    }

    fn a_file_in_utf_16_is_read_as_well(server: Server) {
        let admin = server.school().admin;
        let text = std::str::from_utf8(EDEXML).unwrap().replace("encoding=\"UTF-8\"", "encoding=\"UTF-16\"");
        let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let sent = send(&admin, XML, &bytes).expect(201);
        assert_eq!(pupil_outcomes(&admin, &sent.id()).len(), 12);
        assert_eq!(sent.json()["pupils"]["created"], 11);
    }
}
