"""Made-up people, cases and forms for the gallery of the portal."""

from typing import Any

from relying_party_demo import casework
from relying_party_demo.desk import Desk

LAKESIDE = {"npi": "1234567893", "name": "Lakeside Clinic", "roles": ["administrator"]}


HARBOR = {"npi": "1245319599", "name": "Harbor Pediatrics", "roles": ["user"]}


SIGNED_IN = {
    "acr": "urn:stagedoor:acr:mfa",
    "amr": ["pwd", "sms", "mfa"],
    "auth_time": 1795708500,
    "txn": "7K3MQ9XA",
}


CLAIMS = {
    "name": "Daisy Dunn",
    "preferred_username": "ddunn2020",
    "email": "daisy.dunn@lakeside.example",
    "sign_in": SIGNED_IN,
}


DAISY = Desk("daisy", CLAIMS, [LAKESIDE, HARBOR], LAKESIDE, "")


CASE: dict[str, Any] = {
    **{
        "id": 17,
        "contract": "Larkspur Medicaid",
        "case_type": "Outpatient",
        "program": "P-204",
        "consumer_id": "LM-48213",
        "consumer_name": "Rowan Ellery",
    },
    **{
        "date_of_birth": "1961-04-09",
        "state": "work_in_progress",
        "created": "2026-11-02",
        "modified": "2026-11-12",
        "notes": "Six visits.",
        "author": "Daisy Dunn",
    },
}


CASES = [
    CASE,
    {
        **CASE,
        "id": 16,
        "consumer_name": "Maximiliana Featherstonehaugh-Oyelaran",
        "state": "submitted",
    },
]


TYPED = {**{name: CASE[name] for name in casework.FIELDS}, "date_of_birth": "04/09/1961"}


FORM: dict[str, Any] = {
    "contracts": casework.CONTRACTS,
    "types": casework.TYPES,
    "states": casework.STATES,
    "history": [],
    "case": None,
    "case_id": None,
    "errors": {},
}


PLACE = {
    "id": "lakeside",
    "identifier": "1234567893",
    "name": "Lakeside Clinic",
    "role": "administrator",
    "members": 3,
}


CODES = [
    {
        "id": "a",
        "name": "Front desk",
        "created_at": "2026-11-02T15:30:00Z",
        "expires_at": "2027-01-31T15:30:00Z",
        "uses_left": 48,
    },
    {
        "id": "b",
        "name": "",
        "created_at": "2026-11-20T09:05:00Z",
        "expires_at": "2026-12-20T09:05:00Z",
        "uses_left": 1,
    },
]


OMAR: dict[str, Any] = {
    **{
        "id": "omar",
        "username": "oreyes2021",
        "given_name": "Omar",
        "family_name": "Reyes",
        "contact_email": "omar.reyes@lakeside.example",
    },
    **{
        "sign_in_address": "omar.reyes@lakeside.example",
        "phone": None,
        "profile": {"fax": "+13035550143"},
        "state": "registered",
        "last_sign_in_at": "2026-11-26T14:55:00Z",
    },
    "organizations": [
        {"id": "lakeside", "identifier": "1234567893", "name": "Lakeside Clinic", "role": "user"}
    ],
    "acts": ["reset", "password_lost", "correct_email", "sign_out"],
}


PRIYA = {
    **OMAR,
    "id": "priya",
    "username": "pnair2019",
    "given_name": "Priya",
    "family_name": "Nair",
    "contact_email": "priya.nair@lakeside.example",
}


SETUP: dict[str, Any] = {
    "groups": [PLACE],
    "now": PLACE,
    "manages": True,
    "search": "",
    "only": "",
    "people": None,
    "codes": {"lakeside": CODES},
    "first": True,
}


PEOPLE = {**SETUP, "tab": "users", "people": {"items": [OMAR, PRIYA], "next": "more"}}


PERSON: dict[str, Any] = {
    "user": OMAR,
    "etag": "",
    "sessions": [1],
    "typed": {},
    "errors": {},
    "administers": [PLACE],
}


INVITED = dict.fromkeys(
    ("given_name", "family_name", "username", "email", "organization_id", "role"), ""
)


INVITE: dict[str, Any] = {"values": INVITED, "errors": {}, "organizations": [PLACE]}


MESSAGE = {
    "id": 4,
    "text": "You reset the registration of Omar Reyes (oreyes2021).",
    "at": 1795708500.0,
    "read_at": None,
    "link": "#",
    "reference": "7K3MQ9XA",
}


MESSAGES: dict[str, Any] = {
    "rows": [MESSAGE, {**MESSAGE, "read_at": 1.0}],
    "more": False,
    "number": 1,
    "late": "",
}


HOME: dict[str, Any] = {
    "counts": dict.fromkeys(casework.STATES, 2),
    "cases": CASES,
    "more": True,
    "new": 1,
}
