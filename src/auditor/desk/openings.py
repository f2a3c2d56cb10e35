"""What is sealed, while somebody looks at it: the planning key for one browser, some minutes, in memory only.

The password is used once and kept nowhere. What it opened is held under a name that only the cookie of the
browser has in which it was typed, until nobody has asked for so long, somebody locks it again, or the desk
ends.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from auditor.errors import AuditorError
from auditor.i18n import N_
from auditor.workflow import keys

if TYPE_CHECKING:
    from starlette.responses import Response

    from auditor.desk.app import Desk
    from auditor.desk.visit import Visit

Made = TypeVar("Made")

IDLE_S = 600.0
"""So long what was opened stays so after it was last asked for."""
MOST = 20
"""So many browsers at once."""
MOST_MADE = 8
"""So many things are remembered of what was opened, the last asked for."""


class Opening:
    """The key of one browser, and what was made with it."""

    def __init__(self, identity: str) -> None:
        self.key = keys.Held(identity)
        self.asked = time.monotonic()
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def made(self, mark: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Give what `make` gives, once for a mark; the eldest of several marks are made again."""
        with self._lock:
            if mark in self._made:
                self._made.move_to_end(mark)
                found: Made = self._made[mark]
                return found
        fresh = make()
        with self._lock:
            self._made[mark] = fresh
            while len(self._made) > MOST_MADE:
                self._made.popitem(last=False)
        return fresh


class Openings:
    """The openings of one desk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: dict[str, Opening] = {}
        self.public = Opening("")
        """What is made of plans for everybody."""

    def add(self, identity: str) -> str:
        """Keep a key; give the name under which its browser finds it."""
        name = secrets.token_hex(20)
        with self._lock:
            self._tidy()
            while len(self._own) >= MOST:
                del self._own[min(self._own, key=lambda one: self._own[one].asked)]
            self._own[name] = Opening(identity)
        return name

    def find(self, name: str) -> Opening | None:
        """Give an opening that is not over, and let it go on."""
        with self._lock:
            self._tidy()
            found = self._own.get(name)
            if found is not None:
                found.asked = time.monotonic()
            return found

    def drop(self, name: str) -> None:
        """Lock it again."""
        with self._lock:
            self._own.pop(name, None)

    def _tidy(self) -> None:
        end = time.monotonic() - IDLE_S
        for name in [name for name, one in self._own.items() if one.asked < end]:
            del self._own[name]


_OF: WeakKeyDictionary[Desk, Openings] = WeakKeyDictionary()


def of_desk(desk: Desk) -> Openings:
    """Give the openings of a desk."""
    return _OF.setdefault(desk, Openings())


def _cookie(visit: Visit) -> str:
    return f"auditor_open_{visit.desk.door.port}"


def of_visit(visit: Visit) -> Opening | None:
    """Give what this browser opened, or None."""
    return of_desk(visit.desk).find(visit.request.cookies.get(_cookie(visit), ""))


class PasswordMissing(AuditorError):
    """The planning key has a password, and its field was left empty."""

    sentence = N_("the planning key has a password: go back and type it")


def needs_password(visit: Visit) -> bool:
    """Whether a form asks for the planning key's password: it has one, and this browser did not open it."""
    return keys.has_password(visit.db) and of_visit(visit) is None


def asked_key(visit: Visit) -> keys.Held:
    """Give the key that this browser opened, or open it with the form's password.

    Raises
    ------
    WrongPassword, PasswordMissing
    """
    password = visit.field("password")
    opening = of_visit(visit)
    if opening is not None and not password:
        return opening.key
    if not password and keys.has_password(visit.db):
        raise PasswordMissing
    return keys.Held(keys.open_key(visit.db, lambda: password))


def key_secrets(visit: Visit) -> dict[str, str]:
    """Give what opens the planning key in a process of its own; raises what `asked_key` raises."""
    return {"identity": asked_key(visit).identity}


def keep(visit: Visit, identity: str, answer: Response) -> Response:
    """Keep a key for this browser."""
    name = of_desk(visit.desk).add(identity)
    answer.set_cookie(_cookie(visit), name, httponly=True, samesite="strict", path="/")
    return answer


def lock(visit: Visit, answer: Response) -> Response:
    """Forget the key of this browser."""
    of_desk(visit.desk).drop(visit.request.cookies.get(_cookie(visit), ""))
    answer.delete_cookie(_cookie(visit), path="/")
    return answer
