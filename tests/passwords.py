"""Age files under a password that cost a millisecond instead of a second, for tests of other things.

Written from age's own specification (age-encryption.org/v1, the scrypt recipient); only the work
factor is lower. They are opened by the program as all others are; tests/seal has the real ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WORK = 8
"""Scrypt does 2 ** WORK rounds; pyrage chooses about 18."""
CHUNK = 65_536


def encrypt(plaintext: bytes, passphrase: str, armored: bool = False) -> bytes:
    """Do what `pyrage.passphrase.encrypt` does, for contents of one chunk at most."""
    assert armored
    assert len(plaintext) <= CHUNK
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrap_key = hashlib.scrypt(
        passphrase.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=2**WORK, r=8, p=1, dklen=32
    )
    wrapped = ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_text(salt)} {WORK}\n{_text(wrapped)}\n---".encode()
    mac = hmac.digest(_derived(file_key, b"", b"header"), head, "sha256")
    key = _derived(file_key, nonce, b"payload")
    payload = ChaCha20Poly1305(key).encrypt(bytes(11) + b"\1", plaintext, None)
    whole = base64.b64encode(head + b" " + _text(mac).encode() + b"\n" + nonce + payload).decode()
    lines = [whole[at : at + 64] for at in range(0, len(whole), 64)]
    return "\n".join(
        ["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", ""]
    ).encode()


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=info).derive(secret)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
