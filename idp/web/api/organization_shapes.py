"""Shapes of organizations and registration codes: what comes in and goes out."""

from typing import Annotated

from pydantic import AliasChoices, Field, StringConstraints

from idp.web.api.shapes import PRINTABLE, Known, Role, Shape, Text, When, Whole


class Organization(Known):
    """An organization as you may see it."""

    id: str
    name: str
    members: int | None = Field(description="number of members; null if you do not administer it")
    role: Role | None = Field(
        description="your role; null if you manage it without belonging to it"
    )
    created_at: When


class OrganizationPage(Shape):
    """A page of organizations."""

    items: list[Organization]
    next: str | None


class OrganizationOrder(Shape):
    """A new organization."""

    identifier: Annotated[str, StringConstraints(max_length=255, pattern=PRINTABLE)] = Field(
        "",
        validation_alias=AliasChoices("identifier", "npi"),  # its old name, until the next release
        description="what everyone knows it by, such as a number in a public register",
    )
    name: Text


class OrganizationMade(Shape):
    """An organization that was created, and its first registration code."""

    organization: Organization
    registration_code: str = Field(description="the first registration code, shown only once")


class OrganizationChange(Shape):
    """What to change of an organization."""

    name: Text


class RegistrationCode(Shape):
    """A registration code; the code itself is not shown again."""

    id: str
    name: str = Field(description="what the code is for; empty if it has no name")
    created_at: When
    expires_at: When
    uses_left: int


class RegistrationCodes(Shape):
    """The registration codes of an organization."""

    items: list[RegistrationCode]


class CodeOrder(Shape):
    """A new registration code."""

    name: Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)] = Field(
        "", description="what the code is for, such as Front desk"
    )
    uses: Whole = Field(50, ge=1, le=10_000)
    days: Whole = Field(90, ge=1, le=366)


class CodeMade(Shape):
    """A registration code that was created."""

    id: str
    name: str
    code: str = Field(description="shown only once")
    expires_at: When
    uses_left: int


class RoleOrder(Shape):
    """The role that a member is to have."""

    role: Role
