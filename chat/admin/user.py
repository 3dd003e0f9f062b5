"""Accounts. One that has conversations cannot be deleted here, for they may not: deactivate it."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from chat.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's own page for users, over ours."""

    show_full_result_count = False
    list_display = ("username", "email", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser")
