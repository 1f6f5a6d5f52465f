import Synchronization

/// The parts of a tokenizer, made ready to run; it never changes but for the workers it lends.
final class PipelineEngine: Sendable {
    /// A model made ready to run: one reference, so that taking it for a word counts one, not those of all its tables.
    enum Runner: Sendable {
        case bytePair(BytePairRunner)
        case unigram(UnigramRunner)
        case wordPiece(WordPieceRunner)
        case wordLevel(WordLevelRunner)
    }

    let added: AddedTokenIndex
    let normalizer: [NormalizerStep]
    let splits: [SplitStep]
    let model: Runner
    let decoder: [DecodingStep]
    /// Without a decoder pieces are joined by spaces.
    let hasDecoder: Bool
    /// Whether words may stay bytes where the pre-tokenizer would make them visible.
    let takesBytes: Bool
    /// Whether numbers alone need alignments: the first word of a text is known by where it comes from.
    let needsAlignments: Bool
    /// Whether the tokens of a word are the same every time.
    let isFixed: Bool
    /// Whether words are cut at the mark of a space before they are merged (``BytePairRunner/partsAtMark``).
    let partsAtMark: Bool
    /// Whether pieces become text by turning visible characters into bytes, and nothing else.
    let decodesBytes: Bool
    let tokenModel: TokenModel
    private let tokenTexts = Mutex<TokenTexts?>(nil)
    private let workers = Mutex(WorkerPool())

    /// Workers that nobody uses.
    private struct WorkerPool: @unchecked Sendable {
        var idle: [PipelineWorker] = []
    }

    init(
        model: TokenModel, normalizer: Normalizer?, preTokenizer: PreTokenizer?,
        postProcessor: PostProcessor?, decoder: TokenDecoder?, addedTokens: [AddedToken]
    ) throws {
        let steps = try NormalizerStep.steps(normalizer)
        self.normalizer = steps
        splits = try SplitStep.steps(preTokenizer)
        self.decoder = try DecodingStep.steps(decoder)
        hasDecoder = decoder != nil
        added = try AddedTokenIndex(
            addedTokens, model: model, steps: steps, worker: PipelineWorker())
        var isFixed = true
        var takesBytes = false
        var partsAtMark = false
        switch model {
        case .bytePair(let model):
            let runner = BytePairRunner(model)
            isFixed = runner.isFixed
            takesBytes = runner.takesBytes
            partsAtMark = runner.partsAtMark
            self.model = .bytePair(runner)
        case .unigram(let model): self.model = .unigram(UnigramRunner(model))
        case .wordPiece(let model): self.model = .wordPiece(try WordPieceRunner(model))
        case .wordLevel(let model): self.model = .wordLevel(WordLevelRunner(model))
        }
        self.isFixed = isFixed
        self.partsAtMark = partsAtMark
        if case .visibleBytes = splits.last {} else { takesBytes = false }
        let visible = splits.count { if case .visibleBytes = $0 { true } else { false } }
        self.takesBytes = takesBytes && visible == 1
        needsAlignments =
            !steps.isEmpty
            && splits.contains {
                if case .metaspace(let options) = $0 { options.prepending == .first } else { false }
            }
        decodesBytes = decoder == .byteLevel
        tokenModel = model
    }

    /// What each token is in decoding; worked out when it is first needed.
    var texts: TokenTexts {
        tokenTexts.withLock { texts in
            if let texts { return texts }
            let new = TokenTexts(model: tokenModel, added: added, decodesBytes: decodesBytes)
            texts = new
            return new
        }
    }

    /// Calls `body` with a worker that nobody else uses.
    func withWorker<Result>(_ body: (PipelineWorker) throws -> Result) rethrows -> Result {
        let worker = workers.withLock { pool in pool.idle.popLast().map(Lent.init) }
        let lent = worker?.worker ?? PipelineWorker()
        defer {
            let back = Lent(worker: lent)
            workers.withLock { $0.idle.append(back.worker) }
        }
        return try body(lent)
    }

    /// A worker on its way into or out of the pool.
    private struct Lent: @unchecked Sendable {
        let worker: PipelineWorker
    }
}
