"""What `idp doctor` sees from outside: the issuer as a client reaches it, and the mail server as the worker does."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from idp.delivery.smtp import fault
from idp.factors.upstream import Companies, Refused
from idp.operations.doctor import OK, PROBLEM, WARNING, Finding
from idp.settings import Settings

SECONDS = 5.0


def of_issuer(settings: Settings) -> Iterator[Finding]:
    """Whether clients find the provider at its issuer, and what it believes of the proxies in front."""
    address = f"{settings.issuer}/.well-known/openid-configuration"
    try:
        answer = _get(address)
    except requests.exceptions.SSLError as error:
        yield Finding(
            "issuer",
            PROBLEM,
            f"{settings.issuer} has a certificate that clients refuse: {_short(error)}",
            "Install one for this name, with its chain, in the proxy.",
        )
        return
    except requests.RequestException:
        cure = f"Run idp serve, and let {settings.issuer} lead to it or its proxy."
        yield Finding("issuer", WARNING, f"Nothing answers at {settings.issuer}, as seen from this machine.", cure)
        return
    if answer.status_code == 400 and "wrong_host" in answer.text:
        yield Finding(
            "issuer",
            PROBLEM,
            "The request arrives under another host name than the issuer's.",
            "If issuer was changed, restart idp serve. Behind a proxy, let it pass Host on unchanged: proxy_set_header Host $http_host;",
        )
        return
    told = _json(answer)
    if answer.status_code != 200 or told.get("issuer") != settings.issuer:
        what = f"issuer {told['issuer']}" if "issuer" in told else f"status {answer.status_code}"
        yield Finding(
            "issuer",
            PROBLEM,
            f"At {settings.issuer} somebody else answers, or another deployment: {what}.",
            "Let the name lead to this server, or set issuer to the address that clients use, and restart.",
        )
        return
    yield Finding("issuer", OK, f"Clients find {settings.issuer} and its discovery document.")
    yield from _proxies(settings)


def _proxies(settings: Settings) -> Iterator[Finding]:
    """What the server saw of our own request, which only the token of the metrics is told."""
    if not settings.metrics_token:
        yield Finding("proxies", WARNING, "The server does not tell what it sees of its proxies.", "Set metrics.token_file, as idp init does, and restart.")
        return
    headers = {"Authorization": f"Bearer {settings.metrics_token.reveal()}"}
    try:
        seen = _json(_get(f"{settings.issuer}/healthz", headers))
    except requests.RequestException as error:
        cure = "See its log; if it has too much to do, give it more workers (server.workers)."
        yield Finding("proxies", PROBLEM, f"The server stopped answering: {type(error).__name__}.", cure)
        return
    if "forwarded" not in seen:
        yield Finding("proxies", WARNING, "The server that answers runs with other settings than these.", "Restart idp serve.")
    elif seen["forwarded"] > seen["hops"]:
        says = f"{seen['forwarded']} proxies stand in front, and server.proxy_hops says {seen['hops']}: everybody seems to come from {seen['address']}."
        yield Finding("proxies", PROBLEM, says, f"Set server.proxy_hops to {seen['forwarded']} and restart.")
    elif seen["forwarded"] < seen["hops"]:
        says = f"server.proxy_hops says {seen['hops']}, and {seen['forwarded']} proxies stand in front: anybody can make up the address they come from."
        yield Finding("proxies", PROBLEM, says, f"Set server.proxy_hops to {seen['forwarded']}, or let the proxy set X-Forwarded-For, and restart.")
    elif seen["scheme"] != settings.issuer.partition(":")[0]:
        yield Finding(
            "proxies",
            PROBLEM,
            f"The server believes that requests came by {seen['scheme']}.",
            "Let the proxy set the scheme: proxy_set_header X-Forwarded-Proto $scheme;",
        )
    else:
        yield Finding("proxies", OK, f"{seen['hops']} proxies in front, as server.proxy_hops says; this machine is {seen['address']} to it.")


def of_mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server takes us: connection, STARTTLS and sign-in; nothing is sent."""
    mail = settings.mail
    if not mail.host:
        yield Finding("mail", OK, "Mails land in the inbox page; none leaves.")
        return
    wrong = fault(mail, settings.mail_password)
    if wrong:
        yield Finding("mail", PROBLEM, *wrong)
    else:
        yield Finding("mail", OK, f"{mail.host}:{mail.port} takes our mails.")


def of_companies(companies: Companies) -> Iterator[Finding]:
    """Whether the companies' own providers can be read, as a sign-in would."""
    for company in companies:
        about, table = f"upstream {company.upstream.id}", f"[[upstreams]] of {company.upstream.id}"
        try:
            keys = company.check()
        except Refused as error:
            cure = "Look whether the company's provider answers, from this machine too; until it does nobody of it signs in."
            if error.reason == "not_allowed":
                cure = "If it is meant to be inside, name its host or network in outbound.allow, and restart."
            elif error.reason == "discovery":
                cure = f"Set issuer in {table} to what its discovery document says, to the letter, and restart."
            yield Finding(about, PROBLEM, f"{company.upstream.issuer} cannot be used: {error.says}.", cure)
            continue
        if not keys:
            yield Finding(about, PROBLEM, f"{company.upstream.issuer} publishes no key that ID tokens can be verified with.", "Ask the company.")
            continue
        yield Finding(about, OK, f"{company.upstream.issuer} answers, with {keys} keys. The company registers {company.callback} for us.")


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
