//! A class: a group, its teacher and a child, which is what following development begins with.

use groeilijn_domain::access::Function;
use serde_json::{Value, json};

use crate::client::Client;
use crate::framework::shipped;
use crate::reply::Reply;
use crate::school::{Member, School, new_pupil};

/// The first day of every child in a class.
pub const FIRST_DAY: &str = "2025-08-01";

/// The first day of the present school year.
const THIS_YEAR: &str = "2026-08-01";

/// A group with a teacher and a child, who was born on 2022-05-04. The child is in the group since 2026-08-01, and was
/// in the one before it from [`FIRST_DAY`].
pub struct Class {
    /// The school.
    pub school: School,
    /// The id of the group.
    pub group: String,
    /// The id of the group that the children were in in the school year before.
    pub last_year: String,
    /// The teacher of the group.
    pub teacher: Member,
    /// The id of the child.
    pub pupil: String,
    /// The id of the framework that children are registered with: the one that comes along, in Dutch.
    pub framework: String,
}

impl Class {
    /// Enters one class in a new school.
    #[track_caller]
    pub(crate) fn found(school: School) -> Self {
        let last_year = json!({"name": "De Eitjes", "schoolYear": "2025-2026"});
        let last_year = school.admin.post("/v1/groups", &last_year).expect(201).id();
        let group = school.group("De Rupsen");
        let teacher = school.member(Function::Teacher, &[&group]);
        let framework = shipped(&school.admin, "nl");
        let mut class = Self { school, group, last_year, teacher, pupil: String::new(), framework };
        class.pupil = class.child("Noor", "2022-05-04");
        class
    }

    /// Enters another child in the group and gives its id.
    #[track_caller]
    pub fn child(&self, first_name: &str, birth_date: &str) -> String {
        let mut body = new_pupil(first_name);
        body["birthDate"] = json!(birth_date);
        let first_day = FIRST_DAY.max(birth_date);
        let first_group = if first_day < THIS_YEAR { &self.last_year } else { &self.group };
        body["groupId"] = json!(first_group);
        body["placedOn"] = json!(first_day);
        let pupil = self.school.admin.post("/v1/pupils", &body).expect(201).id();
        if first_day < THIS_YEAR {
            let moved = json!({"groupId": self.group, "placedOn": THIS_YEAR});
            self.school.admin.post(&format!("/v1/pupils/{pupil}/placements"), &moved).expect(201);
        }
        pupil
    }

    /// The body of a registration of what is judged already.
    pub fn new_registration(&self, registered_on: &str, judgements: &Value) -> Value {
        json!({"frameworkId": self.framework, "registeredOn": registered_on, "judgements": judgements})
    }

    /// Begins a registration of a child by the teacher.
    #[track_caller]
    pub fn begin(&self, pupil: &str, registered_on: &str, judgements: &Value) -> Reply {
        let path = format!("/v1/pupils/{pupil}/registrations");
        self.teacher.client.post(&path, &self.new_registration(registered_on, judgements)).expect(201)
    }

    /// Registers a child and gives the id of the registration, which is final.
    #[track_caller]
    pub fn register(&self, pupil: &str, registered_on: &str, judgements: &Value) -> String {
        let id = self.begin(pupil, registered_on, judgements).id();
        finalise(&self.teacher.client, &id);
        id
    }

    /// The body of a goal on a line for children who are in the group, from the first of November until the end of January.
    pub fn new_goal(&self, line: &str, pupils: &[&str]) -> Value {
        json!({
            "line": line, "frameworkId": self.framework, "firstDay": "2026-11-01", "lastDay": "2027-01-31",
            "text": "Samen een verhaal naspelen.", "pupilIds": pupils,
        })
    }

    /// Sets a goal of the group by the teacher and gives its id.
    #[track_caller]
    pub fn goal(&self, line: &str, pupils: &[&str]) -> String {
        let path = format!("/v1/groups/{}/goals", self.group);
        self.teacher.client.post(&path, &self.new_goal(line, pupils)).expect(201).id()
    }

    /// Writes a note by the teacher and gives its id.
    #[track_caller]
    pub fn note(&self, pupil: &str, observed_on: &str, lines: &[&str]) -> String {
        let body = json!({
            "text": "Vertelt over de vakantie.", "observedOn": observed_on,
            "lines": lines, "frameworkId": self.framework,
        });
        self.teacher.client.post(&format!("/v1/pupils/{pupil}/notes"), &body).expect(201).id()
    }
}

/// Makes the open draft of a registration final, be it the second one of its half-year.
#[track_caller]
pub fn finalise(client: &Client, registration: &str) -> Reply {
    let path = format!("/v1/registrations/{registration}");
    let etag = client.get(&path).expect(200).etag();
    let meant = json!({"secondInHalfYear": true});
    client
        .call("POST", &format!("{path}/_finalise"))
        .header("If-Match", &etag)
        .json(&meant)
        .send()
        .expect(200)
}
