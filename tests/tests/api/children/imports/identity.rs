//! By what a record of a file is taken for a pupil that is known (C030): the ECK iD, else the school's key; never
//! the name.

use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use serde_json::json;

use super::{CSV, lines, pupil_outcomes, send, take_over_table};

const HEADER: &str = "leerlingnummer;eckid;voornaam;achternaam;geboortedatum";

/// A table of these rows.
fn table(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

both_databases! {
    fn c030_a_pupil_is_recognised_by_eck_id_and_else_by_the_schools_key(server: Server) {
        let admin = server.school().admin;
        let changes = |row: &str, expected: &[&str]| {
            let import = take_over_table(&admin, &table(&[row]));
            let report = lines(&admin, &text(&import["id"]));
            assert_eq!(report.len(), 1);
            assert_eq!(report[0]["changedFields"], json!(expected), "{row}");
            text(&report[0]["pupilId"])
        };
        let pupil = changes("K1;;Noor;Verzinsel;14-03-2022", &[]);
        for (row, fields) in [
            ("K1;https://keten.example/noor;Noor;Verzinsel;14-03-2022", &["eckId"][..]),
            ("K2;https://keten.example/noor;Noor;Verzinsel;14-03-2022", &["schoolKey"]),
            (";https://keten.example/noor;Nora;Bedacht;15-03-2022", &["firstName", "lastName", "birthDate"]),
            ("K2;;Nora;Bedenksel;", &["lastName"]),
        ] {
            assert_eq!(changes(row, fields), pupil);
        }
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }

    fn c030_a_pupil_that_was_entered_by_hand_is_recognised_by_its_eck_id(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let place = format!("/v1/pupils/{pupil}");
        school.admin.change(&place, &json!({"eckId": "https://keten.example/noor"})).expect(200);
        take_over_table(&school.admin, &table(&["K1;https://keten.example/noor;Noor;Verzinsel;14-03-2022"]));
        assert_eq!(school.admin.list("/v1/pupils").len(), 1);
        assert_eq!(school.admin.get(&place).expect(200).json()["lastName"], "Verzinsel");
    }

    fn c030_a_name_recognises_nobody(server: Server) {
        let admin = server.school().admin;
        take_over_table(&admin, &table(&["K1;;Noor;Verzinsel;14-03-2022"]));
        let sent = send(&admin, CSV, table(&["K2;;Noor;Verzinsel;14-03-2022", ";;Noor;Verzinsel;14-03-2022"]).as_bytes());
        assert_eq!(pupil_outcomes(&admin, &sent.expect(201).id()), ["create", "leave-alone may-exist-already"]);
    }

    fn c030_contradicting_identities_are_refused(server: Server) {
        let admin = server.school().admin;
        take_over_table(
            &admin,
            &table(&[
                "K1;https://keten.example/noor;Noor;Verzinsel;14-03-2022",
                "K2;https://keten.example/daan;Daan;Denkbeeld;27-11-2021",
                "K3;;Fien;Fictief;01-02-2022",
            ]),
        );
        let before = admin.list("/v1/pupils");
        let import = take_over_table(
            &admin,
            &table(&[
                "K2;https://keten.example/noor;Noor;Verzinsel;14-03-2022",
                "K1;https://keten.example/iemand;Iemand;Anders;14-03-2022",
                "K3;;Gijs;Gefingeerd;01-03-2022",
                "K4;https://keten.example/daan;Daan;Denkbeeld;27-11-2021",
                "K5;https://keten.example/daan;Daan;Denkbeeld;27-11-2021",
                "K6;000000012;Mo;Morgen;01-02-2022",
            ]),
        );
        assert_eq!(
            pupil_outcomes(&admin, &text(&import["id"])),
            [
                "refuse conflicting-identity",
                "refuse conflicting-identity",
                "refuse conflicting-identity",
                "refuse eckId:double-eck-id",
                "refuse eckId:double-eck-id",
                "refuse eckId:bsn",
            ]
        );
        assert_eq!(admin.list("/v1/pupils"), before);
    }

    fn c001_the_same_file_makes_other_pupils_in_another_institution(server: Server) {
        let [one, other] = [server.school(), server.school()];
        let row = "K1;https://keten.example/noor;Noor;Verzinsel;14-03-2022";
        let ids = [&one, &other].map(|school| {
            let import = take_over_table(&school.admin, &table(&[row]));
            assert_eq!(import["pupils"]["created"], 1);
            text(&school.admin.list("/v1/pupils")[0]["id"])
        });
        assert_ne!(ids[0], ids[1]);
        other.admin.get(&format!("/v1/pupils/{}", ids[0])).expect(404);
    }
}
