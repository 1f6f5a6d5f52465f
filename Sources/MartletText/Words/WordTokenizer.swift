#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TokenizerPipeline {
    /// A tokenizer whose pieces are the `size` most frequent words of a dictionary, with `<unk>` as number 0: the most
    /// probable words, as a Unigram model finds them.
    ///
    /// Hugging Face loads it. What a `tokenizer.json` cannot say is the model of new words: where
    /// ``DictionarySegmenter`` makes a new word of several characters, or keeps a number of any length together, this has
    /// a piece for each character it knows and `<unk>` for the others. User words always win here too: they are added
    /// tokens, found in the text as it is. `normalizer` is what was done to the text before its words were counted.
    /// Throws ``PipelineError`` and ``TokenizerTrainingError``.
    public init(
        words dictionary: WordDictionary, size: Int, userWords: [String] = [],
        normalizer: Normalizer? = nil
    ) throws {
        guard !dictionary.words.isEmpty else {
            throw TokenizerTrainingError.empty(paths: ["dictionary"])
        }
        let unknown = UnknownWordModel(dictionary.words, total: dictionary.total)
        let total = Double(dictionary.total)
        var pieces: [(piece: String, score: Double)] = [("<unk>", 0)]
        var seen: Set<[UInt8]> = [Array("<unk>".utf8)]
        for (word, count) in dictionary.words where seen.insert(Array(word.utf8)).inserted {
            pieces.append((word, log(Double(count) / total)))
        }
        // Characters that are no words: as new words of one character.
        var others: [(piece: String, score: Double)] = []
        for (word, _) in dictionary.words {
            for scalar in word.unicodeScalars where seen.insert(Array(String(scalar).utf8)).inserted
            {
                let number = unknown.number(scalar.value)
                others.append(
                    (String(scalar), unknown.score(length: 1) + unknown.score(number, .alone)))
            }
        }
        others.sort {
            $0.score != $1.score
                ? $0.score > $1.score : $0.piece.utf8.lexicographicallyPrecedes($1.piece.utf8)
        }
        guard size > 1 else {
            throw TokenizerTrainingError.tooSmall(size: size, least: 2, why: "<unk> and one word")
        }
        pieces = Array((pieces + others).prefix(size))
        let model = try UnigramModel(pieces: pieces, unknownID: 0)
        let added =
            [AddedToken(id: 0, content: "<unk>", isSpecial: true)]
            + userWords.enumerated().map {
                AddedToken(id: Int32(pieces.count + $0), content: $1, isNormalized: false)
            }
        try self.init(
            model: .unigram(model), normalizer: normalizer,
            preTokenizer: Family.words.preTokenizer, decoder: Family.words.decoder,
            addedTokens: added)
    }
}
