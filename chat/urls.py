"""Paths of the chat: the page and the small HTTP interface."""

from django.urls import path

from chat.views import access, account, api, export, health, limits, page, shared, words

urlpatterns = [
    path("", page.chat, name="chat"),
    path("c/<uuid:conversation_id>/", page.chat, name="conversation"),
    path("c/<uuid:conversation_id>/export.md", export.markdown, name="export-markdown"),
    path("c/<uuid:conversation_id>/export.json", export.json, name="export-json"),
    path("c/<uuid:conversation_id>/print/", export.printed, name="print"),
    path("s/<str:token>/", shared.page, name="shared"),
    path("accounts/", account.own, name="account"),
    path("accounts/access/", access.shown, name="access"),
    path("accounts/limits/", limits.own, name="limits"),
    path("words/<str:language>.<str:version>.js", words.script, name="words"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/session", api.session, name="session"),
]
