"""Who asks during fuzzing, and about what: a demo school with something of everything, everybody who can log in, and what
each may do by docs/access-policy.md."""

import hashlib
import hmac
import json
import os
import struct
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
API = os.environ["FUZZ_API"]
DOMAIN = os.environ["FUZZ_DOMAIN"]
PASSWORD = "Regenboog-2026"
CHOSEN = "Een-goed-wachtwoord-1"  # of who chooses one by a link: the one of the demo is refused there
SECOND_FACTOR = b"groeilijn demo staff"
STAFF = {"marketing", "secretariat", "adviser", "account-manager", "helpdesk", "platform-administrator"}
LOOKING_ALONG = "support: look-along"
WEBHOOK = "https://hooks.school.example:1024/"
TABLE = "voornaam;achternaam;geslacht;geboortedatum\nSem;Bedacht;jongen;04-05-2022\n"


def policy():
    """The callers that may do an operation, by its method and path."""
    _, text = (ROOT / "docs/access-policy.md").read_text().split("## Operations")
    rows = [row.strip("| ").split(" | ") for row in text.split("## Exceptions")[0].splitlines() if row.startswith("| ")]
    callers = rows[0][3:]
    return {row[1].strip("`"): [who for who, cell in zip(callers, row[3:]) if cell.strip() != "-"] for row in rows[2:]}


def code():
    """What the authenticator app of the processor's staff shows now (RFC 6238)."""
    digest = hmac.digest(SECOND_FACTOR, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    word = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{word % 1_000_000:06}"


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def day(days):
    return moment(days * 86_400)[:10]


def reported(source):
    """The body of an incident that became known an hour ago."""
    return {"summary": "Een laptop is gestolen.", "knownAt": moment(-3600), "source": source, "suspectedHighRisk": False}


DOCUMENT = {"documentSha256": "ab" * 32, "documentBytes": 1000}
AUDIT = {
    "audits": {"auditOn": day(60), **DOCUMENT},
    "_plan": {"auditOn": day(60), **DOCUMENT},
    "_report": {"reportedOn": day(0), "majorFaults": False, **DOCUMENT},
    "_follow-up": {"dueOn": day(30), "paidBy": "institution", **DOCUMENT},
    "plan-agreed": {"kind": "plan-agreed"},
    "report-seen": {"kind": "report-seen"},
}
INCIDENT = {
    "stages": {"stage": "registered", "findings": "In behandeling."},
    "contents": {
        "foundAt": moment(-3600), "summary": "Een sessie is gebruikt.", "nature": "stolen-access", "securityParts": ["confidentiality"],
        "how": "De laptop stond open.", "cause": "user-error", "measures": "De sessie is beëindigd.", "groupLeast": 1, "groupMost": 2,
        "wasRead": "yes", "wasCopied": "no", "wasChanged": "no", "wasDeleted": "no", "wasStolen": "no",
        "affected": [{"group": "pupils", "degree": "Gelezen."}], "data": [{"class": "sensitive", "what": "notities"}],
    },
    "decisions": {"decision": "notify-authority", "steps": [
        {"step": step, "answer": True, "grounds": "Gelezen."} for step in ("personal-data-breach", "risk-likely")
    ]},
    "notices": {"step": "notified", "number": "2026-1"},
}
DISCLOSED = {
    "recipient": "De Buren", "what": "Het formulier.", "classes": ["ordinary"], "everybody": True, "disclosedAt": moment(-60),
    "ground": "controller-order", "order": "Per brief.",
}


def credentials(who):
    if who in STAFF:
        name = "platform" if who == "platform-administrator" else who
        return {"email": f"{name}@groeilijn.example", "password": PASSWORD, "code": code()}
    return {"email": f"{who}@{DOMAIN}", "password": PASSWORD}


class World:
    """The school that is fuzzed, as everybody who may ask in it."""

    def __init__(self):
        self.may = policy()
        self.tokens = {}
        self.ids = {}
        self.turn = 0
        self.prepare()

    def log_in(self, who):
        reply = requests.post(f"{API}/sessions", json=credentials(who), timeout=10)
        return reply.json() if reply.status_code == 201 else None

    def token(self, who):
        if who not in self.tokens:
            session = self.log_in(who)
            if session is None:
                return None
            self.tokens[who] = session["accessToken"]
        return self.tokens[who]

    def ask(self, who, method, path, **given):
        headers = {"Authorization": f"Bearer {self.token(who)}", **given.pop("headers", {})}
        return requests.request(method, API + path, headers=headers, timeout=10, **given)

    def list(self, who, path):
        return self.ask(who, "GET", path).json()["items"]

    def made(self, who, path, **given):
        reply = self.ask(who, "POST", path, **given)
        assert reply.status_code == 201, (path, reply.status_code, reply.text)
        return reply.json()

    def prepare(self):
        """Makes what the demo has not, and takes down an id of everything."""
        session = self.ask("administrator", "GET", "/sessions/current").json()
        self.user, institution = session["userId"], session["institutionId"]
        groups = [one["id"] for one in self.list("teacher", "/groups")]
        pupils = [one["id"] for one in self.list("teacher", f"/groups/{groups[0]}/pupils")]
        registrations = [one["id"] for pupil in pupils for one in self.list("teacher", f"/pupils/{pupil}/registrations")]
        organisation = self.made("secretariat", "/organisations", json={"name": "Stichting De Verzinsels"})["id"]
        self.ask("secretariat", "PUT", f"/organisations/{organisation}/institutions/{institution}")
        staff = self.list("platform-administrator", "/processor-staff")
        adviser = next(one["id"] for one in staff if one["function"] == "adviser")
        licence = self.ask("administrator", "GET", f"/institutions/{institution}/licence").json()
        self.terms = licence["termsVersion"]
        self.parts = "2026-1"
        self.institution, self.adviser, self.group = institution, adviser, groups[0]
        contact = self.made("administrator", "/support-consents", json={"kind": "contact", "endsAt": moment(3000)})
        looking = self.made("helpdesk", "/support-sessions", json=self.looking_along())
        self.tokens[LOOKING_ALONG] = looking["accessToken"]
        consents = [one["id"] for one in self.list("administrator", "/support-consents")]
        users = [one["id"] for one in self.list("administrator", "/users")]
        question = {"question": "Hoe gaan we verder?", "groupId": groups[0]}
        request = self.made("administrator", "/support-requests", json=question)["id"]
        table = self.made("administrator", "/imports", data=TABLE, headers={"Content-Type": "text/csv"})["id"]
        token = self.made("administrator", "/api-tokens", json={
            "name": "Controle", "kind": "auditor", "scopes": [{"part": "users", "actions": ["read"]}],
            "expiresOn": day(30), "currentPassword": PASSWORD,
        })["apiToken"]["id"]
        frameworks = [one["id"] for one in self.list("platform-administrator", "/frameworks")]
        self.framework = self.list("teacher", "/frameworks?locale=nl")[0]["id"]
        notes = [one["id"] for pupil in pupils for one in self.list("teacher", f"/pupils/{pupil}/notes")]
        self.ids = {
            "groupId": groups, "pupilId": pupils, "placementId": [self.placement(pupils[0])], "additionalGroupId": [self.additional_group()], "schoolYearTransitionId": [self.school_year_transition()], "noteId": notes, "registrationId": registrations,
            "frameworkId": frameworks, "importId": [table], "apiTokenId": [token], "organisationId": [organisation],
            "institutionId": [institution], "consentId": consents, "supportRequestId": [request],
            "supportSessionId": [looking["supportSession"]["id"]], "adviserId": [adviser], "requestId": [request],
            "userId": users, "groupIds": groups, "pupilIds": pupils, "staffId": [one["id"] for one in staff],
            "couplingId": [self.coupling()],
            "locationId": [self.made("administrator", "/locations", json={"name": "Noord"})["id"]],
            "goalId": [self.goal()],
            "subprocessorId": [self.subprocessor()],
        }
        self.ids["followUpId"] = [self.follow_up()]
        person = {"firstName": "Stien", "lastName": "Bedacht", "email": "stien@groeilijn.example"}
        self.ids["processorContactId"] = [self.made("secretariat", "/processor-contact-persons", json=person)["id"]]
        self.ids["instructionId"] = [self.instruction()]
        self.ids["webhookEndpointId"] = [self.webhook_endpoint()]
        self.ids["webhookDeliveryId"] = [self.webhook_delivery()]
        self.ids["incidentId"], self.ids["incidentCaseId"] = [self.decided_incident()], [self.incident_case()]
        self.ids["auditId"], self.ids["disclosureId"] = [self.audit()], [self.disclosure()]
        self.ids["evidenceRecordId"] = [self.made("secretariat", "/evidence-records", json=self.evidence())["id"]]
        self.logins = {*users, *self.ids["staffId"]}
        self.second = self.second_administrator()
        self.ids["destructionId"] = [self.destroyed()]

    def number(self):
        self.turn += 1
        return self.turn

    # What a request needs that succeeds once, or that must not meet what the others use.

    def spare_user(self):
        body = {"firstName": "Sem", "lastName": "Bedacht", "gender": "male", "function": "teacher", "groupIds": [],
                "email": f"reserve-{self.number()}@{DOMAIN}"}
        return self.made("administrator", "/users", json=body)["user"]["id"]

    def invitation(self, function="teacher"):
        """The token with which a new user chooses a password, and the address that it was sent to."""
        body = {"firstName": "Sem", "lastName": "Bedacht", "gender": "male", "function": function, "groupIds": [],
                "email": f"genodigd-{self.number()}@{DOMAIN}"}
        self.made("administrator", "/users", json=body)
        # The server runs here, and lays its letters in a folder.
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for letter in Path("letters").glob("*.eml"):
                text = letter.read_text()
                if f"To: {body['email']}" in text and "#token=" in text:
                    return text.split("#token=")[1].split()[0], body["email"]
            time.sleep(0.1)
        raise AssertionError("no invitation came")

    def second_administrator(self):
        """The login of another administrator, who asks for what the first one approves."""
        token, email = self.invitation("administrator")
        accepted = requests.post(f"{API}/invitations/_accept", json={"token": token, "password": CHOSEN}, timeout=10)
        assert accepted.ok, accepted.text
        session = requests.post(f"{API}/sessions", json={"email": email, "password": CHOSEN}, timeout=10)
        return session.json()["accessToken"]

    def destruction(self):
        """One that waits to be approved."""
        body = {"pupilIds": [self.spare_pupil()], "reason": "Dubbel ingevoerd.", "alone": False}
        login = {"Authorization": f"Bearer {self.second}"}
        reply = requests.post(f"{API}/destructions", json=body, headers=login, timeout=10)
        return reply.json()["id"] if reply.status_code == 201 else None

    def destroyed(self):
        """One that is done, and has its certificate."""
        path = f"/destructions/{self.destruction()}"
        etag = self.ask("administrator", "GET", path).headers["ETag"]
        approved = self.ask("administrator", "POST", f"{path}/_approve", headers={"If-Match": etag})
        assert approved.ok, approved.text
        until = time.monotonic() + 60
        while self.ask("administrator", "GET", path).json()["state"] != "done":
            assert time.monotonic() < until, "the destruction takes too long"
            time.sleep(0.2)
        return path.removeprefix("/destructions/")

    def spare_staff(self):
        body = {"firstName": "Sem", "lastName": "Bedacht", "function": "marketing", "reason": "Nieuw.",
                "email": f"reserve-{self.number()}@groeilijn.example"}
        return self.made("platform-administrator", "/processor-staff", json=body)["staff"]["id"]

    def spare_institution(self):
        domain = f"reserve-{self.number()}.example"
        body = {"name": "Reserve", "kind": "preschool", "mailDomains": [domain], "contractProfile": "kijk",
                "licence": {"products": ["registration"], "services": ["overviews", "imports", "api-tokens", "advice"], "state": "active", "startDate": day(-1)},
                "administrator": {"firstName": "Sem", "lastName": "Bedacht", "gender": "male", "email": f"beheerder@{domain}"}}
        return self.made("platform-administrator", "/institutions", json=body)["institution"]["id"]

    def empty_group(self):
        return self.made("administrator", "/groups", json={"name": "Leeg", "schoolYear": "2026-2027"})["id"]

    def archived_group(self):
        group = self.empty_group()
        self.ask("administrator", "POST", f"/groups/{group}/_archive", headers={"If-Match": "*"})
        return group

    def spare_pupil(self, departed=False, archived=False):
        """A child in no group of the others, which may be archived, leave or be destroyed."""
        body = {"firstName": "Sem", "lastName": "Bedacht", "gender": "male", "birthDate": "2022-05-04", "groupId": self.empty_group()}
        pupil = self.made("administrator", "/pupils", json=body)["id"]
        if departed:
            left = {"lastDay": day(0), "kind": "elsewhere"}
            self.ask("administrator", "PUT", f"/pupils/{pupil}/departure", json=left, headers={"If-Match": "*"})
        if archived:
            self.ask("administrator", "POST", f"/pupils/{pupil}/_archive", headers={"If-Match": "*"})
        return pupil

    def placement(self, pupil=None):
        """Where a child is; of one in no group of the others, unless it is named."""
        return self.list("administrator", f"/pupils/{pupil or self.spare_pupil()}/placements")[0]["id"]

    def additional_group(self):
        """A stay of a child that is in no group of the others in a group beside its main one."""
        path = f"/pupils/{self.spare_pupil()}/additional-groups"
        return self.made("administrator", path, json={"groupId": self.empty_group()})["id"]

    def new_school_year(self):
        """Next year's group for one that has no children: the others stay where they are."""
        move = {"fromGroupId": self.empty_group(), "toNewGroup": 0}
        return {"firstDay": day(30), "groups": [{"name": "De Otters"}], "moves": [move]}

    def school_year_transition(self):
        return self.made("administrator", "/school-year-transitions", json=self.new_school_year())["id"]

    def agreement(self):
        """A proposal to the institution; there is one at a time."""
        body = {"contractProfile": "basisonline", "summary": "De bewaartermijn na het einde wordt korter."}
        path = f"/institutions/{self.institution}/agreements"
        self.ask("secretariat", "POST", path, json=body)
        proposed = self.ask("secretariat", "GET", path).json().get("items", [])
        return proposed[-1]["id"] if proposed else self.institution

    def instruction(self):
        path, person = f"/institutions/{self.institution}", {"firstName": "Toos", "lastName": "Bedacht", "email": f"toos@{DOMAIN}"}
        contact = self.made("administrator", f"{path}/contact-persons", json=person)["id"]
        self.ids["contactPersonId"] = [contact]
        body = {"contactPersonId": contact, "processing": "webhooks", "text": "Meld wijzigingen.", "givenOn": day(-1)}
        return self.made("administrator", f"{path}/instructions", json=body)["id"]

    def switch_webhooks(self, on):
        path = f"/institutions/{self.institution}"
        accepted = {"processorContactId": self.some("processorContactId")}
        self.ask("secretariat", "POST", f"{path}/instructions/{self.instruction()}/_accept", json=accepted)
        switch = {"processing": "webhooks", "switchedOn": on}
        self.ask("administrator", "POST", f"{path}/extra-processings/_switch", json=switch)

    def webhook_endpoint(self):
        """One where nobody listens."""
        self.switch_webhooks(True)
        body = {"url": WEBHOOK, "events": ["endpoint.test"]}
        return self.made("administrator", "/webhook-endpoints", json=body)["webhookEndpoint"]["id"]

    def spare_webhook_endpoint(self):
        """One beside that of the others; there may be ten."""
        live = [one["id"] for one in self.list("administrator", "/webhook-endpoints") if one["endedAt"] is None]
        others = [one for one in live if one not in self.ids["webhookEndpointId"]]
        return others[0] if others else self.webhook_endpoint()

    def webhook_delivery(self):
        """One that was given up, and can be sent again: webhooks were off when it was to be sent."""
        endpoint = self.some("webhookEndpointId")
        self.ask("administrator", "POST", f"/webhook-endpoints/{endpoint}/_test")
        self.switch_webhooks(False)
        until = time.monotonic() + 30
        while True:
            delivery = self.list("administrator", f"/webhook-endpoints/{endpoint}/deliveries")[0]
            if delivery["state"] != "waiting":
                break
            assert time.monotonic() < until, "the delivery is not given up"
            time.sleep(0.2)
        self.switch_webhooks(True)
        return delivery["id"]

    def incident(self):
        """One that the institution reported."""
        return self.made("administrator", "/incidents", json=reported("institution"))["id"]

    def decided_incident(self):
        """One of which the authority is to be told."""
        incident = self.incident()
        for what in ("contents", "decisions"):
            self.made("administrator", f"/incidents/{incident}/{what}", json=INCIDENT[what])
        return incident

    def incident_case(self):
        """What the processor reported to two institutions."""
        body = {**reported("processor"), "institutionIds": [self.institution, self.spare_institution()]}
        return self.made("platform-administrator", "/incident-cases", json=body)["id"]

    def incident_of_case(self):
        """The institution's incident of a case, which it has yet to say that it knows of."""
        case = self.ask("platform-administrator", "GET", f"/incident-cases/{self.incident_case()}").json()
        return next(one["incidentId"] for one in case["incidents"] if one["institutionId"] == self.institution)

    def audit(self, *stages):
        """One that came into these stages."""
        audit = self.made("administrator", f"/institutions/{self.institution}/audits", json=AUDIT["audits"])["id"]
        for stage in stages:
            # The secretariat puts a stage on record, and the institution confirms it.
            who, step = ("secretariat", stage) if stage.startswith("_") else ("administrator", "_confirm")
            self.ask(who, "POST", f"/audits/{audit}/{step}", json=AUDIT[stage])
        return audit

    def evidence(self):
        return {"kind": "penetration-test", "title": "Een verslag", "datedOn": day(-1), "outcome": "in-order", "reviewOn": day(200),
                "ownerId": self.some("staffId"), "clauseIds": ["C082"], **DOCUMENT}

    def disclosure(self):
        return self.made("administrator", f"/institutions/{self.institution}/disclosures", json=DISCLOSED)["id"]

    def subprocessor(self, abroad=False):
        duties = ["confidentiality", "instructions-only", "security", "breach-notice", "audit", "no-others", "destruction"]
        passages = [{"duty": duty, "text": "Een artikel.", "documentSha256": "ab" * 32} for duty in duties]
        body = {"name": "Bedacht Hosting B.V.", "place": "Delft", "task": "Beheert de servers.", "access": "Versleutelde gegevens."}
        if abroad:
            body.update(country="CH", place="Bern", safeguard="adequacy-decision")
        return self.made("secretariat", "/subprocessors", json={**body, "passages": passages})["id"]

    def document(self):
        body = json.loads((ROOT / "api/src/routes/children/frameworks/example.json").read_text())
        return {**body, "version": self.number()}

    def draft(self):
        return self.made("platform-administrator", "/frameworks", json=self.document())["id"]

    def open_registration(self):
        """A draft of a child of the teacher: the one that is open, or a new one. Children leave or go to the archive."""
        body = {"frameworkId": self.framework, "judgements": {"scales": {"involvement": 4}}}
        for pupil in self.ids["pupilId"]:
            reply = self.ask("teacher", "POST", f"/pupils/{pupil}/registrations", json=body)
            if reply.status_code == 201:
                return reply.json()["id"]
            known = self.ask("teacher", "GET", f"/pupils/{pupil}/registrations").json().get("items", [])
            draft = next((one["id"] for one in known if one["state"] == "draft"), None)
            if draft:
                return draft
        return self.some("registrationId")

    def final_registration(self):
        """A registration that is final and not withdrawn."""
        registration = self.open_registration()
        self.ask("teacher", "POST", f"/registrations/{registration}/_finalise", headers={"If-Match": "*"}, json={"secondInHalfYear": True})
        return registration

    def note(self):
        """A note of the teacher that is not withdrawn."""
        for pupil in self.ids["pupilId"]:
            reply = self.ask("teacher", "POST", f"/pupils/{pupil}/notes", json={"text": "Bouwt een toren."})
            if reply.status_code == 201:
                return reply.json()["id"]
        return self.some("noteId")

    def flagged_registration(self):
        """A draft that asks attention for a line."""
        registration = self.open_registration()
        flagged = {"judgements": {"lines": {"play": {"attention": True}}}}
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        self.ask("teacher", "PATCH", f"/registrations/{registration}", headers=headers, json=flagged)
        return registration

    def follow_up(self):
        """One that is not finished."""
        body = {"line": "play", "plan": "Samen spelen.", "followUpOn": day(30)}
        return self.made("teacher", f"/registrations/{self.flagged_registration()}/follow-ups", json=body)["id"]

    def new_goal(self):
        """A goal of the first group on a line of the framework that comes along."""
        pupil = self.list("teacher", f"/groups/{self.group}/pupils")[0]["id"]
        return {"line": "play", "frameworkId": self.framework, "firstDay": day(0), "lastDay": day(0), "text": "Samen spelen.", "pupilIds": [pupil]}

    def goal(self):
        return self.made("teacher", f"/groups/{self.group}/goals", json=self.new_goal())["id"]

    def coupling(self):
        body = {"institutionId": self.institution, "adviserId": self.adviser, "agreement": "Begeleiding.",
                "report": "institution", "startsOn": day(0), "endsOn": day(60)}
        return self.made("secretariat", "/couplings", json=body)["id"]

    def recorded_request(self):
        body = {"question": "Hoe verder?", "askedBy": "De directeur", "channel": "call", "receivedOn": day(-1)}
        return self.made("adviser", f"/institutions/{self.institution}/support-requests", json=body)["id"]

    def looking_along(self):
        consent = {"kind": "look-along", "endsAt": moment(3000)}
        code = self.made("administrator", "/support-consents", json=consent)["code"]
        return {"institutionId": self.institution, "kind": "look-along", "userId": self.user, "consentCode": code,
                "reason": "Scherm blijft leeg.", "endsAt": moment(1500)}

    def some(self, name):
        """An id that exists, of a kind; each in its turn. `None` when there is none."""
        known = self.ids.get(name) or [None]
        self.turn += 1
        return known[self.turn % len(known)]

    def caller(self, method, path):
        """Who asks: each of those who may, in turn. The first is asked for half of the time, as who reaches most."""
        may = [who for who in self.may.get(f"{method} {path}", []) if not who.startswith(("support", "token"))]
        if path.startswith("/support-view"):
            may = [LOOKING_ALONG]
        self.turn += 1
        return may[0 if self.turn % 2 else self.turn // 2 % len(may)] if may else None
