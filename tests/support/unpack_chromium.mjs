// Unpack the Chromium of @sparticuz/chromium into $TMPDIR and print the path of its executable.
import chromium from "@sparticuz/chromium";

process.stdout.write(await chromium.executablePath());
