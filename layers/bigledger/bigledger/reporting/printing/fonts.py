"""The fonts of printed reports: those every reader has, or one that is embedded where names need more letters.

Helvetica is one of the fourteen fonts that PDF readers bring along (ISO 32000-1, 9.6.2.2), but it writes western
European languages only. Noto Sans has Latin, Greek and Cyrillic, and figures of one width; what is used of it goes with
the file. It comes in one weight, so what is bold is drawn with an outline.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
from reportlab.pdfbase.ttfonts import TTFont

_NOTO = "NotoSans"
_NOTO_FILE = "NotoSans[wdth,wght].ttf"


@dataclass(frozen=True, slots=True)
class Fonts:
    """The names of a report's fonts; ``outlined`` says that bold is the regular one with an outline."""

    regular: str
    bold: str
    outlined: bool


def fonts_for(texts: Iterable[str]) -> Fonts:
    """The fonts that can write all of these texts: Helvetica if it can, so that files stay small."""
    try:
        for text in texts:
            text.encode("cp1252")
    except UnicodeEncodeError:
        if _NOTO not in getRegisteredFontNames():
            registerFont(TTFont(_NOTO, str(files("fontpkg_noto_sans") / "files" / _NOTO_FILE)))
        return Fonts(_NOTO, _NOTO, outlined=True)
    return Fonts("Helvetica", "Helvetica-Bold", outlined=False)
