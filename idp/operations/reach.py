"""What `idp doctor` sees from outside: the issuer as a client reaches it, and the mail server as
the worker does."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from idp.delivery.smtp import fault
from idp.factors.upstream import UpstreamError, Upstreams
from idp.operations.findings import OK, PROBLEM, WARNING, Finding
from idp.settings import Settings

SECONDS = 5.0


def of_issuer(settings: Settings) -> Iterator[Finding]:
    """Whether clients find the provider at its issuer, and what it believes of the proxies in
    front."""
    address = f"{settings.issuer}/.well-known/openid-configuration"
    try:
        answer = _get(address)
    except requests.exceptions.SSLError as error:
        yield Finding(
            "issuer",
            PROBLEM,
            f"{settings.issuer} has a certificate that clients reject: {_short(error)}",
            "Install a certificate for this name, with its chain, in the proxy.",
        )
        return
    except requests.RequestException:
        cure = f"Run idp serve, and point {settings.issuer} to it or to its proxy."
        yield Finding(
            "issuer", WARNING, f"Nothing answers at {settings.issuer} from this machine.", cure
        )
        return
    if answer.status_code == 400 and "wrong_host" in answer.text:
        yield Finding(
            "issuer",
            PROBLEM,
            "Requests arrive with a host name that is not the issuer's.",
            "If you changed issuer, restart idp serve. Behind a proxy, pass the Host "
            "header on unchanged: proxy_set_header Host $http_host;",
        )
        return
    told = _json(answer)
    if answer.status_code != 200 or told.get("issuer") != settings.issuer:
        what = f"issuer {told['issuer']}" if "issuer" in told else f"status {answer.status_code}"
        yield Finding(
            "issuer",
            PROBLEM,
            f"Another server or deployment answers at {settings.issuer}: {what}.",
            "Point the host name to this server, or set issuer to the address that "
            "clients use, and restart.",
        )
        return
    yield Finding("issuer", OK, f"Clients find {settings.issuer} and its discovery document.")
    yield from _proxies(settings)


def _proxies(settings: Settings) -> Iterator[Finding]:
    """What the server saw of our own request, which only the token of the metrics is told."""
    if not settings.metrics_token:
        yield Finding(
            "proxies",
            WARNING,
            "Proxies cannot be checked without a metrics token.",
            "Set metrics.token_file, as idp init does, and restart.",
        )
        return
    headers = {"Authorization": f"Bearer {settings.metrics_token.reveal()}"}
    try:
        seen = _json(_get(f"{settings.issuer}/healthz", headers))
    except requests.RequestException as error:
        cure = "Check its log. If it is overloaded, increase server.workers."
        yield Finding(
            "proxies", PROBLEM, f"The server stopped answering: {type(error).__name__}.", cure
        )
        return
    if "forwarded" not in seen:
        yield Finding(
            "proxies", WARNING, "The running server uses different settings.", "Restart idp serve."
        )
    elif seen["forwarded"] > seen["hops"]:
        says = (
            f"Proxies in front: {seen['forwarded']}, but server.proxy_hops is {seen['hops']}, "
            f"so everyone seems to come from {seen['address']}."
        )
        yield Finding(
            "proxies", PROBLEM, says, f"Set server.proxy_hops to {seen['forwarded']} and restart."
        )
    elif seen["forwarded"] < seen["hops"]:
        says = (
            f"server.proxy_hops is {seen['hops']}, but the number of proxies in front is "
            f"{seen['forwarded']}, so anyone can fake the address they come from."
        )
        yield Finding(
            "proxies",
            PROBLEM,
            says,
            f"Set server.proxy_hops to {seen['forwarded']}, or make the proxy set "
            "X-Forwarded-For, and restart.",
        )
    elif seen["scheme"] != settings.issuer.partition(":")[0]:
        yield Finding(
            "proxies",
            PROBLEM,
            f"The server thinks that requests arrive over {seen['scheme']}.",
            "Make the proxy set the scheme: proxy_set_header X-Forwarded-Proto $scheme;",
        )
    else:
        yield Finding(
            "proxies",
            OK,
            f"Proxies in front: {seen['hops']}, as in server.proxy_hops. The server sees "
            f"this machine as {seen['address']}.",
        )


def of_mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server takes us: connection, STARTTLS and sign-in; nothing is sent."""
    mail = settings.mail
    if not mail.host:
        yield Finding("mail", OK, "Emails go to the inbox page. None are sent.")
        return
    wrong = fault(mail, settings.mail_password)
    if wrong:
        yield Finding("mail", PROBLEM, *wrong)
    else:
        yield Finding("mail", OK, f"{mail.host}:{mail.port} accepts our emails.")


def of_upstreams(upstreams: Upstreams) -> Iterator[Finding]:
    """Whether the companies' own providers can be read, as a sign-in would."""
    for upstream in upstreams:
        about, table = (
            f"upstream {upstream.config.id}",
            f"[[upstreams]] of {upstream.config.id}",
        )
        try:
            keys = upstream.check()
        except UpstreamError as error:
            cure = (
                "Check that the company's identity provider answers requests from this "
                "machine. Until it does, its people cannot sign in."
            )
            if error.reason == "not_allowed":
                cure = (
                    "If it is on an internal network, add its host or network to "
                    "outbound.allow, and restart."
                )
            elif error.reason == "discovery":
                cure = (
                    f"Set issuer in {table} to exactly what its discovery document says, and "
                    "restart."
                )
            yield Finding(
                about, PROBLEM, f"{upstream.config.issuer} cannot be used: {error.says}.", cure
            )
            continue
        if not keys:
            yield Finding(
                about,
                PROBLEM,
                f"{upstream.config.issuer} publishes no keys to verify ID tokens with.",
                "Contact the company.",
            )
            continue
        yield Finding(
            about,
            OK,
            f"{upstream.config.issuer} answers. Keys: {keys}. The redirect URI to "
            f"register there is {upstream.callback}.",
        )


def _get(url: str, headers: Mapping[str, str] | None = None) -> requests.Response:
    """Ask our own server, past any proxy and password file that the environment names."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        return session.get(url, headers=headers, timeout=SECONDS, allow_redirects=False)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
