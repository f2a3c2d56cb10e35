"""The door's arithmetic: the key that opens a desk, its cookie, and the seal of a form."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """One run of a desk: the secret beside the database, the run's own name, its port."""

    secret: bytes
    run: str
    port: int

    def _seal(self, *parts: object) -> str:
        text = "\n".join(map(str, parts))
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:40]

    @property
    def key(self) -> str:
        """What the address that is opened first carries."""
        return self._seal("key", self.run)

    @property
    def cookie(self) -> str:
        """The value of the cookie that the key becomes."""
        return self._seal("cookie", self.run)

    @property
    def cookie_name(self) -> str:
        """Its name: cookies do not know ports, and two desks may run."""
        return f"auditor_desk_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call us."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may send to us."""
        return tuple(f"http://{host}" for host in self.hosts)

    @property
    def url(self) -> str:
        """The address that opens the desk."""
        return f"http://127.0.0.1:{self.port}/?key={self.key}"

    def opens(self, key: str) -> bool:
        """Whether this is the key."""
        return hmac.compare_digest(key.encode(), self.key.encode())

    def knows(self, cookie: str) -> bool:
        """Whether this is the cookie."""
        return hmac.compare_digest(cookie.encode(), self.cookie.encode())

    def token(self, revision: str) -> str:
        """Make what a form carries: a one-time number, the revision it was made from, and their seal."""
        number = secrets.token_hex(12)
        return f"{number}.{revision}.{self._seal('form', number, revision)}"

    def read_token(self, token: str) -> tuple[str, str] | None:
        """Give number and revision of a form; None for what we did not make."""
        number, dot, rest = token.partition(".")
        revision, dot, seal = rest.partition(".")
        if not dot or not hmac.compare_digest(seal.encode(), self._seal("form", number, revision).encode()):
            return None
        return number, revision
