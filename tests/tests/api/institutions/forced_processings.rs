//! What a law forces the processor to process (C039).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_tests::both_databases;
use groeilijn_tests::client::ABSENT;
use serde_json::json;

both_databases! {
    fn c039_the_institution_sees_what_was_forced_unless_it_may_not_be_told(server: Server) {
        let school = server.school();
        let path = format!("/v1/institutions/{}/forced-processings", school.id);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let told = json!({"provision": "Artikel 126nd Sv.", "what": "Logintijden.", "toldOn": "2026-11-20"});
        let told_id = secretariat.post_once(&path, &told, "bevel").expect(201).id();
        assert_eq!(secretariat.post_once(&path, &told, "bevel").expect(201).id(), told_id);
        let before = server.audit_log(&school.id).entries().len();
        let silent = json!({"provision": "Artikel 126nd Sv.", "what": "Een adres.", "notToldBecause": "Opsporing loopt."});
        let silent_id = server.platform().post(&path, &silent).expect(201).id();
        let log = server.audit_log(&school.id);
        let added = log.entries().split_off(before);
        assert!(added.iter().all(|entry| entry.operation != "recordForcedProcessing"), "its log tells nothing either");
        let seen = school.admin.list(&path);
        assert_eq!((seen.len(), &seen[0]["id"]), (1, &json!(told_id)));
        let all = secretariat.list(&path);
        assert_eq!((all.len(), &all[1]["id"], &all[1]["notToldBecause"]), (2, &json!(silent_id), &json!("Opsporing loopt.")));
        let recorded = |log: &groeilijn_tests::audit::AuditLog| {
            log.entries().iter().filter(|entry| entry.operation == "recordForcedProcessing").count()
        };
        assert_eq!((recorded(&log), recorded(&server.platform_audit_log())), (1, 2));
    }

    fn c039_whether_the_institution_was_told_or_why_not_is_always_said(server: Server) {
        let school = server.school();
        let path = format!("/v1/institutions/{}/forced-processings", school.id);
        let platform = server.platform();
        let mut body = json!({"provision": "Artikel 1.", "what": "Een logboek."});
        platform.post(&path, &body).refuses(&[("/notToldBecause", "reason-required")]);
        body["toldOn"] = json!("2026-11-22");
        platform.post(&path, &body).refuses(&[("/toldOn", "in-the-future")]);
        body["toldOn"] = json!("2026-11-21");
        body["notToldBecause"] = json!("Opsporing.");
        platform.post(&path, &body).refuses(&[("/notToldBecause", "was-told")]);
        platform.post(&path, &json!({"provision": "", "law": "x"})).refuses(&[
            ("/provision", "empty"), ("/what", "required"), ("/law", "unknown-field"),
        ]);
        let told = json!({"provision": "Artikel 1.", "what": "Een logboek.", "toldOn": "2026-11-20"});
        platform.post(&format!("/v1/institutions/{ABSENT}/forced-processings"), &told).expect(404);
        school.admin.post(&path, &told).expect(403);
        server.school().admin.get(&path).expect(404);
        school.member(Function::Management, &[]).client.get(&path).expect(403);
        server.staff(ProcessorFunction::Helpdesk).get(&path).expect(403);
    }
}
