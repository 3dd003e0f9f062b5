"""Run the scripted server as a process: `python -m scripted_evolution --port 0`."""

import argparse
import asyncio
import contextlib

from local_model.lifeline import exit_with_parent
from scripted_evolution.server import ScriptedEvolution


def main() -> None:
    """Parse the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="scripted_evolution", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="exit when standard input closes"
    )
    options = parser.parse_args()
    if options.exit_with_parent:
        exit_with_parent()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_fast_loop()) as run:
        run.run(serve(options.host, options.port))


async def serve(host: str, port: int) -> None:
    """Serve until cancelled, after one line on standard output that names the URL."""
    server = ScriptedEvolution()
    await server.start(host, port)
    print(f"scripted evolution on {server.base_url}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def _fast_loop() -> "type[asyncio.AbstractEventLoop] | None":
    """Return uvloop's loop where it is installed: it halves the cost of a chunk."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


if __name__ == "__main__":
    main()
