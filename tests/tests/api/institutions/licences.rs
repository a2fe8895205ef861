//! The licence terms, which are accepted before anything is used (C004).

use groeilijn_domain::access::{Function, ProcessorFunction};
use groeilijn_domain::support::SupportKind;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::instruction::{contact_person, person};
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{accept_terms, new_domain, new_group, new_institution, set_password};
use groeilijn_tests::support::{begin, couple, coupling, request_for_case};
use groeilijn_tests::{Authenticator, Client, LastingStaff, Reply, School, both_databases};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn licence(school: &School) -> String {
    format!("/v1/institutions/{}/licence", school.id)
}

/// Cancels as somebody, or withdraws that, with the present revision.
fn act(client: &Client, school: &School, what: &str, body: Option<&Value>) -> Reply {
    let etag = client.get(&licence(school)).expect(200).etag();
    let path = format!("{}/{what}", licence(school));
    let call = client.call("POST", &path).header("If-Match", &etag);
    body.map_or_else(|| client.call("POST", &path).header("If-Match", &etag), |body| call.json(body)).send()
}

fn cancel(client: &Client, school: &School, last_day: &str) -> Reply {
    act(client, school, "_cancel", Some(&json!({ "lastDay": last_day })))
}

both_databases! {
    fn c004_the_terms_are_accepted_by_the_administrator_before_first_use(server: Server) {
        let domain = new_domain();
        let made = server.platform().post("/v1/institutions", &new_institution(&domain)).expect(201).json();
        let email = format!("beheerder@{domain}");
        set_password(&server.anyone(), &email);
        let admin = server.anyone().log_in(&email, PASSWORD);
        admin.get("/v1/groups").expect(403).problem("terms-not-accepted");
        admin.post("/v1/groups", &new_group("De Rupsen")).expect(403).problem("terms-not-accepted");
        admin.get("/v1/sessions/current").expect(200);

        let institution = text(&made["institution"]["id"]);
        let path = format!("/v1/institutions/{institution}/licence");
        assert_eq!(admin.get(&path).expect(200).json()["acceptedTerms"], json!(null));
        let acceptances = format!("{path}/terms-acceptances");
        admin.post(&acceptances, &json!({"version": "2026-1"})).refuses(&[("/partsVersion", "required")]);
        let wrong = json!({"version": "0", "partsVersion": "0"});
        admin.post(&acceptances, &wrong).refuses(&[("/version", "not-current"), ("/partsVersion", "not-current")]);
        let right = json!({"version": "2026-1", "partsVersion": "2026-1"});
        server.platform().post(&acceptances, &right).expect(403);
        accept_terms(&admin, &institution);
        let accepted = admin.get(&path).expect(200).json()["acceptedTerms"].clone();
        assert_eq!(accepted["acceptedBy"], made["administratorId"]);
        assert!(text(&accepted["acceptedAt"]).starts_with("2026-11-21T09:00:0"));
        admin.post("/v1/groups", &new_group("De Rupsen")).expect(201);
    }

    fn c068_the_terms_name_what_the_customer_takes_upon_itself(server: Server) {
        let terms = server.anyone().get("/v1/licence-terms").expect(200).json();
        let duties = terms["duties"].as_array().unwrap();
        for code in ["antivirus", "firewall", "parent-communication", "responsibility"] {
            let duty = duties.iter().find(|duty| duty["code"] == code).unwrap();
            assert!(text(&duty["text"]).len() > 40, "{code}");
        }
        let school = server.school();
        let licence = school.admin.get(&format!("/v1/institutions/{}/licence", school.id)).expect(200).json();
        assert_eq!((&licence["termsVersion"], &licence["acceptedTerms"]["version"]), (&terms["version"], &terms["version"]));
        assert_eq!(licence["acceptedTerms"]["acceptedBy"], school.admin_id.as_str());
    }

    fn c004_nobody_else_accepts_the_terms(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let acceptances = |id: &str| format!("/v1/institutions/{id}/licence/terms-acceptances");
        let body = json!({"version": "2026-1", "partsVersion": "2026-1"});
        let member = school.member(Function::Management, &[]).client;
        member.post(&acceptances(&school.id), &body).expect(403);
        school.admin.post(&acceptances(&other.id), &body).expect(404);
    }

    fn c054_free_mail_and_disposable_domains_are_refused_even_if_entered(server: Server) {
        let platform = server.platform();
        for (domain, code) in [
            ("gmail.com", "free-mail-domain"),
            ("HOTMAIL.com.", "free-mail-domain"),
            ("klas.outlook.com", "free-mail-domain"),
            ("mailinator.com", "disposable-mail-domain"),
        ] {
            let mut body = new_institution(&new_domain());
            body["mailDomains"] = json!(["school.example", domain]);
            body["administrator"]["email"] = json!("beheerder@school.example");
            platform.post("/v1/institutions", &body).refuses(&[("/mailDomains/1", code)]);
        }
        let mut body = new_institution("bücher-school.example");
        body["mailDomains"] = json!(["BÜCHER-school.example."]);
        let made = platform.post("/v1/institutions", &body).expect(201).json();
        assert_eq!(made["institution"]["mailDomains"], json!(["xn--bcher-school-dlb.example"]));
    }

    fn c106_an_administrator_or_the_secretariat_cancels_and_withdraws_that_until_the_last_day(server: Server) {
        let school = server.school();
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let shown = cancel(&school.admin, &school, "2026-12-31").expect(200).json();
        assert_eq!((&shown["phase"], &shown["endDate"]), (&json!("cancelled"), &json!("2026-12-31")));
        assert_eq!(shown["cancellation"]["cancelledBy"], json!(school.admin_id));
        assert_eq!(shown["cancellation"]["lastDay"], "2026-12-31");
        assert_eq!(shown["destructionOn"], "2027-04-01");
        let earlier = cancel(&secretariat, &school, "2026-11-30").expect(200).json();
        assert_eq!((&earlier["phase"], &earlier["destructionOn"]), (&json!("cancelled"), &json!("2027-03-01")));
        let patch = json!({"endDate": null});
        server.platform().change(&licence(&school), &patch).refuses(&[("/endDate", "cancelled")]);

        let withdrawn = act(&secretariat, &school, "_withdraw-cancellation", None).expect(200).json();
        assert_eq!((&withdrawn["phase"], &withdrawn["endDate"]), (&json!("active"), &json!(null)));
        assert_eq!((&withdrawn["cancellation"], &withdrawn["destructionOn"]), (&json!(null), &json!(null)));
        let again = act(&school.admin, &school, "_withdraw-cancellation", None);
        assert_eq!(again.expect(409).problem("conflict").code(), "not-cancelled");
        let operations: Vec<_> = server.audit_log(&school.id).entries().iter().map(|entry| entry.operation.clone()).collect();
        for operation in ["cancelLicence", "withdrawCancellation"] {
            assert!(operations.iter().any(|one| one == operation), "{operation}");
        }
    }

    fn c106_who_is_concerned_is_told_that_a_licence_is_cancelled_and_goes_on(server: Server) {
        let school = server.school();
        contact_person(&school);
        let holder = "toos@bestuur.example".to_owned();
        let body = json!({"firstName": "Toos", "lastName": "Verzonnen", "address": "Kade 1", "email": holder});
        server.platform().post(&format!("/v1/institutions/{}/licence-holder", school.id), &body).expect(201);
        let contact = text(&person("Noor")["email"]);
        cancel(&school.admin, &school, "2026-12-31").expect(200);
        act(&school.admin, &school, "_withdraw-cancellation", None).expect(200);
        let letters = server.anyone().mailbox().clone();
        for address in [format!("beheerder@{}", school.domain), holder, contact] {
            let cancelled = letters.wait_for(&address, "is opgezegd", 1);
            assert!(cancelled.iter().any(|letter| letter.contains("donderdag 31 december 2026")), "{address}");
            letters.wait_for(&address, "loopt door", 1);
        }
    }

    fn c106_a_licence_with_a_last_day_ends_no_later_and_goes_back_to_it(server: Server) {
        let school = server.school();
        server.platform().change(&licence(&school), &json!({"endDate": "2027-07-31"})).expect(200);
        cancel(&school.admin, &school, "2027-08-01").refuses(&[("/lastDay", "after-end")]);
        cancel(&school.admin, &school, "2027-01-31").expect(200);
        cancel(&school.admin, &school, "2027-06-30").expect(200);
        let back = act(&school.admin, &school, "_withdraw-cancellation", None).expect(200).json();
        assert_eq!((&back["phase"], &back["endDate"]), (&json!("active"), &json!("2027-07-31")));
    }

    fn a_cancellation_before_today_is_refused_and_so_is_one_too_late(server: Server) {
        let school = server.school();
        // In Amsterdam the next day has begun.
        server.clock.set("2026-11-21T23:30:00Z");
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        cancel(&admin, &school, "2026-11-21").refuses(&[("/lastDay", "in-the-past")]);
        let path = format!("{}/_cancel", licence(&school));
        admin.call("POST", &path).json(&json!({"lastDay": "2026-12-31"})).send().expect(428);
        let stale = admin.call("POST", &path).header("If-Match", "\"outdated\"");
        stale.json(&json!({"lastDay": "2026-12-31"})).send().expect(412);
        let wrong = json!({"lastDay": "31-12-2026", "reason": "Duur."});
        let wrong = admin.call("POST", &path).header("If-Match", "*").json(&wrong).send();
        wrong.refuses(&[("/lastDay", "not-a-date"), ("/reason", "unknown-field")]);
        cancel(&admin, &school, "2026-11-22").expect(200);
        server.clock.set("2026-11-22T23:00:00Z");
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let shown = secretariat.get(&licence(&school)).expect(200).json();
        assert_eq!((&shown["phase"], &shown["destructionOn"]), (&json!("grace"), &json!("2027-02-23")));
        for late in [
            cancel(&secretariat, &school, "2026-12-31"),
            act(&secretariat, &school, "_withdraw-cancellation", None),
        ] {
            assert_eq!(late.expect(409).problem("conflict").code(), "licence-ended");
        }
        let admin = server.anyone().log_in(&format!("beheerder@{}", school.domain), PASSWORD);
        let refused = cancel(&admin, &school, "2026-12-31").expect(403).problem("no-active-licence");
        assert_eq!(refused.code(), "licence-in-grace");
    }

    fn c106_nobody_else_cancels(server: Server) {
        let [school, other] = [server.school(), server.school()];
        let path = format!("{}/_cancel", licence(&school));
        let body = json!({"lastDay": "2026-12-31"});
        let ask = |client: &Client| client.call("POST", &path).header("If-Match", "*").json(&body).send();
        ask(&other.admin).expect(404).problem("not-found");
        for function in [Function::Management, Function::Teacher] {
            ask(&school.member(function, &[]).client).expect(403).problem("forbidden");
        }
        ask(&server.platform()).expect(403).problem("forbidden");
        assert_eq!(school.admin.get(&licence(&school)).expect(200).json()["phase"], "active");
    }

    fn c107_each_profile_has_a_grace_of_its_own_that_ends_at_midnight_in_amsterdam(server: Server) {
        let school = server.school();
        let agreements = format!("/v1/institutions/{}/agreements", school.id);
        let basisonline = json!({"contractProfile": "basisonline", "summary": "Twee maanden in plaats van drie."});
        let proposed = server.platform().post(&agreements, &basisonline).expect(201).id();
        school.admin.call("POST", &format!("{agreements}/{proposed}/_accept")).send().expect(200);
        let ends = json!({"endDate": "2026-12-15"});
        let shown = server.platform().change(&licence(&school), &ends).expect(200).json();
        assert_eq!(shown["destructionOn"], "2027-02-16");
        for (at, expected) in [
            ("2026-12-15T22:59:00Z", "active"),
            ("2026-12-15T23:00:00Z", "grace"),
            ("2027-02-15T22:59:00Z", "grace"),
            ("2027-02-15T23:00:00Z", "over"),
        ] {
            server.clock.set(at);
            assert_eq!(server.platform().get(&licence(&school)).expect(200).json()["phase"], expected, "{at}");
        }
    }

    fn c106_c107_grace_ends_at_midnight_in_amsterdam_when_the_clocks_change_and_on_a_leap_day(server: Server) {
        let mut secretariat = LastingStaff::new(server, ProcessorFunction::Secretariat);
        for (profile, last_day, destruction, over) in [
            ("kijk", "2026-12-28", "2027-03-29", "2027-03-28T22:00:00Z"),
            ("basisonline", "2027-08-31", "2027-11-01", "2027-10-31T23:00:00Z"),
            ("kijk", "2027-11-29", "2028-03-01", "2028-02-29T23:00:00Z"),
            ("kijk", "2027-12-31", "2028-04-01", "2028-03-31T22:00:00Z"),
        ] {
            let mut body = new_institution(&new_domain());
            body["contractProfile"] = json!(profile);
            body["licence"]["endDate"] = json!(last_day);
            let over: Timestamp = over.parse().unwrap();
            let client = secretariat.at(server, &(over - SignedDuration::from_mins(5)).to_string());
            let made = client.post("/v1/institutions", &body).expect(201).json();
            let path = format!("/v1/institutions/{}/licence", text(&made["institution"]["id"]));
            let shown = client.get(&path).expect(200).json();
            assert_eq!((&shown["phase"], &shown["destructionOn"]), (&json!("grace"), &json!(destruction)), "{last_day}");
            server.clock.set(&over.to_string());
            assert_eq!(client.get(&path).expect(200).json()["phase"], "over", "{last_day}");
        }
    }

    fn what_is_ended_at_once_has_today_as_its_last_day(server: Server) {
        let school = server.school();
        let ended = server.platform().change(&licence(&school), &json!({"state": "ended"})).expect(200).json();
        assert_eq!((&ended["phase"], &ended["endDate"]), (&json!("grace"), &json!("2026-11-21")));
        assert_eq!(ended["destructionOn"], "2027-02-22");
        school.admin.list("/v1/groups");
        let anew = json!({"state": "active", "endDate": null});
        assert_eq!(server.platform().change(&licence(&school), &anew).expect(200).json()["phase"], "active");
        school.admin.post("/v1/groups", &new_group("De Rupsen")).expect(201);
    }

    fn c041_what_is_not_in_the_licence_is_off(server: Server) {
        let domain = new_domain();
        let mut body = new_institution(&domain);
        body["licence"].as_object_mut().unwrap().remove("services");
        let school = School::entered(&server.anyone(), &domain, &body);
        let shown = school.admin.get(&licence(&school)).expect(200).json();
        assert_eq!((&shown["services"], &shown["servicesInUse"]), (&json!([]), &json!([])));
        let group = school.group("De Rupsen");
        let pupil = school.pupil("Noor", &group);
        let file = "voornaam,achternaam,geslacht,geboortedatum\nSem,Bedacht,m,2022-05-04\n";
        let import = || school.admin.call("POST", "/v1/imports?schoolYear=2026-2027").body("text/csv", file.as_bytes()).send();
        let overview = || school.admin.get(&format!("/v1/pupils/{pupil}/overview"));
        let ask = || school.admin.post("/v1/support-requests", &json!({"question": "Wat nu?"}));
        let token = json!({
            "name": "Koppeling", "kind": "integration", "scopes": [{"part": "groups", "actions": ["read"]}],
            "expiresOn": "2026-12-31", "currentPassword": PASSWORD,
        });
        let make_token = || school.admin.post("/v1/api-tokens", &token);
        for refused in [import(), overview(), ask(), make_token()] {
            refused.expect(403).problem("not-in-licence");
        }
        let adviser = server.new_staff(ProcessorFunction::Adviser);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        let proposed = coupling(&school, &adviser.id);
        secretariat.post("/v1/couplings", &proposed).expect(403).problem("not-in-licence");

        let only = |services: &[&str]| {
            secretariat.change(&licence(&school), &json!({ "services": services })).expect(200);
        };
        only(&["imports"]);
        import().expect(201);
        overview().expect(403).problem("not-in-licence");
        only(&["overviews"]);
        overview().expect(200);
        import().expect(403).problem("not-in-licence");
        school.admin.list("/v1/imports");
        only(&["advice"]);
        ask().expect(201);
        only(&["api-tokens"]);
        let made = make_token().expect(201).json();
        let program = server.anyone().with_token(&text(&made["token"]));
        assert_eq!(program.list("/v1/groups").len(), 1);
        only(&[]);
        program.get("/v1/groups").expect(403).problem("not-in-licence");
        let revoke = format!("/v1/api-tokens/{}", text(&made["apiToken"]["id"]));
        school.admin.call("DELETE", &revoke).send().expect(204);
        secretariat.change(&licence(&school), &json!({"products": ["monitoring"]})).expect(200);
        assert_eq!(school.admin.get(&licence(&school)).expect(200).json()["servicesInUse"], json!(["overviews"]));
        overview().expect(200);
        let unknown = json!({"services": ["games"]});
        secretariat.patch(&licence(&school), "*", &unknown).refuses(&[("/services/0", "not-in-list")]);
    }

    fn c041_a_look_of_an_adviser_ends_with_the_service_that_it_is_of(server: Server) {
        let school = server.school();
        school.group("De Rupsen");
        let adviser = server.new_staff(ProcessorFunction::Adviser);
        Authenticator::bind(&adviser.client);
        couple(server, &school, &coupling(&school, &adviser.id));
        let body = request_for_case(server, &school, SupportKind::Coupling);
        let (looking, _) = begin(&adviser.client, &body);
        looking.get("/v1/groups").expect(200);
        let secretariat = server.staff(ProcessorFunction::Secretariat);
        secretariat.change(&licence(&school), &json!({"services": ["overviews"]})).expect(200);
        looking.get("/v1/groups").expect(403).problem("not-in-licence");
        adviser.client.post("/v1/support-sessions", &body).expect(403).problem("not-in-licence");
    }

    fn c041_c149_everybody_reads_what_is_inseparable_and_what_is_optional(server: Server) {
        let parts = server.anyone().get("/v1/licence-parts").expect(200).json();
        assert!(parts["version"].is_string());
        let codes = |list: &str| -> Vec<String> {
            parts[list].as_array().unwrap().iter().map(|part| {
                assert!(text(&part["text"]).len() > 30, "{part}");
                text(&part["code"])
            }).collect()
        };
        assert_eq!(codes("optional"), ["overviews", "imports", "api-tokens", "advice"]);
        assert!(codes("inseparable").contains(&"development".to_owned()));
    }
}
