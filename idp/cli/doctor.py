"""`idp doctor`: what is wrong with a deployment, and how to fix it."""

from collections.abc import Iterator
from pathlib import Path

import click

from idp import clock
from idp.cli.common import as_json, console, print_json
from idp.house import built
from idp.operations import doctor, doctor_settings, reach
from idp.operations.findings import OK, PROBLEM, Finding
from idp.settings import SettingsError, faults, read

SIGNS = {
    "ok": "[green]ok     [/]",
    "warning": "[yellow]warning[/]",
    "problem": "[bold red]PROBLEM[/]",
}


@click.command("doctor")
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Check settings, secrets, database, clock, keys, messages, proxies and mail. Exit code 1 if
    there is a problem; a warning alone is none."""
    findings = list(_findings(Path(context.find_root().obj).resolve()))
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            console.print(f"{SIGNS[finding.state]} [bold]{finding.about}[/]  ", end="")
            console.print(finding.says, markup=False, soft_wrap=True)
            if finding.cure:
                console.print(f"        → {finding.cure}", markup=False, soft_wrap=True)
        wrong = sum(finding.state != OK for finding in findings)
        need = "1 finding needs" if wrong == 1 else f"{wrong} findings need"
        console.print(f"\n{need} attention." if wrong else "\nNo problems found.")
    if any(finding.state == PROBLEM for finding in findings):
        context.exit(1)


def _findings(path: Path) -> Iterator[Finding]:
    try:
        settings = read(path)
    except SettingsError as error:
        cure = f"Correct {path.name}. The file that idp init writes lists every key and its bounds."
        if not path.exists():
            cure = "Run `idp init` to create one, or name another file with --settings."
        elif not path.is_file() or "cannot be read" in str(error):
            cure = f"Make {path.name}, and what it names, files that this user may read."
        yield Finding("settings", PROBLEM, str(error), cure)
        return
    yield from doctor_settings.of_settings(settings, path)
    if any(faults(settings)):
        return  # what does not start has nothing else to be looked at
    house = built(settings)  # what does not answer soon does not answer
    with house.working():
        yield from doctor.inside(settings, house.keyring, clock.now())
        yield from reach.of_upstreams(house.employees.upstreams)
    yield from reach.of_issuer(settings)
    yield from reach.of_mail(settings)
