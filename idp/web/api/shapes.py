"""What requests and answers contain, field by field: they are checked and documented with these
shapes."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=PRINTABLE)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_:.-]+$")]
Role = Literal["user", "administrator"]
# 90.0 is an integer in JSON
Whole = Annotated[
    int,
    BeforeValidator(
        lambda given: int(given) if isinstance(given, float) and given.is_integer() else given
    ),
]
When = Annotated[datetime, Field(description="time in UTC (RFC 3339)")]


def when(seconds: float) -> datetime:
    """A time of the store, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC)


Email = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=255,
        pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+$",
    ),
]


class Shape(BaseModel):
    """What a request may hold, or an answer does: nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Shape):
    """No parameters."""


class Paging(Shape):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=200, description="how many items at most, 1 to 200")
    cursor: Annotated[str, StringConstraints(max_length=1000, pattern=PRINTABLE)] = Field(
        "", description="`next` of the previous page"
    )


class UserQuery(Paging):
    """Which people to list."""

    search: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field(
        "", description="part of the username, name or email address"
    )
    organization_id: Id | None = Field(None, description="only people in this organization")
    registered: bool | None = Field(
        None,
        description="true: only people who have registered, disabled accounts too; false: only "
        "people who have not finished their registration",
    )


class OrganizationQuery(Paging):
    """Which organizations to list."""

    search: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field(
        "", description="part of the name, or the identifier"
    )


class Known(Shape):
    """How everyone knows an organization."""

    identifier: str = Field(description="such as a number in a public register; else its ID")


class Membership(Known):
    """An organization that a person belongs to, and their role there."""

    id: str = Field(description="ID of the organization")
    name: str
    role: Role


class User(Shape):
    """A person as you may see them."""

    id: str = Field(description="the `sub` of their tokens")
    username: str
    given_name: str
    family_name: str
    contact_email: str = Field(description="empty if none is on file")
    sign_in_address: str | None = Field(
        description="the email address they sign in with, once registered"
    )
    phone: str | None = Field(description="the last four digits of the phone on record")
    profile: dict[str, str] = Field(
        description="what they entered at registration, by the fields of the deployment's "
        "registration profile, such as phone"
    )
    state: str = Field(
        description="in words, such as registered, invited, invitation expired, not registered yet "
        "or disabled"
    )
    upstream: str | None = Field(
        description="issuer of the company that manages the account, if any"
    )
    roles: list[str] = Field(
        description="roles of the account, apart from its roles in organizations"
    )
    organizations: list[Membership] = Field(description="the organizations that you may see")
    created_at: When
    updated_at: When
    last_sign_in_at: When | None = Field(
        description="null if they have not signed in yet. A sign-in alone does not affect If-Match."
    )
    acts: list[str] = Field(
        description="what you may do: reset, password_lost, correct_email, invite, "
        "revoke_invitation, lift_phone_hold, sign_out, disable, enable"
    )


class UserPage(Shape):
    """A page of people."""

    items: list[User]
    next: str | None = Field(description="cursor of the next page; null on the last page")


class Invitation(Shape):
    """A new person, who gets an email with a link to register."""

    username: Annotated[
        str, StringConstraints(min_length=3, max_length=64, pattern=r"^[^@\s\x00-\x1f\x7f-\x9f]+$")
    ]
    email: Email
    # what cannot be seen is no part of a name, and is not counted
    given_name: Annotated[str, StringConstraints(max_length=255, pattern=PRINTABLE)] = Field(
        "",
        description="up to 100 characters that can be seen; a given name or a family name is "
        "required",
    )
    family_name: Annotated[str, StringConstraints(max_length=255, pattern=PRINTABLE)] = Field(
        "", description="up to 100 characters that can be seen"
    )
    organization_id: Id
    role: Role = "user"


class Sent(Shape):
    """An invitation that has been emailed."""

    user: User
    mailed_to: str
    expires_at: When


class UserChange(Shape):
    """Fields that are left out or null stay as they are."""

    contact_email: Email | None = Field(
        None, description="the address that registration emails go to"
    )
    disabled: bool | None = Field(None, description="only for people who manage all organizations")


class ResetOrder(Shape):
    """Optional. Without it, the most recent password is asked for."""

    password_lost: bool = Field(
        False,
        description="whether the emailed link alone is enough; otherwise the most recent password is also "
        "asked for",
    )


class ResetDone(Shape):
    """A registration that was reset."""

    user: User
    mailed_to: str = Field(description="the address that the link to register again was sent to")
    expires_at: When = Field(
        description="when the link stops working; after that, they can register with username and "
        "most recent password"
    )
    ended: dict[str, int] = Field(
        description="number of sessions, grants and trusted devices that ended"
    )


class Session(Shape):
    """A session of a person."""

    id: str = Field(description="the `sid` of its tokens")
    option: str | None = Field(description="the sign-in option: phone, email or employee")
    signed_in_at: When
    seen_at: When


class Sessions(Shape):
    """The sessions of a person."""

    items: list[Session]


class TrustedDevice(Shape):
    """A browser in which Remember Me was chosen."""

    option: str
    since: When
    expires_at: When


class TrustedDevices(Shape):
    """The browsers that remember a person."""

    items: list[TrustedDevice]


class Acceptance(Shape):
    """A version of the terms of use that a person accepted."""

    brand: str
    version: str
    accepted_at: When


class Acceptances(Shape):
    """What a person has accepted."""

    items: list[Acceptance]


class Terms(Shape):
    """The terms of use of a brand."""

    brand: str
    version: str | None = Field(description="null if no terms are in force")
    url: str


class AllTerms(Shape):
    """The terms of use of all brands."""

    items: list[Terms]
