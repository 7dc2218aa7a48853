"""XML from strangers as a tree: encoding decided strictly, document types and entities refused, names without namespaces."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from mianshen.core.errors import MianshenError
from mianshen.feeds.encodings import to_utf8

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,20})["']""")
_KNOWN = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}


def is_xml(content: bytes) -> bool:
    """Whether the bytes begin like XML."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "ignore").encode()
    return content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<"


def read_xml(content: bytes, *, where: str) -> etree._Element:
    """The root element. MianshenError FILE_UNREADABLE for anything but well-formed XML without a document type."""
    text = _as_utf8(content, where=where)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise MianshenError("FILE_UNREADABLE", found="a document type declaration", where=where)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"XML, {type(cause).__name__}", where=where) from None
    if root.getroottree().docinfo.doctype or any(not isinstance(one.tag, str) for one in root.iter()):
        raise MianshenError("FILE_UNREADABLE", found="a document type declaration", where=where)
    return root


def _as_utf8(content: bytes, *, where: str) -> bytes:
    """The document as UTF-8 without its declaration: by its mark, as UTF-8, else by the encoding that it declares."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _DECLARATION.sub(b"", to_utf8(content, where=where))
    bare = content.removeprefix(codecs.BOM_UTF8).lstrip()
    found = _ENCODING.search(bare[:200]) if _DECLARATION.match(bare) else None
    declared = found[1].decode("ascii").lower() if found else "utf-8"
    for encoding in ("utf-8", _KNOWN.get(declared)):
        try:
            return _DECLARATION.sub(b"", bare.decode(encoding or "utf-8").encode("utf-8"))
        except UnicodeDecodeError:
            continue
    raise MianshenError("ENCODING_UNKNOWN", found=declared, where=where)


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The element's children of this name."""
    return (one for one in element if local(one) == name)


def words(element: etree._Element, *path: str) -> str | None:
    """The text at the end of the first path of these names; None when there is none, empty text included."""
    for name in path:
        found = next(children(element, name), None)
        if found is None:
            return None
        element = found
    text = "".join(element.itertext()).strip()
    return text or None
