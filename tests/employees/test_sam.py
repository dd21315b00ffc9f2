"""Sam works at the company, whose provider is this program once more: in, out, and in again."""

import time as clock

import pytest

from idp.operations import accounts, employees, keys
from idp.store import audit
from tests.support.client import Client
from tests.support.company import SAM, SAM_PASSWORD, sign_in_at
from tests.support.person import Person
from tests.support.world import DAISY, DAISY_PASSWORD, MFA, TWO_STEP

TERMS = "I have read and agree to these terms of use."
PAIRED = {"scope": "openid profile email organizations roles"}


@pytest.fixture
def world(pair):
    return pair[0]


@pytest.fixture
def company(pair):
    return pair[1]


@pytest.fixture
def sam(pair):
    return Person(pair[0].issuer, also=(pair[1].issuer,))


def come_in(client: Client, company, person: Person, **asked) -> Person:
    """From the portal through the company and the terms back to the portal."""
    client.sends(person, **{**PAIRED, **asked}).press("LOGIN")
    return agree(sign_in_at(company, person))


def agree(person: Person) -> Person:
    return (
        person.tick(TERMS).press("CONTINUE")
        if person.heading == "Terms of Use Agreement"
        else person
    )


def account_of(world, username="skim"):
    with world.inside():
        return world.account(username)


def test_sam_comes_in_with_roles_in_the_tokens_and_an_account_is_made(world, company, client, sam):
    client.sends(sam, **PAIRED)
    assert "Kepro" in sam.page.text and "LOGIN" in sam.buttons
    sam.press("LOGIN")
    assert sam.url.startswith(f"{company.issuer}/flow/") and sam.url.endswith("/sign-in"), (
        "one way there, so nothing to choose"
    )
    tokens = client.tokens(agree(sign_in_at(company, sam)))
    claims = client.claims(tokens["id_token"])
    assert claims["roles"] == ["reviewer"], "the book club is no role here"
    assert (claims["acr"], claims["amr"]) == (TWO_STEP, ["pwd", "otp"]), (
        "what the company says counts, by the mapping"
    )
    assert client.claims(tokens["access_token"])["roles"] == ["reviewer"]
    told = client.userinfo(tokens["access_token"]).json()
    assert (told["email"], told["email_verified"], told["name"], told["preferred_username"]) == (
        SAM["email"],
        True,
        "Sam Kim",
        "skim",
    )
    assert told["roles"] == ["reviewer"] and told["organizations"] == []
    account = account_of(world)
    assert (
        account.upstream == company.issuer
        and account.password_hash is None
        and account.sign_in_address is None
    )
    refreshed = client.refresh(tokens["refresh_token"]).json()
    assert client.claims(refreshed["id_token"])["roles"] == ["reviewer"]


def test_without_the_scope_no_roles_are_told(world, company, client, sam):
    tokens = client.tokens(come_in(client, company, sam, scope="openid email"))
    assert "roles" not in client.claims(tokens["id_token"]) and "roles" not in client.claims(
        tokens["access_token"]
    )
    assert "roles" not in client.userinfo(tokens["access_token"]).json()


def test_the_second_time_it_is_the_same_account_with_what_the_company_says_now(
    world, company, client, sam
):
    first = client.claims(client.tokens(come_in(client, company, sam))["id_token"])
    with company.inside():
        employees.set_roles(company.time.now, "test", "skim", [])
    world.time.passes(hours=5)
    again = Person(world.issuer, also=(company.issuer,))
    second = client.claims(client.tokens(come_in(client, company, again))["id_token"])
    assert second["sub"] == first["sub"] and second["roles"] == []
    with world.inside():
        assert [one.action for one in audit.listed() if one.target == second["sub"]].count(
            "account_made"
        ) == 1


def test_the_company_asks_nothing_of_who_is_signed_in_there(world, company, client, sam):
    first = client.claims(client.tokens(come_in(client, company, sam))["id_token"])
    world.time.passes(minutes=10)
    sam.http.cookies.clear_expired_cookies()
    for cookie in [
        one
        for one in sam.http.cookies
        if one.name.endswith(f"{world.issuer.rpartition(':')[2]}_session")
    ]:
        # ours is gone, the company's is not
        sam.http.cookies.clear(cookie.domain, cookie.path, cookie.name)
    client.sends(sam, **PAIRED).press("LOGIN")
    second = client.claims(client.tokens(sam)["id_token"])
    assert second["auth_time"] == first["auth_time"], (
        "it is told when the person signed in, and that was there"
    )


def test_sam_signs_out_of_both_and_in_again_after_the_keys_were_rotated_there(
    world, company, client, sam
):
    tokens = client.tokens(come_in(client, company, sam))
    sam.open(
        f"{world.issuer}/logout?id_token_hint={tokens['id_token']}"
        "&post_logout_redirect_uri=http://localhost:1/out&state=s1"
    )
    assert sam.left_for == "http://localhost:1/out?state=s1"
    assert [url for _, url in sam.trail if url.startswith(f"{company.issuer}/logout")], (
        "by way of the company"
    )
    assert client.userinfo(tokens["access_token"]).status_code == 401
    client.sends(sam, **PAIRED)
    assert sam.heading == "LOGIN OPTIONS"
    sam.press("LOGIN")
    assert (
        sam.url.startswith(company.issuer) and sam.heading == "Sign in with your email address"
    ), "signed out there too"
    with company.inside():
        keys.rotate(company.time.now, "test", company.app.extensions["stagedoor"].keyring)
    world.time.passes(minutes=16)  # the new key signs now
    clock.sleep(2.1)  # keys are not looked for twice in two seconds
    client.sends(sam, **PAIRED).press("LOGIN")
    assert client.claims(client.tokens(sign_in_at(company, sam))["id_token"])["roles"] == [
        "reviewer"
    ]


def test_prompt_login_and_max_age_are_asked_of_the_company(world, company, client, sam):
    first = client.claims(client.tokens(come_in(client, company, sam))["id_token"])
    world.time.passes(minutes=5)
    client.sends(sam, prompt="login").press("LOGIN")
    assert sam.heading == "Sign in with your email address", "the company has asked anew"
    second = client.claims(client.tokens(sign_in_at(company, sam))["id_token"])
    assert second["auth_time"] >= first["auth_time"] + 300
    world.time.passes(minutes=5)
    client.sends(sam, max_age="60").press("LOGIN")
    assert sam.heading == "Sign in with your email address"
    assert (
        client.claims(client.tokens(sign_in_at(company, sam))["id_token"])["auth_time"]
        >= second["auth_time"] + 300
    )


def test_more_is_asked_for_than_the_company_can_say_once_and_never_again(
    world, company, client, sam
):
    come_in(client, company, sam, acr_values=MFA)
    claims = client.claims(client.tokens(sam)["id_token"])
    assert claims["acr"] == TWO_STEP, "acr_values are voluntary: what was reached is told"


def test_cancel_there_ends_on_a_page_that_helps_and_leads_back(world, company, client, sam):
    client.sends(sam, **PAIRED).press("LOGIN").press("Cancel")
    assert sam.url.startswith(world.issuer) and sam.heading == "!YOU ARE NOT SIGNED IN"
    assert "canceled or refused" in sam.page.text
    sam.press("TRY AGAIN")
    assert sam.url.startswith(company.issuer)
    sam.press("Cancel").press("LOGIN")
    assert sam.heading == "LOGIN OPTIONS"
    sam.press("Cancel")
    assert client.answer(sam)["error"] == "access_denied"


def test_back_from_the_company_finds_a_page_that_goes_on(world, company, client, sam):
    client.sends(sam, **PAIRED)
    here = sam.url
    sam.press("LOGIN")
    sam.open(here)
    assert sam.heading == "Sign in with your company account" and "Acme Health" in sam.page.text
    sam.press("Continue")
    assert client.tokens(agree(sign_in_at(company, sam)))


@pytest.mark.parametrize(
    ("option", "label"),
    [
        (("LOGIN WITH EMAIL",), "Email Address"),
        (("LOGIN WITH EMAIL", "Forgot your password?"), "Email Address"),
        (("click here",), "USERNAME *"),
        (("click here", "Forgot Password?"), "USERNAME *"),
    ],
)
def test_an_employees_address_on_a_customers_page_is_pointed_to_the_company(
    world, company, client, sam, option, label
):
    client.sends(sam, **PAIRED)
    for button in option:
        sam.press(button)
    sam.fill(label, "Sam.Kim@Atrezzo.example").press(
        next(
            one
            for one in sam.buttons
            if one in ("Sign in", "Send verification code", "LOGIN", "SUBMIT")
        )
    )
    assert sam.status == 422 and "belongs to an employee" in sam.page.text
    sam.press("Sign in with your company account")
    assert (
        sam.url.startswith(company.issuer) and sam.page.fields["email"].casefold() == SAM["email"]
    ), "nothing retyped"
    sam.fill("Password", SAM_PASSWORD).press("Sign in").press("Send verification code")
    sam.fill("Verification Code", company.newest_code()).press("Verify code").press("Continue")
    assert client.tokens(agree(sam))


def test_an_account_that_was_there_before_becomes_the_companys(world, company, client, sam):
    """An operator had made one; whatever signed in with it does not any more."""
    with world.inside():
        accounts.add(
            world.time.now,
            "test",
            "sam2019",
            SAM["email"],
            "Samuel",
            "Kim",
            new_password="old-ways-of-samuel",
            enrolled=True,
            phone="+13035550177",
        )
    come_in(client, company, sam)
    claims = client.claims(client.tokens(sam)["id_token"])
    account = account_of(world, "sam2019")
    assert claims["sub"] == account.id and account.upstream == company.issuer
    assert (account.password_hash, account.phone, account.sign_in_address, account.given_name) == (
        None,
        None,
        None,
        "Sam",
    )
    assert "Sign in to the Atrezzo portal with your company account" in [
        mail.subject for mail in world.mails_to(SAM["email"])
    ]


def test_an_account_that_is_switched_off_here_stays_so(world, company, client, sam):
    come_in(client, company, sam)
    with world.inside():
        accounts.disable(world.time.now, "test", "skim")
    client.sends(sam, **PAIRED).press("LOGIN")
    assert sam.heading == "!THIS ACCOUNT IS TURNED OFF"


def test_a_customer_notices_nothing_of_employees(world, company, client):
    daisy = Person(world.issuer)
    client.sends(daisy).press("LOGIN WITH EMAIL").fill("Email Address", DAISY).fill(
        "Password", DAISY_PASSWORD
    ).press("Sign in")
    assert daisy.press("Send verification code").status == 200
    daisy.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert client.claims(client.tokens(daisy)["id_token"])["acr"] == TWO_STEP


def test_a_company_account_has_nothing_to_reset_and_is_told_so_by_mail(world, company, client, sam):
    come_in(client, company, sam)
    for journey in ("forgot", "reset"):
        somebody = Person(world.issuer)
        world.time.passes(minutes=20)
        client.sends(somebody)
        somebody.press("click here").press("Forgot Password?") if journey == "forgot" else None
        if journey == "forgot":
            somebody.fill("USERNAME *", "skim").press("SUBMIT")
            mails = world.mails_to(SAM["email"])
            assert (
                mails[-1].subject == "Sign in to the Atrezzo portal with your company account"
                and not mails[-1].links
            )
    with world.inside():
        from idp.operations import OperatorError, resets

        with pytest.raises(OperatorError, match="replaced there"):
            resets.reset(world.time.now, "test", *world.desk, "skim")
        with pytest.raises(OperatorError, match="comes from"):
            resets.correct_email(world.time.now, "test", world.desk[1], "skim", "x@atrezzo.example")
        with pytest.raises(OperatorError, match="come from"):
            employees.set_roles(world.time.now, "test", "skim", ["admin"])


def test_prompt_none_sends_nobody_to_the_company(world, company, client, sam):
    client.sends(sam, prompt="none")
    assert client.answer(sam)["error"] == "login_required"
    come_in(client, company, sam)
    client.sends(sam, prompt="none", **PAIRED)
    assert client.tokens(sam)
