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


def random_weights(options):
    """Those of the Transformer that peers/sequence_to_sequence.py has, by nn.Transformer's names."""
    V, D = options.vocabulary, options.hidden
    random = numpy.random.default_rng(0)
    weights = {"output.bias": numpy.zeros(V, numpy.float32)}

    def linear(name, rows, columns):
        weights[name + "weight"] = random.normal(0, columns**-0.5, (rows, columns)).astype(numpy.float32)
        weights[name + "bias"] = numpy.zeros(rows, numpy.float32)

    def norm(name):
        weights[name + ".weight"], weights[name + ".bias"] = numpy.ones(D, numpy.float32), numpy.zeros(D, numpy.float32)

    for side, attentions in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "multihead_attn"])):
        norm(side + ".norm")
        for layer in range(options.layers):
            place = f"{side}.layers.{layer}."
            for attention in attentions:
                linear(f"{place}{attention}.in_proj_", 3 * D, D)
                linear(f"{place}{attention}.out_proj.", D, D)
            linear(place + "linear1.", 4 * D, D)
            linear(place + "linear2.", D, 4 * D)
            for number in range(len(attentions) + 1):
                norm(f"{place}norm{number + 1}")
    for table in ("source", "target"):
        weights[table + ".weight"] = random.normal(0, D**-0.5, (V, D)).astype(numpy.float32)
    return weights


def specification(options, weights):
    """A Transformer with norms first and tied scores for CTranslate2, from weights by nn.Transformer's names; no vocabularies yet."""
    D = options.hidden
    spec = TransformerSpec.from_config(options.layers, options.heads, pre_norm=True)

    def linear(part, name, rows=slice(None)):
        part.weight, part.bias = (numpy.ascontiguousarray(weights[name + kind][rows]) for kind in ("weight", "bias"))

    def norm(part, name):
        part.gamma, part.beta = weights[name + ".weight"], weights[name + ".bias"]

    angles = numpy.arange(2048)[:, None] * 10_000 ** (-2 * numpy.arange(D // 2) / D)
    places = numpy.stack([numpy.sin(angles), numpy.cos(angles)], 2).reshape(2048, D).astype(numpy.float32)
    spec.encoder.embeddings[0].weight = weights["source.weight"]
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = weights["target.weight"]
    spec.decoder.projection.bias = weights["output.bias"]
    for side, name in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        side.position_encodings.encodings = places
        norm(side.layer_norm, name + ".norm")
        for number, layer in enumerate(side.layer):
            place = f"{name}.layers.{number}."
            parts = [layer.self_attention, layer.ffn]
            linear(layer.self_attention.linear[0], place + "self_attn.in_proj_")
            linear(layer.self_attention.linear[1], place + "self_attn.out_proj.")
            if side is spec.decoder:
                linear(layer.attention.linear[0], place + "multihead_attn.in_proj_", slice(D))
                linear(layer.attention.linear[1], place + "multihead_attn.in_proj_", slice(D, 3 * D))
                linear(layer.attention.linear[2], place + "multihead_attn.out_proj.")
                parts.insert(1, layer.attention)
            linear(layer.ffn.linear_0, place + "linear1.")
            linear(layer.ffn.linear_1, place + "linear2.")
            for rank, part in enumerate(parts):
                norm(part.layer_norm, f"{place}norm{rank + 1}")
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
        spec = specification(options, random_weights(options))
        names = ["<blank>", "<unk>", "<s>", "</s>"] + [str(k) for k in range(4, options.vocabulary)]
        spec.register_source_vocabulary(names)
        spec.register_target_vocabulary(names)
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


if __name__ == "__main__":
    main()
