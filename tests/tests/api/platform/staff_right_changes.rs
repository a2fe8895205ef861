//! The register of rights of the processor's staff: who gave, changed and ended what, and why (C067, C146).

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::{Client, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/v1/processor-staff";

fn own_id(client: &Client) -> Value {
    client.get("/v1/sessions/current").expect(200).json()["userId"].clone()
}

both_databases! {
    fn c067_c089_c146_every_change_of_staff_is_registered_with_who_and_why(server: Server) {
        let (platform, staff) = (server.platform(), server.new_staff(ProcessorFunction::Marketing));
        let path = format!("{PATH}/{}", staff.id);
        platform.patch(&path, "*", &json!({"state": "blocked"})).refuses(&[("/reason", "required")]);
        platform.change(&path, &json!({"function": "adviser", "reason": "Andere baan."})).expect(200);
        platform.change(&path, &json!({"state": "blocked", "reason": "Uit dienst."})).expect(200);
        platform.change(&path, &json!({"state": "blocked", "reason": "Nogmaals."})).expect(200);
        let digest = "cd".repeat(32);
        let signed = json!({"signedOn": "2026-11-20", "documentSha256": digest, "reason": "Nieuwe tekst."});
        platform.post(&format!("{path}/statements"), &signed).expect(201);
        let changes = platform.list(&format!("{path}/right-changes?limit=2"));
        let registered: Vec<_> = changes
            .iter()
            .map(|change| {
                let after = &change["after"];
                let signed = &after["confidentialityStatement"]["signedOn"];
                (change["reason"].clone(), after["function"].clone(), after["state"].clone(), signed.clone())
            })
            .collect();
        let line = |reason: &str, function: &str, state: &str, signed: Value| {
            (json!(reason), json!(function), json!(state), signed)
        };
        assert_eq!(registered, [
            line("In dienst.", "marketing", "invited", Value::Null),
            line("Getekend ontvangen.", "marketing", "invited", json!("2026-11-01")),
            line("Andere baan.", "adviser", "active", json!("2026-11-01")),
            line("Uit dienst.", "adviser", "blocked", json!("2026-11-01")),
            line("Nieuwe tekst.", "adviser", "blocked", json!("2026-11-20")),
        ]);
        assert_eq!(changes[0]["before"], Value::Null);
        for (earlier, later) in changes.iter().zip(&changes[1..]) {
            if later["reason"] != "Andere baan." {
                assert_eq!(later["before"], earlier["after"]);
            }
            assert_eq!(later["changedBy"], own_id(&platform));
        }
    }

    fn c067_the_first_platform_administrator_is_registered_too(server: Server) {
        let platform = server.platform();
        let own = own_id(&platform);
        let changes = platform.list(&format!("{PATH}/{}/right-changes", own.as_str().unwrap()));
        assert_eq!(changes.len(), 2);
        assert!(changes.iter().all(|change| change["changedBy"] == "00000000-0000-0000-0000-000000000000"));
    }

    fn the_register_is_for_the_platform_administrator_alone(server: Server) {
        let staff = server.new_staff(ProcessorFunction::Marketing);
        let path = format!("{PATH}/{}/right-changes", staff.id);
        for client in [server.staff(ProcessorFunction::Secretariat), server.school().admin] {
            client.get(&path).expect(403).problem("forbidden");
        }
        server.platform().get(&format!("{PATH}/{ABSENT}/right-changes")).expect(404).problem("not-found");
    }
}
