from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chat import accounts, checks, roles
        from chat.models import access_guard
        from chat.search import sqlite_index

        for check in checks.ALL:
            register(check)
        for check in checks.OF_DATABASE:
            register(check, Tags.database)
        user_logged_out.connect(accounts.close_sockets)
        pre_migrate.connect(sqlite_index.drop_before_migrate, sender=self)
        post_migrate.connect(sqlite_index.create_after_migrate, sender=self)
        post_migrate.connect(access_guard.create_after_migrate, sender=self)
        post_migrate.connect(roles.make_after_migrate, sender=self)
