"""The small HTTP interface beside the socket."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Tell a page whose handshake failed whether to connect again (200) or to go to sign-in (401)."""
    user = request.user
    if not user.is_authenticated:
        return JsonResponse({"detail": "not signed in"}, status=401)
    return JsonResponse({"user": {"id": user.pk, "username": user.get_username()}})
