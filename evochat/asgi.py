"""The ASGI application: HTTP by Django, the socket by Channels, one Engine behind both."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from django.urls import path

from chat.consumers import ChatConsumer
from evochat.lifecycle import with_engine
from evochat.refusal import refuse_unknown

application = with_engine(
    ProtocolTypeRouter(
        {
            "http": django_application,
            "websocket": URLRouter([path("ws/chat/", ChatConsumer.as_asgi()), refuse_unknown]),
        }
    )
)
