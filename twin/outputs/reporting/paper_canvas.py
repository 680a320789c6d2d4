"""Pages of the report on paper: each with its foot and its number among all, an outline, and tags."""

from __future__ import annotations

from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from twin.outputs.reporting.looks import DIM, PLAIN
from twin.outputs.reporting.paper_tags import Tags, write_tags


class Numbered(Canvas):
    """A canvas whose pages know how many there are: pages are kept and drawn at the end."""

    def __init__(self, foot: str, *args: Any, **kwargs: Any) -> None:
        Canvas.__init__(self, *args, **kwargs)
        self.foot = foot
        self.setViewerPreference("DisplayDocTitle", "true")  # the report's name, not the file's, as PDF/UA asks
        self.showOutline()
        self.kept: list[dict[str, Any]] = []
        self.tags = Tags()

    def showPage(self) -> None:
        """Keep the page instead of writing it."""
        self.kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages, each with its foot."""
        for number, page in enumerate(self.kept, 1):
            self.__dict__.update(page)
            self.addLiteral("/Artifact BMC")
            self.setFont(PLAIN, 7)
            self.setFillColor(colors.HexColor(DIM))
            self.drawString(14 * mm + 6, 9 * mm, self.foot[:120])
            self.drawRightString(A4[0] - 14 * mm - 6, 9 * mm, f"{number} of {len(self.kept)}")
            self.addLiteral("EMC")
            Canvas.showPage(self)
        write_tags(self, self.tags)
        Canvas.save(self)


class Mark(Flowable):
    """An entry in the outline of the file."""

    def __init__(self, title: str, key: str) -> None:
        Flowable.__init__(self)
        self.title, self.key = title, key

    def wrap(self, *_: float) -> tuple[float, float]:
        """No size."""
        return 0.0, 0.0

    def draw(self) -> None:
        """The entry."""
        self.canv.bookmarkPage(self.key)
        self.canv.addOutlineEntry(self.title, self.key, 0, closed=True)
