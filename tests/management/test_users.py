"""Daisy looks after the people of Lakeside Clinic, by a program that uses the management API."""

from datetime import UTC, datetime

from idp.store import audit
from tests.support.management import by_mail, key, kind
from tests.support.person import Person
from tests.support.registering import enrol
from tests.support.stories import sign_in
from tests.support.world import DAISY, MFA, OMAR, OMAR_PASSWORD


def test_she_finds_her_people_and_nobody_else(daisy_by_mail):
    page = daisy_by_mail.get("/users")
    assert [one["username"] for one in page["items"]] == [
        "ddunn2020",
        "oreyes2021",
        "pnair2019",
    ] and page["next"] is None
    omar = daisy_by_mail.user("oreyes2021")
    assert (
        omar["state"] == "registered"
        and omar["phone"] is None
        and omar["organizations"][0]["name"] == "Lakeside Clinic"
    )
    assert omar["acts"] == ["reset", "password_lost", "correct_email", "sign_out"]
    assert (
        daisy_by_mail.user("ddunn2020")["phone"] == "XXX-XXX-0142"
        and daisy_by_mail.user("ddunn2020")["acts"] == []
    )
    for search in (
        "OREYES",
        "reyes",
        "omar.r",
        "Omar",
        "Reyes, Omar",
        "omar  REYES",
        "reyes lakeside.example omar oreyes2021",
    ):
        assert [
            one["username"] for one in daisy_by_mail.get(f"/users?search={search}")["items"]
        ] == ["oreyes2021"]
    for search in ("nquist", "%25", "_", "zzz", "Reyes, Daisy", "omar zzz"):
        assert daisy_by_mail.get(f"/users?search={search}")["items"] == []


def test_who_has_not_registered_and_when_somebody_was_here_last(world, clinic, daisy):
    def named(query: str) -> list[str]:
        return [one["username"] for one in daisy.get(f"/users?{query}")["items"]]

    assert (named("registered=false"), named("registered=true")) == (
        ["pnair2019"],
        ["ddunn2020", "oreyes2021"],
    )
    assert named("registered=false&search=omar") == [] and named("registered=true&search=omar") == [
        "oreyes2021"
    ]
    assert kind(daisy("GET", "/users?registered=perhaps")) == "invalid_request"
    omar = daisy.user("oreyes2021")
    assert omar["last_sign_in_at"] is None and daisy.user("ddunn2020")["last_sign_in_at"] == stamp(
        world.time.now
    )
    path = f"/users/{omar['id']}"
    etag = daisy("GET", path).headers["ETag"]
    sign_in(world, clinic.sends(Person(world.issuer)), OMAR, OMAR_PASSWORD)
    assert daisy.user("oreyes2021")["last_sign_in_at"] == stamp(world.time.now)
    assert daisy("GET", path, If_None_Match=etag).status_code == 200, (
        "there is something new to read"
    )
    assert (
        daisy("PATCH", path, {"contact_email": "omar@lakeside.example"}, If_Match=etag).status_code
        == 200
    ), "and nothing that contradicts a change"
    assert (
        kind(daisy("PATCH", path, {"contact_email": "o@lakeside.example"}, If_Match=etag))
        == "changed"
    )


def stamp(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


def test_page_by_page(daisy_by_mail):
    seen, path = [], "/users?limit=1"
    while path:
        answer = daisy_by_mail("GET", path)
        page = answer.json()
        seen += [one["username"] for one in page["items"]]
        path = f"/users?limit=1&cursor={page['next']}" if page["next"] else None
        assert ("Link" in answer.headers) == bool(path)
    assert seen == ["ddunn2020", "oreyes2021", "pnair2019"]
    for cursor in ("x", "e30.x", page["next"] or "made-up"):
        assert kind(daisy_by_mail("GET", f"/users?cursor={cursor}")) == "invalid_request"


def test_a_weak_sign_in_reads_and_does_not_act(world, clinic, daisy_by_mail):
    omar = daisy_by_mail.user("oreyes2021")
    answer = daisy_by_mail("POST", f"/users/{omar['id']}/resets", {})
    assert (answer.status_code, kind(answer)) == (401, "insufficient_user_authentication")
    said = answer.headers["WWW-Authenticate"]
    for part in (
        'error="insufficient_user_authentication"',
        f'acr_values="{MFA}"',
        'max_age="840"',
        "/.well-known/oauth-protected-resource/api/v1",
    ):
        assert part in said
    with world.inside():
        assert audit.listed()[-1].action == "management_refused"


def test_a_strong_sign_in_is_good_for_a_quarter_of_an_hour(world, clinic, daisy):
    omar = daisy.user("oreyes2021")
    world.time.passes(minutes=4)
    assert daisy("DELETE", f"/users/{omar['id']}/sessions").status_code == 204
    world.time.passes(minutes=12)
    assert kind(daisy("DELETE", f"/users/{omar['id']}/sessions")) == "invalid_token"


def test_omar_is_reset_and_registers_anew(world, clinic, daisy):
    person, tokens = Person(world.issuer), None
    clinic.sends(person).tick("Remember Me")
    tokens = clinic.tokens(sign_in(world, person, OMAR, OMAR_PASSWORD))
    omar = daisy.user("oreyes2021")
    answer = daisy("POST", f"/users/{omar['id']}/resets", {"password_lost": False})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert done["mailed_to"] == OMAR and done["ended"] == {
        "sessions": 1,
        "grants": 1,
        "browsers": 1,
    }
    assert (
        done["user"]["state"] == "reset, not registered again yet"
        and "invite" not in done["user"]["acts"]
    )
    assert clinic.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert clinic.userinfo(tokens["access_token"]).status_code == 401
    clinic.sends(person)
    assert person.press("LOGIN WITH EMAIL").heading == "Sign in with your email address"
    mail = world.mails_to(OMAR)[-1]
    assert "An administrator reset your registration" in mail.text
    fresh = Person(world.issuer).open(mail.links[0]).press("Continue")
    clinic.sends(fresh)
    fresh.fill("PASSWORD *", OMAR_PASSWORD).press("NEXT")
    enrol(world, fresh, "EMAIL")
    assert clinic.tokens(fresh)


def test_an_address_is_corrected_by_who_has_read_it(world, daisy):
    priya = daisy.user("pnair2019")
    path = f"/users/{priya['id']}"
    etag = daisy("GET", path).headers["ETag"]
    change = {"contact_email": "priya@new.example"}
    assert kind(daisy("PATCH", path, change)) == "precondition_required"
    assert kind(daisy("PATCH", path, change, If_Match='"another"')) == "changed"
    answer = daisy("PATCH", path, change, If_Match=etag)
    assert (
        answer.status_code == 200
        and answer.json()["contact_email"] == "priya@new.example"
        and answer.headers["ETag"] != etag
    )
    assert kind(daisy("PATCH", path, {"contact_email": "x@y.example"}, If_Match=etag)) == "changed"
    told = world.mails_to("priya.nair@lakeside.example")[-1]
    assert "contact email" in told.subject
    assert daisy("GET", path, If_None_Match=answer.headers["ETag"]).status_code == 304
    taken = daisy("PATCH", path, {"contact_email": DAISY}, If_Match=answer.headers["ETag"])
    assert (taken.status_code, kind(taken)) == (
        409,
        "not_possible",
    ) and "another account" in taken.json()["detail"]
    wrong = daisy("PATCH", path, {"contact_email": "no address"}, If_Match=answer.headers["ETag"])
    assert kind(wrong) == "invalid_body" and wrong.json()["errors"][0]["field"] == "contact_email"
    odd = daisy(
        "PATCH", path, {"contact_email": "a..b@new.example"}, If_Match=answer.headers["ETag"]
    )
    assert "not a valid email address" in odd.json()["detail"]


def test_a_new_colleague_is_invited_once_however_often_the_button_is_pressed(world, clinic, daisy):
    lakeside = daisy.organization("Lakeside Clinic")
    order = {
        "username": "lortiz",
        "email": "lena@lakeside.example",
        "given_name": "Lena",
        "family_name": "Ortiz",
        "organization_id": lakeside["id"],
    }
    once = key()
    first = daisy("POST", "/users", order, Idempotency_Key=once)
    again = daisy("POST", "/users", order, Idempotency_Key=once)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert (
        again.headers["Idempotency-Replayed"] == "true"
        and "Idempotency-Replayed" not in first.headers
    )
    assert len(world.mails_to("lena@lakeside.example")) == 1
    assert (
        kind(daisy("POST", "/users", {**order, "username": "other"}, Idempotency_Key=once))
        == "key_reused"
    )
    twice = daisy("POST", "/users", order)
    assert (
        twice.status_code == 409
        and "already" in twice.json()["detail"]
        and "idp accounts" not in twice.json()["detail"]
    )
    lena = daisy.get(first.headers["Location"].partition("/api/v1")[2])
    assert lena["state"] == "invited" and "revoke_invitation" in lena["acts"]
    person = (
        Person(world.issuer)
        .open(world.mails_to("lena@lakeside.example")[-1].links[0])
        .press("Continue")
    )
    clinic.sends(person)
    enrol(world, person, "EMAIL")
    assert clinic.tokens(person)
    assert daisy.user("lortiz")["state"] == "registered"


def test_an_invitation_is_sent_again_and_withdrawn(world, daisy):
    lakeside = daisy.organization("Lakeside Clinic")
    order = {
        "username": "lortiz",
        "email": "lena@lakeside.example",
        "given_name": "Lena",
        "family_name": "Ortiz",
        "organization_id": lakeside["id"],
    }
    lena = daisy("POST", "/users", order).json()["user"]
    path = f"/users/{lena['id']}/invitations"
    assert daisy("POST", path).status_code == 200
    links = [mail.links[0] for mail in world.mails_to("lena@lakeside.example")]
    assert len(links) == 2
    assert daisy("DELETE", path).status_code == 204
    assert daisy("DELETE", path).status_code == 409
    for link in links:
        assert Person(world.issuer).open(link).heading != "Welcome"
    assert daisy.user("lortiz")["state"] == "invitation withdrawn"


def test_sessions_and_remembered_browsers_are_seen_and_ended(world, clinic, daisy):
    person = clinic.sends(Person(world.issuer)).tick("Remember Me")
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    tokens = clinic.tokens(person)
    omar = daisy.user("oreyes2021")
    (session,) = daisy.get(f"/users/{omar['id']}/sessions")["items"]
    (browser,) = daisy.get(f"/users/{omar['id']}/trusted-devices")["items"]
    assert session["option"] == browser["option"] == "email"
    assert daisy("DELETE", f"/users/{omar['id']}/sessions/{session['id']}").status_code == 204
    assert daisy("DELETE", f"/users/{omar['id']}/sessions/{session['id']}").status_code == 409
    assert clinic.refresh(tokens["refresh_token"]).status_code == 400
    assert daisy("DELETE", f"/users/{omar['id']}/trusted-devices").status_code == 204
    assert (
        daisy.get(f"/users/{omar['id']}/trusted-devices")["items"]
        == daisy.get(f"/users/{omar['id']}/sessions")["items"]
        == []
    )
    assert daisy.get(f"/users/{omar['id']}/terms")["items"][0]["brand"] == "kepro"


def test_omar_himself_sees_himself(world, clinic):
    _, omar = by_mail(world, clinic, OMAR, OMAR_PASSWORD)
    (own,) = omar.get("/users")["items"]
    assert (
        own["username"] == "oreyes2021"
        and own["acts"] == []
        and own["organizations"][0]["role"] == "user"
    )
    assert omar.get("/users?search=daisy")["items"] == []
    lakeside = omar.organization("Lakeside Clinic")
    assert lakeside["members"] is None and lakeside["role"] == "user"
    assert kind(omar("GET", f"/users?organization_id={lakeside['id']}")) == "forbidden"
