"""Where the parameters of a request come from: so far its query alone; a form is sent on as a
query.

Whatever the source, a parameter is there once, of a bearable size and without control characters.
"""

import re

from idp.oauth.authorization.errors import CheckError
from idp.oauth.http import Pairs, present, repeated

LONGEST_PARAMETER, LONGEST_REQUEST = 4096, 16384  # bytes, before they are encoded for an address
FEW = LONGEST_PARAMETER // 4  # characters that are no more bytes than that, whichever they are
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def read(pairs: Pairs) -> dict[str, str]:
    """The parameters that have a value, by name (RFC 6749 3.1). Raises CheckError."""
    if name := repeated(pairs):
        raise CheckError("invalid_request", f"{_ascii(name)} is repeated")
    for name, value in pairs:
        if len(value) > FEW and _size(value) > LONGEST_PARAMETER:
            raise CheckError("invalid_request", f"{_ascii(name)} is too long")
        if CONTROL.search(name + value):
            raise CheckError("invalid_request", f"{_ascii(name)} contains a control character")
    whole = "".join(name + value for name, value in pairs)
    if len(whole) > FEW and _size(whole) > LONGEST_REQUEST:
        raise CheckError("invalid_request", "the request is too long")
    return dict(present(pairs))


def echoed(pairs: Pairs) -> str | None:
    """The state that goes back with an error: none that could not be sent in a header."""
    state = next((value for name, value in present(pairs) if name == "state"), None)
    return (
        state if state and not CONTROL.search(state) and _size(state) <= LONGEST_PARAMETER else None
    )


def _size(text: str) -> int:
    """Bytes; in an address each may take three characters."""
    return len(text.encode(errors="surrogatepass"))


def _ascii(text: str) -> str:
    """What may stand in an error_description (RFC 6749 4.1.2.1)."""
    return re.sub(r'[^\x20-\x7e]|["\\]', "?", text)[:60]
