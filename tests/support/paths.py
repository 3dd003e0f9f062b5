"""Where tests find the checkout and leave what a person may want to look at."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Logs of child processes and screenshots; ignored by git, overwritten by the next run.
OUTPUT = ROOT / "test-output"
LOGS = OUTPUT / "logs"
SCREENSHOTS = OUTPUT / "screenshots"
# Kept from run to run: unpacking the browser takes 3 s and 210 MB.
CACHE = ROOT / "var" / "test-cache"


def file_name(title: str) -> str:
    """Make a title (a test's node id, say) safe as a file name."""
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in title)[-120:]
