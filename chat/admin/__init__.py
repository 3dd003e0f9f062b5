"""The Django admin: who has an account, and what was said. What was said is read here, never changed."""

from chat.admin.conversation import ConversationAdmin
from chat.admin.generation import GenerationAdmin
from chat.admin.message import MessageAdmin
from chat.admin.running import LanguageModelAdmin, RunnerAdmin
from chat.admin.user import UserAdmin

__all__ = [
    "ConversationAdmin",
    "GenerationAdmin",
    "LanguageModelAdmin",
    "MessageAdmin",
    "RunnerAdmin",
    "UserAdmin",
]
