"""What the file says about itself as XMP: the same as its information dictionary, in the form of today.

The file does not name itself PDF/UA: that speaks for the whole content too, which no program can check.
"""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>Broadsheet</pdf:Producer>
<xmp:CreatorTool>Broadsheet</xmp:CreatorTool>
<xmp:CreateDate>{moment}</xmp:CreateDate>
<xmp:ModifyDate>{moment}</xmp:ModifyDate>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_packet(*, title: str, subject: str, author: str, language: str, moment: datetime) -> bytes:
    """Return the packet; ``moment`` is aware, and stands for the document's making and last change."""
    texts = {"title": title, "subject": subject, "author": author, "language": language}
    cleaned = {name: escape(_printable(text)) for name, text in texts.items()}
    return _PACKET.format(**cleaned, moment=moment.isoformat(timespec="seconds")).encode()


def _printable(text: str) -> str:
    """Return a text without what XML has no way to say: control characters and halves of pairs."""
    return "".join(
        character
        for character in text
        if (character >= " " or character in "\t\n") and not "\ud800" <= character <= "\udfff"
        and character not in "\ufffe\uffff"
    )  # fmt: skip
