"""The made-up people of the demo: their organizations and accounts, and the registrations that are
under way."""

from typing import Any

from idp import clock, secret
from idp.brand import Brand
from idp.factors import password
from idp.factors.mailed_link import MailedLink
from idp.operations import accounts, invitations, organizations
from idp.profiles import US_HEALTHCARE
from idp.store import accounts as account_rows
from idp.store import enrolments, links, registration_codes
from idp.store import organizations as organization_rows

ACTOR = "demo"
CLIENT_ID = "atrezzo-portal"


def add_people(people: dict[str, Any], look: Brand) -> None:
    now = clock.now()
    for one in people["organizations"]:
        if not organization_rows.by_identifier(one["npi"]):
            organizations.add(now, ACTOR, US_HEALTHCARE, one["npi"], one["name"])
    for one in people["accounts"]:
        if account_rows.by_username(one["username"]):
            continue
        account_id = accounts.add(
            now,
            ACTOR,
            one["username"],
            one["email"],
            one["given_name"],
            one["family_name"],
            new_password=one["password"],
            enrolled=one["enrolled"],
            phone=one.get("phone"),
        )
        for npi, role in one["members"].items():
            organization = organization_rows.by_identifier(npi)
            assert organization is not None
            organization_rows.join(account_id, organization.id, role)
        if one["enrolled"] and look.terms_at(now):
            accounts.accept_terms(now, ACTOR, one["username"], look)


def add_registrations(people: dict[str, Any], mailed_link: MailedLink) -> None:
    """The registration code, an invitation that is good again when it has expired, and a
    registration that was left."""
    now = clock.now()
    for one in people["registration_codes"]:
        organization = organization_rows.by_identifier(one["npi"])
        assert organization is not None
        if not registration_codes.code(
            organization.id, secret.digest(secret.heard(one["code"])), now
        ):
            registration_codes.forget_code(secret.digest(secret.heard(one["code"])))
            organizations.add_code(
                now, ACTOR, one["npi"], one["uses"], chosen=one["code"], name="Demo"
            )
    for one in people["invitations"]:
        account = account_rows.by_username(one["username"])
        person = {name: one[name] for name in ("username", "email", "given_name", "family_name")}
        if account is None:
            invitations.invite(
                now,
                ACTOR,
                mailed_link,
                **person,
                organization=one["npi"],
                client_id=CLIENT_ID,
            )
        elif invitations.state(account, links.invitation(account.id), now) in (
            "invitation expired",
            "not registered yet",
        ):
            invitations.resend(now, ACTOR, mailed_link, account.username, client_id=CLIENT_ID)
    for one in people["unfinished"]:
        account = account_rows.by_username(one["username"])
        account_id = (
            account.id
            if account
            else accounts.add(
                now,
                ACTOR,
                one["username"],
                one["email"],
                one["given_name"],
                one["family_name"],
                organization=one["npi"],
            )
        )
        if (account is None or account.sign_in_address is None) and not enrolments.left(account_id):
            made = password.hashed(one["password"])
            enrolments.add(
                account_id,
                "demo",
                "phone",
                now,
                address=one["email"],
                address_verified_at=now,
                password_hash=made,
            )
