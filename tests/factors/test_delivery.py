"""Mail for real: a local SMTP server, the outbox between a page and it, faults in every place."""

import re
import threading
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from idp.delivery import CarrierError, Content, NotSentError, rendering
from idp.delivery.smtp import Smtp
from idp.delivery.worker import Worker
from idp.secret import Secret
from idp.settings import Mail
from idp.store import audit, outbox
from idp.store.database import rows, table
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.smtp import mailbox
from tests.support.stories import to_code_page
from tests.support.world import LOOKS


@pytest.fixture
def smtp():
    with mailbox() as box:
        box.mail = Mail(host="127.0.0.1", port=box.port, starttls=False)
        yield box


@pytest.fixture
def mailing(world, smtp):
    """The world with real mail instead of the inbox."""
    world.settings = replace(world.settings, inbox=False, mail=smtp.mail)
    return world


def test_the_code_comes_by_mail_in_text_and_html(mailing, client, smtp):
    person = to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    (mail,) = smtp.messages
    assert (
        mail["To"] == "daisy.dunn@lakeside.example" and "no-reply@atrezzo.example" in mail["From"]
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    code = next(line.strip() for line in text.splitlines() if line.strip().isdigit())
    assert code in html and code not in mail["Subject"]
    assert (
        "30 seconds" in text
        and "Hello Daisy" in text
        and "Replies to this email are not read" in text
    )
    person.fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


@pytest.mark.parametrize("brand", sorted(LOOKS))
def test_a_mail_carries_its_logo_and_names_nothing_elsewhere(mailing, client, smtp, brand):
    mailing.settings = replace(mailing.settings, brand=LOOKS[brand])
    to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    (mail,) = smtp.messages
    (picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
    assert (
        picture.get_content().startswith(b"\x89PNG")
        and picture.get_content_disposition() == "inline"
    )
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "multipart/related",
    ]
    sources = re.findall(r'(?:src|background)="([^"]*)"', mail.get_body(("html",)).get_content())
    assert sources == ["cid:" + picture["Content-ID"].strip("<>")]


def test_a_sent_message_leaves_nothing_of_its_content_behind(mailing, client, smtp):
    to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    with mailing.inside():
        (message,) = rows(select(table(outbox.Message)), outbox.Message)
        assert message.sealed is None and message.sent_at is not None


def test_a_server_that_is_down_is_tried_again_and_the_person_sees_that_it_is_under_way(
    mailing, client, smtp
):
    mailing.settings = replace(mailing.settings, mail=replace(smtp.mail, port=free_port()))
    person = to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    person.fill("Verification Code", "123456").press("Verify code")
    assert "Your message is still on its way. Wait for it, then enter the code." in person.page.text
    mailing.settings = replace(mailing.settings, mail=smtp.mail)
    mailing.time.passes(seconds=3)
    mailing.deliver()
    assert len(smtp.messages) == 1


def test_a_message_that_cannot_leave_in_time_is_dropped_and_the_page_says_so(mailing, client, smtp):
    smtp.answer = "451 later"
    person = to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    mailing.time.passes(seconds=301)
    mailing.deliver()
    person.open(person.url)
    assert person.heading == "We could not send the code"
    smtp.answer = "250 OK"
    person.press("Send new code")
    mailing.deliver()
    assert len(smtp.messages) == 1


def test_a_recipient_that_the_server_refuses_is_not_tried_again(mailing, client, smtp):
    smtp.answer = "550 no such mailbox"
    to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
    mailing.deliver()
    with mailing.inside():
        assert outbox.due(mailing.time.now + 10_000, 60) == []
        assert [
            row.detail["kind"] for row in audit.listed() if row.action == "message_dropped"
        ] == ["sign_in_code"]


def test_two_workers_never_send_a_message_twice(mailing, client, smtp):
    for _ in range(3):
        to_code_page(client.sends(Person(mailing.issuer))).press("Send verification code")
        mailing.time.passes(seconds=31)

    def work() -> None:
        with mailing.app.app_context():
            worker = Worker(mailing.settings, mailing.app.extensions["stagedoor"].vault)
            for _ in range(5):
                worker.step()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.messages) == 3


def test_the_carrier_tells_what_may_be_tried_again_from_what_may_not(smtp):
    carrier = Smtp(smtp.mail, Secret(""), "Portal <a@b.example>")
    with pytest.raises(NotSentError):
        Smtp(replace(smtp.mail, port=free_port()), Secret(""), "a@b.example").send(
            "x@y.example", Content("s", "t")
        )
    with pytest.raises(NotSentError):
        Smtp(replace(smtp.mail, starttls=True), Secret(""), "a@b.example").send(
            "x@y.example", Content("s", "t")
        )
    smtp.answer = "452 full"
    with pytest.raises(NotSentError):
        carrier.send("x@y.example", Content("s", "t"))
    smtp.answer = "554 no"
    with pytest.raises(CarrierError):
        carrier.send("x@y.example", Content("s", "t"))


def test_a_message_that_cannot_be_made_does_not_hold_up_the_others(world, client):
    from idp.delivery import post

    vault = world.app.extensions["stagedoor"].vault
    with world.inside():
        for _ in range(25):
            post.write(
                vault,
                world.time.now,
                channel="email",
                recipient="a@b.example",
                kind="no_such_template",
                data={},
                locale="en",
                brand="kepro",
                not_after=world.time.now + 99,
            )
    to_code_page(client.sends(Person(world.issuer))).press("Send verification code")
    assert world.newest_code()
    with world.inside():
        assert len([row for row in audit.listed() if row.action == "message_dropped"]) == 25


def test_a_server_that_says_goodbye_badly_has_taken_the_message_all_the_same(smtp):
    class Rude:
        async def handle_QUIT(self, server, session, envelope):
            return "421 going away"

        handle_DATA = smtp.handle_DATA

    controller = Controller(Rude(), hostname="127.0.0.1", port=free_port())
    controller.start()
    Smtp(replace(smtp.mail, port=controller.port), Secret(""), "a@b.example").send(
        "x@y.example", Content("s", "t")
    )
    controller.stop()
    assert len(smtp.messages) == 1


@pytest.mark.parametrize(("brand", "zone"), [("kepro", "MST"), ("stagedoor", "UTC")])
def test_a_mail_says_when_in_the_brands_zone_and_names_it(world, brand, zone):
    about = {
        "name": "Daisy",
        "username": "ddunn2020",
        "reference": None,
        "at": 1795797720.0,
        "browser": "Firefox on Windows",
    }
    text = rendering.render(
        "email", "new_browser", about, "en", world.settings.looks[brand], world.issuer
    ).text
    assert f"M {zone}" in text and "Nov 27, 2026" in text
