"""Paths of the chat: the page and the small HTTP interface."""

from django.urls import path

from chat.views import api, health, page

urlpatterns = [
    path("", page.chat, name="chat"),
    path("c/<uuid:conversation_id>/", page.chat, name="conversation"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/session", api.session, name="session"),
]
