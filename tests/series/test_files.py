"""References to input files: schemes, missing files, checksums, texts."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.series import files


def test_a_relative_path_starts_at_the_given_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert files.resolve("a.csv", tmp_path) == (tmp_path / "a.csv").resolve()


def test_an_absolute_path_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert files.resolve(str(tmp_path / "a.csv"), Path("/nowhere")) == (tmp_path / "a.csv").resolve()


def test_a_missing_file_is_refused_with_the_nearest_names(tmp_path: Path) -> None:
    (tmp_path / "ashburn.epw").write_text("x")
    with pytest.raises(InputError) as caught:
        files.resolve("ashburne.epw", tmp_path)
    assert str(caught.value) == f"no file 'ashburne.epw' in {tmp_path} (did you mean 'ashburn.epw'?)"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        files.resolve("weather/a.epw", tmp_path)
    assert str(caught.value) == f"no file 'weather/a.epw': there is no folder {tmp_path / 'weather'}"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    with pytest.raises(InputError) as caught:
        files.resolve("weather", tmp_path)
    assert str(caught.value) == "'weather' is a folder, not a file"


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        files.resolve("http://x.org/a.epw")
    assert str(caught.value) == (
        "'http://x.org/a.epw': unknown scheme 'http:'; a file is a path, pvlib:NAME or data:PATH"
    )


def test_pvlib_names_its_data_files_and_the_nearest_where_one_is_missing() -> None:
    assert files.resolve("pvlib:12839.tm2").stat().st_size > 1e6
    with pytest.raises(InputError, match=r"\(did you mean 'pvlib:12839\.tm2'\?\)$"):
        files.resolve("pvlib:12838.tm2")


def test_resolving_a_pvlib_file_does_not_import_pvlib() -> None:
    code = (
        "import sys; from twin.series.files import resolve; resolve('pvlib:12839.tm2'); print('pvlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_data_is_beside_the_package_in_a_checkout_and_inside_it_once_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "twin"
    for folder in (package, tmp_path / "data"):
        folder.mkdir()
    monkeypatch.setattr(files, "_PACKAGE", package)
    assert files.data_folder() == tmp_path / "data"
    (package / "_data" / "curves").mkdir(parents=True)
    (package / "_data" / "curves" / "a.csv").write_text("x")
    assert files.resolve("data:curves/a.csv") == package / "_data" / "curves" / "a.csv"


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert files.sha256_of(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()


def test_a_file_of_equal_size_and_time_is_known_by_its_content(tmp_path: Path) -> None:
    path, before = tmp_path / "a", time.time_ns()
    for text in ("one", "two", "one"):
        path.write_text(text)
        os.utime(path, ns=(before, before))
        assert files.content_of(path) == hashlib.sha256(text.encode()).hexdigest()


def test_a_file_that_has_settled_is_hashed_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hashed, sha256_of = tmp_path / "a", [], files.sha256_of
    monkeypatch.setattr(files, "sha256_of", lambda file: hashed.append(file) or sha256_of(file))
    monkeypatch.setattr(files, "SETTLED_NS", -(10**18))  # whatever was written has settled
    path.write_text("one")
    first = files.content_of(path)
    assert (files.content_of(path), len(hashed)) == (first, 1)
    path.write_text("longer")
    assert (files.content_of(path) != first, len(hashed)) == (True, 2)


def test_a_file_that_cannot_be_read_has_no_content_to_be_known_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(path)

    (tmp_path / "a").write_text("one")
    monkeypatch.setattr(files, "sha256_of", refuse)
    assert files.content_of(tmp_path / "a") == ""


@pytest.mark.parametrize(
    "content",
    [
        "°C\n".encode(),
        b"\xef\xbb\xbf" + "°C\n".encode(),
        "°C\n".encode("latin-1"),
        gzip.compress("°C\n".encode()),
        "°C\n".encode("utf-16"),
        b"\xfe\xff" + "°C\n".encode("utf-16-be"),
    ],
    ids=["utf-8", "with a mark", "latin-1", "gzip", "utf-16", "utf-16, the other way"],
)
def test_text_is_read_in_the_usual_encodings(content: bytes) -> None:
    assert files.text_of(content, "a") == "°C\n"


def test_a_damaged_gzip_file_is_named() -> None:
    with pytest.raises(InputError, match=r"^a\.epw\.gz: damaged gzip file"):
        files.text_of(gzip.compress(b"LOCATION" * 99)[:-9], "a.epw.gz")
