//! Organisations: boards of several institutions, which may share mail domains.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::school::{new_domain, new_institution};
use groeilijn_tests::{Board, both_databases};
use serde_json::json;

const PATH: &str = "/v1/organisations";

both_databases! {
    fn the_secretariat_enters_organisations_and_others_read_or_do_not(server: Server) {
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = json!({"name": "Stichting De Verzinsels"});
        let made = secretariat.post_once(PATH, &body, "key-1").expect(201);
        assert_eq!(secretariat.post_once(PATH, &body, "key-1").expect(201).id(), made.id());
        let path = format!("{PATH}/{}", made.id());
        assert_eq!(made.header("Location"), path);
        let read = server.platform().get(&path).expect(200);
        assert_eq!((read.json(), read.etag()), (made.json(), made.etag()));
        assert_eq!(made.json()["institutionIds"], json!([]));
        let renamed = secretariat.change(&path, &json!({"name": "Stichting Andere Verzinsels"})).expect(200);
        assert_eq!(renamed.json()["name"], "Stichting Andere Verzinsels");
        secretariat.patch(&path, &made.etag(), &body).expect(412);
        assert_eq!(secretariat.list(PATH), [renamed.json()]);
        secretariat.post(PATH, &json!({"name": "", "kind": 1})).refuses(&[("/kind", "unknown-field"), ("/name", "empty")]);
        server.platform().post(PATH, &body).expect(403);
        server.school().admin.get(PATH).expect(403);
        server.school().admin.get(&path).expect(403);
    }

    fn c055_only_institutions_of_one_organisation_share_a_mail_domain(server: Server) {
        let board = Board::found(server);
        let platform = server.platform();
        let refused = [("/mailDomains/0", "domain-in-use")];
        let mut body = new_institution(&board.one.domain);
        body["administrator"]["email"] = json!(format!("iemand@{}", board.one.domain));
        platform.post("/v1/institutions", &body).refuses(&refused);
        body["organisationId"] = json!("01a1fd55-7afc-72d9-914e-768ee3a7f5f3");
        platform.post("/v1/institutions", &body).refuses(&[("/organisationId", "unknown-organisation")]);
        let foreign = server.school();
        let domains = json!({"mailDomains": [board.one.domain, foreign.domain]});
        let path = format!("/v1/institutions/{}", foreign.id);
        platform.change(&path, &domains).refuses(&refused);
        assert_eq!(platform.get(&path).expect(200).json()["mailDomains"], json!([foreign.domain]));
    }

    fn an_institution_joins_one_organisation_and_leaves_it_with_domains_of_its_own(server: Server) {
        let board = Board::found(server);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let belongs = |organisation: &str, school: &str| format!("{PATH}/{organisation}/institutions/{school}");
        let another = secretariat.post(PATH, &json!({"name": "Stichting Elders"})).expect(201).id();
        let refused = secretariat.call("PUT", &belongs(&another, &board.one.id)).send().expect(409);
        assert_eq!(refused.problem("conflict").code(), "in-another-organisation");
        secretariat.call("PUT", &belongs(&board.organisation, &board.one.id)).send().expect(204);
        let path = format!("{PATH}/{}", board.organisation);
        let institutions = secretariat.get(&path).expect(200).json()["institutionIds"].clone();
        assert_eq!(institutions, json!([board.one.id, board.other.id]));

        let own = belongs(&board.organisation, &board.other.id);
        let refused = secretariat.call("DELETE", &own).send().expect(409);
        assert_eq!(refused.problem("conflict").code(), "shares-mail-domains");
        let alone = json!({"mailDomains": [new_domain()]});
        let school = format!("/v1/institutions/{}", board.other.id);
        server.platform().change(&school, &alone).expect(200);
        secretariat.call("DELETE", &own).send().expect(204);
        secretariat.call("DELETE", &own).send().expect(404);
        assert_eq!(server.platform().get(&school).expect(200).json()["organisationId"], json!(null));
        for operation in ["joinOrganisation", "leaveOrganisation"] {
            let school = if operation == "joinOrganisation" { &board.one.id } else { &board.other.id };
            let log = server.audit_log(school);
            assert!(log.entries().iter().any(|entry| entry.operation == operation), "{operation}");
        }
        secretariat.call("PUT", &belongs(&another, "01a1fd55-7afc-72d9-914e-768ee3a7f5f3")).send().expect(404);
    }
}
