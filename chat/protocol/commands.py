"""What a client may ask."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Text = Annotated[str, Meta(min_length=1)]
ModelId = Annotated[str, Meta(min_length=1, max_length=200)]
TITLE_MAX_CHARS = 200
TAG_MAX_CHARS = 40
TAGS_MAX = 20
PRESET_NAME_MAX_CHARS = 80
COMMENT_MAX_CHARS = 2_000
QUERY_MAX_CHARS = 200
TagName = Annotated[str, Meta(min_length=1, max_length=TAG_MAX_CHARS)]
StopSequence = Annotated[str, Meta(min_length=1, max_length=200)]
RatingValue = Literal["up", "down"]
RatingReason = Literal[
    "accurate",
    "helpful",
    "clear",
    "incorrect",
    "incomplete",
    "off_topic",
    "style",
    "unsafe",
    "other",
]


class Params(Struct, frozen=True, omit_defaults=True):
    """What shapes an answer; what is unset comes from the conversation, then from the model."""

    system_prompt: Annotated[str, Meta(max_length=32_000)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    stop: Annotated[list[StopSequence], Meta(max_length=4)] | None = None


class Command(Struct, frozen=True, tag_field="type", kw_only=True):
    """What a client asks. Subclasses are named after their `type`."""

    command_id: Annotated[str, Meta(max_length=200)] | None = None

    @property
    def echo(self) -> str | UnsetType:
        """Give what a reply says in its `command_id`."""
        return UNSET if self.command_id is None else self.command_id


class MessageSend(Command, frozen=True, tag="message.send", kw_only=True):
    message: UUID
    content: str
    conversation: UUID | None
    parent: UUID | UnsetType | None = UNSET
    model: ModelId | None = None
    params: Params | None = None
    compare: bool = False


class GenerationCreate(Command, frozen=True, tag="generation.create", kw_only=True):
    message: UUID
    answer: UUID
    model: ModelId | None = None
    params: Params | None = None


class GenerationContinue(Command, frozen=True, tag="generation.continue", kw_only=True):
    generation: UUID


class GenerationCancel(Command, frozen=True, tag="generation.cancel", kw_only=True):
    generation: UUID | None = None
    message: UUID | None = None
    conversation: UUID | None = None

    def __post_init__(self) -> None:
        if [self.generation, self.message, self.conversation].count(None) != 2:
            raise ValueError("Exactly one of generation, message, conversation")


class ConversationSubscribe(Command, frozen=True, tag="conversation.subscribe", kw_only=True):
    conversation: UUID
    revision: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class ConversationUnsubscribe(Command, frozen=True, tag="conversation.unsubscribe", kw_only=True):
    conversation: UUID


class ConversationList(Command, frozen=True, tag="conversation.list", kw_only=True):
    before: Annotated[str, Meta(max_length=200)] | None = None
    archived: bool = False
    tag: TagName | None = None


class ConversationUpdate(Command, frozen=True, tag="conversation.update", kw_only=True):
    """What is left out stays as it is."""

    conversation: UUID
    title: Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)] | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    head: UUID | UnsetType = UNSET
    model: ModelId | UnsetType | None = UNSET
    params: Params | UnsetType = UNSET
    tags: Annotated[list[TagName], Meta(max_length=TAGS_MAX)] | UnsetType = UNSET
    compared: UnsetType | None = UNSET


class ConversationDelete(Command, frozen=True, tag="conversation.delete", kw_only=True):
    conversation: UUID


class ConversationRestore(Command, frozen=True, tag="conversation.restore", kw_only=True):
    conversation: UUID


class ConversationShare(Command, frozen=True, tag="conversation.share", kw_only=True):
    conversation: UUID


class ConversationUnshare(Command, frozen=True, tag="conversation.unshare", kw_only=True):
    conversation: UUID


class ConversationSearch(Command, frozen=True, tag="conversation.search", kw_only=True):
    query: Annotated[str, Meta(min_length=1, max_length=QUERY_MAX_CHARS)]
    before: Annotated[str, Meta(pattern=r"^[0-9]{1,4}$")] | None = None


class MessageRate(Command, frozen=True, tag="message.rate", kw_only=True):
    """`rating` null takes it back."""

    message: UUID
    rating: RatingValue | None
    reason: RatingReason | None = None
    comment: Annotated[str, Meta(max_length=COMMENT_MAX_CHARS)] | None = None


class PresetList(Command, frozen=True, tag="preset.list", kw_only=True):
    pass


class PresetSave(Command, frozen=True, tag="preset.save", kw_only=True):
    """A new one under a uuid of the client's, or all of a stored one anew."""

    preset: UUID
    name: Annotated[str, Meta(min_length=1, max_length=PRESET_NAME_MAX_CHARS)]
    model: ModelId | None = None
    params: Params


class PresetDelete(Command, frozen=True, tag="preset.delete", kw_only=True):
    preset: UUID


class ConversationHistory(Command, frozen=True, tag="conversation.history", kw_only=True):
    conversation: UUID
    before: UUID


class Ping(Command, frozen=True, tag="ping", kw_only=True):
    pass


COMMANDS: dict[str, type[Command]] = {
    str(command.__struct_config__.tag): command
    for command in (
        MessageSend,
        GenerationCreate,
        GenerationContinue,
        GenerationCancel,
        ConversationSubscribe,
        ConversationUnsubscribe,
        ConversationList,
        ConversationHistory,
        ConversationUpdate,
        ConversationDelete,
        ConversationRestore,
        ConversationShare,
        ConversationUnshare,
        ConversationSearch,
        MessageRate,
        PresetList,
        PresetSave,
        PresetDelete,
        Ping,
    )
}
