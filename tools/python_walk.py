"""Walks through the API as the README does, with the client that was generated from openapi.yaml.

Arguments: the address of a server with the demo school, and the folder in which groeilijn_client was generated."""

import io
import sys
import time
from pathlib import Path

ADDRESS, CLIENTS = sys.argv[1:]
sys.path.insert(0, CLIENTS)

from groeilijn_client import AuthenticatedClient, Client
from groeilijn_client.api.access import log_in
from groeilijn_client.api.children import (
    apply_import,
    change_group,
    create_group,
    create_import,
    create_note,
    create_registration,
    finalise_registration,
    list_frameworks,
    list_groups,
    list_notes,
    read_group,
    read_group_overview,
    read_import,
    read_pupil_overview,
)
from groeilijn_client.models import (
    Credentials,
    FrameworkLocale,
    GroupCreation,
    GroupPatch,
    ImportState,
    NoteCreation,
    RegistrationCreation,
    RegistrationState,
)
from groeilijn_client.types import File

SCHOOL_FILE = Path(__file__).parents[1] / "samples" / "school.edexml.xml"
NOTE = "Bouwt met een ander kind een brug van blokken."


def walk():
    administrator, teacher = login("administrator"), login("teacher")
    take_over_a_school(administrator)
    move_a_group(administrator)
    framework = done(list_frameworks.sync_detailed(client=teacher, locale=FrameworkLocale.NL)).parsed.items[0].id
    group = done(list_groups.sync_detailed(client=teacher)).parsed.items[0].id
    children = done(read_group_overview.sync_detailed(group, client=teacher)).parsed.children
    child = next(child.id for child in reversed(children) if not child.registered_this_half_year)

    body = NoteCreation.from_dict({"text": NOTE, "lines": ["play"]})
    done(create_note.sync_detailed(child, client=teacher, body=body))
    assert NOTE in [note.text for note in done(list_notes.sync_detailed(child, client=teacher)).parsed.items]

    registration = register(teacher, child, framework)
    lines = done(read_pupil_overview.sync_detailed(child, client=teacher)).parsed.lines
    points = next(line.points for line in lines if line.line == "play")
    assert registration in [point.moment.registration_id for point in points]
    children = done(read_group_overview.sync_detailed(group, client=teacher)).parsed.children
    assert next(one for one in children if one.id == child).registered_this_half_year


def login(name):
    credentials = Credentials(email=f"{name}@regenboog.example", password="Regenboog-2026")
    tokens = done(log_in.sync_detailed(client=Client(f"{ADDRESS}/v1"), body=credentials)).parsed
    return AuthenticatedClient(f"{ADDRESS}/v1", token=tokens.access_token)


def take_over_a_school(administrator):
    """The file is examined, then carried out while we ask how far it is."""
    file = File(io.BytesIO(SCHOOL_FILE.read_bytes()))
    examined = done(create_import.sync_detailed(client=administrator, body=file))
    report = examined.parsed
    revision = examined.headers["ETag"]
    done(apply_import.sync_detailed(report.id, client=administrator, if_match=revision))
    for _ in range(100):
        report = done(read_import.sync_detailed(report.id, client=administrator)).parsed
        if report.state != ImportState.APPLYING:
            break
        time.sleep(0.1)
    assert report.state == ImportState.APPLIED, report.state
    assert report.pupils.created > 0


def move_a_group(administrator):
    """A change of one field leaves the other, and a field is emptied by null and by the parameter for who cannot send it."""
    body = GroupCreation.from_dict({"name": "De Hommels", "schoolYear": "2026-2027", "location": "Noord"})
    group = done(create_group.sync_detailed(client=administrator, body=body)).parsed.id

    def change(patch, **cleared):
        revision = done(read_group.sync_detailed(group, client=administrator)).headers["ETag"]
        body = GroupPatch.from_dict(patch)
        return done(change_group.sync_detailed(group, client=administrator, if_match=revision, body=body, **cleared)).parsed

    renamed = change({"name": "De Wespen"})
    assert (renamed.name, renamed.location) == ("De Wespen", "Noord")
    assert change({"location": None}).location is None
    assert change({"location": "Zuid"}).location == "Zuid"
    emptied = change({}, clear=["/location"])
    assert (emptied.name, emptied.location) == ("De Wespen", None)


def register(teacher, child, framework):
    judgements = {"scales": {"involvement": 4}, "lines": {"play": {"phaseFromMonth": 48, "completeness": "partly"}}}
    body = RegistrationCreation.from_dict({"frameworkId": str(framework), "judgements": judgements})
    draft = done(create_registration.sync_detailed(child, client=teacher, body=body))
    revision = draft.headers["ETag"]
    final = done(finalise_registration.sync_detailed(draft.parsed.id, client=teacher, if_match=revision)).parsed
    assert final.state == RegistrationState.FINAL
    return final.id


def done(reply):
    """The reply, when it tells of success."""
    if not 200 <= reply.status_code < 300:
        sys.exit(f"the walk ended: {reply.status_code} {reply.content.decode()}")
    return reply


walk()
print("the walk is done: import, changes of a group, note, registration and both overviews")
