"""Client metadata as the tests write it: short words for what most of them want."""

from collections.abc import Sequence
from typing import Any

from idp.oauth.metadata_checks import PEOPLE, SERVICE

WORDS = {
    "auth_method": "token_endpoint_auth_method",
    "start_url": "initiate_login_uri",
    "id_token_alg": "id_token_signed_response_alg",
}


def metadata(name: str, redirect_uris: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """`public`, `machine`, `opaque` and `scopes` stand for what RFC 7591 says in more words."""
    about: dict[str, Any] = {"client_name": name, "redirect_uris": list(redirect_uris)}
    if more.pop("public", False):
        about["token_endpoint_auth_method"] = "none"
    if more.pop("machine", False):
        about["grant_types"] = [*(PEOPLE if redirect_uris else []), SERVICE]
    if more.pop("opaque", False):
        about["access_token_format"] = "opaque"
    about["scope"] = " ".join(more.pop("scopes", ()))
    return about | {WORDS.get(key, key): value for key, value in more.items()}
