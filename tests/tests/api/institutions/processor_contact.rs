//! How the processor is reached (C132).

use groeilijn_tests::both_databases;
use serde_json::json;

const CONTACT: &str = "/v1/processor-contact";

both_databases! {
    fn c132_whoever_finds_something_out_is_told_whom_to_call_and_where_to_write(server: Server) {
        let nothing = json!({"telephone": null, "privacyMailbox": null});
        assert_eq!(server.anyone().get(CONTACT).expect(200).json(), nothing);
        server.restart_with(|installation| {
            installation.set("processor.telephone", "+31201234567");
            installation.set("processor.privacy_mailbox", "privacy@groeilijn.example");
        });
        let contact = json!({"telephone": "+31201234567", "privacyMailbox": "privacy@groeilijn.example"});
        for client in [server.anyone(), server.school().admin, server.platform()] {
            assert_eq!(client.get(CONTACT).expect(200).json(), contact);
        }
    }
}
