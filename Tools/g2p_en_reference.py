"""The network of the package g2p-en as its own code has it, without the dictionaries and taggers that it is wrapped in.

Of g2p.py, whose SHA-256 fetch_data.py checks, only the class's tables and the methods of the network are kept: the rest asks
for nltk, and would download its data.
"""

import ast
import os
import pathlib

import numpy

METHODS = {"load_variables", "sigmoid", "grucell", "gru", "encode", "predict"}
TABLES = {"graphemes", "phonemes", "g2idx", "idx2g", "p2idx", "idx2p"}


def network(folder: pathlib.Path):
    """An object with the tables `graphemes` and `phonemes`, the `variables`, and `predict(word)`."""
    tree = ast.parse((folder / "g2p.py").read_text(encoding="utf-8"))
    original = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "G2p")
    kept = [node for node in original.body if isinstance(node, ast.FunctionDef) and node.name in METHODS]
    start = next(node for node in original.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    start.body = [
        node for node in start.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in TABLES]
    original.body = [start] + kept
    names = {"np": numpy, "os": os, "dirname": str(folder)}
    exec(compile(ast.Module([original], []), str(folder / "g2p.py"), "exec"), names)  # pylint: disable=exec-used
    result = names["G2p"]()
    result.load_variables()
    return result
