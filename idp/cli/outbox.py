"""`idp outbox`: the process that sends messages. `idp serve` starts it. More than one may run."""

import signal
import threading

import click

from idp.cli import logs
from idp.cli.common import settings_of
from idp.cli.orphans import when_orphaned
from idp.delivery.worker import Worker
from idp.house import built


@click.command("outbox")
@click.pass_context
def command(context: click.Context) -> None:
    """Send messages, and logout notices to clients, until SIGTERM. `idp serve` starts this by
    itself."""
    logs.init()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    when_orphaned(stop.set)
    house = built(settings_of(context))

    def tell_clients() -> None:
        with house.working():
            Worker(house.settings, house.vault, house.logout_notices.tell).run(stop)

    beside = threading.Thread(target=tell_clients, daemon=True)
    beside.start()
    with house.working():
        Worker(house.settings, house.vault).run(stop)
    beside.join(house.settings.server.drain)
