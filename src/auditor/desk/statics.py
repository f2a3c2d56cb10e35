"""The static files: read once, gzipped once, found by the hash of what they hold."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
ROOM = "room_"
TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


class Statics:
    """All files of the folder in memory."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes, bytes]] = {}
        for path in sorted(FOLDER.iterdir()):
            if path.suffix in TYPES and not path.name.startswith(ROOM):
                data = path.read_bytes()
                if path.name == "desk.css":  # one sheet for the browser, a file a room for those who write it
                    data += b"".join(one.read_bytes() for one in sorted(FOLDER.glob(f"{ROOM}*.css")))
                digest = hashlib.sha256(data).hexdigest()[:12]
                self._files[path.name] = (digest, data, gzip.compress(data, 9, mtime=0))

    def url(self, name: str) -> str:
        """Give the address of a file; another content, another address."""
        return f"/static/{self._files[name][0]}/{name}"

    def answer(self, request: Request) -> Response | None:
        """Give a file, or None where there is none of this content."""
        name, digest = request.path_params["name"], request.path_params["digest"]
        found = self._files.get(name)
        if found is None or found[0] != digest:
            return None
        headers = {"cache-control": "private, max-age=31536000, immutable", "vary": "accept-encoding"}
        packed = "gzip" in request.headers.get("accept-encoding", "")
        if packed:
            headers["content-encoding"] = "gzip"
        kind = TYPES[Path(name).suffix]
        return Response(found[2] if packed else found[1], media_type=kind, headers=headers)
