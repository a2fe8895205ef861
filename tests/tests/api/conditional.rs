//! What holds for every tag: it is in the header and in the body, on a list, and in the refusal of a change.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use serde_json::json;

use crate::children::imports::{CSV, send};

/// Checks that each item of a list carries the tag with which it is read by itself, below `path`.
#[track_caller]
fn items_carry_their_tags(client: &Client, list: &str, path: &str) {
    let items = client.list(list);
    assert!(!items.is_empty(), "{list}");
    for item in items {
        let by_itself = client.get(&format!("{path}/{}", text(&item["id"]))).expect(200);
        assert_eq!(text(&item["etag"]), by_itself.etag(), "{}", by_itself.asked);
    }
}

both_databases! {
    fn what_can_be_changed_carries_its_tag_in_lists_too(server: Server) {
        let class = server.class();
        let (admin, teacher, platform) = (&class.school.admin, &class.teacher.client, server.platform());
        let pupil = class.child("Guusje", "2023-05-01");
        admin.change(&format!("/v1/pupils/{pupil}"), &json!({"vve": true})).expect(200);
        class.note(&pupil, "2026-09-10", &[]);
        class.begin(&pupil, "2026-09-10", &json!({}));
        send(admin, CSV, b"voornaam;achternaam;geboortedatum\nSem;Bedacht;04-05-2022\n").expect(201);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        secretariat.post("/v1/organisations", &json!({"name": "Stichting De Beuk"})).expect(201);
        let manager = server.staff(ProcessorFunction::AccountManager);

        for list in ["groups", "pupils", "users", "imports", "frameworks"] {
            items_carry_their_tags(admin, &format!("/v1/{list}"), &format!("/v1/{list}"));
        }
        for list in ["notes", "registrations"] {
            items_carry_their_tags(teacher, &format!("/v1/pupils/{pupil}/{list}"), &format!("/v1/{list}"));
        }
        items_carry_their_tags(admin, &format!("/v1/pupils/{pupil}/placements"), "/v1/placements");
        for list in ["frameworks", "institutions", "organisations", "processor-staff"] {
            items_carry_their_tags(&platform, &format!("/v1/{list}"), &format!("/v1/{list}"));
        }
        let contacts = format!("/v1/institutions/{}/contacts", class.school.id);
        items_carry_their_tags(&manager, &contacts, &contacts);
        let found = admin.post("/v1/pupils/_search", &json!({"name": "Guusje"})).expect(200).items();
        let etag = text(&found[0]["etag"]);
        admin.patch(&format!("/v1/pupils/{pupil}"), &etag, &json!({"vve": false})).expect(200);
        for path in ["/v1/access-settings", "/v1/framework-choices", &format!("/v1/institutions/{}/licence", class.school.id)] {
            let shown = admin.get(path).expect(200);
            assert_eq!(text(&shown.json()["etag"]), shown.etag(), "{path}");
        }
    }

    fn a_page_that_a_client_has_is_not_sent_again(server: Server) {
        let school = server.school();
        ["De Rupsen", "De Vlinders", "De Kikkers"].iter().for_each(|name| drop(school.group(name)));
        let ask = |path: &str, tag: &str| school.admin.call("GET", path).header("If-None-Match", tag).send();
        let first = school.admin.get("/v1/groups?limit=2").expect(200);
        let rest = school.admin.get(&first.next().unwrap()).expect(200);
        assert!(first.etag().starts_with("W/\"") && first.etag() != rest.etag());
        let unchanged = ask("/v1/groups?limit=2", &first.etag()).expect(304);
        assert_eq!((unchanged.body.len(), unchanged.etag(), unchanged.next()), (0, first.etag(), first.next()));
        assert_eq!(unchanged.header("Content-Type"), "");
        for tags in ["*", &format!("\"other\", {}", first.etag()), first.etag().trim_start_matches("W/")] {
            ask("/v1/groups?limit=2", tags).expect(304);
        }
        ask("/v1/groups?limit=2", &rest.etag()).expect(200);
        ask("/v1/groups", "no tag").refuses(&[("If-None-Match", "not-an-etag")]);
        school.group("De Muizen");
        ask("/v1/groups?limit=2", &first.etag()).expect(304);
        ask(&first.next().unwrap(), &rest.etag()).expect(200);
        school.admin.change(&format!("/v1/groups/{}", text(&first.items()[0]["id"])), &json!({"location": "Zuid"})).expect(200);
        ask("/v1/groups?limit=2", &first.etag()).expect(200);
    }

    fn the_next_page_is_in_the_body_too(server: Server) {
        let school = server.school();
        for name in ["De Rupsen", "De Vlinders", "De Kikkers"] {
            school.group(name);
        }
        let first = school.admin.get("/v1/groups?limit=2&schoolYear=2026-2027").expect(200);
        let cursor = text(&first.json()["nextCursor"]);
        let next = format!("/v1/groups?limit=2&schoolYear=2026-2027&cursor={cursor}");
        assert_eq!(first.next().unwrap(), next);
        let last = school.admin.get(&next).expect(200);
        assert_eq!((last.items().len(), &last.json()["nextCursor"]), (1, &json!(null)));
    }

    fn a_refused_change_names_the_tag_that_is_needed_now(server: Server) {
        let school = server.school();
        let path = format!("/v1/groups/{}", school.group("De Rupsen"));
        let patch = json!({"location": "Noord"});
        let now = school.admin.change(&path, &patch).expect(200).etag();
        for refused in [school.admin.patch(&path, "\"r1\"", &patch), school.admin.delete(&path, "\"r1\"")] {
            let refused = refused.expect(412).problem("precondition-failed");
            assert_eq!((refused.etag(), text(&refused.json()["etag"])), (now.clone(), now.clone()));
        }
        school.admin.patch(&path, &now, &patch).expect(200);
        // Whoever does not reach it learns nothing.
        server.school().admin.patch(&path, "\"r1\"", &patch).expect(404);
    }
}
