//! The clauses of the contracts over the API: who reads them, and what is said of each.

use std::collections::BTreeSet;

use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::evidence::clause::{ClauseKind, ClauseState};
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

use crate::access::api_tokens::everything;

const PATH: &str = "/v1/compliance/clauses";

fn numbers(clauses: &[Value]) -> Vec<String> {
    clauses.iter().map(|clause| text(&clause["id"])).collect()
}

both_databases! {
    fn every_clause_is_told_with_its_state_and_its_proof(server: Server) {
        let admin = server.school().admin;
        let clauses = admin.list(PATH);
        let expected: Vec<_> = (1..=154).map(|number| format!("C{number:03}")).collect();
        assert_eq!(numbers(&clauses), expected);
        for clause in &clauses {
            let is_met = clause["state"] == "met";
            assert_eq!(clause["missing"].is_null(), is_met, "{}", clause["id"]);
            let proved = clause["proofs"].as_array().unwrap().iter().any(|proof| proof["overHttp"] == true);
            assert!(proved || clause["kind"] != "test" || clause["state"] == "open", "{}", clause["id"]);
        }
        let blocked = admin.get(&format!("{PATH}/C060")).expect(200).json();
        assert_eq!(blocked, clauses[59]);
        assert_eq!((&blocked["kind"], &blocked["section"], &blocked["state"]), (&json!("test"), &json!("login"), &json!("met")));
        assert_eq!(blocked["metBy"][0]["by"], "software");
        let proof = json!({
            "file": "tests/tests/api/access/wrong_passwords/mod.rs", "test": "c060_the_third_wrong_password_blocks_the_account",
            "overHttp": true,
        });
        assert!(blocked["proofs"].as_array().unwrap().contains(&proof));
    }

    fn clauses_are_found_by_kind_state_and_section(server: Server) {
        let admin = server.school().admin;
        let all = admin.list(PATH);
        let mut found = BTreeSet::new();
        for kind in ClauseKind::ALL.map(ClauseKind::code) {
            for state in ClauseState::ALL.map(ClauseState::code) {
                let some = admin.list(&format!("{PATH}?limit=7&kind={kind}&state={state}"));
                assert!(some.iter().all(|clause| clause["kind"] == kind && clause["state"] == state));
                found.extend(numbers(&some));
            }
        }
        assert_eq!(found.len(), all.len());
        let login = numbers(&admin.list(&format!("{PATH}?section=login")));
        assert_eq!((login.len(), login[0].as_str()), (16, "C054"));
        let refused = admin.get(&format!("{PATH}?kind=hope&state=green&section=x&colour=red"));
        assert_eq!(refused.expect(400).errors().len(), 4);
    }

    fn a_clause_that_is_not_there_is_not_found_and_a_wrong_number_is_told(server: Server) {
        let admin = server.school().admin;
        for absent in ["C000", "C155", "C200"] {
            admin.get(&format!("{PATH}/{absent}")).expect(404).problem("not-found");
        }
        for wrong in ["c060", "C60", "060", "C0600", "C999"] {
            let refused = admin.get(&format!("{PATH}/{wrong}")).expect(400);
            assert_eq!(refused.errors(), [("clauseId".to_owned(), "not-a-clause".to_owned())]);
        }
    }

    fn administrators_auditors_and_the_processor_read_them_and_nobody_else(server: Server) {
        let class = server.class();
        let token = class.school.admin.post("/v1/api-tokens", &everything(ApiTokenKind::Auditor)).expect(201).json();
        let auditor = server.anyone().with_token(&text(&token["token"]));
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let told = |client: &Client| -> Vec<_> {
            client.list(PATH).into_iter().map(|mut clause| (clause["live"].take(), clause).1).collect()
        };
        for client in [&auditor, &secretariat, &server.platform()] {
            assert_eq!(told(client), told(&class.school.admin));
        }
        let others = [
            class.teacher.client.clone(), class.school.member(Function::Management, &[]).client,
            server.staff(ProcessorFunction::Marketing), server.staff(ProcessorFunction::Helpdesk),
        ];
        for client in others {
            client.get(PATH).expect(403).problem("forbidden");
            client.get(&format!("{PATH}/C060")).expect(403).problem("forbidden");
        }
    }
}
