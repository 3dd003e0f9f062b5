"""The record: who asked what, what was answered, the log of every answer being written, who read what and took it out."""

from chat.models.access import Access, Accessed, AppendOnlyError
from chat.models.conversation import Conversation, TitleSource
from chat.models.delta import Delta
from chat.models.export import Export, ExportState, FileFormat, Record
from chat.models.generation import Generation, Status
from chat.models.language_model import LanguageModel
from chat.models.message import Message, Role
from chat.models.preset import Preset
from chat.models.rating import Rating
from chat.models.review import Act, Cause, Outcome, Review, ReviewNote
from chat.models.runner import Admission, Runner
from chat.models.search_entry import SearchEntry
from chat.models.share import Share
from chat.models.user import User
from chat.models.user_limits import UserLimits

__all__ = [
    "Access",
    "Accessed",
    "Act",
    "Admission",
    "AppendOnlyError",
    "Cause",
    "Conversation",
    "Delta",
    "Export",
    "ExportState",
    "FileFormat",
    "Generation",
    "LanguageModel",
    "Message",
    "Outcome",
    "Preset",
    "Rating",
    "Record",
    "Review",
    "ReviewNote",
    "Role",
    "Runner",
    "SearchEntry",
    "Share",
    "Status",
    "TitleSource",
    "User",
    "UserLimits",
]
