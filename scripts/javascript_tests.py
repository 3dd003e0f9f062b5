"""Run the tests of the page's pure modules: `node --test` on every file of `tests/js/`."""

import subprocess
import sys
from pathlib import Path

from scripts.node import find_node

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    node = find_node()
    if node is None:
        sys.exit("evochat: no Node.js; `make test` installs one")
    # Named one by one: from Node.js 22 on, `node --test` takes a directory for a module.
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/js").rglob("*.test.js"))
    if not files:
        sys.exit("evochat: tests/js/ holds no *.test.js")
    command = [node.node, "--test", "--test-reporter=spec", *files]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
