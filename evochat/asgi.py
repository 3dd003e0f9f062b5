"""The ASGI application: HTTP by Django, the socket by Channels, one Engine behind both."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

from evochat.refusal import refuse_unknown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
django_application = get_asgi_application()

# What follows imports models, which needs the applications loaded by the call above.
from chat.consumers import ChatConsumer  # noqa: E402
from evochat.lifecycle import with_engine  # noqa: E402

application = with_engine(
    ProtocolTypeRouter(
        {
            "http": django_application,
            "websocket": URLRouter([path("ws/chat/", ChatConsumer.as_asgi()), refuse_unknown]),
        }
    )
)
