"""BLEU, chrF, ROUGE, error rates, bootstrap intervals and paired tests of the texts in scores_texts.py.

The references: sacreBLEU (BLEU, chrF, bootstrap), rouge-score, jiwer (error rates). They live in an environment of their
own: scores-requirements.txt.
"""

import importlib.metadata

import jiwer
import numpy
import regex
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer, Tokenizer
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.metrics.bleu import _get_tokenizer
from sacrebleu.significance import Result, _compute_p_value, _paired_bs_test, estimate_ci

from golden import write
from scores_texts import CORPORA, LINES

SEED = 12345
TOKENIZERS = ("13a", "zh", "char", "intl", "none")
VERSIONS = {
    name: importlib.metadata.version(name) for name in ("sacrebleu", "rouge-score", "jiwer", "regex", "numpy")}


def rounded(value):
    return float(f"{value:.15g}")


def references(corpus, segment):
    """The references that a segment has."""
    return [stream[segment] for stream in corpus["references"] if stream[segment] is not None]


def lowercased(settings):
    return [{**s, "lowercase": False} for s in settings] + [{**settings[0], "lowercase": True}]


def tokens():
    """What stands between white space once BLEU has cut a line, as it takes it."""
    return [
        {"text": line, "lower": line.lower(),
         **{name: _get_tokenizer(name)()(line.rstrip()).split() for name in TOKENIZERS}}
        for line in LINES]


def signature(metric):
    return metric.get_signature().format().removesuffix(f"|version:{VERSIONS['sacrebleu']}")


def bleu():
    cases = []
    for name, corpus in CORPORA.items():
        settings = [
            {"tokenize": "13a", "smooth_method": "exp", "smooth_value": None},
            {"tokenize": "13a", "smooth_method": "floor", "smooth_value": None},
            {"tokenize": "13a", "smooth_method": "floor", "smooth_value": 0.25},
            {"tokenize": "13a", "smooth_method": "add-k", "smooth_value": None},
            {"tokenize": "13a", "smooth_method": "add-k", "smooth_value": 0.5},
            {"tokenize": "13a", "smooth_method": "none", "smooth_value": None},
            {"tokenize": "13a", "smooth_method": "exp", "smooth_value": None, "max_ngram_order": 2},
            {"tokenize": "13a", "smooth_method": "exp", "smooth_value": None, "max_ngram_order": 6},
            *({"tokenize": t, "smooth_method": "exp", "smooth_value": None} for t in TOKENIZERS[1:]),
        ]
        for setting in lowercased(settings):
            for system in ("a", "b"):
                whole = BLEU(**setting)
                score = whole.corpus_score(corpus[system], corpus["references"])
                single = BLEU(**setting, effective_order=True)
                sentences = [
                    single.sentence_score(text, references(corpus, i)) for i, text in enumerate(corpus[system])]
                sums = numpy.sum(whole._extract_corpus_statistics(corpus[system], corpus["references"]), 0)
                order = setting.get("max_ngram_order", 4)
                cases.append({
                    "corpus": name, "system": system, **setting,
                    "signature": signature(whole), "text": str(score).removeprefix("BLEU = "),
                    "score": rounded(score.score), "precisions": [rounded(p) for p in score.precisions],
                    "brevity_penalty": rounded(score.bp), "lengths": [int(score.sys_len), int(score.ref_len)],
                    "matches": [int(x) for x in sums[2:2 + order]], "totals": [int(x) for x in sums[2 + order:]],
                    "last_sentence_signature": signature(single),
                    "sentences": [rounded(s.score) for s in sentences],
                })
    return {"cases": cases}


def chrf():
    cases = []
    for name, corpus in CORPORA.items():
        settings = [
            {"char_order": 6, "word_order": 0, "beta": 2, "whitespace": False, "eps_smoothing": False},
            {"char_order": 6, "word_order": 2, "beta": 2, "whitespace": False, "eps_smoothing": False},
            {"char_order": 6, "word_order": 2, "beta": 2, "whitespace": False, "eps_smoothing": True},
            {"char_order": 6, "word_order": 0, "beta": 1, "whitespace": True, "eps_smoothing": False},
            {"char_order": 3, "word_order": 1, "beta": 3, "whitespace": True, "eps_smoothing": True},
        ]
        for setting in lowercased(settings):
            for system in ("a", "b"):
                metric = CHRF(**setting)
                score = metric.corpus_score(corpus[system], corpus["references"])
                cases.append({
                    "corpus": name, "system": system, **setting,
                    "name": score.name, "signature": signature(metric), "score": rounded(score.score),
                    "sentences": [
                        rounded(metric.sentence_score(text, references(corpus, i)).score)
                        for i, text in enumerate(corpus[system])],
                })
    return {"cases": cases}


class AnyScript(Tokenizer):
    """Martlet's other tokenisation: Chinese characters and kana apart, rows of other letters, marks and numbers whole."""

    ALONE = (
        r"\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
        r"\u31f0-\u31ff\U00020000-\U0003ffff")
    PATTERN = regex.compile(rf"[{ALONE}]|(?:(?![{ALONE}])[\p{{L}}\p{{M}}\p{{N}}])+")

    def tokenize(self, text):
        return self.PATTERN.findall(text.lower())


def rouge():
    types = ["rouge1", "rouge2", "rouge3", "rougeL"]
    tokenizers = {"ascii": DefaultTokenizer(), "unicode": AnyScript()}
    lines = [
        {"text": line, **{name: tokenizer.tokenize(line) for name, tokenizer in tokenizers.items()}} for line in LINES]
    cases = []
    for name, corpus in CORPORA.items():
        for tokenization, tokenizer in tokenizers.items():
            scorer = RougeScorer(types, tokenizer=tokenizer)
            for system in ("a", "b"):
                scores = [
                    scorer.score_multi(references(corpus, i), text) for i, text in enumerate(corpus[system])]
                cases.append({
                    "corpus": name, "system": system, "tokenization": tokenization,
                    **{t: [[rounded(x) for x in score[t]] for score in scores] for t in types},
                })
    return {"tokens": lines, "cases": cases}


def error_rates():
    """Against the first reference alone: jiwer knows one. It parts words at spaces only, so all white space becomes one."""
    cases = []
    for name, corpus in CORPORA.items():
        for system in ("a", "b"):
            pairs = [(r, h) for r, h in zip(corpus["references"][0], corpus[system])]
            case = {"corpus": name, "system": system}
            for unit, process, rate in (
                    ("word", jiwer.process_words, "wer"), ("character", jiwer.process_characters, "cer")):
                texts = [[" ".join(t.split()) if unit == "word" else t for t in pair] for pair in pairs]
                own = [process(r, h) for r, h in texts]
                whole = process([r for r, _ in texts], [h for _, h in texts])
                case[unit] = {
                    "rate": rounded(getattr(whole, rate)),
                    "edits": [o.substitutions + o.insertions + o.deletions for o in own],
                    "lengths": [o.hits + o.substitutions + o.deletions for o in own],
                    "rates": [rounded(getattr(o, rate)) for o in own],
                }
            cases.append(case)
    empty = jiwer.process_words("", "three words inserted")
    return {"cases": cases, "empty_reference": rounded(empty.wer)}


def significance():
    """The corpora that sacreBLEU draws from its seed, and what it makes of them."""
    cases = []
    resamples = 80
    for name, make in (("BLEU", BLEU), ("chrF2++", lambda tokenize: CHRF(word_order=2))):
        for corpus_name, tokenize in (("english", "13a"), ("german", "13a"), ("chinese", "zh"), ("odd", "intl")):
            corpus = CORPORA[corpus_name]
            count = len(corpus["a"])
            draws = numpy.random.default_rng(SEED).choice(count, size=(resamples, count), replace=True)
            metric = make(tokenize=tokenize)
            baseline = metric.corpus_score(corpus["a"], corpus["references"])
            statistics = metric._extract_corpus_statistics(corpus["a"], corpus["references"])
            _, results = _paired_bs_test(
                {baseline.name: (statistics, Result(baseline.score))}, "b", corpus["b"], corpus["references"],
                {baseline.name: metric}, n_samples=resamples, seed=SEED)
            result = results[baseline.name]
            # sacreBLEU adds up in float32 and so has 7 digits; the same by its own functions from whole numbers has all.
            scores = [
                numpy.array([
                    metric._compute_score_from_stats(numpy.sum(own[draw], 0).tolist()).score for draw in draws])
                for own in (numpy.array(statistics), numpy.array(
                    metric._extract_corpus_statistics(corpus["b"], corpus["references"])))]
            (baseline_mean, baseline_ci), (system_mean, system_ci) = map(estimate_ci, scores)
            distances = numpy.abs(scores[1] - scores[0])
            p_value = _compute_p_value(distances - distances.mean(), abs(result.score - baseline.score))
            assert p_value == result.p_value
            metric.corpus_score(corpus["a"], corpus["references"], n_bootstrap=resamples)
            cases.append({
                "metric": name, "corpus": corpus_name, "tokenize": tokenize, "draws": draws.tolist(),
                "baseline": rounded(baseline.score), "baseline_mean": rounded(baseline_mean),
                "baseline_ci": rounded(baseline_ci), "system": rounded(result.score),
                "system_mean": rounded(system_mean), "system_ci": rounded(system_ci),
                "system_mean_float32": rounded(result.mean), "system_ci_float32": rounded(result.ci),
                "p_value": rounded(result.p_value), "signature": signature(metric),
            })
    return {"resamples": resamples, "cases": cases}


def texts():
    return {
        name: {"a": corpus["a"], "b": corpus["b"],
               "references": [references(corpus, i) for i in range(len(corpus["a"]))]}
        for name, corpus in CORPORA.items()}


def main():
    for name, body in (
            ("texts", {"corpora": texts(), "lines": tokens()}), ("bleu", bleu()), ("chrf", chrf()), ("rouge", rouge()),
            ("error_rates", error_rates()), ("significance", significance())):
        write(f"scores/{name}.json", __file__, SEED, body, versions=VERSIONS)


if __name__ == "__main__":
    main()
