"""A report as PDF pages: the company, the title and the days on top, figures in aligned columns, totals ruled."""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from bigledger.reporting.periods import written as day_written
from bigledger.reporting.printing.fonts import fonts_for
from bigledger.reporting.printing.grid import Grid, GridRow, Value

_INK, _GREY, _RULE = Color(0.11, 0.13, 0.17), Color(0.42, 0.45, 0.5), Color(0.75, 0.77, 0.8)
_MARGIN, _INDENT, _GAP = 50.0, 11.0, 10.0
_SIZE, _LEADING = 9.0, 14.5
_LABEL = 190.0
"""How wide the names of rows are at least, if they need it; columns that leave less room go on to further pages."""
_FILLED, _FILLED_AND_OUTLINED = 0, 2


def pdf_file(grid: Grid, written: Callable[[int], None]) -> bytes:
    """The document's bytes; the same report gives the same bytes."""
    return _Pages(grid).data(written)


class _Pages:
    """The pages in the making."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        numbers = sum(column.kind in ("amount", "quantity") for column in grid.columns)
        self._size = landscape(A4) if len(grid.columns) > 5 else A4
        self._width, self._height = self._size
        self._font = 8.0 if numbers > 6 else _SIZE
        self._fonts = fonts_for(_texts(grid))
        self._bands = self._split_columns()
        self._columns = self._places()
        self._stored = io.BytesIO()
        self._canvas = Canvas(self._stored, pagesize=self._size, invariant=1)
        self._canvas.setTitle(f"{grid.title} – {grid.company}")
        self._canvas.setAuthor(grid.company)
        self._canvas.setCreator("BigLedger")

    def data(self, written: Callable[[int], None]) -> bytes:
        """Set all rows, page by page; then again with the columns that found no room."""
        pages, done = [(band, rows) for band in self._bands for rows in self._split(band)], 0
        for number, (band, rows) in enumerate(pages, 1):
            self._grid = band
            self._columns = self._places()
            top = self._head(number)
            for row in rows:
                top -= self._space(row)
                self._row(row, top)
                if band is self._bands[0] and not row.again:
                    done += 1
                    written(done)
            if number == len(pages):
                self._notes(top)
            self._foot(number, len(pages))
            self._canvas.showPage()
        self._canvas.save()
        return self._stored.getvalue()

    def _split_columns(self) -> list[Grid]:
        """The grid, or one for each set of columns that fits on a page beside the names of the rows."""
        widths = self._widths()
        numbers = [place for place, column in enumerate(self._grid.columns) if column.kind in ("amount", "quantity")]
        beside = [place for place in range(len(widths)) if place not in numbers]
        taken = sum(min(widths[place], _LABEL) if place == 0 else widths[place] for place in beside)
        bands: list[list[int]] = [[]]
        room = left = self._width - 2 * _MARGIN - taken
        for place in numbers:
            if widths[place] > left and bands[-1]:
                bands.append([])
                left = room
            bands[-1].append(place)
            left -= widths[place]
        if len(bands) == 1:
            return [self._grid]
        size = -(-len(numbers) // len(bands))
        even = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        if all(sum(widths[place] for place in band) <= room for band in even):
            bands = even
        return [self._grid.only([*beside, *band]) for band in bands]

    def _places(self) -> list[tuple[float, float]]:
        """The left and the right edge of each column: numbers as wide as they need, the rest for the texts."""
        widths = self._widths()
        room = self._width - 2 * _MARGIN
        texts_at = [place for place, column in enumerate(self._grid.columns) if column.kind == "text"]
        left = room - sum(width for place, width in enumerate(widths) if place not in texts_at)
        wanted = sum(widths[place] for place in texts_at)
        if wanted > left:
            for place in texts_at:
                widths[place] *= left / wanted
        else:
            widths[texts_at[-1]] += left - wanted
        edges, start = [], _MARGIN
        for width in widths:
            edges.append((start, start + width))
            start += width
        return edges

    def _widths(self) -> list[float]:
        """What each column needs."""
        widths = []
        for place, column in enumerate(self._grid.columns):
            rows = [row for row in self._grid.rows if row.style != "heading"]
            texts = [
                " " * row.level * (place == 0) * 4 + _shown(row.values[place], column.kind, self._grid.decimals)
                for row in rows
            ]
            needed = max([self._measure(text, True, self._font) for text in texts] or [0])
            headed = max([self._measure(part, True, self._font) for part in _heading(column.label)] or [0])
            widths.append(max(needed, headed) + (2 * _GAP if column.kind == "date" else _GAP))
        return widths

    def _split(self, grid: Grid) -> list[list[GridRow]]:
        """The rows of each page; headings are not left alone at the foot of one, nor a total at the top.

        A page that goes on below headings repeats them.
        """
        pages: list[list[GridRow]] = [[]]
        room = self._height - _MARGIN - 96 - 60
        left = room
        above: list[GridRow] = []
        for place, row in enumerate(grid.rows):
            above = [one for one in above if one.level < row.level]
            needed = self._space(row)
            if sum(self._space(one) for one in _together(grid.rows, place)) > left and pages[-1]:
                pages.append([_repeated(one) for one in above])
                left = room - sum(self._space(one) for one in above)
            pages[-1].append(row)
            left -= needed
            if row.style == "heading":
                above.append(row)
        return pages

    def _space(self, row: GridRow) -> float:
        if row.style == "heading":
            return _LEADING + (9 if row.level == 0 else 3)
        return _LEADING + (3 if row.style == "total" else 0)

    def _head(self, number: int) -> float:
        """The top of a page; answers where its rows begin."""
        grid, top = self._grid, self._height - _MARGIN
        self._text(_MARGIN, top - 8, grid.company, False, 10, _GREY)
        self._text(_MARGIN, top - 30, grid.title, True, 18, _INK)
        if number > 1:
            self._right(self._width - _MARGIN, top - 30, "continued", False, 9, _GREY)
        else:
            for place, line in enumerate(grid.sent_to):
                self._right(self._width - _MARGIN, top - 8 - 12 * place, line, place == 0, 9, _INK)
        self._text(_MARGIN, top - 46, grid.subtitle, False, 10, _GREY)
        base = top - 84
        for column, (start, end) in zip(grid.columns, self._columns, strict=True):
            parts = _heading(column.label)
            for place, part in enumerate(parts):
                height = base + (len(parts) - 1 - place) * 10
                if column.kind in ("text", "date"):
                    self._text(start + (_GAP if column.kind == "date" else 0), height, part, True, self._font, _GREY)
                else:
                    self._right(end, height, part, True, self._font, _GREY)
        self._line(base - 6, _MARGIN, 0.8, _INK)
        return float(base - 8)

    def _row(self, row: GridRow, base: float) -> None:
        strong = row.style in ("heading", "subtotal", "total")
        ink = _GREY if row.style in ("account", "item") else _INK
        for place, (value, column) in enumerate(zip(row.values, self._grid.columns, strict=True)):
            start, end = self._columns[place]
            text = _shown(value, column.kind, self._grid.decimals)
            if column.kind == "text":
                indent = row.level * _INDENT if place == 0 else 0
                room = self._width if row.style == "heading" else end - start - indent - 4
                self._text(start + indent, base, self._cut(text, room, strong), strong, self._font, ink)
            elif column.kind == "date":
                self._text(start + _GAP, base, text, strong, self._font, ink)
            elif text:
                self._right(end, base, text, strong, self._font, ink)
        if row.style in ("subtotal", "total"):
            for value, column, (start, end) in zip(row.values, self._grid.columns, self._columns, strict=True):
                if column.kind in ("amount", "quantity") and value is not None:
                    self._line(base + self._font + 0.5, start + _GAP - 2, 0.5, _GREY, end)
                    if row.style == "total":
                        self._line(base - 3, start + _GAP - 2, 0.5, _INK, end)
                        self._line(base - 4.8, start + _GAP - 2, 0.5, _INK, end)

    def _notes(self, top: float) -> None:
        base = min(top - 26, _MARGIN + 22 + 11 * len(self._grid.notes))
        for place, note in enumerate(self._grid.notes):
            self._text(_MARGIN, base - 11 * place, note, False, 8, _GREY)

    def _foot(self, number: int, pages: int) -> None:
        self._line(_MARGIN - 8, _MARGIN, 0.5, _RULE)
        self._text(_MARGIN, _MARGIN - 20, f"{self._grid.company} · {self._grid.title}", False, 8, _GREY)
        self._right(self._width - _MARGIN, _MARGIN - 20, f"Page {number} of {pages}", False, 8, _GREY)

    def _measure(self, text: str, bold: bool, size: float) -> float:
        """The width of a text."""
        return float(stringWidth(text, self._fonts.bold if bold else self._fonts.regular, size))

    def _cut(self, text: str, room: float, bold: bool) -> str:
        """The text, or as much of it as fits."""
        if self._measure(text, bold, self._font) <= room:
            return text
        while text and self._measure(f"{text}…", bold, self._font) > room:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def _text(self, at: float, base: float, text: str, bold: bool, size: float, ink: Color) -> None:
        line = self._canvas.beginText(at, base)
        line.setFont(self._fonts.bold if bold else self._fonts.regular, size)
        line.setFillColor(ink)
        if bold and self._fonts.outlined:
            self._canvas.setLineWidth(size * 0.04)
            self._canvas.setStrokeColor(ink)
            line.setTextRenderMode(_FILLED_AND_OUTLINED)
        line.textOut(text)
        if bold and self._fonts.outlined:
            line.setTextRenderMode(_FILLED)
        self._canvas.drawText(line)

    def _right(self, at: float, base: float, text: str, bold: bool, size: float, ink: Color) -> None:
        # A closing bracket stands outside the column, so that the digits stand below one another.
        outside = self._measure(")", bold, size) if text.endswith(")") else 0
        self._text(at + outside - self._measure(text, bold, size), base, text, bold, size, ink)

    def _line(self, base: float, start: float, width: float, ink: Color, end: float | None = None) -> None:
        self._canvas.setStrokeColor(ink)
        self._canvas.setLineWidth(width)
        self._canvas.line(start, base, self._width - _MARGIN if end is None else end, base)


def _texts(grid: Grid) -> Iterator[str]:
    """All that stands on the pages besides figures."""
    yield from (
        grid.company,
        grid.title,
        grid.subtitle,
        *grid.notes,
        *grid.sent_to,
        *(column.label for column in grid.columns),
    )
    yield from (value for row in grid.rows for value in row.values if isinstance(value, str))


def _repeated(heading: GridRow) -> GridRow:
    """A heading as the next page has it again."""
    return replace(heading, values=[f"{heading.values[0]}, continued", *heading.values[1:]], again=True)


def _together(rows: Sequence[GridRow], place: int) -> Iterator[GridRow]:
    """A row and those that have to follow it on its page: what stands under a heading, and the total of a last line."""
    yield rows[place]
    if rows[place].style == "heading":
        while rows[place].style == "heading" and place + 1 < len(rows):
            place += 1
            yield rows[place]
    elif place + 1 < len(rows) and rows[place].style in ("line", "account", "item"):
        for row in rows[place + 1 : place + 4]:
            if row.style not in ("subtotal", "total"):
                return
            yield row


def _heading(label: str) -> list[str]:
    """A heading in one line, or a period in two."""
    first, dash, second = label.partition(" – ")
    return [f"{first} –", second] if dash else [label]


def _shown(value: Value, kind: str, decimals: int) -> str:
    """A value as it stands on paper: amounts below zero in brackets, nothing as a dash."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return day_written(value)
    if isinstance(value, str):
        return value
    if kind == "quantity":
        return f"{value:,f}"
    if not value:
        return "–"
    text = f"{abs(value):,.{decimals}f}" if isinstance(value, Decimal) else str(value)
    return f"({text})" if value < 0 else text
