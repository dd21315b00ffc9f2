"""What comes in and goes out, field by field: it is checked by this, and documented by this."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=PRINTABLE)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_:.-]+$")]
Npi = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
Role = Literal["user", "administrator"]
Whole = Annotated[int, BeforeValidator(lambda given: int(given) if isinstance(given, float) and given.is_integer() else given)]  # 90.0 is an integer in JSON
When = Annotated[datetime, Field(description="RFC 3339, UTC")]


def when(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


Email = Annotated[str, StringConstraints(min_length=3, max_length=255, pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Shape):
    """No parameters."""


class Paging(Shape):
    limit: int = Field(50, ge=1, le=200, description="how many at most, 1 to 200")
    cursor: Annotated[str, StringConstraints(max_length=1000, pattern=PRINTABLE)] = Field("", description="`next` of the page before")


class UserQuery(Paging):
    search: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field("", description="part of username, name or address")
    organization_id: Id | None = Field(None, description="only people of this organization")


class OrganizationQuery(Paging):
    search: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field("", description="part of the name, or the NPI")


class AuditQuery(Paging):
    user_id: Id | None = Field(None, description="only what was done to this person")
    organization_id: Id | None = Field(None, description="only acts in this organization")
    type: Id | None = Field(None, description="only this kind of event")


class EventQuery(Shape):
    after: Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}|now)?$")] = Field(
        "", description="`next` of the answer before; `now` for no event yet, but a place to begin from"
    )
    limit: int = Field(50, ge=1, le=200, description="how many at most, 1 to 200")


class Membership(Shape):
    id: str = Field(description="of the organization")
    npi: str
    name: str
    role: Role


class User(Shape):
    id: str = Field(description="the `sub` of their tokens")
    username: str
    given_name: str
    family_name: str
    contact_email: str = Field(description="empty where none is on file")
    sign_in_address: str | None = Field(description="what they sign in with, once registered")
    phone: str | None = Field(description="the last four digits of the phone on record")
    telephone: str | None = Field(description="to talk with them, as they wrote it when they registered")
    fax: str | None = Field(description="likewise")
    state: str = Field(description="in words: registered, invited, invitation expired, not registered yet, disabled …")
    company: str | None = Field(description="issuer of the company that manages the account, if one does")
    roles: list[str] = Field(description="roles of the account, beside those in organizations")
    organizations: list[Membership] = Field(description="those of them that you may see")
    created_at: When
    updated_at: When
    acts: list[str] = Field(
        description="what you may do: reset, password_lost, correct_email, invite, revoke_invitation, lift_phone_hold, sign_out, disable, enable"
    )


class UserPage(Shape):
    items: list[User]
    next: str | None = Field(description="cursor of the next page; null on the last one")


class Invitation(Shape):
    """A new person, who is mailed a link to register."""

    username: Annotated[str, StringConstraints(min_length=3, max_length=64, pattern=r"^[^@\s\x00-\x1f\x7f-\x9f]+$")]
    email: Email
    given_name: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field("", description="one of the two names is enough")
    family_name: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = ""
    organization_id: Id
    role: Role = "user"


class Sent(Shape):
    """An invitation that is on its way."""

    user: User
    mailed_to: str
    expires_at: When


class UserChange(Shape):
    """What is left out, or null, stays."""

    contact_email: Email | None = Field(None, description="the address that registration mails go to")
    disabled: bool | None = Field(None, description="only for who manages everything")


class ResetOrder(Shape):
    """May be left out: then the last password is asked for."""

    password_lost: bool = Field(False, description="the mailed link alone suffices; otherwise the last password is asked for too")


class ResetDone(Shape):
    user: User
    mailed_to: str = Field(description="where the link to register anew went")
    expires_at: When = Field(description="when the link stops working; later they register by username and last password")
    ended: dict[str, int] = Field(description="how many sessions, grants and remembered browsers ended")


class Session(Shape):
    id: str = Field(description="the `sid` of its tokens")
    way: str | None = Field(description="phone, email or employee")
    signed_in_at: When
    seen_at: When


class Sessions(Shape):
    items: list[Session]


class RememberedBrowser(Shape):
    way: str
    since: When
    expires_at: When


class RememberedBrowsers(Shape):
    items: list[RememberedBrowser]


class Acceptance(Shape):
    brand: str
    version: str
    accepted_at: When


class Acceptances(Shape):
    items: list[Acceptance]


class Terms(Shape):
    brand: str
    version: str | None = Field(description="null where none are in force")
    url: str


class AllTerms(Shape):
    items: list[Terms]


class Organization(Shape):
    id: str
    npi: str
    name: str
    members: int | None = Field(description="how many people; null for who does not administer it")
    role: Role | None = Field(description="yours; null for who manages it without belonging to it")
    created_at: When


class OrganizationPage(Shape):
    items: list[Organization]
    next: str | None


class OrganizationOrder(Shape):
    npi: Npi
    name: Text


class OrganizationMade(Shape):
    organization: Organization
    registration_code: str = Field(description="its first one, shown this once")


class OrganizationChange(Shape):
    name: Text


class RegistrationCode(Shape):
    id: str
    created_at: When
    expires_at: When
    uses_left: int


class RegistrationCodes(Shape):
    items: list[RegistrationCode]


class CodeOrder(Shape):
    uses: Whole = Field(50, ge=1, le=10_000)
    days: Whole = Field(90, ge=1, le=366)


class CodeMade(Shape):
    id: str
    code: str = Field(description="shown this once")
    expires_at: When
    uses_left: int


class RoleOrder(Shape):
    role: Role


Kind = Literal["person", "client", "operator", "system"]


class Who(Shape):
    kind: Kind
    id: str | None
    name: str | None = Field(description="null where you may not see it")


class Event(Shape):
    id: str
    at: When
    type: str
    outcome: Literal["success", "failure"]
    actor: Who
    target: Who | None
    organization_id: str | None
    client_id: str | None
    reference: str | None = Field(description="of the sign-in in which it happened")
    address: str | None = Field(description="where the request came from; only for who manages everything")
    detail: dict[str, Any] | None = Field(description="only for who manages everything")


class EventPage(Shape):
    items: list[Event]
    next: str = Field(description="`after` of the next request: what happens from here on")


class AuditPage(Shape):
    items: list[Event]
    next: str | None
