"""What requests for events of the audit trail and their answers contain."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from idp.web.api.shapes import Id, Paging, Shape, When

Kind = Literal["person", "client", "operator", "system"]


class AuditQuery(Paging):
    """Which events of the audit trail to list."""

    user_id: Id | None = Field(None, description="only what was done to this person")
    organization_id: Id | None = Field(None, description="only events in this organization")
    type: Id | None = Field(None, description="only this kind of event")


class EventQuery(Shape):
    """From where on to read events."""

    after: Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}|now)?$")] = Field(
        "",
        description="`next` of the previous answer; or `now`, for no events and a point to start from",
    )
    limit: int = Field(50, ge=1, le=200, description="how many items at most, 1 to 200")


class Who(Shape):
    """Who did something, or whom it was done to."""

    kind: Kind
    id: str | None
    name: str | None = Field(description="null if you may not see it")


class Event(Shape):
    """What happened, as the audit trail has it."""

    id: str
    at: When
    type: str
    outcome: Literal["success", "failure"]
    actor: Who
    target: Who | None
    organization_id: str | None
    client_id: str | None
    reference: str | None = Field(description="reference of the sign-in in which it happened")
    address: str | None = Field(
        description="network address that the request came from; only for people who manage all "
        "organizations"
    )
    detail: dict[str, Any] | None = Field(
        description="only for people who manage all organizations"
    )


class EventPage(Shape):
    """The events that follow."""

    items: list[Event]
    next: str = Field(description="use it as `after` in the next request")


class AuditPage(Shape):
    """A page of the audit trail."""

    items: list[Event]
    next: str | None
