"""The frame of the explorer: pages, the scenario that all of them show, and what to do where one cannot run."""

from __future__ import annotations

import streamlit as st

from twin.explorer import explore, floor, overview, reports, session, studies
from twin.explorer.parts import STYLE
from twin.explorer.sidebar import sidebar

PAGES = {"Overview": overview.page, "Explore": explore.page, "Floor": floor.page, "Studies": studies.page,
         "Reports": reports.page}  # fmt: skip


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Data-center twin", page_icon="▦", layout="wide")
    st.html(STYLE)
    session.start()
    chosen = st.navigation([st.Page(page, title=title, url_path=title.lower(), default=title == "Overview")
                            for title, page in PAGES.items()], position="top")  # fmt: skip
    sidebar()
    chosen.run()
    session.follow()


if __name__ == "__main__":
    main()
