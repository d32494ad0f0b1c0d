"""HTML as strangers send it, made safe to give to the standard parser. Pure."""

from __future__ import annotations

import re

# Declarations and conditional sections: `<![if !IE]>`, `<![CDATA[…`. The parser gives up on those it cannot read.
_SECTION = re.compile(r"<!\[[^>]*>")


def without_traps(page: str) -> str:
    """Return `page` without what makes `html.parser` stop, or read all that follows anew for each character.

    After the last «>» nothing is a tag, and after the last «-->» no comment ends: there, what looks like the beginning
    of one is text. The words of the page stay as they are.
    """
    end = page.rfind("-->") + 3 if "-->" in page else 0
    page = page[:end] + page[end:].replace("<!--", "")
    last = page.rfind(">") + 1
    page = page[:last] + page[last:].replace("<", "&lt;")
    return _SECTION.sub("", page)
