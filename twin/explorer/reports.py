"""Reports: the run on the screen by standards, previewed and downloaded in every form of ``twin report``."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.parts import ran
from twin.explorer.runs import run_of
from twin.explorer.sidebar import UPLOAD_LIMIT
from twin.outputs.reporting import of_run
from twin.outputs.reporting.exports import MANIFEST
from twin.outputs.reporting.of_run import Report
from twin.outputs.reporting.tables import TITLES
from twin.studies.reporting.report import STANDARDS

FIRST = ("iso30134", "ashrae904", "eed", "enefg", "ghg", "sci", "cfe", "esrs")  # those that twin report takes
KEPT = 4
PAGE_PX = 900
MOST_ROWS = 1000  # of a table that is shown
READERS: dict[str, Callable[[io.BytesIO], pd.DataFrame]] = {"csv": pd.read_csv, "parquet": pd.read_parquet}
SHORT = {"iso30134": "ISO/IEC 30134", "ashrae904": "ASHRAE 90.4", "eed": "EU EED", "eed_2026_draft": "EED draft 2026",
         "enefg": "EnEfG", "ghg": "GHG Protocol", "sci": "SCI", "cfe": "Carbon-free hours", "esrs": "ESRS"}  # fmt: skip
EXPLAINED = "; ".join(TITLES.values())
SITE_HELP = (
    "What no run tells: who operates the site, certificates, refrigerants, floor area. Read as data and not stored; it "
    "may name only tables that the twin brings along."
)
MEDIA = {"json": "application/json", "csv": "text/csv", "html": "text/html", "pdf": "application/pdf",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def page() -> None:
    """Draw it."""
    choice = session.now()
    title = st.empty()
    title.title(choice.file.removesuffix(".yaml"))
    run = ran(choice)
    if run is None:
        return
    title.title(f"Report of {run.scenario.name}")
    standards = st.pills("Standards", list(STANDARDS), selection_mode="multi", default=FIRST, key="standards",
                         format_func=lambda word: SHORT.get(word, word), help=EXPLAINED)  # fmt: skip
    left, right = st.columns([1, 3], gap="medium")
    with left:
        site = _site()
    if not standards:
        right.info("Choose at least one standard above: the report then has its figures.")
        return
    try:
        with right, st.spinner("Making the report.", show_time=True):
            report = _report(choice, tuple(standards), site)
    except (InputError, OSError) as error:
        with right:
            _faulty(error)
        return
    with left:
        _downloads(report, choice)
    with right:
        st.warning(f"**{report.statement[:1].upper()}{report.statement[1:]}.** {of_run.counted(report)}")
        _preview(report)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _report(choice: Choice, standards: tuple[str, ...], site: str) -> Report:
    return of_run.report_of(run_of(choice), standards, site)


def _site() -> str:
    """The site's file, where one was uploaded."""
    file = st.file_uploader(
        f"Site file, if there is one (YAML, at most {UPLOAD_LIMIT})", ["yaml", "yml"], key="site-file", help=SITE_HELP
    )
    st.download_button("Blank site file", data=of_run.blank_site, file_name="site.yaml", mime="text/yaml",
                       on_click="ignore", width="stretch", key="blank-site",
                       help="Every field with its meaning, to fill in and upload above")  # fmt: skip
    return _text(file.getvalue()) if file is not None else ""


def _text(content: bytes) -> str:
    """The upload as text; what is not UTF-8 becomes a fault of the file where it stands."""
    return content.decode("utf-8-sig", "replace")


def _faulty(error: InputError | OSError) -> None:
    st.error("**The report cannot be made.** Mend the site file, or take it away with the cross beside its name.")
    faults = [str(fault) for fault in error.faults] if isinstance(error, InputError) else [str(error)]
    st.code("\n".join(faults), language=None, wrap_lines=True)


def _downloads(report: Report, choice: Choice) -> None:
    """Everything as a zip with the manifest, then each file."""
    stem = choice.file.rpartition("/")[2].removesuffix(".yaml")
    st.subheader(f"Files ({len(report.files)})")
    st.download_button("Download all as zip", data=lambda: of_run.zipped(report), file_name=f"{stem}-report.zip",
                       mime="application/zip", type="primary", on_click="ignore", width="stretch", key="zip",
                       help=f"With {MANIFEST}: `sha256sum -c {MANIFEST}` checks them")  # fmt: skip
    names = of_run.by_use(report)
    name = st.selectbox("File", names, names.index(of_run.first_shown(report)), key="report-file",
                        format_func=lambda one: _named(report, one), help="Shown on the right")  # fmt: skip
    st.caption(of_run.what(name))
    st.download_button(f"Download {name}", data=report.files[name], file_name=f"{stem}-{name}", key="one-file",
                       mime=of_run.media(name), on_click="ignore", width="stretch")  # fmt: skip
    for kind, why in report.missing.items():
        st.caption(f"No {kind}: {why}")


def _named(report: Report, name: str) -> str:
    return f"{name} · {max(len(report.files[name]) / 1000, 0.1):,.1f} kB"


def _preview(report: Report) -> None:
    """The file that was chosen, as far as a page can show it."""
    name = st.session_state.get("report-file") or of_run.first_shown(report)
    content, kind = report.files[name], of_run.ending(name)
    if kind == "html":
        st.iframe(content.decode(), height=PAGE_PX)
    elif kind in READERS:
        table = READERS[kind](io.BytesIO(content))
        st.dataframe(table.head(MOST_ROWS), hide_index=True, width="stretch", height=PAGE_PX)
        if len(table) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS} of {len(table)} rows; the file has all.")
    elif kind == "json":
        st.json(content.decode(), expanded=1)
    elif kind == "sha256":
        st.code(content.decode(), language=None, wrap_lines=True)
    else:
        st.info(f"{name} opens in its own program: download it on the left. It holds the same figures as the page.")
