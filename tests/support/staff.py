"""Somebody of the staff, who uses the admin of a running deployment over HTTP."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from tests.support.deployment import Deployment

TOKEN = "a" * 32


class Administrator:
    """Signed in, and superuser. Each request has a connection of its own."""

    def __init__(self, chat: Deployment) -> None:
        self._chat = chat
        self.person = chat.sign_up("root")
        chat.database.execute(
            "UPDATE chat_user SET is_staff = true, is_superuser = true "
            f"WHERE id = {self.person.user.pk}"
        )

    def get_json(self, path: str) -> Any:
        with self._asked("GET", path) as answer:
            assert answer.status == 200, answer.status
            return json.load(answer)

    def post(self, path: str, **fields: str) -> HTTPResponse:
        """Send a form; the body of the answer is yet to be read, at whatever pace."""
        return self._asked("POST", path, urlencode({"csrfmiddlewaretoken": TOKEN, **fields}))

    def prepared(self, model: str, query: str = "", **chosen: str) -> str:
        """Prepare an export and give the path of its page."""
        path = f"/admin/chat/{model}/export/?{query}"
        with self.post(path, **{"format": "jsonl", **chosen}) as answer:
            assert answer.status == 302, answer.status
            return answer.headers["Location"].removesuffix("change/")

    def _asked(self, method: str, path: str, body: str | None = None) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self._chat.webs[0].port, timeout=30)
        headers = {
            "Cookie": f"{self.person.cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
            # So the connection is the answer's, and ends with it.
            "Connection": "close",
        }
        connection.request(method, path, body, headers)
        return connection.getresponse()
