#!/usr/bin/env python3
"""Fetches running texts for language models out of Debian packages, once, and checks every byte.

usage: fetch_texts.py [NAME...]       (default: all)
       fetch_texts.py --where NAME    (only says where it is or would be; fetches nothing)

Names: en-bible    the King James Bible (public domain), a verse a line: bible.txt
       zh-poems    408 poems of the Tang and Song dynasties (public domain): poems.txt

apt downloads the packages into a temporary folder; nothing is installed. The texts are kept in
${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/NAME and used from there, also offline. A folder appears whole or not
at all. Exit codes: those of fetch_data.py.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from fetch_data import Corrupt, Unavailable, cache, sha256


def bible(root: pathlib.Path) -> str:
    """The verses, without their numbers."""
    command = [str(root / "usr/bin/bible"), "-p", str(root / "usr/lib"), "-f", "gen1:1-rev22:21"]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if result.returncode != 0:
        raise Unavailable(f"the package's program failed: {result.stderr.decode(errors='replace').strip()}")
    lines = result.stdout.decode("latin-1").splitlines()
    return "\n".join(re.sub(r"^\w+:\d+ ", "", line) for line in lines if line.strip()) + "\n"


def poems(root: pathlib.Path) -> str:
    """Title, poet and lines, without colours, with an empty line between poems."""
    parts = []
    for name in ("tang300", "song100"):
        text = (root / "usr/share/games/fortunes" / name).read_text(encoding="utf-8")
        parts.append(re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\n%\n", "\n\n").strip().rstrip("%").strip())
    return "\n\n".join(parts) + "\n"


TEXTS = {
    "en-bible": (["bible-kjv", "bible-kjv-text"], bible, "bible.txt", "b5c4940bcfeee072c0935b5200d0f9d88a00a0199cb0961d16133458fcdfae5d"),
    "zh-poems": (["fortunes-zh"], poems, "poems.txt", "3ad641f16bd6df1d5b196933126267c782bccfc714653a8c25aa128023f23d8a"),
}


def fetch(name: str, folder: pathlib.Path) -> None:
    """Downloads, extracts and checks beside the folder, then renames into its place."""
    packages, extract, file, wanted = TEXTS[name]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary:
        place = pathlib.Path(temporary)
        try:
            result = subprocess.run(
                ["apt-get", "download", *packages], cwd=place, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise Unavailable("there is no apt-get: these texts come out of Debian's packages") from error
        archives = sorted(place.glob("*.deb"))
        if result.returncode != 0 or len(archives) != len(packages):
            said = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
            raise Unavailable(f"apt could not download {' '.join(packages)}: {said}")
        for archive in archives:
            subprocess.run(["dpkg-deb", "-x", str(archive), str(place / "root")], check=True)
        data = extract(place / "root").encode("utf-8")
        if sha256(data) != wanted:
            raise Corrupt(f"{name}/{file}: SHA-256 is {sha256(data)}, expected {wanted}")
        whole = place / "whole"
        whole.mkdir()
        (whole / file).write_bytes(data)
        whole.rename(folder)


def main(arguments) -> int:
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    only_where = arguments[:1] == ["--where"]
    names = arguments[1:] if only_where else arguments or list(TEXTS)
    unknown = [name for name in names if name not in TEXTS]
    if unknown or not names:
        print(f"{' '.join(unknown) or 'no name given'}: names are {', '.join(TEXTS)}", file=sys.stderr)
        return 64
    code = 0
    for name in names:
        folder = cache() / name
        _, _, file, wanted = TEXTS[name]
        try:
            known = (folder / file).is_file() and sha256((folder / file).read_bytes()) == wanted
            if not known and not only_where:
                if folder.exists():
                    raise Corrupt(f"{folder} is damaged: remove it, then try again")
                fetch(name, folder)
            print(folder if only_where else f"{name}: {folder}")
        except Unavailable as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = code or 69
        except Corrupt as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = 65
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
