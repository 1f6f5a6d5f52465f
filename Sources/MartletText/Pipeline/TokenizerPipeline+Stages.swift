/// What the stages of a tokenizer make of a text.
public struct TokenizerStages: Sendable, Equatable {
    /// A part of the text as a stage leaves it.
    public struct Part: Sendable, Equatable {
        /// The part.
        public var text: String
        /// The number of the added token it is; nil for others.
        public var addedID: Int32?
    }

    /// The text after added tokens were taken out and the rest was normalised.
    public var normalized: [Part]
    /// The words that the pre-tokenizer gives the model, added tokens among them.
    public var words: [Part]
    /// The tokens, with the special ones that the post-processor puts in.
    public var encoding: Encoding
}

extension TokenizerPipeline {
    /// What each stage makes of `text`: for looking at, not for speed.
    ///
    /// Throws what ``encode(_:pair:addSpecialTokens:)`` throws.
    public func stages(_ text: String, addSpecialTokens: Bool = true) throws -> TokenizerStages {
        let whole = try PipelineEngine(
            model: model, normalizer: normalizer, preTokenizer: nil, postProcessor: nil,
            decoder: nil, addedTokens: addedTokens)
        return TokenizerStages(
            normalized: try whole.parts(text), words: try engine.parts(text),
            encoding: try encode(text, addSpecialTokens: addSpecialTokens))
    }
}

extension PipelineEngine {
    /// The parts of a text that come to the model.
    fileprivate func parts(_ text: String) throws -> [TokenizerStages.Part] {
        var text = text
        return try text.withUTF8 { bytes in
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return [] }
            return try withWorker { worker in
                try worker.prepare(base, bytes.count, self, tracks: false, leavesBytes: false)
                return (0..<worker.pieces.count).map { index in
                    let piece = worker.pieces[index]
                    let part = UnsafeBufferPointer(
                        start: worker.base + Int(piece.start), count: Int(piece.end - piece.start))
                    return .init(
                        text: String(decoding: part, as: UTF8.self),
                        addedID: piece.id < 0 ? nil : piece.id)
                }
            }
        }
    }
}

extension TokenizerPipeline {
    /// The numbers that stand for what the tokenizer does not know.
    public var unknownIDs: Set<Int32> {
        let id: Int32? =
            switch model {
            case .bytePair(let model): model.options.unknownToken.flatMap { self.model.id(of: $0) }
            case .unigram(let model): model.unknownID
            case .wordPiece(let model): self.model.id(of: model.unknownToken)
            case .wordLevel(let model): self.model.id(of: model.unknownToken)
            }
        return id.map { [$0] } ?? []
    }
}
