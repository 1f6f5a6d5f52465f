"""Beam search with CTranslate2, timed: a peer of `martlet bench seq2seq --model transformer --mode translate`.

A Transformer of the same shape with random weights, which CTranslate2 has converted for itself (`--type int8` in 8 bits);
sources of the lengths that Martlet draws, answers all of the longest.
"""

import argparse
import tempfile

import ctranslate2
import numpy
from ctranslate2.specs import TransformerSpec

from timing import measure, report, spread_lengths


def specification(options):
    """The Transformer that peers/sequence_to_sequence.py has, with random weights."""
    V, D = options.vocabulary, options.hidden
    spec = TransformerSpec.from_config(options.layers, options.heads, pre_norm=True)
    random = numpy.random.default_rng(0)

    def matrix(rows, columns):
        return random.normal(0, columns**-0.5, (rows, columns)).astype(numpy.float32)

    def linear(part, rows, columns):
        part.weight, part.bias = matrix(rows, columns), numpy.zeros(rows, numpy.float32)

    def norm(part):
        part.gamma, part.beta = numpy.ones(D, numpy.float32), numpy.zeros(D, numpy.float32)

    angles = numpy.arange(512)[:, None] * 10_000 ** (-2 * numpy.arange(D // 2) / D)
    places = numpy.stack([numpy.sin(angles), numpy.cos(angles)], 2).reshape(512, D).astype(numpy.float32)
    spec.encoder.embeddings[0].weight, table = matrix(V, D), matrix(V, D)
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = table
    spec.decoder.projection.bias = numpy.zeros(V, numpy.float32)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = places
        norm(side.layer_norm)
        for layer in side.layer:
            linear(layer.self_attention.linear[0], 3 * D, D)
            linear(layer.self_attention.linear[1], D, D)
            parts = [layer.self_attention, layer.ffn]
            if side is spec.decoder:
                for place, rows in enumerate((D, 2 * D, D)):
                    linear(layer.attention.linear[place], rows, D)
                parts.append(layer.attention)
            linear(layer.ffn.linear_0, 4 * D, D)
            linear(layer.ffn.linear_1, D, 4 * D)
            for part in parts:
                norm(part.layer_norm)
    names = ["<blank>", "<unk>", "<s>", "</s>"] + [str(k) for k in range(4, V)]
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    return spec


def main():
    parser = argparse.ArgumentParser()
    for name, default in (
            ("vocabulary", 8000), ("hidden", 256), ("layers", 3), ("heads", 4), ("batch", 128), ("beam", 5),
            ("sentences", 128)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--lengths", default="20:28")
    parser.add_argument("--type", choices=("float32", "int8"), default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options, _ = parser.parse_known_args()

    lengths, longest = spread_lengths(options.lengths, options.batch), int(options.lengths.split(":")[1])
    random = numpy.random.default_rng(1)
    sources = [
        [str(k) for k in random.integers(4, options.vocabulary, lengths[row % options.batch])]
        for row in range(options.sentences)]
    with tempfile.TemporaryDirectory() as folder:
        spec = specification(options)
        spec.validate()
        spec.optimize(quantization="int8" if options.type == "int8" else None)
        spec.save(folder)
        translator = ctranslate2.Translator(
            folder, device="cpu", compute_type=options.type, inter_threads=1, intra_threads=options.threads)

        def translate():
            results = translator.translate_batch(
                sources, max_batch_size=options.batch, beam_size=options.beam, max_decoding_length=longest,
                min_decoding_length=longest)
            assert all(len(result.hypotheses[0]) == longest for result in results)

        result = measure(translate, options.seconds)
    report(result, tokensPerSecond=options.sentences * longest / result["median"] * 1e3)


main()
