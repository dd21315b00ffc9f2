"""A way to PostgreSQL that is cut at a COMMIT: the server keeps what was written, and whoever wrote
it never hears so."""

import socket
import threading
from contextlib import suppress

COMMIT = b"COMMIT"


class Cutting:
    """Passes on what is said between clients and the server at `port`. `at` counts down the commits
    that still get their answer; at zero one is cut, once. `before` cuts before the server has heard
    of it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._lock = threading.Lock()
        self.at: int | None = None
        self.before = False
        self.cuts = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                over = threading.Event()
                threading.Thread(
                    target=self._forth, args=(client, server, over), daemon=True
                ).start()
                threading.Thread(
                    target=self._back, args=(server, client, over), daemon=True
                ).start()

    def _forth(self, client: socket.socket, server: socket.socket, over: threading.Event) -> None:
        with suppress(OSError):
            while words := client.recv(65536):
                if COMMIT in words and self._due():
                    over.set()  # the server's answer goes nowhere
                    if not self.before:
                        server.sendall(words)
                        threading.Event().wait(0.3)  # it has kept it by now
                    _end(client, server)
                    return
                server.sendall(words)
        _end(client, server)

    def _back(self, server: socket.socket, client: socket.socket, over: threading.Event) -> None:
        with suppress(OSError):
            while words := server.recv(65536):
                if not over.is_set():
                    client.sendall(words)
        _end(client, server)

    def _due(self) -> bool:
        with self._lock:
            if self.at is None:
                return False
            self.at -= 1
            if self.at >= 0:
                return False
            self.at = None
            self.cuts += 1
            return True

    def stop(self) -> None:
        self._server.close()


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
