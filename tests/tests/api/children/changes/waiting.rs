//! Waiting for changes: answered at once when there is something, or when waiting is of no use any more.

use std::thread;

use groeilijn_tests::both_databases;
use serde_json::json;

use super::{FEED, Phone, about, of_pupil};

both_databases! {
    fn who_waits_is_told_as_soon_as_something_is_done(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let waiting = format!("{}&waitSeconds=30", phone.next());
        let (note, reply) = thread::scope(|scope| {
            let client = &class.teacher.client;
            let asked = scope.spawn(|| client.get(&waiting).expect(200).json());
            server.wait_for_waiting(1);
            // What is done elsewhere does not answer her.
            server.class();
            class.school.group("De Eitjes");
            server.wait_for_waiting(1);
            let note = class.note(&class.pupil, "2026-11-20", &[]);
            (note, asked.join().unwrap())
        });
        assert_eq!(phone.take_in(&reply), [about("note", "created", &note, &class.pupil)]);
        server.wait_for_waiting(0);
        // And when something is there already.
        class.school.admin.change(&format!("/v1/pupils/{}", class.pupil), &json!({"firstName": "Noortje"})).expect(200);
        let reply = phone.client.get(&format!("{}&waitSeconds=30", phone.next())).expect(200).json();
        assert_eq!(phone.take_in(&reply), [of_pupil("changed", &class.pupil)]);
        // Who begins does not wait.
        phone.client.get(&format!("{FEED}?waitSeconds=30")).expect(200);
    }

    fn who_waits_and_is_logged_out_is_told_that(server: Server) {
        let class = server.class();
        let phone = Phone::of(&class.teacher.client);
        let waiting = format!("{}&waitSeconds=30", phone.next());
        thread::scope(|scope| {
            let asked = scope.spawn(|| phone.client.get(&waiting));
            server.wait_for_waiting(1);
            class.school.admin.call("DELETE", &format!("/v1/users/{}/sessions", class.teacher.id)).send().expect(204);
            // Something that the institution does wakes her at the latest.
            class.school.group("De Eitjes");
            asked.join().unwrap().expect(401).problem("unauthenticated");
        });
    }

    fn who_waits_and_loses_her_group_is_told_that(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let waiting = format!("{}&waitSeconds=30", phone.next());
        let reply = thread::scope(|scope| {
            let asked = scope.spawn(|| class.teacher.client.get(&waiting).expect(200).json());
            server.wait_for_waiting(1);
            let none = json!({"groupIds": [], "reason": "Weg."});
            class.school.admin.change(&format!("/v1/users/{}", class.teacher.id), &none).expect(200);
            asked.join().unwrap()
        });
        let told = phone.take_in(&reply);
        assert_eq!(told[0], of_pupil("out-of-reach", &class.pupil));
    }

    fn nobody_waits_for_a_service_that_stops(server: Server) {
        let class = server.class();
        let mut phone = Phone::of(&class.teacher.client);
        let waiting = format!("{}&waitSeconds=30", phone.next());
        let reply = thread::scope(|scope| {
            let asked = scope.spawn(|| class.teacher.client.get(&waiting).expect(200).json());
            server.wait_for_waiting(1);
            server.lets_nobody_wait();
            asked.join().unwrap()
        });
        assert_eq!(phone.take_in(&reply), []);
        assert_eq!(phone.told(), []);
    }

    fn one_user_takes_no_more_than_her_places(server: Server) {
        let class = server.class();
        let phone = Phone::of(&class.teacher.client);
        let waiting = format!("{}&waitSeconds=30", phone.next());
        thread::scope(|scope| {
            let asked: Vec<_> = (0..16).map(|_| scope.spawn(|| server.anyone().with_token(phone.client.token()).get(&waiting))).collect();
            server.wait_for_waiting(16);
            let refused = phone.client.get(&waiting).expect(429).problem("too-many-requests");
            assert_eq!(refused.header("Retry-After"), "10");
            // Others wait, and she still looks.
            phone.client.get(&phone.next()).expect(200);
            class.note(&class.pupil, "2026-11-20", &[]);
            for asked in asked {
                assert_eq!(asked.join().unwrap().expect(200).json()["changes"].as_array().unwrap().len(), 1);
            }
        });
        server.wait_for_waiting(0);
    }
}
