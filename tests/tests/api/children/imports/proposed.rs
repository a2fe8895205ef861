//! Records whose child may be there already: proposed, and taken over as somebody says.

use groeilijn_tests::client::Client;
use groeilijn_tests::reply::{Reply, text};
use groeilijn_tests::{Server, both_databases};
use serde_json::{Value, json};

use super::{CSV, EDEXML, XML, ask_to_apply, finished, lines, path, pupil_outcomes, send, take_over};

const TABLE: &str = "leerlingnummer;voornaam;achternaam;geboortedatum;groep\n\
                     L1;Noor;Verzinsel;04-05-2022;Rupsen\n\
                     L2;Daan;Denkbeeld;27-11-2021;Rupsen\n\
                     ;Noor;Verzinsel;04-05-2022;Rupsen\n";

/// A school with a child that was entered by hand.
fn with_child(server: &Server) -> (Client, String) {
    let school = server.school();
    let group = school.group("Rupsen");
    let pupil = school.pupil("Noor", &group);
    let named = json!({"lastName": "Verzinsel", "birthDate": "2022-05-04"});
    school.admin.change(&format!("/v1/pupils/{pupil}"), &named).expect(200);
    (school.admin, pupil)
}

/// Has an import carried out with this body.
#[track_caller]
fn apply_with(client: &Client, sent: &Reply, body: &Value) -> Reply {
    let call = client.call("POST", &format!("{}/_apply", path(&sent.id()))).header("If-Match", &sent.etag());
    call.json(body).send()
}

both_databases! {
    fn c030_a_child_entered_by_hand_is_the_one_of_the_file_when_somebody_says_so(server: Server) {
        let (admin, pupil) = with_child(server);
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        let report: Vec<_> = lines(&admin, &sent.id()).into_iter().filter(|line| line["record"] == "pupil").collect();
        assert_eq!(report[0]["proposedPupilIds"], json!([pupil]));
        assert_eq!((&report[0]["number"], &report[1]["number"]), (&json!(1), &json!(2)));
        assert_eq!(report[1]["proposedPupilIds"], json!([]));
        let asked = ["leave-alone may-exist-already", "create", "leave-alone may-exist-already"];
        assert_eq!(pupil_outcomes(&admin, &sent.id()), asked);

        let same = json!({"samePupils": [{"number": 1, "pupilId": pupil}], "otherPupils": [3]});
        apply_with(&admin, &sent, &same).expect(202);
        assert_eq!(finished(&admin, &sent.id())["state"], "applied");
        assert_eq!(pupil_outcomes(&admin, &sent.id()), ["change", "create", "create"]);
        // The child has the number of the file from now on.
        let again = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        assert_eq!(pupil_outcomes(&admin, &again.id())[0], "unchanged");
        assert_eq!(admin.list("/v1/pupils").len(), 3);
    }

    fn c030_nobody_is_taken_for_another_without_a_word(server: Server) {
        let (admin, _) = with_child(server);
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        ask_to_apply(&admin, &sent.id(), &sent.etag()).expect(202);
        assert_eq!(finished(&admin, &sent.id())["pupils"]["leftAlone"], 2);
        assert_eq!(pupil_outcomes(&admin, &send(&admin, CSV, TABLE.as_bytes()).expect(201).id())[0], "leave-alone may-exist-already");
        assert_eq!(admin.list("/v1/pupils").len(), 2);
    }

    fn what_is_said_is_about_what_was_asked(server: Server) {
        let (admin, pupil) = with_child(server);
        let stranger = server.class().pupil;
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        let same = |number: u64, pupil: &str| json!({"number": number, "pupilId": pupil});
        let wrong = json!({
            "samePupils": [same(1, &stranger), same(2, &pupil), same(1, &pupil), same(0, &pupil)],
            "otherPupils": [3, 3, 99],
        });
        apply_with(&admin, &sent, &wrong).refuses(&[
            ("/samePupils/1/number", "not-proposed"),
            ("/samePupils/2/number", "repeated"),
            ("/samePupils/3/number", "not-proposed"),
            ("/otherPupils/1", "repeated"),
            ("/otherPupils/2", "not-proposed"),
            ("/samePupils/0/pupilId", "not-proposed"),
        ]);
        apply_with(&admin, &sent, &json!({"samePupils": [{"number": -1}], "otherPupils": ["een"]})).refuses(&[
            ("/samePupils/0/number", "out-of-range"),
            ("/samePupils/0/pupilId", "required"),
            ("/otherPupils/0", "not-a-number"),
        ]);
        assert_eq!(admin.get(&path(&sent.id())).json()["state"], "examined");
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }

    fn a_child_who_was_changed_since_is_not_overwritten(server: Server) {
        let (admin, pupil) = with_child(server);
        let place = format!("/v1/pupils/{pupil}");
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        let twice = json!({"samePupils": [{"number": 1, "pupilId": pupil}, {"number": 3, "pupilId": pupil}]});
        apply_with(&admin, &sent, &twice).refuses(&[("/samePupils/1/pupilId", "repeated")]);
        admin.change(&place, &json!({"firstName": "Nora", "birthDate": "2022-05-05"})).expect(200);
        apply_with(&admin, &sent, &json!({"samePupils": [{"number": 1, "pupilId": pupil}]})).expect(202);
        finished(&admin, &sent.id());
        assert_eq!(pupil_outcomes(&admin, &sent.id())[0], "refuse answer-outdated");
        assert_eq!(admin.get(&place).expect(200).json()["firstName"], "Nora");
    }

    fn a_child_that_came_meanwhile_is_asked_about_too(server: Server) {
        let (admin, _) = with_child(server);
        let [one, other] = [(); 2].map(|()| send(&admin, CSV, TABLE.as_bytes()).expect(201));
        for sent in [one, other] {
            apply_with(&admin, &sent, &json!({"otherPupils": [3]})).expect(202);
            finished(&admin, &sent.id());
        }
        assert_eq!(admin.list("/v1/pupils").len(), 3);
    }

    fn a_child_that_is_in_the_file_twice_is_asked_about(server: Server) {
        let admin = server.school().admin;
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        assert_eq!(pupil_outcomes(&admin, &sent.id()), ["create", "create", "leave-alone may-exist-already"]);
        apply_with(&admin, &sent, &json!({"otherPupils": [3]})).expect(202);
        assert_eq!(finished(&admin, &sent.id())["pupils"]["created"], 3);
    }

    fn a_child_who_is_gone_since_is_nobody(server: Server) {
        let (admin, pupil) = with_child(server);
        let sent = send(&admin, CSV, TABLE.as_bytes()).expect(201);
        let place = format!("/v1/pupils/{pupil}");
        admin.act(&format!("{place}/_archive"), &admin.get(&place).etag()).expect(200);
        apply_with(&admin, &sent, &json!({"samePupils": [{"number": 1, "pupilId": pupil}]})).expect(202);
        finished(&admin, &sent.id());
        assert_eq!(pupil_outcomes(&admin, &sent.id())[0], "leave-alone archived");
    }

    fn c089_who_is_missing_from_a_file_is_told_and_stays_where_it_is(server: Server) {
        let (admin, pupil) = with_child(server);
        let import = take_over(&admin, CSV, TABLE.as_bytes());
        assert_eq!(import["missingPupils"], 1, "nobody said that it is the same child");
        let list = format!("{}/missing-pupils", path(&text(&import["id"])));
        let missing = admin.list(&list);
        assert_eq!(missing.len(), 1);
        assert_eq!((text(&missing[0]["id"]), text(&missing[0]["lastName"])), (pupil.clone(), "Verzinsel".to_owned()));
        let all = "leerlingnummer;voornaam;achternaam;geboortedatum;groep\nL9;Mo;Morgen;01-02-2022;Rupsen\n";
        let later = send(&admin, CSV, all.as_bytes()).expect(201);
        assert_eq!(later.json()["missingPupils"], 2);
        let page = admin.get(&format!("{}/missing-pupils?limit=1", path(&later.id()))).expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(admin.list(&format!("{}/missing-pupils", path(&later.id()))).len(), 2);
        // Who is gone is left out, and everybody else is where they were.
        let place = format!("/v1/pupils/{pupil}");
        assert_ne!(admin.get(&place).expect(200).json()["groupId"], json!(null));
        server.class().school.admin.get(&list).expect(404);
    }

    fn a_file_of_another_school_is_refused_unless_it_is_meant(server: Server) {
        let school = server.school();
        let own = format!("/v1/institutions/{}", school.id);
        server.platform().change(&own, &json!({"brin": "98XX"})).expect(200);
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        let codes: Vec<_> = sent.json()["remarks"].as_array().unwrap().iter().map(|remark| text(&remark["code"])).collect();
        assert_eq!(codes, ["other-school"]);
        let refused = ask_to_apply(&school.admin, &sent.id(), &sent.etag());
        assert_eq!(refused.expect(409).problem("conflict").code(), "other-school-not-confirmed");
        apply_with(&school.admin, &sent, &json!({"otherSchool": false})).expect(409);
        apply_with(&school.admin, &sent, &json!({"otherSchool": true})).expect(202);
        assert_eq!(finished(&school.admin, &sent.id())["state"], "applied");
        server.platform().change(&own, &json!({"brin": "99XX"})).expect(200);
        let again = send(&school.admin, XML, EDEXML).expect(201);
        assert_eq!(again.json()["remarks"], json!([]));
        ask_to_apply(&school.admin, &again.id(), &again.etag()).expect(202);
    }
}
