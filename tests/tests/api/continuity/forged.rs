//! Exports that somebody forged: whoever has the receiver's public key can encrypt anything to it, with digests that are right.

use std::collections::BTreeMap;

use groeilijn_domain::values::ids::{InstitutionId, PupilId};
use groeilijn_persistence::children::key_owner;
use groeilijn_tests::clock::TestClock;
use groeilijn_tests::{Class, Server, both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use super::refused::rows;
use super::{Digests, NOW, Receiver, count, institution_id, lines, other_installation, publish_documents};
use crate::policy::publish_document;

/// A change of the lines of a file.
type Change<'a> = &'a dyn Fn(&mut Vec<Value>);

/// The files of an export.
type Files = BTreeMap<String, Vec<u8>>;

/// The same files, with other lines of one kind.
fn changed(files: &Files, kind: &str, change: Change<'_>) -> Files {
    let mut all = lines(files, kind);
    change(&mut all);
    let mut files = files.clone();
    let text: String = all.iter().map(|line| format!("{line}\n")).collect();
    files.insert(format!("{kind}.ndjson"), text.into_bytes());
    files
}

/// The same files, said to be of another institution.
fn of_institution(files: &Files, id: Uuid) -> Files {
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    manifest["institutionId"] = json!(id);
    let mut files = changed(files, "institution", &|all| all[0]["id"] = json!(id));
    files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    files
}

/// A school with a child that was registered, a hold, and a document that was agreed upon.
fn filled(server: &Server) -> Class {
    let class = server.class();
    let school = &class.school;
    class.note(&class.pupil, "2026-11-20", &["gross-motor-skills"]);
    class.register(&class.pupil, "2026-11-20", &json!({"scales": {"involvement": 4}}));
    let held = json!({"reason": "Onderzoek loopt.", "reviewDay": "2027-06-01"});
    school.admin.post(&format!("/v1/pupils/{}/holds", class.pupil), &held).expect(201);
    let proposed = json!({"documentId": publish_document(server), "deviations": []});
    server.platform().post(&format!("/v1/institutions/{}/agreements", school.id), &proposed).expect(201);
    class
}

fn of_its_domain(text: &str) -> bool {
    text.contains("must be an address on one of the institution's own domains")
}

both_databases! {
    /// The nil id is the platform's own: its keys are above everything that the platform has.
    fn c080_no_export_is_of_the_platform(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let class = filled(server);
        let receiver = Receiver::new();
        let files = receiver.files(&receiver.export(server, &class.school.id, "export.age").unwrap());
        let untouched = rows(&target);
        for id in [Uuid::nil(), Uuid::max()] {
            let forged = receiver.remade(&of_institution(&files, id), Digests::Anew, "platform.age");
            let told = receiver.refusal(&target, &forged);
            assert!(told.contains("manifest.json, institutionId: no institution has this id"), "{told}");
        }
        // Nor does anything behind that check take the platform for an institution.
        target.with_store(&TestClock::at(NOW), async |store| {
            assert!(store.keys().create_institution(InstitutionId::PLATFORM).await.is_err());
            assert!(store.keys().discard_institution_here(InstitutionId::PLATFORM).is_err());
        });
        assert_eq!(rows(&target), untouched);
        Server::start(target, TestClock::at(NOW)).platform().get("/v1/institutions").expect(200);
    }

    fn c080_a_forged_line_that_the_api_would_refuse_is_refused(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let class = filled(server);
        let receiver = Receiver::new();
        let files = receiver.files(&receiver.export(server, &class.school.id, "export.age").unwrap());
        publish_documents(&files, &target, |document| super::id_of(&document["id"]));
        let untouched = rows(&target);
        let another = Uuid::from_u128(77);
        let term = |months: u32| json!({"position": 0, "kind": "at-least", "months": months, "provision": "Een bepaling."});
        let own = |months: u32| json!({"months": months, "revision": 1, "changedAt": "2026-01-01T00:00:00Z"});
        let forged: [(&str, Change<'_>, &str); 21] = [
            ("pupils", &|all| all[0]["id"] = json!(Uuid::nil()), "pupils.ndjson, line 1, id: must be another UUID"),
            ("notes", &|all| all[0]["authorId"] = json!(Uuid::max()), "notes.ndjson, line 1, authorId: must be another UUID"),
            ("institution", &|all| all[0]["id"] = json!(another), "institution.ndjson, line 1, id: is not that of the institution"),
            (
                "institution",
                &|all| {
                    let mut second = all[0].clone();
                    second["id"] = json!(another);
                    all.push(second);
                },
                "institution.ndjson, line 2, id: is not that of the institution",
            ),
            ("institution", &|all| all.clear(), "institution.ndjson, line 1: there must be one line"),
            (
                "frameworks",
                &|all| all[0]["title"] = json!("Anders"),
                "frameworks.ndjson, line 1, title: is not what the document says",
            ),
            (
                "frameworks",
                &|all| all[0]["version"] = json!(900),
                "frameworks.ndjson, line 1, version: is not what the document says",
            ),
            (
                "frameworks",
                &|all| all[0]["state"] = json!("draft"),
                "frameworks.ndjson, line 1, state: must be that of a published framework",
            ),
            (
                "frameworks",
                &|all| {
                    let area = all[0]["document"]["areas"][0].clone();
                    all[0]["document"]["areas"].as_array_mut().unwrap().push(area);
                },
                "frameworks.ndjson, line 1, document: ",
            ),
            (
                "frameworks",
                &|all| {
                    all[0]["version"] = json!(900);
                    all[0]["document"]["version"] = json!(900);
                },
                "version 900, locale nl is not published here",
            ),
            (
                "frameworks",
                &|all| all[0]["document"]["description"] = json!("Met andere mijlpalen."),
                "frameworks.ndjson, line 1: another one is here under the same name and version",
            ),
            (
                "contract-documents",
                &|all| all[0]["text"] = json!("Alles mag."),
                "contract-documents.ndjson, line 1, sha256: must be the SHA-256 of the text",
            ),
            (
                "contract-documents",
                &|all| {
                    all[0]["text"] = Value::Null;
                    all[0]["sha256"] = json!("ab".repeat(32));
                },
                "contract-documents.ndjson, line 1: another one is here under the same name and version",
            ),
            (
                "contract-documents",
                &|all| all[0]["version"] = json!("nieuw"),
                "version nieuw, language nl is not published here",
            ),
            ("retention-policy", &|all| *all = vec![own(0)], "retention-policy.ndjson, line 1, months: must be from 1 to"),
            ("statutory-terms", &|all| *all = vec![term(0)], "statutory-terms.ndjson, line 1, months: must be from 1 to"),
            ("statutory-terms", &|all| *all = vec![term(70_000)], "statutory-terms.ndjson, line 1, months: must be from 1 to"),
            (
                "users",
                &|all| all[0]["rights"] = json!([{"part": "users", "actions": ["read"]}]),
                "users.ndjson, line 1, rights: must be a right that can be given to one user",
            ),
            (
                "agreements",
                &|all| all[0]["summary"] = json!("Van 111222333."),
                "agreements.ndjson, line 1, content: must not contain a citizen service number",
            ),
            ("holds", &|all| all[0]["id"] = all[0]["subjectId"].clone(), "holds.ndjson, line 1, id: must be another id"),
            (
                "pupils",
                &|all| all[0]["particulars"] = json!("x".repeat(2 << 20)),
                "pupils.ndjson has a line of more than 1048576 bytes",
            ),
        ];
        for (kind, change, expected) in forged {
            let path = receiver.remade(&changed(&files, kind, change), Digests::Anew, "forged.age");
            let told = receiver.refusal(&target, &path);
            assert!(told.contains(expected) && !told.contains("111222333"), "{expected}: {told}");
        }
        // Every user, and so every administrator, has an address of the institution itself.
        for user in 0..lines(&files, "users").len() {
            let elsewhere = changed(&files, "users", &|all| all[user]["email"] = json!("iemand@elders.example"));
            let told = receiver.refusal(&target, &receiver.remade(&elsewhere, Digests::Anew, "elsewhere.age"));
            assert!(of_its_domain(&told), "{told}");
        }
        let mut free = changed(&files, "users", &|all| all[0]["email"] = json!("iemand@gmail.com"));
        free = changed(&free, "mail-domains", &|all| all.push(json!({"domain": "gmail.com"})));
        let told = receiver.refusal(&target, &receiver.remade(&free, Digests::Anew, "free.age"));
        assert!(told.contains("mail-domains.ndjson, line 2, domain: the domain must be the organisation's own"), "{told}");
        assert_eq!(rows(&target), untouched);
    }

    /// What everybody shares is not brought by an export of one institution; what is here has the id that it has here.
    fn c080_frameworks_documents_and_boards_are_those_that_are_there(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let class = filled(server);
        let receiver = Receiver::new();
        let export = receiver.export(server, &class.school.id, "export.age").unwrap();
        let files = receiver.files(&export);
        let untouched = rows(&target);
        let told = receiver.refusal(&target, &export);
        assert!(told.contains("contract-documents.ndjson, line 1: kind product-annex, version "), "{told}");
        assert!(told.contains("is not published here") && told.contains("publishes the same one first"), "{told}");
        assert_eq!(rows(&target), untouched);

        let here = Uuid::from_u128(0x0199_4f6e);
        publish_documents(&files, &target, |_| here);
        let frameworks = "SELECT count(*) AS count FROM framework";
        let before = count(&mut target.raw_data(), frameworks);
        // A board that is there, which the export only names.
        let board = json!({"id": Uuid::from_u128(5), "name": "Bestuur", "revision": 1, "createdAt": "2026-01-01T00:00:00Z"});
        let board = changed(&files, "organisations", &|all| *all = vec![board.clone()]);
        let board = changed(&board, "institution", &|all| all[0]["organisationId"] = json!(Uuid::from_u128(5)));
        // And what the operator did, who has no account.
        let by_nobody: Change<'_> = &|all| all.iter_mut().for_each(|line| line["changedBy"] = json!(Uuid::nil()));
        let board = changed(&board, "right-changes", by_nobody);
        receiver.import(&target, &receiver.remade(&board, Digests::Anew, "board.age")).unwrap();
        let mut data = target.raw_data();
        for (query, expected) in [
            (frameworks, before),
            ("SELECT count(*) AS count FROM organisation", 0),
            ("SELECT count(*) AS count FROM institution WHERE organisation_id IS NOT NULL", 0),
            ("SELECT count(*) AS count FROM contract_document", 1),
            ("SELECT count(*) AS count FROM agreement JOIN contract_document AS d ON d.id = document_id", 1),
        ] {
            assert_eq!(count(&mut data, query), expected, "{query}");
        }
    }

    /// An import that was broken off leaves keys, and no institution that they are of.
    fn c080_what_a_dead_import_left_keeps_no_later_one_out(server: Server) {
        let Some(target) = other_installation(server) else { return };
        let class = server.class();
        let receiver = Receiver::new();
        let export = receiver.export(server, &class.school.id, "export.age").unwrap();
        let school = institution_id(&class.school.id);
        // Of a child that this export has, and of one that it has not.
        let children = [class.pupil.parse().unwrap(), Uuid::from_u128(3)];
        let owners = children.map(|id| key_owner::pupil(PupilId::from_uuid(id))).to_vec();
        target.with_store(&TestClock::at(NOW), async |store| {
            store.keys().create_institution(school).await.unwrap();
            store.keys().create_subjects(school, owners).await.unwrap();
        });
        receiver.import(&target, &export).unwrap();
        let orphans = "SELECT count(*) AS count FROM subject_key WHERE kind = 'pupil'";
        assert_eq!(count(&mut target.raw_keys(), orphans), 1);
        // Keys of an institution that is here are nobody else's to take.
        let before = rows(&target);
        target.with_store(&TestClock::at(NOW), async |store| {
            assert!(store.keys().create_institution(school).await.is_err());
        });
        assert!(receiver.refusal(&target, &export).contains("already here"));
        assert_eq!(rows(&target), before);
    }
}
