//! Network addresses are personal data: nobody reads them out of the database, and an entry verifies without them.

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_domain::access::Function;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::both_databases;
use jiff::SignedDuration;
use uuid::Uuid;

use super::recorded;

both_databases! {
    fn c074_c089_the_address_in_an_entry_is_sealed_under_the_actors_own_key(server: Server) {
        let school = server.school();
        let user = school.member(Function::InternBegeleider, &[]);
        let entries = recorded(server, &school.id, || drop(user.client.get("/v1/pupils").expect(200)));
        let sealed = entries[0].address.clone().unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("127.0.0.1"));
        assert_eq!(server.installation().opened_address(&school.id, &entries[0]).as_deref(), Some("127.0.0.1"));

        // Her key is destroyed: the address is gone, and the log is as whole as before.
        let gone = sql_query("DELETE FROM subject_key WHERE subject_id = $1")
            .bind::<Binary, _>(Uuid::parse_str(&user.id).unwrap().as_bytes().to_vec())
            .execute(&mut server.installation().raw_keys())
            .unwrap();
        assert_eq!(gone, 1);
        assert_eq!(server.installation().opened_address(&school.id, &entries[0]), None);
        server.audit_log(&school.id).check();
    }

    fn c089_who_has_no_key_has_the_address_under_the_shared_one(server: Server) {
        let school = server.school();
        let auditor = crate::access::api_tokens::everything(groeilijn_domain::access::api_token::ApiTokenKind::Auditor);
        let made = school.admin.post("/v1/api-tokens", &auditor).expect(201).json();
        let token = server.anyone().with_token(made["token"].as_str().unwrap());
        let entries = recorded(server, &school.id, || drop(token.get("/v1/pupils")));
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!(server.installation().opened_address(&school.id, &entries[0]).as_deref(), Some("127.0.0.1"));
    }

    fn c089_a_clock_that_is_set_back_never_runs_against_the_sequence(server: Server) {
        let school = server.school();
        let group = school.group("De Rupsen");
        school.pupil("Noor", &group);
        let threads = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..10).for_each(|_| drop(school.admin.get("/v1/pupils"))))).collect();
            for step in 0_i32..20 {
                let back = if step % 2 == 0 { -30 } else { 25 };
                server.clock.advance(SignedDuration::from_secs(back));
                school.admin.get("/v1/pupils").expect(200);
            }
            readers.into_iter().map(|reader| reader.join().is_ok()).collect::<Vec<_>>()
        });
        assert!(threads.iter().all(|done| *done));
        let log = server.audit_log(&school.id);
        log.check();
        let read = log.entries().iter().filter(|entry| entry.objects.iter().any(|(kind, _)| *kind == ObjectKind::Pupil)).count();
        assert!(read >= 20, "{read}");
    }
}

mod processes {
    use std::thread;

    use groeilijn_tests::clock::TestClock;
    use groeilijn_tests::{Database, Server};

    /// Two processes whose clocks differ by a minute write to one log.
    #[test]
    fn c089_two_processes_with_clocks_that_differ_keep_one_order_of_time() {
        Server::run(Database::Postgres, |server| {
            let school = server.school();
            let group = school.group("De Rupsen");
            school.pupil("Noor", &group);
            let other = server.beside_at(TestClock::at("2026-11-21T09:01:00Z"));
            let there = other.anyone().with_token(school.admin.token());
            thread::scope(|scope| {
                for client in [&school.admin, &there] {
                    scope.spawn(move || (0..20).for_each(|_| drop(client.get("/v1/pupils").expect(200))));
                }
            });
            let log = server.audit_log(&school.id);
            log.check();
            let times: Vec<_> = log.entries().iter().map(|entry| entry.occurred_at).collect();
            assert!(times.last().unwrap() - times.first().unwrap() > 30_000_000, "the clocks did not differ");
        });
    }
}
