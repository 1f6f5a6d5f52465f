"""Measures Martlet and its peers in turns and prints one table of ratios.

usage: run.py --python PYTHON [--martlet PATH] [--model DIR] [--rounds 3] [--seconds 2] [--threads 2]
              [--only WORD] [--json FILE]

`make bench` calls this. Every round runs Martlet, then each peer as pip installs it, then the tuned peer, all on one
case, so that a slow minute of the machine falls on all of them; the table has the medians of the rounds. A run during
which other processes took a fifth of a core is repeated, at most twice; where that did not help, the row is marked `*`.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import sys

from cases import CASES
from machine import Failed, milliseconds, processor, run

PEERS = pathlib.Path(__file__).resolve().parent / "peers"
SENTENCE = "我喜欢这部电影"
QUIET = 0.2  # cores


READ = {"ms": lambda result: milliseconds(result.text), "MB": lambda result: result.megabytes}


class Bench:
    """The programs, their environments, and the rows of the table so far."""

    def __init__(self, options):
        self.options = options
        self.wide = processor()[1]
        self.rows = []
        self.folder = pathlib.Path(options.cache)
        self.folder.mkdir(parents=True, exist_ok=True)
        threads = str(options.threads)
        self.plain = dict(os.environ, PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1")
        for name in ("OMP", "MKL", "OPENBLAS"):
            self.plain[name + "_NUM_THREADS"] = threads
        self.plain["MARTLET_THREADS"] = threads
        # A core type forced from outside would slow NumPy's OpenBLAS.
        self.plain.pop("OPENBLAS_CORETYPE", None)
        self.tuned = dict(
            self.plain, MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_=str(1 << 34),
            LD_PRELOAD=str(self.compile("mkl_avx512.c", "mkl_avx512.so", "-shared", "-fPIC")))
        self.abilities = json.loads(run([options.martlet, "info", "--json"], self.plain).text)
        self.peak = None
        self.sgemm = None

    def compile(self, source, product, *flags, libraries=()):
        """Compiles one of the peers' C files into the cache."""
        compiler = next((c for c in ("cc", "clang", "gcc") if shutil.which(c)), None)
        if compiler is None:
            raise Failed("no C compiler: cc, clang or gcc")
        target = self.folder / product
        run([compiler, "-O3", "-w", *flags, str(PEERS / source), "-o", str(target), *libraries])
        return target

    def measured(self, command, environment, read):
        """One figure of one run, and whether the machine was quiet meanwhile."""
        for _ in range(3):
            result = run(command, environment)
            if result.foreign < QUIET:
                break
        return read(result), result.foreign < QUIET

    def ours(self, arguments, read):
        command = [self.options.martlet, "bench", *self.placed(arguments), "--json"]
        return self.measured(command, self.plain, read)

    def placed(self, arguments):
        """Arguments with the cache's folder in place of `{cache}`."""
        return [argument.replace("{cache}", str(self.folder.parent)) for argument in arguments]

    def rival(self, script, environment, read):
        if script[0] == "peak":
            return self.at_peak(script[1])
        if script[0] == "onednn":
            return self.onednn(*script[1:], read)
        if script[0] == "martlet":
            return self.ours(script[1:], read)
        command = [
            self.options.python, str(PEERS / script[0]), *self.placed(script[1:]),
            "--threads", str(self.options.threads), "--seconds", str(self.options.seconds)]
        return self.measured(command, environment, read)

    def onednn(self, shape, how, read):
        """oneDNN's own product, on its own threads or on ours."""
        if self.sgemm is None:
            try:
                self.sgemm = self.compile("onednn.c", "onednn", libraries=("-ldnnl", "-lpthread"))
            except Failed as error:
                raise Failed(f"oneDNN is not here (Debian: apt-get install libdnnl-dev): {error}") from error
        threads = str(self.options.threads)
        environment = dict(self.plain, OMP_NUM_THREADS=threads if how == "whole" else "1")
        command = [str(self.sgemm), shape, how, threads, str(self.options.seconds)]
        return self.measured(command, environment, read)

    def at_peak(self, shape):
        """Milliseconds of a product at the machine's peak, which is measured anew each time: clocks move."""
        if self.peak is None:
            self.peak = self.compile("peak.c", "peak")
        rows, columns, inner = (int(part) for part in shape.split("x"))
        command = [str(self.peak), str(self.options.threads)]
        gigaflops, quiet = self.measured(command, self.plain, lambda result: float(result.text))
        return 2e-6 * rows * columns * inner / gigaflops, quiet

    def case(self, case):
        """All rounds of one case, and its rows."""
        ours, rivals, quiet = [], [([], []) for _ in case.rivals], True
        read = READ[case.unit]
        for _ in range(self.options.rounds):
            figure, calm = self.ours(case.ours, read)
            ours.append(figure)
            quiet = quiet and calm
            for rival, (plain, tuned) in zip(case.rivals, rivals):
                for figures, environment in ((plain, self.plain), (tuned, self.tuned)):
                    if environment is self.tuned and not rival.tuned:
                        continue
                    figure, calm = self.rival(rival.script, environment, read)
                    figures.append(figure)
                    quiet = quiet and calm
        for rival, (plain, tuned) in zip(case.rivals, rivals):
            target, tuned_target = rival.target, rival.tuned_target
            if rival.avx2 is not None and not self.wide:
                target, tuned_target = rival.avx2, None
            self.row(
                f"{case.name}: {rival.name}", case.unit, ours, plain, tuned, target, tuned_target, quiet=quiet)

    def cold_start(self):
        """`martlet predict` from nothing to its answer, beside the start of the peers' runtimes."""
        model = self.folder / "lstm.onnx"
        script = [self.options.python, str(PEERS / "onnx_lstm.py"), str(model)]
        model.unlink(missing_ok=True)
        run(script, self.plain)
        commands = {
            "Martlet": [self.options.martlet, "predict", "--model", self.options.model, SENTENCE],
            "import torch": [self.options.python, "-c", "import torch"],
            "ONNX Runtime, an LSTM": script,
        }
        times, sizes = {name: [] for name in commands}, {name: [] for name in commands}
        quiet = True
        for _ in range(2 * self.options.rounds + 1):
            for name, command in commands.items():
                (seconds, size), calm = self.measured(
                    command, self.plain, lambda result: (result.seconds * 1e3, result.megabytes))
                times[name].append(seconds)
                sizes[name].append(size)
                quiet = quiet and calm
        for figures, unit, limit in ((times, "ms", 100), (sizes, "MB", 70)):
            for name in list(commands)[1:]:
                self.row(
                    f"predict, cold start: {name}", unit, figures["Martlet"], figures[name], [],
                    limit=limit, quiet=quiet)

    def row(self, name, unit, ours, plain, tuned, target=None, tuned_target=None, limit=None, quiet=True):
        """Adds a row of medians. `target` is a ratio to reach; `limit` a figure not to exceed."""
        mine, theirs = statistics.median(ours), statistics.median(plain)
        best = statistics.median(tuned) if tuned else None
        met = []
        if target is not None:
            met.append(theirs / mine >= target)
        if tuned_target is not None:
            met.append(best / mine >= tuned_target)
        if limit is not None:
            met.append(mine <= limit)
        row = {
            "case": name, "unit": unit, "ours": mine, "theirs": theirs, "tuned": best,
            "ratio": theirs / mine, "ratioTuned": best / mine if tuned else None,
            "target": target, "targetTuned": tuned_target, "limit": limit,
            "met": all(met) if met else None, "quiet": quiet}
        self.rows.append(row)
        print(line(row), flush=True)


WIDTH = 62
HEAD = (
    f"{'case: peer':<{WIDTH}} {'unit':>4} {'Martlet':>9} {'peer':>9} {'tuned':>9} {'ratio':>6}"
    f" {'tuned':>6}  {'target':<15} met")


def line(row):
    """One line of the table."""
    def number(value, width, digits=2):
        return f"{'' if value is None else f'{value:.{digits}f}':>{width}}"

    target = "" if row["target"] is None else f">= {row['target']:g}"
    if row["targetTuned"] is not None:
        target += f" (>= {row['targetTuned']:g})"
    if row["limit"] is not None:
        target = f"<= {row['limit']} {row['unit']}"
    met = {True: "yes", False: "NO", None: ""}[row["met"]]
    return (
        f"{row['case']:<{WIDTH}} {row['unit']:>4} {number(row['ours'], 9)} {number(row['theirs'], 9)}"
        f" {number(row['tuned'], 9)} {number(row['ratio'], 6)} {number(row['ratioTuned'], 6)}"
        f"  {target:<15} {met}{'' if row['quiet'] else ' *'}").rstrip()


def parse():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Martlet and its peers in turns, as one table.")
    parser.add_argument("--python", required=True, help="an interpreter with PyTorch and ONNX Runtime")
    parser.add_argument("--martlet", default=str(here.parent / ".build/release/martlet"))
    parser.add_argument("--model", default=str(here.parent / "runs/demo"), help="for the cold start")
    parser.add_argument("--cache", required=True, help="a folder for what is compiled")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of each of a peer's runs")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--only", default="", help="cases whose name contains this, e.g. LSTM")
    parser.add_argument("--json", type=pathlib.Path, help="also write the rows here")
    return parser.parse_args()


def main():
    options = parse()
    name, wide = processor()
    versions = "import torch, numpy, onnxruntime as o; print(torch.__version__, numpy.__version__, o.__version__)"
    failed = []
    try:
        bench = Bench(options)
        torch, numpy, onnx = run([options.python, "-c", versions], bench.plain).text.split()[-3:]
    except Failed as error:
        print(error, file=sys.stderr)
        return 69
    print(f"{name}, {'AVX-512' if wide else 'no AVX-512'}, {options.threads} threads, medians of "
          f"{options.rounds} rounds in turns; PyTorch {torch}, NumPy {numpy}, ONNX Runtime {onnx}")
    print("ratio: how many times as fast, or as small, as the peer; tuned: PyTorch with MKL's AVX-512 kernels")
    print("unlocked and the allocator keeping its pages; target: in brackets against the tuned one\n")
    print(HEAD + "\n" + "-" * len(HEAD))
    for case in CASES:
        if options.only.lower() not in case.name.lower():
            continue
        if case.needs and case.needs not in bench.abilities:
            print(f"{case.name}: left out, this machine has no {case.needs}", file=sys.stderr)
            continue
        try:
            bench.case(case)
        except Failed as error:
            failed.append(f"{case.name}: {error}")
    if options.only.lower() in "predict, cold start":
        try:
            if not pathlib.Path(options.model).is_dir():
                raise Failed(f"no model at {options.model}: `make demo` trains one")
            bench.cold_start()
        except Failed as error:
            failed.append(f"predict, cold start: {error}")
    if not all(row["quiet"] for row in bench.rows):
        print("\n* other processes used the machine meanwhile")
    for text in failed:
        print(f"not measured: {text}", file=sys.stderr)
    if options.json:
        result = {
            "processor": name, "avx512": wide, "threads": options.threads, "rounds": options.rounds,
            "torch": torch, "numpy": numpy, "onnxruntime": onnx, "rows": bench.rows}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
