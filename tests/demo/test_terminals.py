"""What commands print fits the terminal that it is read on, and is plain text for everything else."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from idp.cli.common import print_table
from tests.support.commands import ENVIRON, done, idp

ADDRESS = "aurelia.longfellow-whittington@riverbend-family-practice.example"


@pytest.fixture
def people(deployment):
    for username, name in (("alongfellow2026", "Aurelia"), ("[bold]", "Bo")):
        done(
            deployment.folder,
            *("accounts", "add", username.strip("[]"), "--email", name[0] + ADDRESS),
            *("--given-name", name, "--family-name", f"{username} Longfellow-Whittington"),
            IDP_NEW_PASSWORD="quiet-river-boat",
        )
    return deployment


def on_a_terminal(settings, *arguments: str, columns: int) -> list[str]:
    """The lines that a command prints on a terminal of this width, without colors."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [sys.executable, "-m", "idp", "--settings", str(settings), *arguments]
    environ = {**ENVIRON, "TERM": "xterm"}
    environ.pop("COLUMNS", None)
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environ
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # the other side was closed
            break
        if not some:
            break
        printed += some
    os.close(ours)
    assert process.wait(60) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).splitlines()


def test_a_list_that_fits_has_a_row_a_line(people):
    lines = on_a_terminal(people.settings, "accounts", "list", columns=180)
    assert lines[0].split() == ["Username", "Name", "Signs", "in", "as", "State"]
    assert len(lines) == 3 and sum(ADDRESS in line for line in lines) == 2


def test_a_list_that_does_not_fit_has_a_value_a_line_and_cuts_no_address(people):
    for columns in (75, 80, 100):
        lines = on_a_terminal(people.settings, "accounts", "list", columns=columns)
        assert sum(ADDRESS in line for line in lines) == 2, lines
        assert sum(line.startswith("Username ") for line in lines) == 2
    shown = on_a_terminal(people.settings, "accounts", "show", "bold", columns=60)
    assert ADDRESS in "".join(shown), "longer than a line, and the terminal goes on below"


def test_sentences_go_on_below_in_their_column(deployment):
    for command in (("flow", "sign-in"), ("oauth", "checks")):
        lines = on_a_terminal(deployment.settings, *command, columns=100)
        assert max(map(len, lines)) <= 100
        assert len(lines) > len(idp(deployment.settings, *command).stdout.splitlines())


def test_what_a_program_reads_ends_in_no_spaces_and_is_not_taken_for_style(people):
    for command in (("accounts", "list"), ("accounts", "show", "bold"), ("flow",)):
        printed = idp(people.settings, *command).stdout
        assert not [line for line in printed.splitlines() if line != line.rstrip()]
        if command[0] == "accounts":
            assert "[bold] Longfellow-Whittington" in printed
        assert command[0] != "accounts" or ADDRESS in printed


def test_nothing_is_cut_however_long_it_is(capsys):
    long = "x" * 230 + "END"
    print_table(("Address", "Other"), [(long, "short")], "")
    printed = capsys.readouterr().out
    assert long in printed and "short" in printed
