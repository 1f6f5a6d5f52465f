import MartletTensor

/// Beam search: of all that a model could write, what is likeliest as a whole.
///
/// It goes on with the `width` likeliest beginnings at each step (Graves 2012; Sutskever et al. 2014). Of the likeliest `width`
/// continuations those that end are kept as hypotheses; the likeliest that do not end are gone on with. A width of 1 is
/// greedy search: always the likeliest token, until that is the end.
///
/// ```swift
/// var search = BeamSearch(beginning: 2, end: 3)
/// search.lengthPenalty = .wu(alpha: 0.6)
/// let best = try search(model, reading: [[14, 9, 3], [7, 3]]).map { $0[0].tokens }
/// ```
///
/// The result is the same at each call, and for each source the same alone as beside others. Of equally likely
/// continuations the smaller token comes first.
public struct BeamSearch: Sendable {
    /// When a source is done.
    public enum Stopping: Sendable, Equatable {
        /// When nothing that could still be written would be better than what was found: the result is that of going on to the
        /// longest length.
        case whenCertain
        /// When as many hypotheses have ended as the beam is wide.
        case whenFull
    }

    /// What the writing begins with, and does not count as written.
    public var beginning: Int32
    /// The token that ends a hypothesis, and does not count as written.
    public var end: Int32
    /// How many beginnings are gone on with at each step.
    public var width = 4
    /// How many hypotheses of each source are given, at most the width.
    public var hypotheses = 1
    /// How hypotheses of different lengths are compared.
    public var lengthPenalty = LengthPenalty.none
    /// When a source is done; of a width of 1, with the first hypothesis that ends.
    public var stopping = Stopping.whenCertain
    /// The most tokens that are written.
    public var maximumLength = 256
    /// The most tokens for each one that is read; nil: as many as ``maximumLength`` says.
    public var lengthRatio: Double?
    /// So many more than ``lengthRatio`` says are still allowed.
    public var lengthAllowance = 10
    /// The fewest tokens that are written.
    public var minimumLength = 0
    /// The length of the rows of tokens that are not written twice; nil: any may be.
    public var blockedNGram: Int?
    /// The tokens that are never written.
    public var suppressed: [Int32] = []
    /// Whether hypotheses say what each of their tokens came from, if the model tells.
    public var keepsAttention = true

    /// A search of a width of 4.
    ///
    /// - Parameters:
    ///   - beginning: what the writing begins with.
    ///   - end: the token that ends it.
    public init(beginning: Int32, end: Int32) {
        self.beginning = beginning
        self.end = end
    }

    /// What is wrong with the options, in words; nil if nothing is.
    public var problem: String? {
        func least(_ name: String, _ value: Int, _ least: Int) -> String? {
            value < least ? "\(name) is \(value): expected at least \(least)" : nil
        }
        if let ratio = lengthRatio, !(ratio > 0 && ratio.isFinite) {
            return "the length ratio is \(ratio): expected more than 0"
        }
        return least("the beam's width", width, 1)
            ?? least("the number of hypotheses", hypotheses, 1)
            ?? (hypotheses > width
                ? "\(hypotheses) hypotheses of a beam of \(width): expected at most as many" : nil)
            ?? least("the maximum length", maximumLength, 1)
            ?? least("the length allowance", lengthAllowance, 0)
            ?? least("the minimum length", minimumLength, 0)
            ?? blockedNGram.flatMap { least("the length of blocked n-grams", $0, 1) }
            ?? (minimumLength > maximumLength
                ? "the minimum length is \(minimumLength) and the maximum length \(maximumLength)"
                : nil)
    }

    /// What a model writes for each source, the best hypothesis first.
    ///
    /// There are ``hypotheses`` of each, or fewer where there are not so many. Those that end come before those that were
    /// cut at the longest length, whatever their scores.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - sources: what it reads, a token at least each.
    ///   - prefixes: what each hypothesis has to begin with, source by source; nil: anything.
    ///   - batchSize: how many sources each thread works on side by side, those of like length together; nil: as many as make some
    ///     160 rows of all threads. It does not change the result.
    /// - Throws: ``ModelError`` for options that make no sense, a token that the model does not know, a source or a prefix
    ///   that is too long, and a model whose scores are not numbers.
    public func callAsFunction<Writer: SequenceToSequenceModel>(
        _ model: Writer, reading sources: [[Int32]], prefixes: [[Int32]]? = nil,
        batchSize: Int? = nil
    ) throws -> [[BeamHypothesis]] {
        try search(
            model, reading: sources, prefixes: prefixes, batchSize: batchSize,
            // There have to be rows enough for all.
            lanes: min(Machine.current.threads, sources.count * width / 40))
    }

    /// The same, with the sources dealt out to so many threads, none of which waits for another.
    package func search<Writer: SequenceToSequenceModel>(
        _ model: Writer, reading sources: [[Int32]], prefixes: [[Int32]]? = nil,
        batchSize: Int? = nil, lanes: Int
    ) throws -> [[BeamHypothesis]] {
        let lanes = max(min(lanes, sources.count), 1)
        let size = batchSize ?? max(160 / lanes / max(width, 1), 8)
        precondition(size > 0, "beam search in batches of \(size)")
        let tasks = try checked(sources, prefixes, for: model)
        let order = sources.indices.sorted {
            (sources[$1].count, $0) < (sources[$0].count, $1)
        }
        // Where few rows have other bits than many, who is beside whom must not depend on time.
        let isDealt = ProductPrecision.current != .float32
        let shares: [[Int]] =
            isDealt
            ? (0..<lanes).map { stride(from: $0, to: order.count, by: lanes).map { order[$0] } }
            : [order]
        let queues = shares.map { BeamQueue($0.map { tasks[$0] }) }
        let most = min(size, (sources.count + lanes - 1) / lanes)
        let found = Machine.sideBySide(lanes) { lane in
            Result {
                var batch = BeamBatch(self, model, queues[isDealt ? lane : 0], size: most)
                return try batch.run()
            }
        }
        var results = [[BeamHypothesis]](repeating: [], count: sources.count)
        for (lane, found) in found.enumerated() {
            for (place, hypotheses) in try found.get() {
                results[shares[isDealt ? lane : 0][place]] = hypotheses
            }
        }
        return results
    }

    /// What is to be done, if all of it can be.
    private func checked(
        _ sources: [[Int32]], _ prefixes: [[Int32]]?, for model: some SequenceToSequenceModel
    ) throws -> [BeamTask] {
        if let problem { throw ModelError(problem) }
        let size = model.vocabularySize
        func check(_ token: Int32, _ name: String, below limit: Int) throws {
            guard (0..<limit).contains(Int(token)) else {
                throw ModelError("\(name): token \(token) is not one of 0 … \(limit - 1)")
            }
        }
        try check(beginning, "the beginning", below: size)
        try check(end, "the end", below: size)
        for token in suppressed { try check(token, "what is never written", below: size) }
        if let prefixes, prefixes.count != sources.count {
            throw ModelError(
                "there are \(prefixes.count) prefixes for \(sources.count) sources: give one for each, empty where there is none"
            )
        }
        return try sources.enumerated().map { index, source in
            let name = "source \(index + 1)"
            if source.isEmpty {
                throw ModelError("\(name) has no tokens: leave it out")
            }
            if let context = model.contextLength, source.count > context {
                throw ModelError(
                    "\(name) has \(source.count) tokens: this model reads at most \(context); cut it, or give it in parts"
                )
            }
            // Words that can only be copied are numbered on from the vocabulary, in each source for itself.
            let own = model.copies ? source.count : 0
            for token in source { try check(token, name, below: model.sourceVocabularySize + own) }
            let prefix = prefixes?[index] ?? []
            for token in prefix {
                let isRead = model.copies && source.contains(token)
                try check(
                    token, "the prefix of \(name)", below: isRead ? size + own : size)
            }
            let limit = longest(source.count, context: model.contextLength)
            if prefix.count > limit || prefix.contains(end) {
                throw ModelError(
                    "the prefix of \(name) has \(prefix.count) tokens: expected at most \(limit), without the end (\(end))"
                )
            }
            return BeamTask(source: source, prefix: prefix, limit: limit)
        }
    }

    /// The most tokens that are written for a source.
    private func longest(_ length: Int, context: Int?) -> Int {
        var limit = maximumLength
        if let lengthRatio {
            let most = (lengthRatio * Double(length)).rounded(.up) + Double(lengthAllowance)
            limit = max(minimumLength, 1, Int(min(most, Double(limit))))
        }
        // All that is written is read again, after the beginning.
        return min(limit, context.map { $0 - 1 } ?? limit)
    }

    /// Whether a source is done as soon as the beam is full.
    var stopsWhenFull: Bool { stopping == .whenFull || width == 1 }
}

/// One source of a beam search.
struct BeamTask {
    /// What is read.
    var source: [Int32]
    /// What the hypotheses have to begin with.
    var prefix: [Int32]
    /// The most tokens that are written.
    var limit: Int
}
