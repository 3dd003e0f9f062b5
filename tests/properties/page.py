"""A page: it speaks the wire and shows what it is told, as docs/protocol.md has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.properties.process import Process, Socket

# What a client of ours may be refused; others mean that it or the server does not speak the protocol.
REFUSALS = {"not_found", "invalid", "conflict", "too_many_generations"}
TEXTS = ("content", "reasoning")


@dataclass
class Writing:
    """A live generation as a page shows it."""

    message: str
    seq: int = 0
    content: str = ""
    reasoning: str = ""


@dataclass
class Shown:
    """A conversation as a page shows it. `revision` is the last it was told while listening.

    `since` is the revision of its last whole snapshot, which holds the open branch only: what other
    branches held then it may not have. `is_wanted`: it has asked to listen, and not to leave since.
    """

    revision: int | None = None
    since: int = 0
    is_wanted: bool = False
    is_listening: bool = False
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: dict[str, Writing] = field(default_factory=dict)

    def texts(self) -> dict[str, tuple[str, str]]:
        """Give each message's `(content, reasoning)` as a person sees it, live text included."""
        texts = {pk: [message[kind] for kind in TEXTS] for pk, message in self.messages.items()}
        for writing in self.live.values():
            if writing.message in texts:
                content, reasoning = texts[writing.message]
                texts[writing.message] = [content + writing.content, reasoning + writing.reasoning]
        return {pk: (content, reasoning) for pk, (content, reasoning) in texts.items()}


class Page:
    """`place_of` gives the conversation of a generation: a frame of one that is not listened to is old."""

    def __init__(
        self,
        user: int,
        session_key: str,
        place_of: Callable[[str], str],
        command_id: Callable[[], str],
    ) -> None:
        self.user = user
        self._session_key = session_key
        self._place_of = place_of
        self._command_id = command_id
        self.socket: Socket | None = None
        self.is_stalled = False
        self.conversations: dict[str, Shown] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.accepted: list[tuple[dict[str, Any], dict[str, Any]]] = []

    # -- The connection --------------------------------------------------------------------------

    def connect(self, process: Process) -> None:
        self.socket = Socket(process, self._session_key)

    def lose_socket(self) -> None:
        """Lose the connection with all that was on its way to this page."""
        if self.socket is not None:
            self.socket.drop()
        self.socket = None
        self.is_stalled = False
        for shown in self.conversations.values():
            shown.is_listening = shown.is_wanted = False

    def say(self, kind: str, **fields: Any) -> dict[str, Any]:
        command = {"type": kind, "command_id": self._command_id(), **fields}
        self.commands[command["command_id"]] = command
        if self.socket is not None:
            self.socket.receive(json.dumps(command))
        return command

    def subscribe(self, conversation: str, *, with_revision: bool) -> None:
        shown = self.conversations.setdefault(conversation, Shown())
        shown.is_wanted = True
        known = {} if shown.revision is None or not with_revision else {"revision": shown.revision}
        self.say("conversation.subscribe", conversation=conversation, **known)

    def unsubscribe(self, conversation: str) -> None:
        self.say("conversation.unsubscribe", conversation=conversation)
        shown = self.conversations[conversation]
        shown.is_listening = shown.is_wanted = False

    def read(self) -> None:
        """Take in all that has arrived."""
        if self.socket is None or self.is_stalled:
            return
        frames, self.socket.sent, self.socket.checked = self.socket.sent, [], 0
        for frame in frames:
            self._take(json.loads(frame))

    # -- What it is told -------------------------------------------------------------------------

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind in TERMINAL:
            self._ended(event)
        elif kind in HANDLERS:
            HANDLERS[kind](self, event)

    def _refused(self, event: dict[str, Any]) -> None:
        assert event["code"] in REFUSALS, event

    def _accepted(self, event: dict[str, Any]) -> None:
        self.accepted.append((self.commands[event["command_id"]], event))
        is_new = event["conversation"] not in self.conversations
        shown = self.conversations.setdefault(event["conversation"], Shown())
        if is_new and not event["duplicate"]:
            command = self.commands[event["command_id"]]
            shown.is_listening = shown.is_wanted = command.get("conversation", "") is None
        if not shown.is_listening:
            self.subscribe(event["conversation"], with_revision=True)

    def _snapshot(self, event: dict[str, Any]) -> None:
        told = event["conversation"]
        shown = self.conversations.setdefault(told["id"], Shown())
        if "revision" not in self.commands[event["command_id"]]:
            shown.messages.clear()
            shown.since = told["revision"]
        # A snapshot that was on its way while the page left tells of nothing that follows.
        shown.is_listening = shown.is_wanted
        assert told["revision"] >= (shown.revision or 0), "a snapshot went back"
        shown.revision = told["revision"]
        shown.messages |= {message["id"]: message for message in event["messages"]}
        for each in event["generations"]:
            before = shown.live.get(each["id"], Writing(each["message"]))
            assert each["seq"] >= before.seq, "a snapshot went back"
        shown.live = {
            each["id"]: Writing(each["message"], each["seq"], each["content"], each["reasoning"])
            for each in event["generations"]
        }

    def _message(self, event: dict[str, Any]) -> None:
        shown = self._listening(event["conversation"])
        if shown is not None:
            assert event["message"]["id"] not in shown.messages, "a message came twice"
            shown.messages[event["message"]["id"]] = event["message"]

    def _created(self, event: dict[str, Any]) -> None:
        shown = self._listening(event["conversation"])
        if shown is None:
            return
        assert event["generation"] not in shown.live, "a generation was created twice"
        shown.live[event["generation"]] = Writing(event["message"])
        if event["continues"] is not None:
            return
        empty = {"id": event["message"], "parent": event["parent"], "content": "", "reasoning": ""}
        shown.messages.setdefault(event["message"], empty)

    def _delta(self, event: dict[str, Any]) -> None:
        writing = self._writing(event)
        if writing is not None:
            assert event["seq"] == writing.seq + 1, f"after {writing.seq} came {event['seq']}"
            writing.seq = event["seq"]
            setattr(writing, event["kind"], getattr(writing, event["kind"]) + event["text"])

    def _replaced(self, event: dict[str, Any]) -> None:
        writing = self._writing(event)
        if writing is not None:
            assert event["seq"] >= writing.seq, "a snapshot went back"
            for kind in TEXTS:
                assert event[kind].startswith(getattr(writing, kind)), "a snapshot took text away"
            writing.seq = event["seq"]
            writing.content, writing.reasoning = event["content"], event["reasoning"]

    def _ended(self, event: dict[str, Any]) -> None:
        # With a command's id it is the answer to a late cancel, in front of what may be on its way.
        writing = None if "command_id" in event else self._writing(event)
        if writing is None:
            return
        assert event["seq"] == writing.seq + 1, f"after {writing.seq} it ended at {event['seq']}"
        shown = self.conversations[self._place_of(event["generation"])]
        del shown.live[event["generation"]]
        message = shown.messages.get(writing.message)
        if message is not None:
            texts = {kind: message[kind] + getattr(writing, kind) for kind in TEXTS}
            shown.messages[writing.message] = {**message, **texts}

    def _changed(self, event: dict[str, Any]) -> None:
        shown = self._listening(event["conversation"]["id"])
        if shown is not None:
            shown.revision = event["conversation"]["revision"]

    def _listening(self, conversation: str) -> Shown | None:
        shown = self.conversations.get(conversation)
        return shown if shown is not None and shown.is_listening else None

    def _writing(self, event: dict[str, Any]) -> Writing | None:
        shown = self._listening(self._place_of(event["generation"]))
        if shown is None:
            return None
        assert event["generation"] in shown.live, f"{event['type']} of what is not live"
        return shown.live[event["generation"]]


TERMINAL = {f"generation.{end}" for end in ("completed", "failed", "cancelled", "interrupted")}
HANDLERS: dict[str, Callable[[Page, dict[str, Any]], None]] = {
    "error": Page._refused,
    "message.accepted": Page._accepted,
    "conversation.snapshot": Page._snapshot,
    "message.created": Page._message,
    "generation.created": Page._created,
    "generation.delta": Page._delta,
    "generation.snapshot": Page._replaced,
    "conversation.created": Page._changed,
    "conversation.updated": Page._changed,
}
