//! Groups that a file would make: those that may be slips of the pen ask first.

use groeilijn_tests::both_databases;
use groeilijn_tests::client::Client;
use groeilijn_tests::reply::{Reply, text};
use serde_json::{Value, json};

use super::{CSV, EDEXML, XML, ask_to_apply, finished, path, send, take_over, take_over_table};

fn table(groups: &[&str]) -> String {
    let rows = (1..).zip(groups).map(|(n, group)| format!("L{n};Kind{n};Verzinsel;14-03-2022;{group}\n"));
    format!("leerlingnummer;voornaam;achternaam;geboortedatum;groep\n{}", rows.collect::<String>())
}

/// Has an import carried out with this body.
#[track_caller]
fn apply_with(client: &Client, sent: &Reply, body: &Value) -> Reply {
    let call = client.call("POST", &format!("{}/_apply", path(&sent.id()))).header("If-Match", &sent.etag());
    call.json(body).send()
}

fn group_names(client: &Client) -> Vec<String> {
    client.list("/v1/groups").iter().map(|group| text(&group["name"])).collect()
}

both_databases! {
    fn a_mistyped_group_is_made_when_somebody_confirms_it_and_not_before(server: Server) {
        let admin = server.school().admin;
        take_over_table(&admin, &table(&["Rupsen", "Vlinders"]));
        let sent = send(&admin, CSV, table(&["Rupsen", "Vlidners", "Torren"]).as_bytes()).expect(201);
        let import = sent.json();
        assert_eq!(import["newGroups"], json!(["Vlidners", "Torren"]));
        assert_eq!(import["groupsToConfirm"], json!(["Vlidners", "Torren"]));
        for body in [json!({}), json!({"newGroups": null}), json!({"newGroups": ["Torren"]}), json!({"newGroups": ["Uilen"]})] {
            let refused = apply_with(&admin, &sent, &body);
            assert_eq!(refused.expect(409).problem("conflict").code(), "groups-not-confirmed");
        }
        assert_eq!(ask_to_apply(&admin, &sent.id(), &sent.etag()).expect(409).code(), "groups-not-confirmed");
        assert_eq!(admin.get(&path(&sent.id())).json()["state"], "examined");
        apply_with(&admin, &sent, &json!({"newGroups": [7], "groups": []})).refuses(&[
            ("/newGroups/0", "not-a-string"),
            ("/groups", "unknown-field"),
        ]);

        apply_with(&admin, &sent, &json!({"newGroups": ["Torren", "Vlidners", "Uilen"]})).expect(202);
        let done = finished(&admin, &sent.id());
        assert_eq!((&done["state"], &done["groupsToConfirm"]), (&json!("applied"), &json!([])));
        assert_eq!(done["newGroups"], json!(["Vlidners", "Torren"]));
        assert_eq!(group_names(&admin), ["Rupsen", "Vlinders", "Vlidners", "Torren"]);
    }

    fn the_first_groups_of_a_year_and_those_of_an_administration_ask_nothing(server: Server) {
        let admin = server.school().admin;
        take_over_table(&admin, &table(&["Rupsen"]));
        let next = admin.call("POST", "/v1/imports?schoolYear=2027-2028").body(CSV, table(&["Uilen"]).as_bytes());
        let next = next.send().expect(201);
        assert_eq!((&next.json()["newGroups"], &next.json()["groupsToConfirm"]), (&json!(["Uilen"]), &json!([])));
        ask_to_apply(&admin, &next.id(), &next.etag()).expect(202);
        assert_eq!(finished(&admin, &next.id())["state"], "applied");
        assert_eq!(take_over(&admin, XML, EDEXML)["groups"]["created"], 3);
    }

    fn a_group_that_nobody_was_asked_about_is_not_made(server: Server) {
        let admin = server.school().admin;
        // When this was examined there were no groups to mistake one for.
        let early = send(&admin, CSV, table(&["Rupsne"]).as_bytes()).expect(201);
        assert_eq!(early.json()["groupsToConfirm"], json!([]));
        take_over_table(&admin, &table(&["Rupsen"]));
        ask_to_apply(&admin, &early.id(), &early.etag()).expect(202);
        let import = finished(&admin, &early.id());
        assert_eq!((&import["state"], &import["failure"]), (&json!("failed"), &json!("changed-meanwhile")));
        assert_eq!(group_names(&admin), ["Rupsen"]);
    }
}
