"""A brand for the deployment, and another one for a client: its pages, its mails, its terms."""

import shutil
import subprocess
import sys

import pytest
import requests

from idp.brand import SHIPPED, load_brand
from idp.operations import clients
from idp.settings import SettingsError, load
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import accept, enrol, to_method
from tests.support.stories import sign_in, to_code_page
from tests.support.world import DAISY


def test_a_client_has_its_own_look_mails_and_terms(world):
    client = Client(
        world.issuer, world.add_client(brand="acentra", start_url="http://localhost:1/login")
    )
    person = client.sends(Person(world.issuer))
    assert "brands/acentra/acentra.css" in person.page.html and "Acentra Health" in person.page.text
    to_code_page(person).press("Send verification code")
    mail = world.mails_to(DAISY)[-1]
    assert "Acentra Health" in mail.text and "Kepro" not in mail.text
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    assert "ACENTRA HEALTH PORTAL TERMS OF USE" in person.page.text, (
        "hers are accepted for the other brand only"
    )
    accept(person)
    assert client.tokens(person)
    other = Client(world.issuer, world.add_client("Other"))
    assert "brands/kepro/kepro.css" in other.sends(Person(world.issuer)).page.html


def test_links_expired_pages_help_and_terms_wear_it_too(world):
    client = Client(
        world.issuer, world.add_client(brand="acentra", start_url="http://localhost:1/login")
    )
    person = client.sends(Person(world.issuer))
    page = person.url
    world.time.passes(hours=2)
    assert "brands/acentra/acentra.css" in person.open(page).page.html
    for address in ("help", "terms"):
        assert (
            "brands/acentra/acentra.css"
            in person.open(f"{world.issuer}/{address}?client_id={client.id}").page.html
        )
    client.sends(person).press("click here").press("Forgot Password?").fill(
        "USERNAME *", "pnair2019"
    ).press("SUBMIT")
    assert "brands/acentra/acentra.css" in Person(world.issuer).open(world.newest_link()).page.html


def test_a_brand_that_is_gone_falls_back_to_the_deployments(world):
    client = Client(world.issuer, world.add_client(brand="acentra"))
    with world.inside():
        clients.update(world.time.now, "test", client.id, {"brand": "withdrawn"})
    import time

    time.sleep(1.1)
    assert "brands/kepro/kepro.css" in client.sends(Person(world.issuer)).page.html


@pytest.mark.settings(brand="stagedoor", look=load_brand("stagedoor"))
def test_a_brand_without_terms_asks_for_none(world, client):
    person = client.sends(Person(world.issuer))
    enrol(world, to_method(person))
    assert client.tokens(person)
    assert "no terms of use" in person.open(f"{world.issuer}/terms").page.text
    sign_in(world, client.sends(Person(world.issuer)))


def idp(folder, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "idp", "--settings", str(folder / "idp.toml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180)


def test_an_operator_adds_a_brand_and_gives_it_to_a_client(tmp_path):
    assert idp(tmp_path, "init").returncode == 0
    copied = (SHIPPED / "stagedoor.toml").read_text()
    (tmp_path / "ours.toml").write_text(
        copied.replace('id = "stagedoor"', 'id = "ours"').replace('"stagedoor.css"', '"ours.css"')
    )
    shutil.copy(SHIPPED / "stagedoor.svg", tmp_path)
    settings = tmp_path / "idp.toml"
    settings.write_text('brands = ["ours.toml"]\n' + settings.read_text())
    with pytest.raises(SettingsError, match=r"style: there is no file ours.css beside"):
        load(settings)
    (tmp_path / "ours.css").write_text(":root { --accent: #123456 }\n")
    said = idp(
        tmp_path,
        "clients",
        "add",
        "Desk",
        "--redirect-uri",
        "https://desk.example/cb",
        "--brand",
        "ours",
    )
    assert said.returncode == 0 and "ours" in said.stdout
    wrong = idp(
        tmp_path,
        "clients",
        "add",
        "Desk",
        "--redirect-uri",
        "https://desk.example/cb",
        "--brand",
        "theirs",
    )
    assert wrong.returncode == 3 and "there is no brand theirs" in wrong.stderr
    settings.write_text(settings.read_text().replace("ours.toml", "gone.toml"))
    with pytest.raises(SettingsError, match=r"brands: gone.toml cannot be read"):
        load(settings)
    (tmp_path / "gone.toml").write_text('id = "x"\nhue = "red"\n')
    with pytest.raises(SettingsError, match="a brand has no such key"):
        load(settings)
    (tmp_path / "gone.toml").write_text('id = "x"\nname = "X"\n')
    with pytest.raises(SettingsError, match="site is missing"):
        load(settings)


def test_of_a_brands_folder_only_the_style_sheet_and_the_logo_are_served(world):
    page = requests.get(f"{world.issuer}/terms", timeout=9).text
    assert "/brands/kepro/kepro.css" in page and "/brands/kepro/kepro.svg" in page
    for name, kind in (("acentra.css", "text/css"), ("acentra.svg", "image/svg+xml")):
        answer = requests.get(f"{world.issuer}/brands/acentra/{name}", timeout=9)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(kind)
        assert "max-age" in answer.headers["Cache-Control"]
    for name in ("acentra/acentra.toml", "acentra/kepro.css", "acentra/..%2fkepro.css", "x/x.css"):
        answer = requests.get(f"{world.issuer}/brands/{name}", timeout=9)
        assert answer.status_code == 404, name
