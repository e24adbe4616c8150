"""Pictures and files in messages."""

from __future__ import annotations

import struct
from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.state import File, State

LARGEST_PHOTO = 10 * 1024 * 1024
LARGEST_UPLOAD = 50 * 1024 * 1024


def file_of(state: State, arguments: Arguments, kind: str) -> File:
    """The file that a request brings, or names by the id of an earlier one.

    Raises:
        Refused: there is none, or it is empty or too large.
    """
    upload = arguments.upload(kind)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > LARGEST_UPLOAD:
            raise bad_request("file is too big")
        return state.store_file(upload.content, upload.name, upload.mime_type, kind)
    named = arguments.text(kind)
    if not named:
        raise bad_request(f"there is no {kind} in the request")
    if named not in state.files:
        if named.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return state.files[named]


def document(file: File) -> dict[str, Any]:
    """A file as messages carry it."""
    kept = {key: value for key, value in file.json().items() if key != "file_path"}
    return {**kept, "file_name": file.name, "mime_type": file.mime_type}


def photo_sizes(file: File) -> list[dict[str, Any]]:
    """A picture as messages carry it.

    Raises:
        Refused: it is no PNG, JPEG or GIF, or too large for a picture.
    """
    if len(file.content) > LARGEST_PHOTO:
        raise bad_request(
            "file of size over 10 MB is too big for a photo; the maximum size is 10 MB"
        )
    width, height = picture_size(file.content)
    if width + height > 10_000:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    kept = {key: value for key, value in file.json().items() if key != "file_path"}
    return [{**kept, "width": width, "height": height}]


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG, GIF or JPEG.

    Raises:
        Refused: it is none of these.
    """
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    position = 2
    while content[:2] == b"\xff\xd8" and position + 9 <= len(content):
        marker, length = (
            content[position + 1],
            struct.unpack(">H", content[position + 2 : position + 4])[0],
        )
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    raise bad_request("IMAGE_PROCESS_FAILED")
