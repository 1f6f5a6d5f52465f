extension TokenizerRecipe {
    /// A dictionary of words, from lines that somebody cut, or found in running text.
    func words(_ files: [String], _ report: TokenizerTrainingReport) throws -> Outcome {
        let user = try userWords.map { try WordDictionary(contentsOf: $0).words.map(\.word) } ?? []
        let whole = isSegmented ? try segmented(files, report) : try learned(files)
        let dictionary = WordDictionary(
            whole.words.lazy.filter { $0.count >= minimumFrequency }.map { ($0.word, $0.count) })
        // Words found in running text are in lower case, so the text must be, too.
        let tokenizer = try TokenizerPipeline(
            words: dictionary, size: size, userWords: user,
            normalizer: isSegmented ? nil : .lowercase)
        let score = isSegmented ? try judge(files, dictionary) : nil
        return Outcome(tokenizer: tokenizer, dictionary: dictionary, score: score)
    }

    /// Whether a line of a segmented corpus is held out: one in ten, by a hash of its bytes (FNV-1a).
    ///
    /// Equal lines are on one side, and a line stays on its side whatever else the corpus has.
    public static func isHeldOut(_ line: some Sequence<UInt8>) -> Bool {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in line where byte != 0x0A && byte != 0x0D {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return (hash ^ hash >> 32) % 10 == 0
    }

    private func segmented(
        _ files: [String], _ report: TokenizerTrainingReport
    ) throws -> WordDictionary {
        let counts = try CorpusCounter(threads: threads).count(
            files,
            split: { line, word in
                if !Self.isHeldOut(line) { try WordDictionary.splitter(line, word) }
            }, report: report)
        return WordDictionary(counts)
    }

    /// Finds the words of running text: CJK by what holds together, others by white space.
    private func learned(_ files: [String]) throws -> WordDictionary {
        var lines: [String] = []
        try forEachLine(files) { lines.append(String(decoding: $0, as: UTF8.self)) }
        let vocabulary = Tokenizer.train(
            on: lines, kind: .dictionary, minimumCount: max(1, minimumFrequency),
            maximumSize: max(2, size + 1)
        ).vocabulary
        guard vocabulary.count > 2 else { throw TokenizerTrainingError.empty(paths: files) }
        return WordDictionary(
            (2..<vocabulary.count).lazy.map {
                (vocabulary.token(Int32($0)), vocabulary.counts[$0])
            })
    }

    private func judge(_ files: [String], _ dictionary: WordDictionary) throws -> SegmentationScore
    {
        let segmenter = DictionarySegmenter(dictionary)
        let known = Set(dictionary.words.lazy.map(\.word))
        var score = SegmentationScore()
        try forEachLine(files) { line in
            guard Self.isHeldOut(line) else { return }
            var words: [String] = []
            try line.withUnsafeBufferPointer { line in
                try WordDictionary.splitter(line) {
                    words.append(String(decoding: $0, as: UTF8.self))
                }
            }
            score.add(words, segmenter) { known.contains($0) }
        }
        return score
    }

    private func forEachLine(
        _ files: [String], _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        var reader = try CorpusReader(files, blockSize: 1 << 20)
        var (file, lines) = (-1, 0)
        while let block = try reader.next() {
            if block.file != file { (file, lines) = (block.file, 0) }
            if let invalid = block.invalidByte(path: files[file], linesBefore: lines) {
                throw invalid
            }
            for line in block.bytes.split(separator: 0x0A) { try body(line) }
            lines += block.bytes.count { $0 == 0x0A }
        }
    }
}
