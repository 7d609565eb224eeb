"""What a file is that can't be read: named, so that the organiser knows what to save it as."""

import io
import re

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_OLE_STREAMS = {
    "EncryptedPackage": "protected",
    "WordDocument": "doc",
    "PowerPoint Document": "doc",
}
_MAGIC = {b"%PDF": "pdf", rb"{\rtf": "rtf", b"\x89PNG": "image", b"\xff\xd8\xff": "image"}
_MEMBERS = {"word/document.xml": "docx", "ppt/presentation.xml": "docx", "xl/workbook.bin": "xlsb"}
_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body|table|\?xml)\b", re.IGNORECASE)
_ARRAY = re.compile(r'\s*\[\s*[{\["\]]')


def of_bytes(data: bytes) -> str:
    """Return the kind of a file that isn't text, such as ``ods``; empty for what may be read."""
    if data.startswith(_OLE):
        return next((k for n, k in _OLE_STREAMS.items() if n.encode("utf-16-le") in data), "xls")
    if data.startswith(ZIP):
        return _of_zip(data)
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")


def _of_zip(data: bytes) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    mime = file.read(200)
                if b"opendocument" in mime:
                    return "ods" if b"spreadsheet" in mime else "docx"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return ""  # no whole archive: the reader of workbooks says so
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        return "numbers"
    return next((kind for name, kind in _MEMBERS.items() if name in names), "")


def of_text(text: str) -> str:
    """Return the kind of a text that can't be read, such as ``json_array``; else empty."""
    if _HTML.match(text):
        return "html"
    if _ARRAY.match(text):
        return "json_array"
    if text.lstrip().startswith("{") and _is_one_object(text):
        return "json_object"
    return ""


def _is_one_object(text: str) -> bool:
    """Whether it is one JSON object over several lines, and not one a line."""
    import json

    first, _, rest = text.strip().partition("\n")
    if not rest or first.rstrip().endswith("}"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return first.strip() == "{"
    return True
