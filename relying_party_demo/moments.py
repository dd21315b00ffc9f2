"""Times as people and programs read them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

try:
    HERE: tzinfo = ZoneInfo("America/Denver")  # where the clinics are
except ZoneInfoNotFoundError:
    HERE = UTC


def when(at: float) -> str:
    """A time as people here write it; a script shows it in the reader's own zone."""
    moment = datetime.fromtimestamp(at, HERE)
    return (
        f"{moment:%b} {moment.day}, {moment.year}, {moment.hour % 12 or 12}:{moment:%M} "
        f"{'AM' if moment.hour < 12 else 'PM'} {moment:%Z}"
    )


def iso(at: float) -> str:
    """A time in seconds since 1970, in UTC (RFC 3339)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def spoken(iso_time: str) -> str:
    """What `iso` wrote, as people write it."""
    return when(datetime.fromisoformat(iso_time).timestamp())


def spoken_day(iso_time: str) -> Markup:
    """HTML of the day of what `iso` wrote, as people write it; a script shows that of the reader's
    own zone."""
    moment = datetime.fromisoformat(iso_time)
    if moment.tzinfo is not None:  # a day has no zone
        moment = moment.astimezone(HERE)
    said = f"{moment:%b} {moment.day}, {moment.year}"
    return Markup('<time datetime="{}" data-day>{}</time>').format(iso_time, said)
