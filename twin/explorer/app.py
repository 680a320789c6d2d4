"""The frame of the explorer: pages, and the scenario that all of them show.

Models and plots are imported after the first heading is on the screen, and a page's own modules when it is opened.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import streamlit as st

PAGES = {  # title -> module with a function ``page``
    "Overview": "overview", "Explore": "explore", "Floor": "floor", "Strategies": "strategies", "Studies": "studies",
    "Reports": "reports",
}  # fmt: skip
STARTING = "Starting: models and curves are loaded, once for each server. This takes some seconds."


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Data-center twin", page_icon="▦", layout="wide")
    opening = st.empty()
    if "twin.explorer.sidebar" not in sys.modules:
        with opening.container():
            st.title("Data-center twin")
            st.caption(STARTING)
    from twin.explorer import session
    from twin.explorer.parts import STYLE
    from twin.explorer.sidebar import sidebar

    opening.empty()
    st.html(STYLE)
    session.start()
    chosen = st.navigation([st.Page(_page(module), title=title, url_path=title.lower(), default=title == "Overview")
                            for title, module in PAGES.items()], position="top")  # fmt: skip
    sidebar()
    chosen.run()
    session.follow()


def _page(module: str) -> Callable[[], None]:
    def draw() -> None:
        importlib.import_module(f"twin.explorer.{module}").page()

    return draw


if __name__ == "__main__":
    main()
