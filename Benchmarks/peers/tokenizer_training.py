"""Learning a tokenizer by Hugging Face tokenizers: the peer of `martlet bench tokenizer-training`."""

import argparse
import os


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--type", choices=("bpe", "unigram"), required=True)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--size", type=int, default=16000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1, help="not used: it is done once")
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"

    from timing import measure, report
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    def bpe():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tokenizer, trainers.BpeTrainer(
            vocab_size=options.size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)

    def unigram():
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        return tokenizer, trainers.UnigramTrainer(
            vocab_size=options.size, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)

    tokenizer, trainer = {"bpe": bpe, "unigram": unigram}[options.type]()
    result = measure(lambda: tokenizer.train(options.data, trainer), 0, warm_up=0, at_least=1)
    report(result, pieces=tokenizer.get_vocab_size())


main()
