extension CorpusCounter {
    /// Finds the words that a tokenizer with these stages gives its model.
    ///
    /// Where the last pre-tokenizer makes bytes visible, words are left as the bytes they are, for ``BPETrainer`` with
    /// bytes as symbols. `keepsLineEnds`: whether a line's end is part of it, as tokenizers trains from files; without it
    /// the model never sees one. Throws ``PipelineError`` where a stage is not supported.
    public static func splitter(
        normalizer: Normalizer?, preTokenizer: PreTokenizer?, keepsLineEnds: Bool
    ) throws -> Splitter {
        let engine = try PipelineEngine(
            model: .wordLevel(try WordLevelModel(pieces: ["<unk>"])), normalizer: normalizer,
            preTokenizer: preTokenizer, postProcessor: nil, decoder: nil, addedTokens: [])
        let leavesBytes = if case .visibleBytes = engine.splits.last { true } else { false }
        return { line, word in
            var count = line.count
            if !keepsLineEnds {
                if count > 0, line[count - 1] == 0x0A { count -= 1 }
                if count > 0, line[count - 1] == 0x0D { count -= 1 }
            }
            guard let base = line.baseAddress, count > 0 else { return }
            guard count < Int(Int32.max) else {
                throw PipelineError.unsupported(part: "training", reason: "a line of 2 GiB or more")
            }
            try engine.withWorker { worker in
                try worker.prepare(base, count, engine, tracks: false, leavesBytes: leavesBytes)
                for index in 0..<worker.pieces.count {
                    let piece = worker.pieces[index]
                    word(
                        UnsafeBufferPointer(
                            start: worker.base + Int(piece.start),
                            count: Int(piece.end - piece.start)))
                }
            }
        }
    }
}
