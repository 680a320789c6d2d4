"""What a report is made from: the folder of a run or a meter file, and the site's file; with their checksums."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import Fault, InputError, Place
from twin.series.files import resolve, sha256_of
from twin.studies.reporting.hourly import Hourly, hourly_of_meters, hourly_of_run
from twin.studies.reporting.metered import read_metered
from twin.studies.reporting.quantities import from_run
from twin.studies.reporting.report import report_document, with_site
from twin.studies.reporting.site import Site, read_site

EVERY_RUN_HAS = "facility_energy_kwh"  # the metrics.json of a report has not


@dataclass(frozen=True)
class About:
    """The site's file: what it states, the folder that its paths start at, and its checksum by name."""

    site: Site
    base: Path | None
    sha256: Mapping[str, str]


def about_site(site_file: Path | None) -> About:
    """What is told of the site; ``data:PATH`` is a shipped file. Raises InputError with every fault of the file."""
    if site_file is None:
        return About(Site(), None, {})
    path = resolve(str(site_file))
    return About(read_site(path), path.parent, {site_file.name: sha256_of(path)})


def read_report(
    run_dir: Path | None, metered: Path | None, site_file: Path | None, standards: Sequence[str]
) -> dict[str, Any]:
    """The report's document. With ``metered`` all figures are the meters', and a run is not read.

    Raises InputError where a file is missing or wrong, as its reader does.
    """
    about = about_site(site_file)
    if metered is None:
        return report_of_run(_document(Path(str(run_dir)) / "metrics.json"), about, standards)
    path = resolve(str(metered))
    period = with_site(read_metered(path, about.site.timezone), about.site)
    told = {"scenario_sha256": None, "inputs_sha256": {metered.name: sha256_of(path), **about.sha256}}
    return report_document(period, about.site, standards, told, about.base)


def report_of_run(run: Mapping[str, Any], about: About, standards: Sequence[str]) -> dict[str, Any]:
    """The report's document of a run, from its ``metrics.json``. Raises InputError as :func:`from_run`."""
    before = run.get("provenance", {})
    told = {
        "scenario_sha256": before.get("scenario_sha256"),
        "inputs_sha256": {**before.get("inputs_sha256", {}), **about.sha256},
    }
    return report_document(with_site(from_run(run), about.site), about.site, standards, told, about.base)


def read_hourly(run_dir: Path | None, metered: Path | None, site_file: Path | None) -> Hourly | None:
    """The hours of the same run or meters; None where there are no series, or meters are read less often.

    Raises InputError where a file that the run's scenario names is gone.
    """
    if metered is not None:
        zone = about_site(site_file).site.timezone
        return hourly_of_meters(read_metered(resolve(str(metered)), zone), zone)
    path = Path(str(run_dir)) / "results.nc"
    if not path.is_file():
        return None
    import xarray as xr

    with xr.open_dataset(path, engine="h5netcdf") as results:
        return hourly_of_run(results)


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        fault = Fault("is missing; name the folder that twin run has written", place=Place(str(path)))
        raise InputError([fault]) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError([Fault(f"is no JSON: {error}", place=Place(str(path)))]) from error
    if not isinstance(document, dict) or EVERY_RUN_HAS not in document.get("metrics", {}):
        raise InputError(
            [Fault("is not that of a run; name the folder that twin run has written", "", Place(str(path)))]
        )
    return document
