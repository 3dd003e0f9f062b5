"""Ask the server of this container whether it is alive; the exit code is the answer. For HEALTHCHECK.

python -m scripts.healthcheck [port]
"""

import os
import sys
import urllib.request

TIMEOUT_SECONDS = 4


def main() -> None:
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": _host()})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            print(answer.status)
    except OSError as error:
        sys.exit(f"not healthy: {error}")


def _host() -> str:
    # The server refuses hosts it does not serve, also from inside its container.
    first = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].strip()
    return first.removeprefix(".") if first not in {"", "*"} else "127.0.0.1"


if __name__ == "__main__":
    main()
