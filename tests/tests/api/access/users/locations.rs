//! The locations that a user is limited to, for good or from a day until a day (C143).

use diesel::sql_query;
use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::ConsentKind;
use groeilijn_persistence::database::query::prelude::*;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::client::ABSENT;
use groeilijn_tests::framework::shipped;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::new_pupil;
use groeilijn_tests::support::{allow, begin, code_of, request_with};
use groeilijn_tests::{Client, Member, Reply, School, Server, both_databases};
use serde_json::{Value, json};

/// A board with two locations, a group at each, and a child in each group.
struct Board {
    school: School,
    noord: Place,
    zuid: Place,
}

/// A location with its group and a child in it.
struct Place {
    location: String,
    group: String,
    pupil: String,
    note: String,
    registration: String,
}

impl Place {
    fn new(school: &School, name: &str, first_name: &str) -> Self {
        let group = school.group(&format!("Groep {name}"));
        let pupil = school.pupil(first_name, &group);
        let teacher = school.teacher(&group);
        let made = |path: &str, body: &Value| {
            teacher.post(&format!("/v1/pupils/{pupil}/{path}"), body).expect(201).id()
        };
        let note = made("notes", &json!({"text": "Bouwt een toren."}));
        let registration = made("registrations", &json!({ "frameworkId": shipped(&teacher, "nl") }));
        Self { location: school.location(name, &[&group]), group, pupil, note, registration }
    }
}

impl Board {
    fn new(server: &Server) -> Self {
        let school = server.school();
        let [noord, zuid] =
            [("Noord", "Noor"), ("Zuid", "Zoë")].map(|(name, child)| Place::new(&school, name, child));
        Self { school, noord, zuid }
    }

    /// Changes a user, with a reason.
    fn change(&self, user: &Member, mut body: Value) -> Reply {
        body["reason"] = json!("Werkt voortaan elders.");
        self.school.admin.change(&format!("/v1/users/{}", user.id), &body)
    }

    /// In which of the two places a user reaches the group and the child: the same by every way that there is.
    #[track_caller]
    fn reached(&self, client: &Client) -> Vec<&str> {
        let ids =
            |found: Vec<Value>, member: &str| found.iter().map(|one| text(&one[member])).collect::<Vec<_>>();
        let (groups, pupils) = (ids(client.list("/v1/groups"), "id"), ids(client.list("/v1/pupils"), "id"));
        let by_name =
            |name: &str| client.post("/v1/pupils/_search", &json!({ "name": name })).expect(200).items();
        let mut reached = Vec::new();
        for (name, child, place) in [("Noord", "Noor", &self.noord), ("Zuid", "Zoë", &self.zuid)] {
            let is_reached = groups.contains(&place.group);
            assert_eq!(pupils.contains(&place.pupil), is_reached, "{name}");
            let found = ids(by_name(child), "id");
            assert_eq!(found.contains(&place.pupil), is_reached, "{name}");
            for path in [
                format!("/v1/groups/{}", place.group),
                format!("/v1/groups/{}/pupils", place.group),
                format!("/v1/groups/{}/overview", place.group),
                format!("/v1/pupils/{}", place.pupil),
                format!("/v1/pupils/{}/placements", place.pupil),
                format!("/v1/pupils/{}/overview", place.pupil),
            ] {
                client.get(&path).expect(if is_reached { 200 } else { 404 });
            }
            reached.extend(is_reached.then_some(name));
        }
        assert_eq!((groups.len(), pupils.len()), (reached.len(), reached.len()));
        reached
    }
}

/// How many groups and children the lists show.
fn listed(client: &Client) -> (usize, usize) {
    (client.list("/v1/groups").len(), client.list("/v1/pupils").len())
}

fn locations(user: &Value) -> &Value {
    &user["locations"]
}

/// A location that is given for good, as it is shown.
fn always(location: &str) -> Value {
    json!({"locationId": location, "firstDay": null, "lastDay": null})
}

/// Whether a user stands among those who may see a child now.
fn may_read(admin: &Client, pupil: &str, user: &Member) -> bool {
    let readers = admin.get(&format!("/v1/pupils/{pupil}/readers")).expect(200).json();
    readers["readers"].as_array().unwrap().iter().any(|reader| reader["basisId"] == user.id.as_str())
}

both_databases! {
    fn c143_who_is_limited_to_a_location_sees_that_location_and_no_other(server: Server) {
        let board = Board::new(server);
        for function in [
            Function::InternBegeleider, Function::Management, Function::QualityOfficer, Function::PedagogicalCoach,
        ] {
            let user = board.school.member_at(function, &[&board.noord.location]);
            assert_eq!(board.reached(&user.client), ["Noord"], "{function:?}");
            assert!(may_read(&board.school.admin, &board.noord.pupil, &user));
            assert!(!may_read(&board.school.admin, &board.zuid.pupil, &user));
            let session = user.client.get("/v1/sessions/current").expect(200).json();
            assert_eq!(session["locations"], json!([{"id": board.noord.location, "name": "Noord"}]));
            let path = format!("/v1/users/{}/permissions", user.id);
            let permissions = board.school.admin.get(&path).expect(200).json();
            assert_eq!(*locations(&permissions), json!([always(&board.noord.location)]));
            let pupils = json!({"part": "pupils", "action": "read", "scope": "own-locations"});
            for told in [&session, &permissions] {
                assert!(told["permissions"].as_array().unwrap().contains(&pupils));
            }
        }
        let whole = board.school.member(Function::InternBegeleider, &[]);
        assert_eq!(board.reached(&whole.client), ["Noord", "Zuid"]);
        assert!(whole.client.get("/v1/sessions/current").expect(200).json()["locations"].is_null());
        assert_eq!(board.reached(&board.school.admin), ["Noord", "Zuid"]);
    }

    fn c143_another_location_is_as_absent_as_what_never_was(server: Server) {
        let board = Board::new(server);
        let (noord, zuid) = (&board.noord, &board.zuid);
        let user = board.school.member_at(Function::InternBegeleider, &[&noord.location]).client;
        let (nothing, reason) = (Value::Null, json!({"reason": "Vergissing."}));
        let note = json!({"text": "Bouwt een toren."});
        user.sees_nothing(&zuid.group, &[
            ("GET", "/v1/groups/{}", nothing.clone()),
            ("GET", "/v1/groups/{}/pupils", nothing.clone()),
            ("GET", "/v1/groups/{}/pupils?on=2026-11-20", nothing.clone()),
            ("GET", "/v1/groups/{}/overview", nothing.clone()),
            ("GET", "/v1/due-registrations?groupId={}", nothing.clone()),
        ]);
        user.sees_nothing(&zuid.pupil, &[
            ("GET", "/v1/pupils/{}", nothing.clone()),
            ("PATCH", "/v1/pupils/{}", json!({"firstName": "Zus"})),
            ("GET", "/v1/pupils/{}/placements", nothing.clone()),
            ("GET", "/v1/pupils/{}/overview", nothing.clone()),
            ("GET", "/v1/pupils/{}/notes", nothing.clone()),
            ("POST", "/v1/pupils/{}/notes", note.clone()),
            ("GET", "/v1/pupils/{}/registrations", nothing.clone()),
            ("POST", "/v1/pupils/{}/registrations", json!({ "frameworkId": ABSENT })),
        ]);
        user.sees_nothing(&zuid.note, &[
            ("GET", "/v1/notes/{}", nothing.clone()),
            ("GET", "/v1/notes/{}/revisions", nothing.clone()),
            ("POST", "/v1/notes/{}/_withdraw", reason.clone()),
        ]);
        user.sees_nothing(&zuid.registration, &[
            ("GET", "/v1/registrations/{}", nothing.clone()),
            ("GET", "/v1/registrations/{}/versions", nothing),
            ("POST", "/v1/registrations/{}/_finalise", json!({})),
            ("POST", "/v1/registrations/{}/_withdraw", reason),
        ]);
        // A note of her own location moves to no child elsewhere, and nobody is asked about one there.
        let own = user.post(&format!("/v1/pupils/{}/notes", noord.pupil), &note).expect(201).id();
        let etag = user.get(&format!("/v1/notes/{own}")).expect(200).etag();
        let moved = json!({"pupilId": zuid.pupil, "reason": "Verkeerd kind."});
        let refused = user.call("POST", &format!("/v1/notes/{own}/_move")).header("If-Match", &etag).json(&moved).send();
        refused.refuses(&[("/pupilId", "unknown-pupil")]);
        let asked = |field: &str, value: Value| {
            user.post("/v1/support-requests", &json!({"question": "Wat nu?", field: value}))
        };
        asked("groupId", json!(zuid.group)).refuses(&[("/groupId", "unknown-group")]);
        asked("pupilIds", json!([noord.pupil, zuid.pupil])).refuses(&[("/pupilIds/1", "unknown-pupil")]);
        asked("pupilIds", json!([noord.pupil])).expect(201);
        let due = user.list("/v1/due-registrations");
        assert_eq!(due.iter().map(|child| text(&child["pupilId"])).collect::<Vec<_>>(), [noord.pupil.as_str()]);
        // That somebody tried is on record with the institution.
        let denied = board.school.admin.list(&format!("/v1/audit-entries?pupilId={}", zuid.pupil));
        assert!(denied.iter().any(|entry| entry["operation"] == "readPupil" && entry["outcome"] == "denied"));
    }

    fn c143_a_location_counts_or_not_from_the_next_request_on(server: Server) {
        let board = Board::new(server);
        let (noord, zuid) = (&board.noord.location, &board.zuid.location);
        let user = board.school.member(Function::InternBegeleider, &[]);
        let own = |locations: Value| board.change(&user, json!({ "locations": locations })).expect(200).json();
        assert_eq!(board.reached(&user.client), ["Noord", "Zuid"]);
        assert_eq!(*locations(&own(json!([{ "locationId": noord }]))), json!([always(noord)]));
        assert_eq!(board.reached(&user.client), ["Noord"]);
        own(json!([{ "locationId": zuid }]));
        assert_eq!(board.reached(&user.client), ["Zuid"]);
        // Without any she reaches nobody: to take a location away never widens what she sees.
        assert_eq!(*locations(&own(json!([]))), json!([]));
        assert_eq!(board.reached(&user.client), [""; 0]);
        assert_eq!(user.client.get("/v1/sessions/current").expect(200).json()["locations"], json!([]));
        own(json!([{"locationId": noord}, {"locationId": zuid}]));
        assert_eq!(board.reached(&user.client), ["Noord", "Zuid"]);
        // What is absent stays.
        board.change(&user, json!({"lastName": "Bedacht", "lastDay": "2027-07-31"})).expect(200);
        let again = server.anyone().log_in(&user.email, PASSWORD);
        assert_eq!(board.reached(&again), ["Noord", "Zuid"]);
        // A group that goes to another location, or to none, goes from whoever is limited to the one before.
        own(json!([{ "locationId": noord }]));
        let group = format!("/v1/groups/{}", board.noord.group);
        let other = json!({ "locationId": zuid });
        assert_eq!(board.school.admin.change(&group, &other).expect(200).json()["locationId"], *zuid);
        assert_eq!(board.reached(&again), [""; 0]);
        board.school.admin.change(&group, &json!({ "locationId": noord })).expect(200);
        assert_eq!(board.reached(&again), ["Noord"]);
        board.school.admin.change(&group, &json!({"locationId": null})).expect(200);
        assert_eq!(board.reached(&again), [""; 0]);
        assert!(own(Value::Null)["locations"].is_null());
        assert_eq!(board.reached(&again), ["Noord", "Zuid"]);
    }

    fn c143_a_token_that_was_made_before_the_limit_reaches_nobody(server: Server) {
        let board = Board::new(server);
        let user = board.school.member(Function::Administrator, &[]);
        let made = user.client.post("/v1/api-tokens", &json!({
            "name": "Koppeling", "kind": "integration", "expiresOn": "2027-01-01", "currentPassword": PASSWORD,
            "scopes": [{"part": "pupils", "actions": ["read"]}, {"part": "groups", "actions": ["read"]}],
        }));
        let token = server.anyone().with_token(&text(&made.expect(201).json()["token"]));
        board.change(&user, json!({"function": "management"})).expect(200);
        assert_eq!(listed(&token), (2, 2));
        board.change(&user, json!({"locations": [always(&board.noord.location)]})).expect(200);
        assert_eq!(listed(&token), (0, 0));
        for place in [&board.noord, &board.zuid] {
            token.get(&format!("/v1/pupils/{}", place.pupil)).expect(404);
            token.get(&format!("/v1/groups/{}", place.group)).expect(404);
        }
        board.change(&user, json!({"locations": null})).expect(200);
        assert_eq!(listed(&token), (2, 2));
    }

    fn c143_a_location_is_given_from_its_first_day_until_its_last(server: Server) {
        let board = Board::new(server);
        let days = json!([{"locationId": board.noord.location, "firstDay": "2026-11-23", "lastDay": "2026-12-04"}]);
        let user = board.school.member_at(Function::Management, &[]);
        assert_eq!(*locations(&board.change(&user, json!({ "locations": days })).expect(200).json()), days);
        let log_in = || server.anyone().log_in(&user.email, PASSWORD);
        // In Amsterdam it is an hour later.
        server.clock.set("2026-11-22T22:59:59Z");
        let client = log_in();
        assert_eq!(board.reached(&client), [""; 0]);
        assert_eq!(client.get("/v1/sessions/current").expect(200).json()["locations"], json!([]));
        server.clock.set("2026-11-22T23:00:00Z");
        assert_eq!(board.reached(&client), ["Noord"]);
        server.clock.set("2026-12-04T22:59:59Z");
        let client = log_in();
        assert_eq!(board.reached(&client), ["Noord"]);
        server.clock.set("2026-12-04T23:00:00Z");
        // A location that is over leaves nothing, and never the whole institution.
        assert_eq!(board.reached(&client), [""; 0]);
    }

    fn c143_a_child_is_reached_where_it_is_on_the_day(server: Server) {
        let board = Board::new(server);
        let (noord, zuid) = (&board.noord, &board.zuid);
        let limited = |place: &Place| board.school.member_at(Function::InternBegeleider, &[&place.location]);
        let (at_noord, at_zuid) = (limited(noord), limited(zuid));
        let sees = |user: &Member| {
            let client = server.anyone().log_in(&user.email, PASSWORD);
            let listed = client.list("/v1/pupils").iter().any(|child| child["id"] == noord.pupil.as_str());
            client.get(&format!("/v1/pupils/{}/notes", noord.pupil)).expect(if listed { 200 } else { 404 });
            client.get(&format!("/v1/notes/{}", noord.note)).expect(if listed { 200 } else { 404 });
            listed
        };
        let moves = json!({"groupId": zuid.group, "placedOn": "2026-11-23"});
        board.school.admin.post(&format!("/v1/pupils/{}/placements", noord.pupil), &moves).expect(201);
        assert_eq!([&at_noord, &at_zuid].map(sees), [true, false]);
        server.clock.set("2026-11-22T23:00:00Z");
        assert_eq!([&at_noord, &at_zuid].map(sees), [false, true]);
        // Who looks back at the group of before is told of no child that went elsewhere; the administrator is.
        let admin = server.anyone().log_in(&format!("beheerder@{}", board.school.domain), PASSWORD);
        let client = server.anyone().log_in(&at_noord.email, PASSWORD);
        for (who, children) in [(&client, 0), (&admin, 1)] {
            let group = format!("/v1/groups/{}", noord.group);
            assert_eq!(who.list(&format!("{group}/pupils?on=2026-11-22")).len(), children);
            let overview = who.get(&format!("{group}/overview?on=2026-11-22")).expect(200).json();
            assert_eq!(overview["children"].as_array().unwrap().len(), children);
        }
        // It leaves the school, and with it everybody's reach but that of who reaches the whole institution.
        let leaves = json!({"lastDay": "2026-11-24", "kind": "other"});
        let etag = admin.get(&format!("/v1/pupils/{}", noord.pupil)).expect(200).etag();
        admin.put(&format!("/v1/pupils/{}/departure", noord.pupil), &etag, &leaves).expect(200);
        server.clock.set("2026-11-24T23:00:00Z");
        assert_eq!([&at_noord, &at_zuid].map(sees), [false, false]);
    }

    fn c143_who_enters_children_at_a_location_enters_them_there(server: Server) {
        let board = Board::new(server);
        let user = board.school.member_at(Function::Management, &[&board.noord.location]);
        let rights = json!([{"part": "pupils", "actions": ["read", "create"]}]);
        board.change(&user, json!({ "rights": rights })).expect(200);
        let client = server.anyone().log_in(&user.email, PASSWORD);
        let enter = |group: Option<&str>| {
            let mut body = new_pupil("Mila");
            body["groupId"] = json!(group);
            client.post("/v1/pupils", &body)
        };
        enter(Some(&board.zuid.group)).refuses(&[("/groupId", "unknown-group")]);
        enter(None).refuses(&[("/groupId", "required")]);
        let made = enter(Some(&board.noord.group)).expect(201).id();
        client.get(&format!("/v1/pupils/{made}")).expect(200);
    }

    fn c143_looking_along_reaches_as_far_as_the_user_does(server: Server) {
        let board = Board::new(server);
        let user = board.school.member_at(Function::InternBegeleider, &[&board.noord.location]);
        allow(server, &user.client, ConsentKind::LookAlong);
        let helpdesk = server.staff(ProcessorFunction::Helpdesk);
        let request = request_with(server, &board.school, &user.id, &code_of(&user.client));
        let looking = begin(&helpdesk, &request).0;
        let seen = || looking.list("/v1/support-view/pupils").iter().map(|child| text(&child["id"])).collect::<Vec<_>>();
        assert_eq!(seen(), [board.noord.pupil.as_str()]);
        looking.get(&format!("/v1/support-view/pupils/{}/registrations", board.zuid.pupil)).expect(404);
        board.change(&user, json!({"locations": [{"locationId": board.zuid.location}]})).expect(200);
        assert_eq!(seen(), [board.zuid.pupil.as_str()]);
    }

    fn c143_a_limit_that_was_lifted_past_the_service_lets_nobody_in(server: Server) {
        let board = Board::new(server);
        let user = board.school.member_at(Function::InternBegeleider, &[&board.noord.location]);
        assert_eq!(board.reached(&user.client), ["Noord"]);
        let lifted = "UPDATE membership SET limited_to_locations = 0 WHERE limited_to_locations = 1";
        sql_query(lifted).execute(&mut server.raw_data()).unwrap();
        // What is remembered of a session lasts until the service writes something.
        board.school.group("De Torren");
        user.client.get("/v1/sessions/current").expect(401);
    }

    fn c143_everything_wrong_with_locations_is_told_where_it_was_sent(server: Server) {
        let board = Board::new(server);
        let (noord, zuid) = (&board.noord.location, &board.zuid.location);
        let foreign = server.school().location("Ver", &[]);
        let user = board.school.member(Function::InternBegeleider, &[]);
        let own = |locations: Value| board.change(&user, json!({ "locations": locations }));
        own(json!([{"locationId": "x", "firstDay": "morgen", "tot": 1}, {}])).refuses(&[
            ("/locations/0/locationId", "not-a-uuid"),
            ("/locations/0/firstDay", "not-a-date"),
            ("/locations/0/tot", "unknown-field"),
            ("/locations/1/locationId", "required"),
        ]);
        let backwards = json!({"locationId": noord, "firstDay": "2026-12-04", "lastDay": "2026-12-03"});
        own(json!([{ "locationId": noord }, backwards]))
            .refuses(&[("/locations/1/locationId", "repeated"), ("/locations/1/lastDay", "before-start")]);
        for unknown in [ABSENT, &foreign, &board.noord.group] {
            own(json!([{"locationId": noord}, {"locationId": unknown}]))
                .refuses(&[("/locations/1/locationId", "unknown-location")]);
            let path = format!("/v1/groups/{}", board.noord.group);
            board.school.admin.change(&path, &json!({ "locationId": unknown })).refuses(&[("/locationId", "unknown-location")]);
        }
        board.school.admin.change(&format!("/v1/users/{}", user.id), &json!({"locations": []}))
            .refuses(&[("/reason", "reason-required")]);
        // What went to the archive is given to nobody else; who has it keeps it until it is taken away.
        own(json!([{ "locationId": zuid }])).expect(200);
        board.school.admin.change(&format!("/v1/locations/{zuid}"), &json!({"archived": true})).expect(200);
        own(json!([{"locationId": zuid, "lastDay": "2026-12-31"}, {"locationId": noord}])).expect(200);
        let mut body = board.school.new_user(Function::Management, &[]);
        body["locations"] = json!([{ "locationId": zuid }]);
        board.school.admin.post("/v1/users", &body).refuses(&[("/locations/0/locationId", "archived")]);
        let path = format!("/v1/groups/{}", board.noord.group);
        board.school.admin.change(&path, &json!({ "locationId": zuid })).refuses(&[("/locationId", "archived")]);
        board.school.admin.change(&format!("/v1/groups/{}", board.zuid.group), &json!({"name": "De Torren"})).expect(200);
        // Whose reach is her own groups, or the whole institution, is limited to none.
        for function in [Function::Administrator, Function::Teacher, Function::ChildcareWorker] {
            let mut body = board.school.new_user(function, &[]);
            body["locations"] = json!([{"locationId": noord}, {"locationId": noord}]);
            board.school.admin.post("/v1/users", &body)
                .refuses(&[("/locations", "not-for-function"), ("/locations/1/locationId", "repeated")]);
            board.change(&user, json!({"function": function.code()})).refuses(&[("/locations", "not-for-function")]);
        }
        board.change(&user, json!({"function": "teacher", "locations": null})).expect(200);
    }

    fn c143_the_register_of_rights_and_the_log_tell_of_locations(server: Server) {
        let board = Board::new(server);
        let (noord, zuid) = (&board.noord.location, &board.zuid.location);
        let user = board.school.member_at(Function::Management, &[noord]);
        board.change(&user, json!({"locations": [{"locationId": zuid}]})).expect(200);
        board.change(&user, json!({"locations": null})).expect(200);
        let changes = board.school.admin.list(&format!("/v1/users/{}/right-changes", user.id));
        let after: Vec<_> = changes.iter().map(|change| &change["after"]["locations"]).collect();
        assert_eq!(after, [&json!([always(noord)]), &json!([always(zuid)]), &Value::Null]);
        assert_eq!(changes[2]["before"]["locations"], json!([always(zuid)]));
        for location in [noord, zuid] {
            let object = json!({"kind": "location", "id": location});
            let told = board.school.admin.list("/v1/audit-entries?operation=changeUser");
            let of_it = told.iter().filter(|entry| entry["objects"].as_array().unwrap().contains(&object));
            assert_eq!(of_it.count(), if location == noord { 1 } else { 2 });
        }
    }
}
