//! By what a record of a file is taken for a pupil that is known (C030): the ECK iD, else the school's key; never
//! the name.

use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use serde_json::json;

use super::{CSV, finished, lines, path, pupil_outcomes, send, take_over_table};

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

    fn c030_the_schools_key_that_was_entered_or_corrected_recognises_a_child(server: Server) {
        let school = server.school();
        let admin = &school.admin;
        let pupil = school.pupil("Noor", &school.group("De Rupsen"));
        let place = format!("/v1/pupils/{pupil}");
        let named = json!({"lastName": "Verzinsel", "birthDate": "2022-03-14", "schoolKey": "K1"});
        admin.change(&place, &named).expect(200);
        let row = |key: &str| send(admin, CSV, table(&[&format!("{key};;Noor;Verzinsel;14-03-2022")]).as_bytes()).expect(201).id();
        let outcomes = |key: &str| pupil_outcomes(admin, &row(key));
        assert_eq!(outcomes("K1"), ["unchanged"]);
        // A typing error that is put right: the key of the file is that of this child from now on, and the earlier one nobody's.
        admin.change(&place, &json!({"schoolKey": "K2"})).expect(200);
        assert_eq!(outcomes("K2"), ["unchanged"]);
        assert_eq!(outcomes("K1"), ["create"], "another key is another child");
        // Without one it may be the child of the file, which the administrator says.
        admin.change(&place, &json!({"schoolKey": null})).expect(200);
        let asked = row("K1");
        assert_eq!(pupil_outcomes(admin, &asked), ["leave-alone may-exist-already"]);
        assert_eq!(lines(admin, &asked)[0]["proposedPupilIds"], json!([pupil]));
        let same = json!({"samePupils": [{"number": 1, "pupilId": pupil}]});
        let call = admin.call("POST", &format!("{}/_apply", path(&asked))).header("If-Match", "*");
        call.json(&same).send().expect(202);
        finished(admin, &asked);
        assert_eq!(admin.get(&place).expect(200).json()["schoolKey"], "K1", "the file gave it its key");
        assert_eq!(admin.list("/v1/pupils").len(), 1);
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
