"""The Django admin: who has an account, and what was said. What was said is read here, never changed, and never unseen."""

from django.contrib import admin

from chat.admin.access import AccessAdmin
from chat.admin.conversation import ConversationAdmin
from chat.admin.export import ExportAdmin
from chat.admin.generation import GenerationAdmin
from chat.admin.message import MessageAdmin
from chat.admin.review import ReviewAdmin
from chat.admin.running import LanguageModelAdmin, RunnerAdmin
from chat.admin.user import UserAdmin
from chat.admin.user_limits import UserLimitsAdmin

admin.site.site_header = admin.site.site_title = "evochat"

__all__ = [
    "AccessAdmin",
    "ConversationAdmin",
    "ExportAdmin",
    "GenerationAdmin",
    "LanguageModelAdmin",
    "MessageAdmin",
    "ReviewAdmin",
    "RunnerAdmin",
    "UserAdmin",
    "UserLimitsAdmin",
]
