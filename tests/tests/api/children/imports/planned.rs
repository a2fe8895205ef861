//! What is planned for children when a school file comes in (C023).

use groeilijn_tests::both_databases;
use groeilijn_tests::client::Client;
use groeilijn_tests::reply::text;
use serde_json::{Value, json};

use super::{CSV, ask_to_apply, finished, lines, send};
use crate::children::placements::stays;

/// A table of two children of one school year, each in a group.
fn table(school_year: &str, groups: [&str; 2]) -> String {
    format!(
        "leerlingnummer;voornaam;achternaam;geboortedatum;groep;schooljaar\n\
         L1;Noor;Verzinsel;14-03-2022;{};{school_year}\nL2;Daan;Denkbeeld;27-11-2021;{};{school_year}\n",
        groups[0], groups[1]
    )
}

/// Has a table carried out, and gives the lines of its preview and what became of it.
#[track_caller]
fn carry_out(client: &Client, table: &str) -> (Vec<Value>, Value) {
    let sent = send(client, CSV, table.as_bytes()).expect(201);
    let preview = lines(client, &sent.id());
    ask_to_apply(client, &sent.id(), &sent.etag()).expect(202);
    let import = finished(client, &sent.id());
    assert_eq!(import["state"], "applied", "{import}");
    (preview, import)
}

/// The id of the group of this name.
#[track_caller]
fn group(client: &Client, name: &str) -> String {
    let groups = client.list("/v1/groups");
    text(&groups.iter().find(|group| group["name"] == name).unwrap()["id"])
}

/// The id of the pupil of this first name.
#[track_caller]
fn pupil(client: &Client, first_name: &str) -> String {
    let pupils = client.list("/v1/pupils");
    text(&pupils.iter().find(|pupil| pupil["firstName"] == first_name).unwrap()["id"])
}

both_databases! {
    fn c023_a_file_of_this_year_moves_a_child_today_and_leaves_the_next_year_as_planned(server: Server) {
        let admin = server.school().admin;
        carry_out(&admin, &table("2026-2027", ["Rupsen", "Vlinders"]));
        carry_out(&admin, &table("2027-2028", ["Uilen", "Uilen"]));
        let [rupsen, vlinders, uilen] = ["Rupsen", "Vlinders", "Uilen"].map(|name| group(&admin, name));
        let noor = pupil(&admin, "Noor");
        let planned = [(rupsen.clone(), "2027-08-01".to_owned()), (uilen.clone(), String::new())];
        assert_eq!(stays(&admin, &noor), planned);

        let moved = table("2026-2027", ["Vlinders", "Vlinders"]);
        let (preview, import) = carry_out(&admin, &moved);
        let line = preview.iter().find(|line| line["pupilId"] == json!(noor)).unwrap();
        assert_eq!((&line["outcome"], &line["changedFields"]), (&json!("change"), &json!(["group"])));
        assert_eq!(import["pupils"]["changed"], 1);
        let expected = [(rupsen, "2026-11-21"), (vlinders.clone(), "2027-08-01"), (uilen, "")];
        assert_eq!(stays(&admin, &noor), expected.map(|(group, end)| (group, end.to_owned())));
        assert_eq!(admin.get(&format!("/v1/pupils/{noor}")).json()["groupId"], json!(vlinders));

        let (_, again) = carry_out(&admin, &moved);
        assert_eq!((&again["pupils"]["unchanged"], &again["pupils"]["changed"]), (&json!(2), &json!(0)));
        let (_, next) = carry_out(&admin, &table("2027-2028", ["Uilen", "Uilen"]));
        assert_eq!((&next["pupils"]["unchanged"], &next["pupils"]["changed"]), (&json!(2), &json!(0)));
    }

    fn a_file_of_the_next_year_changes_what_was_planned_and_not_today(server: Server) {
        let admin = server.school().admin;
        let plan = |groups| table("2027-2028", groups);
        carry_out(&admin, &table("2026-2027", ["Rupsen", "Rupsen"]));
        carry_out(&admin, &plan(["Uilen", "Spechten"]));
        let (_, import) = carry_out(&admin, &plan(["Spechten", "Spechten"]));
        assert_eq!((&import["pupils"]["changed"], &import["pupils"]["unchanged"]), (&json!(1), &json!(1)));
        let noor = pupil(&admin, "Noor");
        let expected = [(group(&admin, "Rupsen"), "2027-08-01"), (group(&admin, "Spechten"), "")];
        assert_eq!(stays(&admin, &noor), expected.map(|(group, end)| (group, end.to_owned())));
        let (_, again) = carry_out(&admin, &plan(["Spechten", "Spechten"]));
        assert_eq!(again["pupils"]["unchanged"], 2);
    }

    fn a_file_of_an_earlier_year_moves_nobody_back(server: Server) {
        let admin = server.school().admin;
        carry_out(&admin, &table("2026-2027", ["Rupsen", "Vlinders"]));
        let before = stays(&admin, &pupil(&admin, "Noor"));
        let (_, import) = carry_out(&admin, &table("2025-2026", ["Eitjes", "Eitjes"]));
        assert_eq!(import["pupils"]["unchanged"], 2);
        assert_eq!(stays(&admin, &pupil(&admin, "Noor")), before);
    }
}
