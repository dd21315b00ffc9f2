"""`idp outbox`: the process that sends messages. `idp serve` starts it; more than one may run."""

import signal
import threading

import click

from idp.app import create_app
from idp.cli import logs
from idp.cli.common import settings_of
from idp.cli.orphans import when_orphaned
from idp.delivery.worker import Worker


@click.command("outbox")
@click.pass_context
def command(context: click.Context) -> None:
    """Send messages until SIGTERM (`idp serve` runs this by itself)."""
    logs.init()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    when_orphaned(stop.set)
    app = create_app(settings_of(context))
    with app.app_context():
        house = app.extensions["stagedoor"]
        Worker(house.settings, house.vault).run(stop)
