"""The real things tests run against: servers, child processes, a browser. Fixtures are in tests/conftest.py."""
