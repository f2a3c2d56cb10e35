"""The only source of chance: HMAC-SHA256 over length-prefixed strings, section 1 of the contract."""

from __future__ import annotations

import hmac
from functools import lru_cache


@lru_cache(maxsize=100)
def _begun(key: bytes) -> hmac.HMAC:
    """Begin HMAC with a key: to go on from a copy takes half the time of beginning again."""
    return hmac.new(key, digestmod="sha256")


def prf(key: bytes, *parts: str) -> bytes:
    """Give the 32 bytes that belong to a key and strings."""
    mac = _begun(key).copy()
    mac.update(b"".join([len(text).to_bytes(4, "big") + text for text in map(str.encode, parts)]))
    return mac.digest()


class Coins:
    """Unbiased whole numbers for a key and a label; the counter goes on from call to call."""

    __slots__ = ("_counter", "_key", "_label")

    def __init__(self, key: bytes, label: str) -> None:
        self._key = key
        self._label = label
        self._counter = 0

    def below(self, m: int) -> int:
        """Give a whole number from 0 to m - 1; `m` is from 1 to 2^64."""
        limit = 2**64 - 2**64 % m
        while True:
            value = int.from_bytes(prf(self._key, self._label, str(self._counter))[:8], "big")
            self._counter += 1
            if value < limit:
                return value % m
