"""Running a program and knowing what the machine did meanwhile."""

import dataclasses
import json
import os
import platform
import subprocess
import time
from typing import Optional

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program did not run, or did not print what it should."""


@dataclasses.dataclass
class Run:
    """What one run printed and used."""

    text: str
    seconds: float
    megabytes: float  # largest resident size
    foreign: float  # cores that other processes used meanwhile


def processor():
    """The processor's name, and whether it has AVX-512."""
    name, flags = platform.processor() or platform.machine(), ""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    name = value.strip()
                if key.strip() == "flags":
                    flags = value
                    break
    except OSError:
        pass
    return name, " avx512f" in flags


def _busy() -> Optional[float]:
    """Seconds of processor time used by all processes since the start of the machine; None where unknown."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            values = [int(word) for word in stat.readline().split()[1:9]]
    except OSError:
        return None
    return (values[0] + values[1] + values[2] + values[5] + values[6]) / TICKS


def run(command, environment=None):
    """Runs a command to its end; Failed, with the end of what it said, where it does not exit with 0."""
    shown = " ".join(map(str, command))
    busy, start = _busy(), time.perf_counter()
    with open(os.devnull, "rb") as nothing:
        try:
            process = subprocess.Popen(
                command, stdin=nothing, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=environment, text=True)
        except OSError as error:
            raise Failed(f"{shown}: {error}") from error
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise Failed(f"{shown}: exit code {process.returncode}: {text.strip()[-400:]}")
    foreign = 0.0
    if busy is not None:
        own = usage.ru_utime + usage.ru_stime
        foreign = max(0.0, _busy() - busy - own) / seconds
    # Linux counts kilobytes, Apple's systems bytes.
    unit = 1e6 if platform.system() == "Darwin" else 1e3
    return Run(text, seconds, usage.ru_maxrss / unit, foreign)


def milliseconds(text):
    """The median that a benchmark printed as JSON, ours or a peer's."""
    try:
        found = json.loads(text[text.index("{"):])
        if "products" in found:
            found = found["products"][0]
        return float(found["milliseconds"]["median"])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Failed(f"no milliseconds.median in {text.strip()[:200]!r}") from error
