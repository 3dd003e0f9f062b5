"""Accounts. They are deactivated here; one that is to be forgotten goes whole, by a command."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from chat.admin.named_list import NamedList
from chat.models import User

_HOW_TO_DELETE = _(
    "Accounts are not deleted here, since what they are writing must end first. Deactivate this one; or "
    "remove it for good, with all its conversations: manage.py forget_user %(name)s"
)


@admin.register(User)
class UserAdmin(NamedList, DjangoUserAdmin):
    """Django's own page for users, over ours."""

    show_full_result_count = False
    list_display = ("username", "email", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Refuse, and say what to do instead."""
        user = self.get_object(request, object_id)
        if user is not None and self.has_view_permission(request, user):
            messages.error(request, _HOW_TO_DELETE % {"name": user.get_username()})
        return redirect("admin:chat_user_change", object_id)
