"""The socket of one page: parse, authorise, delegate, reply. The contract is docs/protocol.md."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import cached_property, partial
from typing import Any, NoReturn
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from chat import conversations, protocol
from chat.engine import Engine
from chat.envelope import Envelope
from chat.flood import FloodGate
from chat.handshake import Handshake
from chat.models import User
from chat.outbox import Outbox
from chat.protocol import CommandError
from chat.sessions import Login, user_of_session
from chat.threads import DATABASE_DOWN, DATABASE_ERRORS
from chat.watch import Watch

log = logging.getLogger(__name__)

REFRESH_RETRY_S = 1.0
# Commands of one socket that wait for the database.
JOBS_MAX = 100
# Of RFC 6455: nothing is wrong that the client has to know.
NORMAL = 1000

Job = Callable[[], Awaitable[None]]


class ChatConsumer(AsyncConsumer):
    """One connection. Its database commands run in order, in a task of their own.

    It owns no channel of the layer, so Redis can neither kill nor refuse it.
    """

    channel_layer_alias = "none"
    scope: dict[str, Any]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.engine: Engine = scope["engine"]
        self._user: User
        self._is_joined = False
        self._is_ended = False
        self._outbox = Outbox(partial(self.end, protocol.CloseCode.TOO_SLOW))
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._watches: dict[UUID, Watch] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._flood = FloodGate(protocol.FLOOD_FRAMES, protocol.FLOOD_WINDOW_S, time.monotonic)
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Not in a disconnect handler: after an exception that is never called.
            await self._clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler, without the base class's hop through the thread all sockets share."""
        await getattr(self, get_handler_name(message))(message)

    # -- Connection --------------------------------------------------------------------------

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        handshake = Handshake(self.scope)
        if not handshake.has_allowed_origin():
            await self._refuse()
        user = await self._authenticate(handshake.session_key())
        if user is None:
            await self._refuse()
        self._user = user
        await self.base_send({"type": "websocket.accept"})
        self._tasks = [asyncio.create_task(self._work())]
        self.engine.hub.join(user.pk, self)
        self.engine.sessions.join(self, Login(handshake.session_key(), user.pk, user.password))
        self._is_joined = True
        self._jobs.put_nowait(self._say_ready)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self._is_ended:
            return
        if self._flood.is_over():
            await self._close(protocol.CloseCode.FLOOD)
        text = message.get("text")
        try:
            if text is None:
                raise CommandError("bad_frame", "A frame is text")
            self._take(protocol.decode_command(text))
        except CommandError as error:
            self._reply_at_once(protocol.Error.of(error, error.command_id))

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def _authenticate(self, session_key: str | None) -> User | None:
        try:
            return await self.engine.commands.run_again_if_down(user_of_session, session_key)
        except DATABASE_DOWN as error:
            log.warning("a socket is refused, the database is down: %s", error)
            return None

    async def _refuse(self) -> NoReturn:
        await self._close(NORMAL)

    async def _close(self, code: int) -> NoReturn:
        await self.base_send({"type": "websocket.close", "code": code})
        raise StopConsumer

    def end(self, code: int) -> None:
        """Close the socket from outside its handlers; must not block or raise.

        Nothing more is told, and what the client still sends is not looked at.
        """
        if self._is_ended:
            return
        self._is_ended = True
        self._leave()
        closing = self.base_send({"type": "websocket.close", "code": code})
        # A clean context: who calls may be serving a request.
        self._tasks.append(asyncio.create_task(closing, context=contextvars.Context()))

    def _leave(self) -> None:
        """Be told of nothing any more, and stop what is being done for this socket."""
        if self._is_joined:
            self.engine.hub.leave(self._user.pk, self)
            self.engine.sessions.leave(self)
        for watch in self._watches.values():
            self.engine.hub.unwatch(watch.conversation, watch)
        self._outbox.close()
        for task in self._tasks:
            task.cancel("socket closed")

    async def _clean_up(self) -> None:
        self._leave()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- Frames out --------------------------------------------------------------------------

    async def _send_frames(self) -> None:
        try:
            await self._outbox.run(self._send_text)
        except Exception as error:  # noqa: BLE001  # of the server; a socket that is open and silent is worse
            log.warning("a socket is closed, a frame could not be sent: %r", error)
            self.end(NORMAL)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    def _reply(self, event: protocol.Event) -> None:
        """Answer a command that was done in its turn, when there was room for its reply."""
        self._outbox.put_reply(protocol.encode(event))

    def _reply_at_once(self, event: protocol.Event) -> None:
        self._outbox.put(protocol.encode(event))

    def notify(self, envelope: Envelope) -> None:
        """Tell the owner of a conversation that is not watched here."""
        if envelope.owner_frame is not None and envelope.conversation not in self._watches:
            self._outbox.put(envelope.owner_frame)

    # -- Commands ----------------------------------------------------------------------------

    def _take(self, command: protocol.Command) -> None:
        """Answer what needs no database; have the rest done in its turn."""
        if self._jobs.qsize() >= JOBS_MAX:
            raise CommandError(
                "unavailable", "Too many commands are waiting", command_id=command.command_id
            )
        if isinstance(command, protocol.Ping):
            self._reply_at_once(protocol.Pong(command_id=command.echo))
        elif isinstance(command, protocol.GenerationCancel) and self._cancelled_here(command):
            self._do(command, self._record_cancel)
        else:
            self._do(command, self._handlers[type(command)])

    @cached_property
    def _handlers(self) -> dict[type[protocol.Command], Callable[[Any], Awaitable[None]]]:
        return {
            protocol.MessageSend: self._send_message,
            protocol.GenerationCreate: self._regenerate,
            protocol.GenerationContinue: self._continue,
            protocol.GenerationCancel: self._cancel,
            protocol.ConversationSubscribe: self._subscribe,
            protocol.ConversationUnsubscribe: self._unsubscribe,
            **dict.fromkeys(conversations.UNITS, self._do_unit),
        }

    def _do(self, command: protocol.Command, handler: Callable[[Any], Awaitable[None]]) -> None:
        self._jobs.put_nowait(partial(self._handle, command, handler))

    async def _handle(
        self, command: protocol.Command, handler: Callable[[Any], Awaitable[None]]
    ) -> None:
        try:
            await handler(command)
        except CommandError as error:
            self._reply(protocol.Error.of(error, command.command_id))
        except DATABASE_ERRORS as error:
            log.warning("a command is refused, the database says: %s", error)
            self._reply(protocol.Error.of(_unavailable(), command.command_id))
        except Exception:
            log.exception("a command failed")
            self._reply(protocol.Error.of(_unavailable(), command.command_id))

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            # Who takes replies slowly has them made slowly: they are not kept in memory.
            await self._outbox.room()
            try:
                await job()
            except Exception:
                log.exception("a socket's job failed")

    async def _run(self, unit: Callable[..., Any], *args: Any) -> Any:
        """Run a unit of work for this user; it is asked again if its connection was broken."""
        return await self.engine.commands.run_again_if_down(unit, self._user.pk, *args)

    async def _say_ready(self) -> None:
        try:
            offer = await self._run(conversations.offer)
        except DATABASE_ERRORS:
            offer = conversations.bare_offer()
        # Nothing goes out before it, whatever has been put there meanwhile.
        ready = protocol.SessionReady(
            user=protocol.UserShape(self._user.pk, self._user.username),
            models=offer.models,
            limits=offer.limits,
            demo=offer.demo,
        )
        self._outbox.put_reply(protocol.encode(ready), first=True)
        self._tasks.append(asyncio.create_task(self._send_frames()))

    async def _send_message(self, command: protocol.MessageSend) -> None:
        await self._accept(command, conversations.submit, uuid.uuid4())

    async def _regenerate(self, command: protocol.GenerationCreate) -> None:
        await self._accept(command, conversations.regenerate)

    async def _continue(self, command: protocol.GenerationContinue) -> None:
        await self._accept(command, conversations.continue_answer)

    async def _accept(
        self, command: protocol.Command, unit: Callable[..., Any], *args: Any
    ) -> None:
        """Submit, acknowledge after the commit, then tell everybody who watches."""
        done: conversations.Submitted = await self._run(unit, command, *args)
        self._reply(
            protocol.MessageAccepted(
                command_id=command.echo,
                conversation=done.conversation,
                message=done.message,
                answer=done.answer,
                generation=done.generation,
                duplicate=done.duplicate,
            )
        )
        if done.duplicate:
            return
        if done.conversation not in self._watches:
            self._watch(done.conversation).start(done.revision - 1, {})
        self.engine.hub.publish(list(done.envelopes), hint=True)

    def _cancelled_here(self, command: protocol.GenerationCancel) -> bool:
        """Stop a generation of this process before anything is asked of the database."""
        runner, generation = self.engine.runner, command.generation
        if runner is None or generation is None:
            return False
        if not runner.cancel_local(generation, self._user.pk):
            return False
        self._reply_at_once(
            protocol.GenerationCancelling(command_id=command.echo, generations=[generation])
        )
        return True

    async def _record_cancel(self, command: protocol.GenerationCancel) -> None:
        """Write the flag of a cancel that was answered already: it must outlive this process."""
        await self._run(conversations.cancel, command)

    async def _cancel(self, command: protocol.GenerationCancel) -> None:
        done: conversations.Cancelling = await self._run(conversations.cancel, command)
        if self.engine.runner is not None:
            self.engine.runner.cancel_hint(done.generations)
        self._reply(
            protocol.GenerationCancelling(command_id=command.echo, generations=done.generations)
        )
        if done.ended is not None:
            self._reply(done.ended)
        self.engine.hub.publish(done.envelopes, hint=bool(done.envelopes))

    async def _do_unit(self, command: protocol.Command) -> None:
        """Do what one unit of work does, tell everybody, then reply."""
        done: conversations.Done = await self._run(conversations.UNITS[type(command)], command)
        if self.engine.runner is not None:
            self.engine.runner.cancel_hint(done.stopped)
        self.engine.hub.publish(done.envelopes, hint=bool(done.stopped))
        self._reply(done.reply)

    # -- Watching ----------------------------------------------------------------------------

    def _watch(self, conversation: UUID) -> Watch:
        if conversation not in self._watches:
            watch = Watch(conversation, self._outbox.put, self._ask_refresh)
            self._watches[conversation] = watch
            self.engine.hub.watch(conversation, watch)
        return self._watches[conversation]

    def _unwatch(self, conversation: UUID) -> None:
        watch = self._watches.pop(conversation, None)
        if watch is not None:
            self.engine.hub.unwatch(conversation, watch)

    async def _subscribe(self, command: protocol.ConversationSubscribe) -> None:
        was_watched = command.conversation in self._watches
        watch = self._watch(command.conversation)
        watch.told.hold()
        try:
            place = command.conversation, command.revision
            snapshot = await self._run(conversations.snapshot, *place, command.echo)
        except Exception:
            watch.release() if was_watched else self._unwatch(command.conversation)
            raise
        self._reply(snapshot.event)
        watch.start(snapshot.revision, snapshot.steps)

    async def _unsubscribe(self, command: protocol.ConversationUnsubscribe) -> None:
        self._unwatch(command.conversation)

    def _ask_refresh(self, watch: Watch) -> None:
        self._jobs.put_nowait(lambda: self._refresh(watch))

    async def _refresh(self, watch: Watch) -> None:
        """Read what a watch has missed; it holds what arrives until then."""
        if self._watches.get(watch.conversation) is not watch:
            return
        told = watch.told
        told.hold()
        try:
            changes = await self._run(
                conversations.changes_since, told.conversation, told.revision, dict(told.steps)
            )
        except CommandError:
            self._unwatch(watch.conversation)
        except Exception as error:  # noqa: BLE001  # a watch that holds for ever is a silent socket
            log.warning("a watch will be refreshed later: %r", error)
            loop = asyncio.get_running_loop()
            loop.call_later(REFRESH_RETRY_S, self._ask_refresh, watch)
        else:
            watch.apply(changes.revision, changes.envelopes)


def _unavailable() -> CommandError:
    return CommandError("unavailable", "Nothing was stored, send it again")
