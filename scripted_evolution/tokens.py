"""The IAM side of the scripted server."""

from typing import Any

BAD_API_KEY = "bad-key"


class TokenDesk:
    """Hands out tokens for any key pair, and refuses on demand.

    `lifetime_s` is what `expires_in` says. `fail_with` is an HTTP status that the exchange
    answers with instead, and `quotes` has it quote what it was sent. Revoked tokens get 401 from the model, as does the API key `bad-key`.
    """

    def __init__(self) -> None:
        self.lifetime_s: float = 3600
        self.fail_with: int | None = None
        self.quotes = False
        self.issued = 0
        self._revoked = 0

    def exchange(self, body: Any) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer to a token request."""
        if self.fail_with is not None:
            quoted = f": {body}" if self.quotes else ""
            return self.fail_with, {"message": f"scripted token failure{quoted}"}
        if not isinstance(body, dict) or not body.get("keyId") or not body.get("secret"):
            return 400, {"message": "keyId and secret are required"}
        self.issued += 1
        return 200, {"access_token": f"iam-{self.issued}", "expires_in": self.lifetime_s}

    def revoke(self) -> None:
        """Refuse every token issued so far."""
        self._revoked = self.issued

    def refuses(self, authorization: str) -> bool:
        """Return whether the value of an Authorization header is to be refused."""
        token = authorization.removeprefix("Bearer ")
        if token.startswith("iam-"):
            return int(token.removeprefix("iam-")) <= self._revoked
        return token == BAD_API_KEY
