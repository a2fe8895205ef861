//! Institutions with people, groups and children, all plainly made up and entered through the API.

use std::sync::atomic::{AtomicU32, Ordering};

use groeilijn_domain::access::Function;
use serde_json::{Value, json};

use crate::accounts::PASSWORD;
use crate::client::Client;
use crate::reply::text;

static SCHOOLS: AtomicU32 = AtomicU32::new(0);
static PEOPLE: AtomicU32 = AtomicU32::new(0);

/// An institution and its administrator.
pub struct School {
    /// Its id.
    pub id: String,
    /// Its mail domain.
    pub domain: String,
    /// Its first administrator, logged in.
    pub admin: Client,
    /// The id of its first administrator.
    pub admin_id: String,
    anyone: Client,
}

/// Somebody who was entered, logged in.
pub struct Member {
    /// The user's id.
    pub id: String,
    /// The address that the user logs in with.
    pub email: String,
    /// The user's client.
    pub client: Client,
}

impl School {
    /// Enters a new institution and lets its administrator in.
    #[track_caller]
    pub fn found(anyone: &Client) -> Self {
        let domain = new_domain();
        Self::entered(anyone, &domain, &new_institution(&domain))
    }

    /// Enters an institution with this body, on a mail domain, and lets its administrator in.
    #[track_caller]
    pub fn entered(anyone: &Client, domain: &str, body: &Value) -> Self {
        let made = anyone.log_in_to_platform().post("/v1/institutions", body).expect(201).json();
        let email = text(&body["administrator"]["email"]);
        set_password(anyone, &email);
        let id = text(&made["institution"]["id"]);
        let admin = anyone.log_in(&email, PASSWORD);
        accept_terms(&admin, &id);
        Self {
            id,
            admin,
            admin_id: text(&made["administratorId"]),
            domain: domain.to_owned(),
            anyone: anyone.clone(),
        }
    }

    /// The same, of a service that was started anew, whose clients are like this one.
    pub fn on(self, anyone: Client) -> Self {
        Self { admin: anyone.with_token(self.admin.token()), anyone, ..self }
    }

    /// The first administrator, logged in anew after the password `present` expired, with another one.
    #[track_caller]
    pub fn renewed(&self, present: &str, new: &str) -> Client {
        let email = format!("beheerder@{}", self.domain);
        let change = json!({"currentPassword": present, "newPassword": new});
        self.anyone.log_in(&email, present).post("/v1/account/password/_change", &change).expect(204);
        self.anyone.log_in(&email, new)
    }

    /// An address of the school that nobody has.
    pub fn new_email(&self) -> String {
        format!("medewerker-{}@{}", PEOPLE.fetch_add(1, Ordering::Relaxed), self.domain)
    }

    /// The body of a new user with these groups.
    pub fn new_user(&self, function: Function, groups: &[&str]) -> Value {
        json!({
            "firstName": "Fien", "infix": "van", "lastName": "Verzonnen", "gender": "female",
            "email": self.new_email(), "function": function.code(), "groupIds": groups,
        })
    }

    /// Enters a user with these groups and lets them in.
    #[track_caller]
    pub fn member(&self, function: Function, groups: &[&str]) -> Member {
        self.let_in(&self.new_user(function, groups))
    }

    #[track_caller]
    fn let_in(&self, body: &Value) -> Member {
        let made = self.admin.post("/v1/users", body).expect(201).json();
        let email = text(&body["email"]);
        set_password(&self.anyone, &email);
        Member { id: text(&made["user"]["id"]), client: self.anyone.log_in(&email, PASSWORD), email }
    }

    /// Enters a user who is limited to these locations and lets them in.
    #[track_caller]
    pub fn member_at(&self, function: Function, locations: &[&str]) -> Member {
        let given: Vec<_> = locations.iter().map(|id| json!({ "locationId": id })).collect();
        let mut body = self.new_user(function, &[]);
        body["locations"] = given.into();
        self.let_in(&body)
    }

    /// A teacher of one group.
    #[track_caller]
    pub fn teacher(&self, group: &str) -> Client {
        self.member(Function::Teacher, &[group]).client
    }

    /// Enters a group and gives its id.
    #[track_caller]
    pub fn group(&self, name: &str) -> String {
        self.admin.post("/v1/groups", &new_group(name)).expect(201).id()
    }

    /// Enters a location where these groups are and gives its id.
    #[track_caller]
    pub fn location(&self, name: &str, groups: &[&str]) -> String {
        let id = self.admin.post("/v1/locations", &json!({ "name": name })).expect(201).id();
        for group in groups {
            self.admin.change(&format!("/v1/groups/{group}"), &json!({ "locationId": id })).expect(200);
        }
        id
    }

    /// Enters a pupil in a group and gives its id.
    #[track_caller]
    pub fn pupil(&self, first_name: &str, group: &str) -> String {
        let mut body = new_pupil(first_name);
        body["groupId"] = json!(group);
        self.admin.post("/v1/pupils", &body).expect(201).id()
    }
}

/// A mail domain that no other school in this process has.
pub fn new_domain() -> String {
    format!("school-{}.example", SCHOOLS.fetch_add(1, Ordering::Relaxed))
}

/// Accepts the licence terms that hold now in the name of an institution.
#[track_caller]
pub fn accept_terms(admin: &Client, institution: &str) {
    let licence = format!("/v1/institutions/{institution}/licence");
    let version = admin.get(&licence).expect(200).json()["termsVersion"].clone();
    let parts = admin.get("/v1/licence-parts").expect(200).json()["version"].clone();
    let accepted = json!({ "version": version, "partsVersion": parts });
    admin.post(&format!("{licence}/terms-acceptances"), &accepted).expect(201);
}

/// Sets the password that every account of the harness has, with the link in the latest letter.
#[track_caller]
pub fn set_password(anyone: &Client, email: &str) {
    let invitation = anyone.mailbox().token(email);
    anyone.post("/v1/invitations/_accept", &json!({"token": invitation, "password": PASSWORD})).expect(204);
}

/// The body of a new institution on a mail domain, with a licence that runs on.
pub fn new_institution(domain: &str) -> Value {
    json!({
        "kind": "school-board", "name": "Basisschool De Verzinsels", "brin": "99XX",
        "mailDomains": [domain], "contractProfile": "kijk",
        "licence": {
            "products": ["registration"], "services": ["overviews", "imports", "api-tokens", "advice"], "startDate": "2026-08-01", "endDate": null, "state": "active",
        },
        "administrator": {
            "firstName": "Bram", "infix": null, "lastName": "Bedacht", "gender": "male",
            "email": format!("beheerder@{domain}"),
        },
    })
}

/// The body of a new group in the present school year.
pub fn new_group(name: &str) -> Value {
    json!({"name": name, "schoolYear": "2026-2027"})
}

/// The body of a new pupil in no group.
pub fn new_pupil(first_name: &str) -> Value {
    json!({"firstName": first_name, "lastName": "Fantasie", "gender": "unknown", "birthDate": "2022-05-04"})
}
