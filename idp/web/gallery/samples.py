"""Made-up people and forms for the pages of the gallery."""

from types import SimpleNamespace
from typing import Any

from idp.factors.email_code import EmailCode
from idp.factors.phone_code import PhoneCode
from idp.factors.sent_code import Sent
from idp.profiles import US_HEALTHCARE
from idp.web.flow.asking import PROFILE
from idp.web.flow.enrolling import CHECKS

PERSON = SimpleNamespace(id="alex", username="amorgan", given_name="Alex", family_name="Morgan")


MASKED, TYPED = "a*****@example.org", "alex.morgan@example.org"


UNDER_WAY, SENT, EXPIRED = (
    Sent(False, 0, False, False, 28, 0, 30),
    Sent(True, 25, False, False, 24, 0),
    Sent(True, 0, False, False, 0, 0),
)


WORN_OUT, LOST = Sent(True, 20, False, True, 9, 0), Sent(False, 0, True, False, 0, 0)


TO_PHONE = [("sms_code", *PhoneCode.offer)]
TO_EMAIL = [("email_code", *EmailCode.offer)]


CODE: dict[str, Any] = {
    "address": MASKED,
    "asked_by": "",
    "sent": None,
    "life": 30,
    "next_send": 0,
    "offers": TO_PHONE,
    "phone_instead": False,
    "mail_instead": False,
    "phone_follows": False,
    "more_time": True,
    "longer": 300,
    "longer_next": False,
    "change": "",
    "registering": False,
    "password_safe": True,
}


REGISTERING = {
    **CODE,
    "life": 300,
    "offers": [],
    "phone_instead": True,
    "more_time": False,
    "registering": True,
    "password_safe": False,
}


RECOVERING = {
    **REGISTERING,
    "phone_instead": False,
    "registering": False,
    "address": TYPED,
    "change": "recover",
    "sent": Sent(True, 287, False, False, 12, 0),
}


PHONE: dict[str, Any] = {
    "enterable": False,
    "number": "XXX-XXX-9885",
    "asked_by": "",
    "showing": "start",
    "by_text": True,
    "by_call": True,
    "sent": None,
    "call": None,
    "next_send": 0,
    "next_call": 0,
    "registering": False,
    "recovering": False,
    "old_phone": False,
    "hold": 86400,
    "call_refused": False,
    "mail_instead": True,
    "offers": TO_EMAIL,
}


NUMBER = {**PHONE, "number": "+1 303-555-0188", "registering": True, "offers": []}


OPTIONS = {
    "options": ("phone", "email"),
    "client_name": "Example app",
    "asked_again": False,
    "forgotten": False,
    "link_left": False,
    "company": "",
    "recommended": "phone",
    "remembered": [],
    "remembered_as": [],
    "employee_remembered_as": "",
    "remember_offered": True,
    "remember_employees": False,
}


EMPLOYEES = {
    **OPTIONS,
    "options": ("phone", "email", "employee"),
    "company": "Atrezzo Health Services",
}


REMEMBERED_EMPLOYEE = {
    "recommended": "employee",
    "remember_employees": True,
    "remembered": ["employee"],
    "employee_remembered_as": "s*****@company.example",
}


ADDRESS = {"phone_instead": True, "mail_instead": True}


PASSWORD = {
    "address": TYPED,
    "own_address": TYPED,
    "recovering": False,
    "change": False,
    "checks": CHECKS,
}


MAILED = {
    "address": "jo.rivera@example.org",
    "minutes": 20,
    "can_send_again": True,
    "again_in": 24,
    "sent_again": False,
    "registered": False,
}


COMPANY = {"company": "Example Company", "email": ""}


COUNTRIES = [("US", "United States", 1), ("MX", "Mexico", 52)]
NEW_NUMBER = {"country": "US", "countries": COUNTRIES, "email_offered": True, "setting_up": False}
SET_UP = {
    "asked_by": "Example app",
    "buttons": [("phone", PhoneCode.set_up)],
    "skippable": True,
    "signs_in_first": True,
}


EMPTY = dict.fromkeys(PROFILE, "")


FILLED = {
    **EMPTY,
    "username": "jrivera",
    "given_name": "Jo",
    "family_name": "Rivera",
    "email": "jo.rivera@example.org",
    "state": "CO",
    "fax": "12",
}


SIGN_IN = {"asked_again": False, "too_late": False, "client_name": "Example app"}


ORGANIZATION = {
    "identifier": US_HEALTHCARE.identifier.field if US_HEALTHCARE.identifier else None,
    "known_by": "",
    "code": "",
    "over": False,
}
PLACE = SimpleNamespace(name="Example Organization", identifier="1234567893")


CONSENT = {
    "account": PERSON,
    "address": MASKED,
    "client_name": "Chart Helper",
    "about": {
        "logo_uri": None,
        "client_uri": "https://chart.example",
        "policy_uri": "https://chart.example/privacy",
        "tos_uri": None,
    },
    "known": False,
    "known_some": False,
    "returns_to": "chart.example",
    "shown": "",
}
