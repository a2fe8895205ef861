//! The licence terms, which are accepted before anything is used (C004).

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::both_databases;
use groeilijn_tests::reply::text;
use groeilijn_tests::school::{accept_terms, new_domain, new_group, new_institution, set_password};
use serde_json::json;

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
        admin.post(&acceptances, &json!({"version": "0"})).refuses(&[("/version", "not-current")]);
        server.platform().post(&acceptances, &json!({"version": "2026-1"})).expect(403);
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
        let body = json!({"version": "2026-1"});
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
}
