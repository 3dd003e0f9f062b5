"""What a page shows, from nothing but the frames it got; and every breach of the contract it sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.wire import TERMINAL

Frame = dict[str, Any]


@dataclass
class Shown:
    """One generation, as far as it was shown. `ended` is the type of its terminal event, or its status."""

    conversation: str
    message: str = ""
    content: str = ""
    reasoning: str = ""
    seq: int = 0
    ended: str = ""
    ends: int = 0


@dataclass
class Screen:
    """Reduces frames to what is shown. It outlives a connection, as a page does."""

    shown: dict[str, Shown] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    answers: dict[str, Frame] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)
    conversations: set[str] = field(default_factory=set)

    def take(self, frame: Frame) -> None:
        kind = frame["type"]
        self._note_conversation(frame)
        if kind == "conversation.snapshot":
            self._take_snapshot(frame)
        elif kind == "generation.created":
            self._one(frame["generation"], frame["conversation"]).message = frame["message"]
        elif kind == "generation.snapshot":
            self._replace(frame["generation"], frame)
        elif kind == "generation.delta":
            self._take_delta(frame)
        elif kind in TERMINAL and "command_id" not in frame:
            self._take_end(frame)

    def is_live(self, generation: str) -> bool:
        return generation in self.shown and not self.shown[generation].ended

    def _note_conversation(self, frame: Frame) -> None:
        told = frame.get("conversation")
        if told is not None:
            self.conversations.add(told["id"] if isinstance(told, dict) else told)

    def _take_snapshot(self, frame: Frame) -> None:
        conversation = frame["conversation"]["id"]
        # Of snapshots alone: what else tells a revision does not tell all that came before it.
        self.revisions[conversation] = frame["conversation"]["revision"]
        for message in frame["messages"]:
            if last := message.get("generation"):
                self.answers[message["id"]] = message
                self._learn_end(last["id"], last, conversation)
        for live in frame["generations"]:
            self._one(live["id"], conversation).message = live["message"]
            self._replace(live["id"], live)

    def _learn_end(self, generation: str, last: Frame, conversation: str) -> None:
        """A generation that ended while nobody was connected has no terminal event for us."""
        one = self._one(generation, conversation)
        if last["status"] not in {"queued", "in_progress"} and not one.ended:
            one.ended = last["status"]
            one.seq = last["seq"]

    def _replace(self, generation: str, told: Frame) -> None:
        one = self._one(generation, told.get("conversation", ""))
        for kind in ("content", "reasoning"):
            if not told[kind].startswith(getattr(one, kind)):
                self._breach(f"{generation}: shown {kind} was taken back by a snapshot")
        if one.ended:
            self._breach(f"{generation}: live again after its end")
        if told["seq"] < one.seq:
            self._breach(f"{generation}: back to seq {told['seq']} from {one.seq}")
        one.content, one.reasoning, one.seq = told["content"], told["reasoning"], told["seq"]

    def _take_delta(self, frame: Frame) -> None:
        one = self._one(frame["generation"], frame.get("conversation", ""))
        if one.ended:
            self._breach(f"{frame['generation']}: a delta after the end")
        self._take_seq(one, frame)
        if frame["kind"] == "content":
            one.content += frame["text"]
        else:
            one.reasoning += frame["text"]

    def _take_end(self, frame: Frame) -> None:
        one = self._one(frame["generation"], frame.get("conversation", ""))
        one.ends += 1
        if one.ended:
            self._breach(f"{frame['generation']}: {frame['type']} after it was {one.ended}")
        self._take_seq(one, frame)
        one.ended = frame["type"]

    def _take_seq(self, one: Shown, frame: Frame) -> None:
        if frame["seq"] != one.seq + 1:
            self._breach(f"{frame['generation']}: seq {frame['seq']} after {one.seq}")
        one.seq = frame["seq"]

    def _one(self, generation: str, conversation: str) -> Shown:
        return self.shown.setdefault(generation, Shown(conversation))

    def _breach(self, what: str) -> None:
        self.breaches.append(what)
