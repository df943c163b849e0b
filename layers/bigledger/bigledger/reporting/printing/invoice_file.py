"""An invoice, a credit note or a debit note as PDF pages: letterhead, customer, lines, totals and how to pay.

The heading of the lines is repeated on each page.
"""

import io
from collections.abc import Iterator
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from bigledger.reporting.invoice_page import InvoicePage, InvoiceParty
from bigledger.reporting.periods import written as day_written
from bigledger.reporting.printing.fonts import Fonts, fonts_for
from bigledger.tax import TaxAmount

_INK, _GREY, _RULE = Color(0.11, 0.13, 0.17), Color(0.42, 0.45, 0.5), Color(0.75, 0.77, 0.8)
_MARGIN = 50.0
_WIDTH = A4[0] - 2 * _MARGIN
_COLUMNS = (0.34, 0.10, 0.14, 0.11, 0.16, 0.15)
"""The shares of the width that description, quantity, price, discount, taxes and net have."""


def invoice_file(page: InvoicePage) -> bytes:
    """The document's bytes; the same invoice gives the same bytes."""
    return _Pages(page).data()


class _Pages:
    """The pages in the making."""

    def __init__(self, page: InvoicePage) -> None:
        self._page = page
        self._fonts: Fonts = fonts_for(_texts(page))
        self._plain = ParagraphStyle("plain", fontName=self._fonts.regular, fontSize=9, leading=12.5, textColor=_INK)
        self._right = ParagraphStyle("right", self._plain, alignment=TA_RIGHT)
        self._grey = ParagraphStyle("grey", self._plain, textColor=_GREY, fontSize=8, leading=11)
        self._grey_right = ParagraphStyle("grey right", self._grey, alignment=TA_RIGHT)
        self._strong = ParagraphStyle("strong", self._plain, fontName=self._fonts.bold)
        self._strong_right = ParagraphStyle("strong right", self._strong, alignment=TA_RIGHT)
        self._title = ParagraphStyle("title", self._strong, fontSize=18, leading=24)

    def data(self) -> bytes:
        """Set everything."""
        page, stored = self._page, io.BytesIO()
        name = " ".join(part for part in (page.title, page.number) if part)
        document = BaseDocTemplate(
            stored,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN + 10,
            title=f"{name} – {page.seller.name}",
            author=page.seller.name,
            creator="BigLedger",
            invariant=1,
        )
        frame = Frame(_MARGIN, _MARGIN + 10, _WIDTH, A4[1] - 2 * _MARGIN - 10, 0, 0, 0, 0)
        document.addPageTemplates(PageTemplate(frames=[frame], onPage=self._foot))
        document.build([*self._head(name), Spacer(0, 18), self._lines(), KeepTogether(list(self._end()))])
        return stored.getvalue()

    def _head(self, name: str) -> Iterator[Flowable]:
        page = self._page
        facts = [("Date", day_written(page.date))]
        facts += [("Due", day_written(page.due_date))] if page.due_date else []
        facts += [("Invoice", page.amends)] if page.amends else []
        facts += [("Reference", page.reference)] if page.reference else []
        yield Paragraph(_line(page.seller.name), self._strong)
        yield Paragraph(_line(" · ".join(_about(page.seller))), self._grey)
        yield Spacer(0, 26)
        yield Paragraph(_line(name), self._title)
        yield Spacer(0, 10)
        billed = [
            Paragraph("Credit to" if page.kind == "credit_note" else "Bill to", self._grey),
            Paragraph(_line(page.customer.name), self._strong),
            *(Paragraph(_line(text), self._plain) for text in _about(page.customer)),
        ]
        rows = [[Paragraph(label, self._grey), Paragraph(_line(text), self._right)] for label, text in facts]
        dated = Table(rows, colWidths=[_WIDTH * 0.12, _WIDTH * 0.22], style=_BARE)
        yield Table([[billed, dated]], colWidths=[_WIDTH * 0.66, _WIDTH * 0.34], style=_BARE)

    def _lines(self) -> Table:
        heads = ("Description", "Quantity", f"Price, {self._page.currency}", "Discount", "Tax", "Net")
        rows = [[Paragraph(head, self._grey if place == 0 else self._grey_right) for place, head in enumerate(heads)]]
        for line in self._page.lines:
            figures = (
                f"{line.quantity:,f}",
                f"{line.unit_price:,f}",
                f"{line.discount:,f}" if line.discount else "",
                " ".join(line.taxes),
                f"{line.net:,f}",
            )
            texts = [Paragraph(_line(text), self._right) for text in figures]
            rows.append([Paragraph(_line(line.description), self._plain), *texts])
        style = [*_BARE, ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK), ("LINEBELOW", (0, 1), (-1, -1), 0.3, _RULE)]
        return Table(rows, colWidths=[_WIDTH * share for share in _COLUMNS], repeatRows=1, style=style)

    def _end(self) -> Iterator[Flowable]:
        page = self._page
        yield Spacer(0, 8)
        sums = [("Net", page.subtotal, False)]
        sums += [(_tax(tax), tax.amount, False) for tax in page.taxes if not tax.reverse_charge]
        if page.rounding:
            sums.append(("Rounding", page.rounding, False))
        sums.append((f"Total {page.currency}", page.total, True))
        if page.paid:
            gone, left = ("Set off or refunded", "Left") if page.kind == "credit_note" else ("Paid", "Still due")
            sums += [(gone, -page.paid, False), (f"{left} {page.currency}", page.amount_due, True)]
        rows = [
            [
                Paragraph(_line(label), self._strong if strong else self._plain),
                Paragraph(f"{amount:,f}", self._strong_right if strong else self._right),
            ]
            for label, amount, strong in sums
        ]
        total = next(place for place, (label, _, _) in enumerate(sums) if label.startswith("Total"))
        style = [*_BARE, ("LINEABOVE", (0, total), (-1, total), 0.8, _INK)]
        yield Table(rows, colWidths=[_WIDTH * 0.34, _WIDTH * 0.18], hAlign="RIGHT", style=style)
        yield Spacer(0, 20)
        for text in self._words():
            yield Paragraph(_line(text), self._plain)

    def _words(self) -> Iterator[str]:
        """What stands below the totals."""
        page = self._page
        if page.reason:
            yield f"Reason: {page.reason}"
        if page.tax_in_base:
            yield page.tax_in_base
        yield from page.notes
        several = len(page.instalments) > 1 or any(one.discount for one in page.instalments)
        if several and (page.amount_due or not page.paid):
            for one in page.instalments:
                early = one.discount
                offer = f"; {early.amount:,f} less if it is paid by {day_written(early.until)}" if early else ""
                yield f"{one.amount:,f} {page.currency} are due on {day_written(one.due_date)}{offer}."
        if page.pay_to:
            account = page.pay_to.iban or page.pay_to.account_number
            bank = f", BIC {page.pay_to.bic}" if page.pay_to.bic else ""
            wanted = f" with the reference {page.number}" if page.number else ""
            yield f"Please pay to {page.pay_to.holder or page.seller.name}, {account}{bank}{wanted}."

    def _foot(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(self._fonts.regular, 8)
        canvas.setFillColor(_GREY)
        name = " · ".join(part for part in (self._page.seller.name, self._page.number or self._page.title) if part)
        canvas.drawString(_MARGIN, _MARGIN - 20, name)
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN - 20, f"Page {document.page}")


_BARE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def _line(text: str) -> str:
    """A text as a paragraph takes it: its own markup means nothing."""
    return escape(text).replace("\n", "<br/>")


def _about(party: InvoiceParty) -> list[str]:
    """What stands below a name."""
    number = f"Tax number {party.tax_number}" if party.tax_number else None
    return [text for text in (*party.address, number, party.email, party.phone) if text]


def _tax(tax: TaxAmount) -> str:
    """What a tax is: a share of its base, or so much for each unit."""
    if tax.kind == "fixed_per_unit":
        return f"{tax.code} {tax.quantity or 0:,f} × {tax.rate.normalize():f}"
    return f"{tax.code} {(tax.rate * 100).normalize():f} % of {tax.base:,f}"


def _texts(page: InvoicePage) -> Iterator[str]:
    """All that stands on the pages besides figures."""
    yield from (
        page.title,
        page.reference or "",
        page.reason or "",
        *page.notes,
        *(line.description for line in page.lines),
    )
    for party in (page.seller, page.customer):
        yield from (party.name, *_about(party))
    yield from (page.pay_to.holder or "",) if page.pay_to else ()
