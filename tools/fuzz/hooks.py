"""What the fuzzer cannot know: who may ask what, which ids and revisions there are, what a school file looks like, and which
refusals no schema can foretell."""

import atexit
import json
import os
import sys
from collections import Counter
from pathlib import Path

import requests
import schemathesis

sys.path.insert(0, str(Path(__file__).parent))
from world import API, AUDIT, CHOSEN, DISCLOSED, DOMAIN, INCIDENT, PASSWORD, ROOT, WEBHOOK, World, credentials, day, moment, reported

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCHOOL_FILES = {
    WORKBOOK: ROOT / "samples/school.xlsx",
    "application/xml": ROOT / "samples/school.edexml.xml",
    "text/xml": ROOT / "samples/school.edexml.xml",
    "text/csv": ROOT / "samples/school.csv",
}
SOMEBODY_ELSE = "01999999-0000-7000-8000-000000000001"
CALLER = f"Bearer {os.environ['FUZZ_CALLER']}"

# Where a wrong password or code counts: the third would block who asks (C060).
ASKS_FOR_PASSWORD = {
    "/account/password/_change", "/account/email-address/_change", "/account/second-factor/_confirm", "/account/second-factor/_remove", "/users/_move-addresses",
}

# The codes of mistakes that the document rules out, so that what follows it must not meet them. The other refusals
# rest on what is stored, on another field, on today's date or on a check digit.
FORESEEN = {
    "control-character", "not-a-boolean", "not-a-code", "not-a-date", "not-a-date-time", "not-a-number",
    "not-a-string", "not-an-array", "not-an-object", "not-in-list", "null", "required", "too-long", "unknown-field",
    "unknown-parameter",
}

# What an audit has to be through before it gets this far.
AGREED = ["_plan", "plan-agreed"]
AUDIT_BEFORE = {"_report": AGREED, "_follow-up": [*AGREED, "_report", "report-seen"], "_confirm": ["_plan"]}

world = World()
tally = {}
atexit.register(lambda: Path(os.environ["FUZZ_TALLY"]).write_text(json.dumps(tally)))


@schemathesis.serializer(WORKBOOK)
def as_it_is(context, value):
    """The bytes of a workbook, or what the fuzzer made up in their place."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets those ask who may, about what there is, and spares the logins of everybody."""
    if case.headers.get("Authorization") != CALLER:
        return spare(case)
    who = world.caller(case.method, case.path)
    token = world.token(who) if who else None
    if case.path == "/sessions/current" and case.method == "DELETE":
        token = (world.log_in("quality-officer") or {}).get("accessToken")  # a session of its own, which ends
    if token:
        case.headers["Authorization"] = f"Bearer {token}"
    if case.meta is not None and case.meta.generation.mode.is_positive:
        put_right(case)
    spare(case)


def put_right(case):
    """Makes of a request that follows the schema one that can succeed."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = id_for(case, name) or case.path_parameters[name]
    if isinstance(case.body, dict):
        put_ids(case.body)
        put_once(case)
    if isinstance(case.query, dict):
        case.query.pop("clear", None)  # which members a patch has is not said of this parameter
    if isinstance(case.query, dict) and "openSeconds" in case.query:
        case.query["openSeconds"] = 0  # a stream that stays open ends no test
    if isinstance(case.query, dict) and "groupId" in case.query:
        case.query["groupId"] = world.some("groupId")
    if isinstance(case.query, dict) and "pupilId" in case.query:
        case.query["pupilId"] = world.some("pupilId")
    if "If-Match" in case.headers:
        case.headers["If-Match"] = present_revision(case)
    if "Accept-Language" in case.headers:
        case.headers["Accept-Language"] = case.headers["Accept-Language"][:1000]  # all headers together have a limit
    if case.path == "/sessions":
        case.body = credentials("quality-officer")
    if case.path == "/sessions/_refresh":
        case.body = {"refreshToken": (world.log_in("quality-officer") or {}).get("refreshToken", "none")}
    if case.path in {"/api-tokens", "/account/second-factor"} and isinstance(case.body, dict):
        case.body["currentPassword"] = PASSWORD
    if case.path.startswith("/users") and isinstance(case.body, dict) and case.body.get("function") != "management":
        case.body.pop("locations", None)  # a spare user is a teacher, whom nothing but her groups limits
    if case.path == "/registrations/{registrationId}/_finalise" and isinstance(case.body, dict):
        case.body["secondInHalfYear"] = True
    if case.path == "/access-settings" and isinstance(case.body, dict):
        case.body.pop("administratorsNeedSecondFactor", None)  # the caller has none, and could do nothing else
        case.body.pop("loginNetworks", None)  # nobody could log in from here
        case.body.pop("couplingsForbidden", None)
        case.body.pop("childrenEnteredBy", None)  # the policy is of an institution whose administrators enter them
    if case.media_type in SCHOOL_FILES:
        case.body = SCHOOL_FILES[case.media_type].read_bytes()


def id_for(case, name):
    """An id in the path: of what is there, or of something new where a request succeeds only once."""
    method, path = case.method, case.path
    if name == "version":
        return 1
    if name == "schoolYear":
        return "2024-2025"  # which is over
    if method != "GET":
        if path in {"/institutions/{institutionId}", "/institutions/{institutionId}/licence"}:
            return world.spare_institution()
        if path.startswith("/users/{userId}"):
            return world.spare_user()
        if path.startswith("/processor-staff/{userId}"):
            return world.spare_staff()
        if path.startswith("/frameworks/{frameworkId}"):
            return world.draft()
        if path in {"/registrations/{registrationId}", "/registrations/{registrationId}/_finalise"}:
            return world.open_registration()
        if path == "/registrations/{registrationId}/_withdraw":
            return world.final_registration()
        if path in {"/notes/{noteId}/_withdraw", "/notes/{noteId}/_move"}:
            return world.note()
        if path == "/registrations/{registrationId}/follow-ups":
            return world.flagged_registration()
        if name == "followUpId":
            return world.follow_up()
        if name == "goalId":
            return world.goal()
        if path == "/groups/{groupId}/goals":
            return world.group
        if path == "/groups/{groupId}" and method == "DELETE" or path == "/groups/{groupId}/_archive":
            return world.empty_group()
        if path == "/groups/{groupId}/_restore":
            return world.archived_group()
        # The other children stay where they are.
        if path in {"/pupils/{pupilId}/_archive", "/pupils/{pupilId}/_restore", "/pupils/{pupilId}/departure", "/pupils/{pupilId}/holds"}:
            return world.spare_pupil(departed=method == "DELETE", archived=path.endswith("_restore"))
        if name == "placementId":
            return world.placement()
        if name == "additionalGroupId":
            return world.additional_group()
        if name == "schoolYearTransitionId":
            return world.school_year_transition()
        if path == "/pupils/{pupilId}/additional-groups" and method == "POST":
            return world.spare_pupil()
        if path in {"/destructions/{destructionId}/_approve", "/destructions/{destructionId}/_stop"}:
            return world.destruction()
        if name == "incidentId":
            return incident_for(path)
        if name == "incidentCaseId":
            return world.incident_case()
        if name == "auditId":
            return world.audit(*AUDIT_BEFORE.get(last_part(path), []))
        if name == "webhookEndpointId" and method == "DELETE":
            return world.spare_webhook_endpoint()
        if name == "instructionId":
            return world.instruction()
        if name == "subprocessorId" and (path.endswith("/transfer-consent") or method == "DELETE"):
            return world.subprocessor(abroad=path.endswith("/transfer-consent"))
        if name == "agreementId":
            return world.agreement()
        if path.startswith("/couplings/{couplingId}"):
            return world.coupling()
        if path.endswith("/{supportRequestId}/_approve"):
            return world.recorded_request()
    if path.startswith("/institutions/{institutionId}/contacts") and name == "userId":
        return world.user  # who allowed to be contacted
    return world.some("staffId" if path.startswith("/processor-staff") and name == "userId" else name)


def last_part(path):
    return path.rpartition("/")[2]


def incident_for(path):
    if path.endswith("/acknowledgements"):
        return world.incident_of_case()
    return world.decided_incident() if path.endswith("/notices") else world.incident()


def put_once(case):
    """Gives a body what nothing else has."""
    if case.path == "/institutions" and isinstance(case.body.get("administrator"), dict):
        domain = f"fuzz-{world.number()}.example"
        case.body["mailDomains"] = [domain]
        case.body["administrator"]["email"] = f"beheerder@{domain}"
        case.body.pop("organisationId", None)
    if case.path == "/users" and world.number() % 2:
        case.body["email"] = f"nieuw-{world.number()}@{DOMAIN}"
        case.body.pop("rights", None)
        case.body.pop("lastDay", None)
    if case.method == "PUT" and case.path == "/frameworks/{frameworkId}" and world.number() % 2:
        case.body = world.document()
    if case.method == "PUT" and case.path == "/framework-choices" and world.number() % 2:
        case.body = {"choices": [{"fromMonth": 0, "toMonth": 96, "code": "groeilijn-basis-0-7", "locale": "nl"}]}
    if case.path in ("/pupils/{pupilId}/_report-to-parents", "/groups/{groupId}/_report") and world.number() % 2:
        case.body = {"password": "drie blauwe olifanten"}
    if case.path == "/pupils/{pupilId}/additional-groups" and world.number() % 2:
        case.body = {"groupId": world.empty_group(), "dayPartsPerWeek": 2}
    if case.path in {"/school-year-transitions", "/school-year-transitions/_preview"} and world.number() % 2:
        case.body = world.new_school_year()
    if case.path == "/additional-groups/{additionalGroupId}" and world.number() % 2:
        case.body = {"dayPartsPerWeek": 3}
    if case.method == "POST" and case.path == "/notes" and world.number() % 2:
        case.body = {"pupilIds": [world.some("pupilId")], "text": "Bouwt een toren."}
    if case.path == "/groups/{groupId}/goals" and world.number() % 2:
        case.body = world.new_goal()
    if case.method == "POST" and case.path == "/registrations/{registrationId}/follow-ups" and world.number() % 2:
        case.body = {"line": "play", "plan": "Samen spelen.", "followUpOn": day(30)}
    if case.path == "/follow-ups/{followUpId}" and world.number() % 2:
        case.body = {"followUpOn": day(60)}
    if case.path == "/goals/{goalId}" and world.number() % 2:
        case.body = {"text": "Samen vertellen."}
    if case.path == "/goals/{goalId}/offers" and world.number() % 2:
        case.body.pop("offeredOn", None)  # today, which is the goal's only day
    if case.path == "/couplings":
        case.body.update(startsOn=day(0), endsOn=day(60))
    if case.path.endswith("/couplings/{couplingId}/_approve"):
        case.body.update(report="institution", startsOn=day(0), endsOn=day(60))
    if case.path == "/support-sessions" and world.number() % 3:
        case.body = world.looking_along()
    if case.path.endswith("/{supportRequestId}/_approve") and world.number() % 2:
        case.body = {"groupId": world.group}
    if case.path == "/support-consents":
        case.body.update(endsAt=moment(3000))
    if case.path.endswith("/transfer-consent"):
        case.body.update(country="CH", safeguard="adequacy-decision")
    if case.path == "/invitations/_accept" and world.number() % 2:
        case.body = {"token": world.invitation()[0], "password": CHOSEN}
    if case.path == "/destructions":
        case.body.update(pupilIds=[world.spare_pupil()])
    if case.path == "/pupils/{pupilId}/departure":
        case.body.update(lastDay=day(0))
    if case.path == "/webhook-endpoints" and str(case.body.get("url")).startswith("https://"):
        # Nothing is sent away from this computer.
        case.body.update(url=WEBHOOK)
    if case.path.endswith("/extra-processings/_switch") and case.body.get("switchedOn") is False:
        case.body.update(switchedOn=True)
    if case.path.startswith("/incidents/{incidentId}/"):
        case.body.pop("at", None)
        if world.number() % 2:
            case.body.update(INCIDENT.get(last_part(case.path), {}))
    if case.path == "/incidents" and world.number() % 2:
        case.body = reported("institution")
    if case.path == "/incident-cases" and (world.number() % 2 or not case.body.get("institutionIds")):
        case.body = {**reported("processor"), "institutionIds": [world.institution]}
    if case.path.endswith("/notice-intentions") and world.number() % 3:
        case.body.update(consulted=[{"institutionId": world.institution, "at": moment(-1800)}])
    if case.path == "/incidents/{incidentId}/contents":
        # What is not told has to be said to be unknown; no schema says so.
        case.body = {**INCIDENT["contents"], **{name: value for name, value in case.body.items() if value}}
    if case.path.startswith("/audits/") or case.path.endswith("/audits"):
        case.body.update(AUDIT.get(last_part(case.path), AUDIT["plan-agreed"]))
    if case.path == "/evidence-records" and world.number() % 2:
        case.body = world.evidence()
    if case.path.endswith("/disclosures") and world.number() % 2:
        case.body = DISCLOSED
    if case.path == "/log-reviews":
        case.body.update(reviewedUntil=moment(-1))
        case.body.pop("nextDueOn", None)
    if case.path.endswith("/_exposure") and world.number() % 2:
        case.body = {"actorId": world.user, "from": moment(-86_400), "until": moment(3600)}
    if case.path.endswith("/terms-acceptances"):
        case.body.update(version=world.terms, partsVersion=world.parts)


def put_ids(body):
    for name, value in body.items():
        if isinstance(value, dict):
            put_ids(value)
        elif name in world.ids and world.ids[name]:
            body[name] = [world.some(name)] if isinstance(value, list) else world.some(name)


def spare(case):
    """Keeps the fuzzer from stopping itself: from blocking, inviting or renaming a login, from ending sessions, and from
    trying the addresses that it read."""
    changes = case.method != "GET"
    if changes and case.path.startswith(("/users/{userId}", "/processor-staff/{userId}")) and is_login(case):
        case.path_parameters["userId"] = SOMEBODY_ELSE
    if case.path == "/account/sessions/{sessionId}":
        case.path_parameters["sessionId"] = SOMEBODY_ELSE  # one's own
    if case.path in ASKS_FOR_PASSWORD and changes:
        case.headers["Authorization"] = "Bearer nobody"
    named = isinstance(case.body, dict) and str(case.body.get("email", "")).endswith((f"@{DOMAIN}", "@groeilijn.example"))
    if case.path in {"/sessions", "/password-resets"} and named and case.body != credentials("quality-officer"):
        case.body["email"] = "nobody@elsewhere.example"


def is_login(case):
    return case.path_parameters.get("userId") in world.logins


def present_revision(case):
    resource = case.formatted_path.removesuffix("/departure").removesuffix("/address-exception")
    resource = resource.rpartition("/_")[0] or resource
    login = {"Authorization": case.headers.get("Authorization", "")}
    return requests.get(API + resource, headers=login, timeout=10).headers.get("ETag", '"none"')


@schemathesis.hook
def after_call(context, case, response):
    """Counts what was answered, and logs in anew who was logged out."""
    if case.method == case.operation.method.upper():
        tally.setdefault(f"{case.method} {case.path}", Counter())[str(response.status_code)] += 1
    if response.status_code == 401:
        sent = case.headers.get("Authorization", "").removeprefix("Bearer ")
        for who in [who for who, token in world.tokens.items() if token == sent]:
            del world.tokens[who]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is no fault, and counts it by the reason."""
    reason = no_fault(failure, case, response)
    if reason:
        tally.setdefault("hidden", Counter())[reason] += 1
    return reason is None


def no_fault(failure, case, response):
    """Why something is no fault; `None` when it may be one."""
    if failure.code == "ST202" and response.status_code == 429:
        return "refused, because so many failed before, which the fuzzer did itself"
    if failure.code == "ST202" and response.status_code == 400:
        codes = {error["code"] for error in response.json().get("errors", [{"code": "required"}])}
        return None if codes & FORESEEN else "refused by a rule about what is stored, another field or today, which no schema states"
    if failure.code == "ST201" and case.media_type in SCHOOL_FILES:
        return "accepted, because the hooks sent a school file in the place of what the fuzzer made up"
    if failure.code == "ST201" and is_padded(case.body):
        return "accepted, because a text keeps to its limits without the white space around it"
    return None


def is_padded(value):
    match value:
        case str():
            return value != value.strip()
        case dict():
            return any(map(is_padded, value.values()))
        case list():
            return any(map(is_padded, value))
    return False
