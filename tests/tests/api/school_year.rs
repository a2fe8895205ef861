//! A school year from August to August, told as those live it who work with children: no step of it ends before a wall.

use std::collections::HashMap;

use groeilijn_domain::access::Function;
use groeilijn_tests::accounts::PASSWORD;
use groeilijn_tests::reply::text;
use groeilijn_tests::{Client, School, Server, both_databases};
use serde_json::{Value, json};

use crate::children::imports::{CSV, finished, path as import_path, pupil_outcomes, send};

/// The file of the first August: one combined group, in which two children have one name.
const FIRST_AUGUST: &str = "leerlingnummer;voornaam;achternaam;geboortedatum;groep;jaargroep;schooljaar;plaatsingsdatum\n\
    L1;Noor;Verzinsel;14-03-2022;Groep 1/2;2;2027-2028;23-08-2027\n\
    L2;Daan;Denkbeeld;27-11-2021;Groep 1/2;2;2027-2028;23-08-2027\n\
    L3;Sem;Fantasie;02-05-2023;Groep 1/2;1;2027-2028;23-08-2027\n\
    L4;Sem;Fantasie;30-06-2023;Groep 1/2;1;2027-2028;23-08-2027\n\
    L5;Lotte;Voorbeeld;11-02-2023;Groep 1/2;1;2027-2028;23-08-2027\n";

/// The file of the next one: year level 2 goes on to another group, Daan is not in it any more, Bo is known by number now.
const NEXT_AUGUST: &str = "leerlingnummer;voornaam;achternaam;geboortedatum;groep;jaargroep;schooljaar;plaatsingsdatum\n\
    L1;Noor;Verzinsel;14-03-2022;Groep 3;3;2028-2029;21-08-2028\n\
    L3;Sem;Fantasie;02-05-2023;Groep 1/2;2;2028-2029;21-08-2028\n\
    L4;Sem;Fantasie;30-06-2023;Groep 1/2;2;2028-2029;21-08-2028\n\
    L5;Lotte;Voorbeeld;11-02-2023;Groep 1/2;2;2028-2029;21-08-2028\n\
    L6;Bo;Bedenksel;09-09-2023;Groep 1/2;1;2028-2029;21-08-2028\n";

const CHOICES: &str = "/v1/framework-choices";

/// A school in the course of a year: days pass, and everybody logs in anew on each of them.
struct Year<'a> {
    server: &'a Server,
    school: School,
    /// How often each has chosen another password, as everybody has to every three months.
    renewals: HashMap<String, u32>,
}

impl<'a> Year<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, school: server.school(), renewals: HashMap::new() }
    }

    /// A day begins; the clock says nine in the morning in summer, ten in winter.
    fn day(&self, day: &str) {
        self.server.clock.set(&format!("{day}T08:00:00Z"));
    }

    /// Somebody logs in, and chooses another password where the present one has expired.
    #[track_caller]
    fn log_in(&mut self, email: &str) -> Client {
        let renewals = self.renewals.entry(email.to_owned()).or_default();
        let password =
            |count: u32| if count == 0 { PASSWORD.to_owned() } else { format!("Klaproos-{count}") };
        let client = self.server.anyone().log_in(email, &password(*renewals));
        if client.get("/v1/colleagues").status == 200 {
            return client;
        }
        *renewals += 1;
        let change = json!({"currentPassword": password(*renewals - 1), "newPassword": password(*renewals)});
        client.post("/v1/account/password/_change", &change).expect(204);
        self.server.anyone().log_in(email, &password(*renewals))
    }

    fn admin(&mut self) -> Client {
        let email = format!("beheerder@{}", self.school.domain);
        self.log_in(&email)
    }

    /// The administrator enters somebody, who follows the link in the letter; the address.
    #[track_caller]
    fn hire(&mut self, function: Function, last_name: &str, groups: &Value) -> String {
        let mut body = self.school.new_user(function, &[]);
        body["lastName"] = json!(last_name);
        body.as_object_mut().unwrap().remove("groupIds");
        body["groups"] = groups.clone();
        let email = text(&body["email"]);
        self.admin().post("/v1/users", &body).expect(201);
        groeilijn_tests::school::set_password(&self.server.anyone(), &email);
        email
    }

    /// Sends a school file, looks at what it would do, and has it carried out.
    #[track_caller]
    fn import(
        &mut self,
        file: &str,
        expected: &[&str],
        missing: &[&str],
        answers: impl FnOnce(&Client, &str) -> Value,
    ) {
        let admin = self.admin();
        let sent = send(&admin, CSV, file.as_bytes()).expect(201);
        let id = sent.id();
        assert_eq!(pupil_outcomes(&admin, &id), expected);
        assert_eq!(first_names(&admin, &format!("{}/missing-pupils", import_path(&id))), missing);
        let mut confirmed = answers(&admin, &id);
        confirmed["newGroups"] = sent.json()["groupsToConfirm"].clone();
        let apply =
            admin.call("POST", &format!("{}/_apply", import_path(&id))).header("If-Match", &sent.etag());
        apply.json(&confirmed).send().expect(202);
        assert_eq!(finished(&admin, &id)["state"], "applied");
    }
}

fn first_names(client: &Client, list: &str) -> Vec<String> {
    client.list(list).iter().map(|item| text(&item["firstName"])).collect()
}

#[track_caller]
fn group_named(client: &Client, name: &str, school_year: &str) -> String {
    let groups = client.list(&format!("/v1/groups?schoolYear={school_year}"));
    text(&groups.iter().find(|group| group["name"] == name).unwrap()["id"])
}

/// The child of this name in a group; of children of one name the one with this birth date.
#[track_caller]
fn child(client: &Client, group: &str, first_name: &str, born: &str) -> String {
    let roster = client.list(&format!("/v1/groups/{group}/pupils"));
    let is_it = |pupil: &&Value| pupil["firstName"] == first_name && pupil["birthDate"] == born;
    text(&roster.iter().find(is_it).unwrap()["id"])
}

/// Carries out an act on what stands at `path` now, with a body.
#[track_caller]
fn act(client: &Client, path: &str, how: &str, body: &Value) -> Value {
    let etag = client.get(path).expect(200).etag();
    client
        .call("POST", &format!("{path}/{how}"))
        .header("If-Match", &etag)
        .json(body)
        .send()
        .expect(200)
        .json()
}

#[track_caller]
fn write_note(client: &Client, pupil: &str, said: &str) -> String {
    client.post(&format!("/v1/pupils/{pupil}/notes"), &json!({ "text": said })).expect(201).id()
}

/// Registers the whole group in one request: each child has a draft with what was judged, which becomes final.
#[track_caller]
fn register_all(teacher: &Client, group: &str, involvement: u8) -> usize {
    let roster = teacher.list(&format!("/v1/groups/{group}/pupils"));
    let of_child = |(index, pupil): (usize, &Value)| {
        let id = teacher.time().uuid();
        let begin = json!({
            "method": "POST", "path": format!("/v1/pupils/{}/registrations", text(&pupil["id"])),
            "body": {"id": id, "judgements": {"scales": {"involvement": involvement}}},
        });
        let finalise = json!({
            "method": "POST", "path": format!("/v1/registrations/{id}/_finalise"), "after": index * 2,
        });
        [begin, finalise]
    };
    let operations: Vec<_> = roster.iter().enumerate().flat_map(of_child).collect();
    let results = teacher.post("/v1/batches", &json!({ "operations": operations })).expect(200).json();
    for result in results["results"].as_array().unwrap() {
        assert!(result["status"].as_u64().unwrap() < 300, "{result}");
    }
    roster.len()
}

/// Corrects the final registration of a child, and gives its path.
#[track_caller]
fn correct(teacher: &Client, pupil: &str) -> String {
    let registration = text(&teacher.list(&format!("/v1/pupils/{pupil}/registrations"))[0]["id"]);
    let path = format!("/v1/registrations/{registration}");
    teacher.post(&format!("{path}/versions"), &json!({"reason": "Verkeerd aangetikt."})).expect(201);
    teacher.change(&path, &json!({"judgements": {"scales": {"involvement": 2}}})).expect(200);
    act(teacher, &path, "_finalise", &json!({}));
    path
}

both_databases! {
    fn c141_a_school_year_from_august_to_august_has_no_dead_end(server: Server) {
        let mut year = Year::new(server);

        // August. The file of the pupil administration brings the children, the administrator lets the team in.
        year.day("2027-08-23");
        year.import(FIRST_AUGUST, &["create"; 5], &[], |_, _| json!({}));
        let admin = year.admin();
        let group = group_named(&admin, "Groep 1/2", "2027-2028");
        let always = json!([{"groupId": group, "firstDay": null, "lastDay": null}]);
        let teacher_email = year.hire(Function::Teacher, "Verzonnen", &always);
        let ib_email = year.hire(Function::InternBegeleider, "Bedacht", &json!([]));
        let fortnight = json!([{"groupId": group, "firstDay": "2027-09-06", "lastDay": "2027-09-17"}]);
        let substitute_email = year.hire(Function::Teacher, "Tijdelijk", &fortnight);
        let basis = json!({"fromMonth": 0, "toMonth": 96, "code": "groeilijn-basis-0-7", "locale": "nl"});
        admin.put(CHOICES, &admin.get(CHOICES).expect(200).etag(), &json!({"choices": [basis]})).expect(200);
        admin.change("/v1/access-settings", &json!({"childrenEnteredBy": "own-groups"})).expect(200);
        let teacher = year.log_in(&teacher_email);
        let roster = format!("/v1/groups/{group}/pupils");
        assert_eq!(first_names(&teacher, &roster), ["Noor", "Daan", "Sem", "Sem", "Lotte"]);
        assert_eq!(first_names(&teacher, &format!("{roster}?yearLevel=1")), ["Sem", "Sem", "Lotte"]);
        let daan = child(&teacher, &group, "Daan", "2021-11-27");
        let [elder, younger] = ["2023-05-02", "2023-06-30"].map(|born| child(&teacher, &group, "Sem", born));
        assert!(year.log_in(&substitute_email).list("/v1/groups").is_empty());

        // September. The teacher is ill: for two weeks a substitute has the group, and the new child of a Monday.
        year.day("2027-09-13");
        let substitute = year.log_in(&substitute_email);
        let new = json!({
            "firstName": "Bo", "lastName": "Bedenksel", "gender": "unknown", "birthDate": "2023-09-09",
            "groupId": group, "yearLevel": "1",
        });
        let bo = substitute.post("/v1/pupils", &new).expect(201).id();
        let welcome = write_note(&substitute, &bo, "Speelt de eerste ochtend al mee in de huishoek.");
        year.day("2027-09-18");
        year.log_in(&substitute_email).get(&format!("/v1/pupils/{bo}")).expect(404);

        // Back again she reads what was written, by whom, and writes her own; the wrong Sem is put right.
        year.day("2027-10-04");
        let teacher = year.log_in(&teacher_email);
        let read = teacher.get(&format!("/v1/notes/{welcome}")).expect(200).json();
        assert_eq!(read["author"]["name"], "Fien van Tijdelijk");
        let note = write_note(&teacher, &elder, "Telt tot tien, en slaat zes over.");
        teacher.change(&format!("/v1/notes/{note}"), &json!({"text": "Telt tot tien, en slaat zeven over."})).expect(200);
        act(&teacher, &format!("/v1/notes/{note}"), "_move", &json!({"pupilId": younger, "reason": "Was de andere Sem."}));
        let moved = &teacher.list(&format!("/v1/pupils/{younger}/notes"))[0];
        assert_eq!((&moved["text"], &moved["movedFrom"]), (&json!("Telt tot tien, en slaat zeven over."), &json!(note)));
        assert_eq!(teacher.list(&format!("/v1/notes/{note}/revisions")).len(), 1);

        // A birth date was mistyped, and a child was put in the wrong group: both are corrected and stay visible.
        let admin = year.admin();
        admin.change(&format!("/v1/pupils/{bo}"), &json!({"birthDate": "2023-09-08"})).expect(200);
        admin.change(&format!("/v1/pupils/{bo}"), &json!({"birthDate": "2023-09-09"})).expect(200);
        assert_eq!(admin.list(&format!("/v1/pupils/{bo}/earlier-birth-dates")).len(), 2);
        let other = admin.post("/v1/groups", &json!({"name": "Groep 3", "schoolYear": "2027-2028"})).expect(201).id();
        let stays = format!("/v1/pupils/{daan}/placements");
        let wrong = admin.post(&stays, &json!({"groupId": other, "placedOn": "2027-10-04"})).expect(201).id();
        let taken = format!("/v1/placements/{wrong}");
        let etag = admin.get(&taken).expect(200).etag();
        let why = json!({"reason": "Verkeerd kind verplaatst."});
        let away = admin.call("POST", &format!("{taken}/_take-away")).header("If-Match", &etag).json(&why).send();
        assert!(away.status < 300, "{}", away.asked);
        assert_eq!(first_names(&teacher, &roster).len(), 6);

        // November: the first registrations, all in one request; nobody is due any more.
        year.day("2027-11-15");
        let teacher = year.log_in(&teacher_email);
        assert_eq!(teacher.list("/v1/due-registrations").len(), 6);
        assert_eq!(register_all(&teacher, &group, 3), 6);
        assert!(teacher.list("/v1/due-registrations").is_empty());
        // One of them was of another day: it is withdrawn, and made anew.
        let registrations = format!("/v1/pupils/{younger}/registrations");
        let withdrawn = text(&teacher.list(&registrations)[0]["id"]);
        act(&teacher, &format!("/v1/registrations/{withdrawn}"), "_withdraw", &json!({"reason": "Was van vorige week."}));
        assert_eq!(first_names(&teacher, "/v1/due-registrations"), ["Sem"]);
        let anew = json!({"registeredOn": "2027-11-08", "judgements": {"scales": {"involvement": 4}}});
        let anew = teacher.post(&registrations, &anew).expect(201).id();
        act(&teacher, &format!("/v1/registrations/{anew}"), "_finalise", &json!({}));
        // And one has a mistake in it: a new version puts it right, and both are read.
        let corrected = correct(&teacher, &elder);
        assert_eq!(teacher.list(&format!("{corrected}/versions")).len(), 2);

        // Christmas: Daan moves house. In January he is on no list of the teacher; the intern begeleider reads on.
        year.day("2027-12-17");
        let admin = year.admin();
        let leaving = json!({"lastDay": "2027-12-24", "kind": "next-education", "destination": "Basisschool De Overkant"});
        let etag = admin.get(&format!("/v1/pupils/{daan}")).expect(200).etag();
        admin.put(&format!("/v1/pupils/{daan}/departure"), &etag, &leaving).expect(200);
        year.day("2028-01-10");
        let teacher = year.log_in(&teacher_email);
        assert_eq!(first_names(&teacher, &roster), ["Noor", "Sem", "Sem", "Lotte", "Bo"]);
        teacher.get(&format!("/v1/pupils/{daan}")).expect(404);
        let ib = year.log_in(&ib_email);
        ib.get(&format!("/v1/pupils/{daan}/overview")).expect(200);

        // The week after she talks with the parents of a child, and gives them what was seen; that she did is on record.
        year.day("2028-01-17");
        let teacher = year.log_in(&teacher_email);
        let talk = json!({"password": "drie blauwe olifanten", "recipient": "Beide ouders."});
        let report = teacher.post(&format!("/v1/pupils/{elder}/_report-to-parents"), &talk).expect(200);
        assert_eq!(report.header("content-type"), "application/pdf");
        let disclosures = format!("/v1/institutions/{}/disclosures", year.school.id);
        assert_eq!(year.admin().list(&disclosures)[0]["recipient"], "Beide ouders.");

        // March: he comes back, and what was known of him is there.
        year.day("2028-03-06");
        let admin = year.admin();
        admin.post(&stays, &json!({"groupId": group, "placedOn": "2028-03-06"})).expect(201);
        let teacher = year.log_in(&teacher_email);
        assert_eq!(first_names(&teacher, &roster).len(), 6);
        assert_eq!(teacher.list(&format!("/v1/pupils/{daan}/registrations")).len(), 1);

        // May: the second registrations. The overview tells of both half-years.
        year.day("2028-05-22");
        let teacher = year.log_in(&teacher_email);
        assert_eq!(teacher.list("/v1/due-registrations").len(), 6);
        assert_eq!(register_all(&teacher, &group, 5), 6);
        let overview = format!("/v1/groups/{group}/overview");
        for half_year in ["2027-2028-1", "2027-2028-2"] {
            let shown = teacher.get(&format!("{overview}?halfYear={half_year}")).expect(200).json();
            assert_eq!(shown["children"].as_array().unwrap().len(), 6);
            assert_eq!(shown["withoutRegistration"], json!([]), "{half_year}");
        }

        // July: next year's teacher looks at the children she is to have, from the day that the administrator named.
        year.day("2028-07-03");
        let july = json!([{"groupId": group, "firstDay": "2028-07-03", "lastDay": "2028-08-20"}]);
        let next_email = year.hire(Function::Teacher, "Volgend", &july);
        assert_eq!(first_names(&year.log_in(&next_email), &roster).len(), 6);

        // The next August: one file moves everybody on, tells who is missing, and proposes Bo as the child who is known.
        year.day("2028-08-21");
        year.import(
            NEXT_AUGUST,
            &["change", "change", "change", "change", "leave-alone may-exist-already"],
            &["Daan", "Bo"],
            |admin, import| {
                let lines = admin.list(&format!("{}/lines", import_path(import)));
                let line = lines.iter().find(|line| line["outcome"] == "leave-alone").unwrap();
                assert_eq!(line["proposedPupilIds"], json!([bo]));
                json!({"samePupils": [{"number": line["number"], "pupilId": bo}]})
            },
        );
        let admin = year.admin();
        let [third, first] = ["Groep 3", "Groep 1/2"].map(|name| group_named(&admin, name, "2028-2029"));
        assert_eq!(first_names(&admin, &format!("/v1/groups/{third}/pupils")), ["Noor"]);
        assert_eq!(first_names(&admin, &format!("/v1/groups/{first}/pupils")), ["Sem", "Sem", "Lotte", "Bo"]);
        // Last year's group is read as it was then.
        let then = first_names(&admin, &format!("{roster}?on=2028-05-22"));
        assert_eq!(then.len(), 6);
        // All of it is on record, without a gap.
        year.server.audit_log(&year.school.id).check();
    }
}
