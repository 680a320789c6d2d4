"""Tags of a PDF: what each part is (heading, paragraph, table, row, cell, figure), for programs that read it aloud.

ReportLab draws and does not tag. Here what is drawn is put between operators of marked content (ISO 32000-1, 14.6), and
the tree of elements that they belong to (14.7.2, 14.7.4) is written beside the pages; rules, grounds and feet are
artifacts (14.8.2.2). Links are not part of the tree, so the file does not claim PDF/UA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFPage, PDFString
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

ROLES = {"h1": "H1", "h2": "H2", "how": "H3"}  # style of a paragraph -> its role; all others are P
CELLS = ("TH", "TD")  # what is in a cell is the cell's own content
TABLE, LAYOUT = ("Table", "TR", "TH", "TD"), ("Div", "Div", "Div", "Div")
ARTIFACTS = {"startBG": "endBG", "startLines": "endLines"}
MORE_OF_A_PAGE = ("StructParents", "Tabs")


class Element:
    """A node of the tree: its role, what is below it, and for a leaf its page and the numbers of its content there."""

    def __init__(self, role: str, text: str = "") -> None:
        self.role, self.text = role, text
        self.kids: list[Element] = []
        self.page, self.numbers = 0, list[int]()


class Tags:
    """The tree as it grows while pages are drawn, and the elements of each page's content by their number."""

    def __init__(self) -> None:
        self.root = Element("Document")
        self.open = [self.root]
        self.pages: dict[int, list[Element]] = {}

    def begin(self, role: str, text: str = "") -> Element:
        """An element below the one that is open; it is open then."""
        element = Element(role, text)
        self.open[-1].kids.append(element)
        self.open.append(element)
        return element

    def end(self) -> None:
        """Close the element that is open."""
        self.open.pop()

    @contextmanager
    def content(self, canvas: Canvas, role: str, text: str = "") -> Iterator[None]:
        """What is drawn within is an element of its own, or that of the cell that it stands in."""
        cell = self.open[-1].role in CELLS
        element = self.open[-1] if cell else self.begin(role, text)
        element.page = canvas.getPageNumber() - 1
        here = self.pages.setdefault(element.page, [])
        element.numbers.append(len(here))
        canvas.addLiteral(f"/{element.role} <</MCID {len(here)}>> BDC")
        here.append(element)
        yield
        canvas.addLiteral("EMC")
        if not cell:
            self.end()


class Said(Paragraph):
    """A paragraph that is an element of the tree, with the role of its style."""

    def draw(self) -> None:
        """The text between its marks."""
        with self.canv.tags.content(self.canv, ROLES.get(self.style.name, "P")):
            Paragraph.draw(self)


class Pictured(Flowable):
    """A drawing with the words that stand for it."""

    def __init__(self, drawing: Flowable, text: str) -> None:
        Flowable.__init__(self)
        self.drawing, self.text = drawing, text

    def wrap(self, *room: float) -> tuple[float, float]:
        """Size of the drawing."""
        size: tuple[float, float] = self.drawing.wrap(*room)
        return size

    def draw(self) -> None:
        """The drawing between its marks."""
        with self.canv.tags.content(self.canv, "Figure", self.text):
            self.drawing.drawOn(self.canv, 0, 0)


def tagging(roles: tuple[str, str, str, str] = TABLE) -> Callable[..., None]:
    """What a ReportLab table calls while it is drawn (``renderCB``); ``roles`` of table, row, head cell and cell."""
    whole, line, head, cell = roles

    def called(table: Any, event: str, row: int = 0, *_: object) -> None:
        canvas = table.canv
        if event in ARTIFACTS:
            canvas.addLiteral("/Artifact BMC")
        elif event in ARTIFACTS.values():
            canvas.addLiteral("EMC")
        elif event.startswith("start"):
            kind = head if row < int(table.repeatRows) else cell
            canvas.tags.begin({"startTable": whole, "startRow": line, "startCell": kind}[event])
        else:
            canvas.tags.end()

    return called


def write_tags(canvas: Canvas, tags: Tags) -> None:
    """Put the tree into a document whose pages are drawn."""
    document, pages = canvas._doc, canvas._doc.Pages.pages
    known: dict[int, Any] = {}
    root = PDFDictionary({"Type": PDFName("StructTreeRoot")})
    root["K"] = _written(tags.root, document.Reference(root), document, pages, known)
    numbers: list[Any] = []
    for number, page in enumerate(pages):
        content = PDFArray([known[id(one)] for one in tags.pages.get(number, [])])
        numbers += [number, document.Reference(content)]
        page.__NoDefault__ = [*PDFPage.__NoDefault__, *MORE_OF_A_PAGE]
        page.StructParents, page.Tabs = number, PDFName("S")
    root["ParentTree"] = document.Reference(PDFDictionary({"Nums": PDFArray(numbers)}))
    root["ParentTreeNextKey"] = len(pages)
    document.Catalog.StructTreeRoot = root
    document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})


def _written(element: Element, parent: Any, document: Any, pages: list[Any], known: dict[int, Any]) -> Any:
    """Reference to the object of an element, after those below it."""
    entry = PDFDictionary({"S": PDFName(element.role), "P": parent})
    own = known[id(element)] = document.Reference(entry)
    if element.numbers:
        entry["Pg"], entry["K"] = document.Reference(pages[element.page]), PDFArray(element.numbers)
    else:
        entry["K"] = PDFArray([_written(one, own, document, pages, known) for one in element.kids])
    if element.text:
        entry["Alt"] = PDFString(element.text)
    return own
