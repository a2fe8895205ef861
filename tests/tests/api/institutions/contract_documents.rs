//! The documents that contracts are made of (C139).

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::both_databases;
use serde_json::json;

const PATH: &str = "/v1/contract-documents";

both_databases! {
    fn c139_the_secretariat_publishes_versions_that_never_change(server: Server) {
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let body = json!({
            "kind": "security-annex", "version": "3.0", "language": "nl", "summary": "De servers staan elders.",
            "text": "Bijlage beveiliging.",
        });
        let made = secretariat.post_once(PATH, &body, "een").expect(201);
        assert_eq!(secretariat.post_once(PATH, &body, "een").expect(201).json(), made.json());
        let digest = "5ac7a15beb9e1ca7c7f9b9cdda4fa4c14ad57e1c0f7bfa0a2bfb6ab7b5d6fd8c";
        assert_eq!(made.json()["sha256"].as_str().unwrap().len(), digest.len());
        let again = secretariat.post(PATH, &body).expect(409).problem("conflict");
        assert_eq!(again.code(), "already-exists");
        let elsewhere = json!({
            "kind": "processing-agreement", "version": "3.0", "language": "nl", "summary": "Model 3.0.", "sha256": digest,
        });
        assert_eq!(secretariat.post(PATH, &elsewhere).expect(201).json()["sha256"], digest);

        let school = server.school();
        let teacher = school.member(Function::Teacher, &[]).client;
        assert_eq!(teacher.get(&format!("{PATH}/{}", made.id())).expect(200).json(), made.json());
        assert_eq!(teacher.list(PATH).len(), 2);
        assert_eq!(teacher.list(&format!("{PATH}?kind=security-annex")), [made.json()]);
        teacher.post(PATH, &body).expect(403);
        let changed = sql_query("UPDATE contract_document SET summary = 'Anders.'").execute(&mut server.raw_data());
        assert!(changed.unwrap_err().to_string().contains("append-only"));
    }

    fn what_is_wrong_with_a_document_is_named(server: Server) {
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let mut body = json!({"kind": "bijlage", "version": "", "language": "fr"});
        secretariat.post(PATH, &body).refuses(&[
            ("/kind", "not-in-list"),
            ("/version", "empty"),
            ("/language", "not-in-list"),
            ("/summary", "required"),
        ]);
        body = json!({"kind": "product-annex", "version": "1", "language": "nl", "summary": "x"});
        secretariat.post(PATH, &body).refuses(&[("/text", "required-for-the-kind")]);
        body["text"] = json!("Bijsluiter.");
        body["sha256"] = json!("ab".repeat(32));
        secretariat.post(PATH, &body).refuses(&[("/sha256", "not-beside-text")]);
    }
}
