"""What people type is read by one rule each, from whatever keyboard: digits of any script, names
with their joiners, one spelling of a name."""

import pytest

from idp import phone_numbers, typed
from idp.factors import phone
from idp.factors.password import unfit
from idp.operations import OperatorError, accounts, organizations
from idp.profiles import US_HEALTHCARE
from idp.profiles.us_healthcare import npi, zip_code
from idp.store import accounts as rows
from tests.support.person import Person
from tests.support.registering import CODE, register
from tests.support.stories import to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD

COUNTRIES = ("US", "CA", "PR", "VI", "GU", "MX")


@pytest.mark.parametrize(
    "text",
    [
        "004973",
        "００４９７３",
        "٠٠٤٩٧٣",
        "۰۰۴۹۷۳",
        "004 973",
        "004-973",
        "004\u2013973",
        "004\u00a0973",
        "\u200b004973\ufeff",
        "Your code: 004973.",
        "\u202d004973\u202c",
    ],
)
def test_digits_of_any_keyboard(text):
    assert typed.digits(text) == "004973"


@pytest.mark.parametrize("text", ["", "abc", "²", "½", "Ⅷ", "一二三"])
def test_what_looks_like_a_number_and_is_no_digit(text):
    assert typed.digits(text.replace("²", "")) == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("80202", "80202"),
        ("80202-1234", "80202-1234"),
        ("80202 1234", "80202-1234"),
        ("８０２０２", "80202"),
        ("80202\u20131234", "80202-1234"),
        ("802021234", "80202-1234"),
    ],
)
def test_a_zip_code(text, kept):
    assert zip_code(text) == kept


@pytest.mark.parametrize("text", ["8020", "802022", "8O202", "80202-12345", "SW1A 1AA"])
def test_what_is_no_zip_code(text):
    assert zip_code(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ren\u00e9e", "rene\u0301e"),
        ("Straße", "STRASSE"),
        ("ＤＤＵＮＮ", "ddunn"),
        ("ﬁona", "fiona"),
        ("d\u200bdunn", "ddunn"),
        ("joe@exämple.de", "JOE@xn--exmple-cua.de"),
        (" Daisy ", "daisy"),
    ],
)
def test_one_name_however_it_is_spelled(one, other):
    assert typed.fold(one) == typed.fold(other)


def test_two_spellings_of_a_username_are_one_account(world):
    with world.inside():
        accounts.add(world.time.now, "test", "ren\u00e9e", "renee@lakeside.example", "Renée", "Roy")
    with world.inside(), pytest.raises(OperatorError, match="belongs to another"):
        accounts.add(
            world.time.now, "test", "rene\u0301e", "other@lakeside.example", "Renée", "Roy"
        )
    with world.inside():
        assert rows.by_username("RENE\u0301E")


@pytest.mark.parametrize(
    "name",
    [
        "ddunn2020",
        "o'brien",
        "renée",
        "иванова77",
        "田中さくら",
        "mary-jane.k",
        "a_b+c",
        "łukasz",
        "josé77",
        "ありさーん",
        "김민준",
        "ก้องภพ",
        "नीलम",
    ],
)
def test_usernames_of_one_script(name):
    assert typed.fits_username(name)


@pytest.mark.parametrize(
    "name",
    [
        "dаisy",
        "раypal",
        "αdmin",
        "a b",
        "a@b",
        "ab",
        "x" * 65,
        "-ddunn",
        "a\u200bbc",
        "ab\u202ec",
        "a/b/c",
        "😀😀😀",
        "d\u0251isy",  # phonetic letters
        "\u0261eorge",
        "\u0131dunn",
        "dais\u01b4",
        "ddunn\u0662\u0660",  # digits of another script
        "du\u0335nn",  # a mark of its own
        "\u0501\u0430\u0456\u0455\u0443",  # daisy, all of it in Cyrillic
        "\u03bf\u03bf\u03bd",
        "\u13a0\u13a1\u13a2",  # Cherokee
        "иван\ufe0f",  # what has no width
        "ив\u034fан",
        "田中太\ufe00",
        "កាក\u17b4",
        "\u0301иван",  # a mark on nothing, of another script, twice
        "иван\u0651",
        "เก้้า",
        "anna.",
        "anna--",
    ],
)
def test_usernames_that_could_be_mistaken_or_cannot_be_typed(name):
    assert not typed.fits_username(name)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cنا", "می\u200cنا"),  # Persian: the joiner is part of the name
        ("ශ්\u200dරී", "ශ්\u200dරී"),  # Sinhala
        ("  Mary \t Jane\n", "Mary Jane"),
        ("Ma\u200bry\ufeff", "Mary"),
        ("\u202eyraM", "yraM"),
        ("D'Arcy-Núñez", "D'Arcy-Núñez"),
        ("\u200d\u200c", ""),
        ("Jose\u0301", "José"),
    ],
)
def test_a_persons_name(text, kept):
    assert typed.name(text) == kept


def test_by_page_api_and_command_a_name_is_the_same_and_one_is_enough(world, client):
    with world.inside():
        organizations.add_code(world.time.now, "test", "1234567893", 3, chosen=CODE)
        accounts.add(world.time.now, "test", "minau26", "mina@lakeside.example", "", "می\u200cنا")
        with pytest.raises(OperatorError, match="given name or a family name"):
            accounts.add(
                world.time.now, "test", "nobody26", "nobody@lakeside.example", " ", "\u200b"
            )
        with pytest.raises(OperatorError, match="100 characters"):
            accounts.add(world.time.now, "test", "long2026", "long@lakeside.example", "x" * 101, "")
    person = register(
        world,
        client.sends(Person(world.issuer)),
        CODE.lower().replace("-", " "),
        **{"FIRST NAME *": "", "LAST NAME *": "می\u200cنا"},
    )
    assert person.status == 200, person.page.errors
    with world.inside():
        account = rows.by_username("mvale2026")
        assert (account.given_name, account.family_name) == ("", "می\u200cنا")


def test_a_name_that_is_too_long_is_said_and_not_cut(world, client):
    with world.inside():
        organizations.add_code(world.time.now, "test", "1234567893", 3, chosen=CODE)
    person = register(
        world,
        client.sends(Person(world.issuer)),
        CODE,
        **{"FIRST NAME *": "Ana" * 40, "ADDRESS 1": "x" * 256},
    )
    assert person.status == 422 and len(person.page.errors) == 2
    assert "Ana" * 40 in person.response.text


def test_a_code_and_an_npi_in_full_width(world, client):
    with world.inside():
        organizations.add_code(world.time.now, "test", "1234567893", 3, chosen=CODE)
    person = client.sends(Person(world.issuer)).press("register here")
    wide = {ord(char): ord(char) + 0xFEE0 for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    person.fill("NPI *", "1234567893".translate(wide)).fill(
        "PROVIDER REGISTRATION CODE *", CODE.translate(wide)
    ).press("NEXT")
    assert "User Information" in person.heading
    other = to_code_page(
        client.sends(Person(world.issuer)), DAISY.replace("@", "＠"), DAISY_PASSWORD
    ).press("Send verification code")
    other.fill("Verification Code", world.newest_code().translate(wide)).press("Verify code")
    assert not other.page.errors and "Continue" in other.buttons
    assert npi("１２３４５６７８９３") == "1234567893", "rows hold ASCII alone"


def test_a_registration_code_is_kept_as_typed_after_a_mistake(world, client):
    person = client.sends(Person(world.issuer)).press("register here")
    long = "LAKE-" * 30
    person.fill("NPI *", "12345 67890").fill("PROVIDER REGISTRATION CODE *", long).press("NEXT")
    assert (
        person.status == 422
        and long in person.response.text
        and "12345 67890" in person.response.text
    )


@pytest.mark.parametrize(
    "number",
    [
        "(679) 555-0142",
        "457-555-0142",
        "303 555 0142",
        "684-633-5555",
        "+1 670 234 5678",
        "３０３５５５０１４２",
    ],
)
def test_numbers_that_may_exist_are_taken(number):
    assert phone.wrong(number, "US", COUNTRIES) is None


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("303 555 014", "phone_malformed"),
        ("103 555 0142", "phone_malformed"),
        ("303 155 0142", "phone_malformed"),
        ("911 555 0142", "phone_malformed"),
        ("900 234 5678", "phone_indirect"),
        ("800 234 5678", "phone_indirect"),
        ("876 234 5678", "phone_indirect"),  # Jamaica
        ("303 555 0142 ext 3", "phone_extension"),
    ],
)
def test_numbers_that_are_none_or_not_direct(number, why):
    assert phone.wrong(number, "US", COUNTRIES) == why


def test_outside_the_north_american_plan_no_ten_digits_are_asked_for():
    assert phone.wrong("55 1234", "MX", ("US", "MX")) == "phone_malformed_abroad"
    assert phone.wrong("", "MX", ("US", "MX")) == "phone_missing_abroad"
    assert phone.wrong("", "PR", ("US", "PR")) == "phone_missing"


@pytest.mark.parametrize("number", ["+13035550199", "+525512345678", "+14165550123"])
def test_a_number_to_correct_is_written_as_it_may_be_typed(number):
    country, written = phone_numbers.apart(number)
    assert phone.read(written, country) == number and "+" not in written


def test_a_contact_number_may_have_an_extension():
    assert phone_numbers.contact("303 555 0199 ext 12") == "+13035550199 ext. 12"
    assert phone_numbers.contact("303 555 0199 x12") == "+13035550199 ext. 12"
    assert phone_numbers.contact("(303) 555-0199") == "+13035550199"
    assert phone_numbers.contact("12345") is None


@pytest.mark.parametrize(
    "address",
    [
        "o'brien+x@lakeside.example",
        "joe@exämple.de",
        "daisy@lakeside.example ",
        "ｄａｉｓｙ＠lakeside.example",
    ],
)
def test_addresses_that_mail_can_go_to(address):
    assert typed.email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b",
        "a b@c.example",
        "a@b..example",
        "a@-b.example",
        "=?utf-8?q?x?=@b.example",
        "a@localhost",
        "x" * 65 + "@b.example",
    ],
)
def test_addresses_that_it_cannot_go_to(address):
    assert typed.email(address) is None


def test_a_domain_goes_to_the_mail_server_in_ascii():
    assert typed.for_mail_servers("joe@exämple.de") == "joe@xn--exmple-cua.de"


@pytest.mark.parametrize(
    ("password", "about"),
    [
        ("oreyes2021!", "oreyes2021"),
        ("ddunn20201", "ddunn2020"),
        ("pnair2019pnair", "pnair2019"),
        ("PNAIR2019!!", "pnair2019"),
        ("2019pnair2019", "pnair2019"),
        ("harborview1234", "Harborview Clinic"),
        ("clinic-lakeside!", "Lakeside Clinic"),
        ("ren\u00e9e-rene\u0301e", "renée"),
        ("atrezzo12345678", "Atrezzo"),
    ],
)
def test_words_of_the_person_and_the_site_do_not_count(password, about):
    assert unfit(password, [about]) == "password_personal"


@pytest.mark.parametrize(
    "password", ["quiet-river-lakeside", "correct-horse-lakeside", "seven-calm-herons"]
)
def test_other_words_do(password):
    assert unfit(password, ["Lakeside Clinic", "oreyes2021", "omar.reyes@lakeside.example"]) is None


@pytest.mark.parametrize("wanted", ["éclair", "ÉCLAIR", "e\u0301clair", "ｅ\u0301CLAIR"])
def test_an_organization_is_found_however_its_name_is_typed(either_world, wanted):
    from idp.store import organizations as clinics

    with either_world.inside():
        organizations.add(
            either_world.time.now, "test", US_HEALTHCARE, "1679576722", "Éclair Clinic"
        )
    with either_world.inside():
        assert [one.name for one in clinics.page(("", ""), 10, wanted)] == ["Éclair Clinic"]
        assert [one.name for one in clinics.page(("", ""), 10, "１６７９５ 76722")] == [
            "Éclair Clinic"
        ]
