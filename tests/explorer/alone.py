"""One page of the explorer without the frame, for tests without a browser."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

SCRIPT = """\
from twin.explorer import session
from twin.explorer.{page} import page
session.start()
page()
session.follow()
"""
MOST_S = 600.0  # until what is sure to come has come; a busy machine may take long


def alone(page: str, **address: list[str]) -> AppTest:
    """A page as a visitor of an address meets it."""
    test = AppTest.from_string(SCRIPT.format(page=page), default_timeout=MOST_S)
    for key, values in address.items():
        test.query_params[key] = values
    return test.run()


def at_rest(test: AppTest, key: str) -> AppTest:
    """The page once the button that stops its work is gone."""
    until = time.monotonic() + MOST_S
    while any(button.key == f"stop:{key}" for button in test.button):
        assert time.monotonic() < until, "still running"
        time.sleep(0.05)
        test.run()
    return test


def html(test: AppTest) -> str:
    """All HTML that the page writes itself."""
    return "".join(element.proto.body for element in test.get("html"))


def address_of(test: AppTest) -> dict[str, list[str]]:
    """Parts of the address, each as a list."""
    return {key: [value] if isinstance(value, str) else list(value) for key, value in test.query_params.items()}
