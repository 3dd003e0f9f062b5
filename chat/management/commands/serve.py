"""`manage.py serve`: the chat's web process."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evochat.server import make_server, use_fast_loop


class Command(BaseCommand):
    help = "Serve the chat with daphne; unless GENERATE_IN=worker, write the answers here too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        _check_port_is_free(host, port)
        use_fast_loop()
        from evochat.asgi import application

        make_server(application, host, port, self._announce).run()

    def _announce(self, address: str) -> None:
        self.stdout.write(f"evochat is on {address}")
        self.stdout.flush()


def _check_port_is_free(host: str, port: int) -> None:
    """Say so in one line; daphne would log and wait for ever."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}") from None
