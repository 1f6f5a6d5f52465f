public import MartletModels
import MartletNN
import MartletStore
public import MartletTensor
public import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the states of a text's tokens become one vector.
public enum SentencePooling: String, Codable, Sendable, CaseIterable {
    /// The mean of all.
    case mean
    /// The first, `[CLS]`.
    case first = "cls"
    /// The last.
    case last
}

/// Texts as vectors whose products tell how close their meanings are (Reimers & Gurevych 2019, "Sentence-BERT").
///
/// ```swift
/// let encoder = try SentenceEncoder(contentsOf: "all-MiniLM-L6-v2")
/// let vectors = try encoder.embed(["How old are you?", "What is your age?"])     // [2, 384]
/// ```
///
/// Texts of all lengths are worked on side by side, without padding; a text has the same vector, bit for bit, whatever
/// others are given with it.
public struct SentenceEncoder: Sendable {
    /// From tokens to states.
    public var model: BERT
    /// Cuts texts into tokens, with the special ones that the model expects.
    public let tokenizer: TokenizerPipeline
    /// How states become one vector.
    public var pooling: SentencePooling
    /// Whether vectors are made 1 long.
    public var isNormalized: Bool
    /// The most tokens of a text; longer ones are refused, or cut where that is asked for.
    public var longest: Int

    /// An encoder of these parts.
    public init(
        model: BERT, tokenizer: TokenizerPipeline, pooling: SentencePooling = .mean,
        isNormalized: Bool = true, longest: Int? = nil
    ) {
        self.model = model
        self.tokenizer = tokenizer.with(truncation: nil, padding: nil)
        self.pooling = pooling
        self.isNormalized = isNormalized
        let context = model.configuration.contextLength ?? 512
        self.longest = min(longest ?? context, context)
    }

    /// Where sentence-transformers writes how states become one vector.
    static let poolingFile = "1_Pooling/config.json"

    /// What it writes there.
    private struct PoolingConfiguration: Decodable {
        var first, mean, last: Bool?

        enum CodingKeys: String, CodingKey {
            case first = "pooling_mode_cls_token"
            case mean = "pooling_mode_mean_tokens"
            case last = "pooling_mode_lasttoken"
        }
    }

    /// The encoder of a folder as Hugging Face or sentence-transformers writes it: `config.json`, `model.safetensors`,
    /// `tokenizer.json`, and if there is one `1_Pooling/config.json`.
    ///
    /// - Parameters:
    ///   - pooling: how states become one vector; nil: as the folder says, or the mean.
    ///   - type: what its weights are packed as, for many texts; nil: they are not. See ``BERT/prepared(_:)``.
    /// - Throws: `ModelError`, `StoreError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(
        contentsOf folder: String, pooling: SentencePooling? = nil, type: InferenceType? = nil
    ) throws {
        var model = try ModelFolder.load(BERT.self, from: folder)
        if let type = type ?? (model.quantization == nil ? nil : .int8) {
            model = model.prepared(type)
        }
        let path = CheckpointFolder.resolve(folder, "tokenizer.json")
        let tokenizer = try TokenizerPipeline(path: path)
        guard tokenizer.idLimit <= model.configuration.vocabularySize else {
            throw ModelError(
                "\(path) has \(tokenizer.idLimit) tokens: config.json says vocab_size \(model.configuration.vocabularySize); both must come from one model"
            )
        }
        var known = SentencePooling.mean
        if let data = FileManager.default.contents(
            atPath: CheckpointFolder.resolve(folder, Self.poolingFile)),
            let found = try? JSONDecoder().decode(PoolingConfiguration.self, from: data)
        {
            known = found.first == true ? .first : found.last == true ? .last : .mean
        }
        self.init(model: model, tokenizer: tokenizer, pooling: pooling ?? known)
    }

    /// The encoder of a folder, to be trained.
    ///
    /// - Throws: as ``init(contentsOf:pooling:type:)``; ``TrainingError`` if it is quantised.
    static func toTrain(_ folder: String) throws -> SentenceEncoder {
        let result = try SentenceEncoder(contentsOf: folder)
        if let type = result.model.quantization {
            throw TrainingError.doesNotFit(
                "\(folder): the encoder is quantised to \(type.rawValue): give the one that it was made of"
            )
        }
        return result
    }

    /// A text that has more tokens than the model reads.
    public struct TooLong: Error, CustomStringConvertible, Sendable {
        /// Which text, counted from 0.
        public let text: Int
        /// Its tokens.
        public let tokens: Int
        /// How many there may be.
        public let longest: Int

        /// Which text, how long, and what to do.
        public var description: String {
            "text \(text + 1) has \(tokens) tokens: this model reads at most \(longest); cut it into parts, or ask for long texts to be cut (--truncate)"
        }
    }

    /// The tokens of texts.
    ///
    /// - Parameter truncates: whether texts that are too long are cut; otherwise they are an error.
    /// - Returns: the tokens, and how many texts were cut.
    /// - Throws: ``TooLong``, or `PipelineError`.
    public func tokens(
        of texts: [String], truncates: Bool = false
    ) throws -> (tokens: [[Int32]], cut: Int) {
        var cut = 0
        let limited = tokenizer.with(
            truncation: Truncation(maximumLength: longest), padding: nil)
        let rows = try texts.enumerated().map { number, text in
            let ids = try tokenizer.encodeIDs(text)
            guard ids.count > longest else { return ids }
            guard truncates else {
                throw TooLong(text: number, tokens: ids.count, longest: longest)
            }
            cut += 1
            return try limited.encodeIDs(text)
        }
        return (rows, cut)
    }

    /// The vectors of texts, `[texts, D]`, in their order.
    ///
    /// - Parameter truncates: whether texts that are too long are cut; otherwise they are an error.
    /// - Throws: ``TooLong``, or `PipelineError`.
    public func embed(_ texts: [String], truncates: Bool = false) throws -> Tensor {
        embed(tokens: try tokens(of: texts, truncates: truncates).tokens)
    }

    /// The vectors of texts that are cut into tokens, `[texts, D]`, in their order.
    public func embed(tokens: [[Int32]]) -> Tensor {
        let groups = tokens.packedGroups()
        guard !groups.isEmpty else { return .zeros([0, model.configuration.width]) }
        var none: RandomGenerator?
        let parts = groups.map { group in vectors(of: group.map { tokens[$0] }, dropout: &none) }
        var places = [Int32](repeating: 0, count: tokens.count)
        for (row, place) in groups.joined().enumerated() { places[place] = Int32(row) }
        return Tensor.concatenate(parts, axis: 0).embedding(Tensor(places))
    }

    /// The vectors of some sequences, `[sequences, D]`, with gradients where they are wanted.
    ///
    /// - Parameter random: random numbers for dropout; nil when not training.
    func vectors(of sequences: [[Int32]], dropout random: inout RandomGenerator?) -> Tensor {
        let states = model.encode(packed: sequences, dropout: &random)
        var ends: [Int32] = []
        var sum: Int32 = 0
        for sequence in sequences {
            sum += Int32(sequence.count)
            ends.append(sum)
        }
        let pooled: Tensor
        switch pooling {
        case .first: pooled = states.embedding(Tensor([0] + ends.dropLast()))
        case .last: pooled = states.embedding(Tensor(ends.map { $0 - 1 }))
        case .mean: pooled = states.meansOfRuns(sequences.map(\.count))
        }
        guard isNormalized else { return pooled }
        let length = (pooled.squared().sum(axis: 1, keepingRank: true) + 1e-24).squareRoot()
        return pooled / length
    }
}

extension [[Int32]] {
    /// The places of sequences that are worked on together, at most so many tokens at a time: neighbours of like length, so that
    /// every group has about as much work.
    func packedGroups(tokens most: Int = 4096) -> [[Int]] {
        var groups: [[Int]] = []
        var count = 0
        for place in indices.sorted(by: { (self[$0].count, $0) < (self[$1].count, $1) }) {
            if groups.isEmpty || count + self[place].count > most {
                groups.append([])
                count = 0
            }
            groups[groups.count - 1].append(place)
            count += self[place].count
        }
        return groups
    }
}

extension Tensor {
    /// The means of runs of rows, `[rows, D]` with so many rows each: `[runs, D]`.
    func meansOfRuns(_ counts: [Int]) -> Tensor {
        let time = counts.max() ?? 0
        var start: Int32 = 0
        let places = counts.flatMap { count in
            defer { start += Int32(count) }
            return (0..<time).map { start + Int32(Swift.min($0, Swift.max(count - 1, 0))) }
        }
        return embedding(Tensor(places, shape: [counts.count, time])).meanOverTime(lengths: counts)
    }
}

/// Texts that can be searched by meaning.
public struct SentenceIndex: Sendable {
    /// The encoder.
    public let encoder: SentenceEncoder
    /// The texts.
    public let texts: [String]
    private let vectors: Tensor

    /// An index of texts.
    ///
    /// - Throws: `SentenceEncoder.TooLong`, or `PipelineError`.
    public init(_ texts: [String], by encoder: SentenceEncoder, truncates: Bool = false) throws {
        self.init(
            texts, vectors: try encoder.embed(texts, truncates: truncates), by: encoder)
    }

    /// An index of texts whose vectors, `[texts, D]` and each 1 long, the encoder has made before.
    public init(_ texts: [String], vectors: Tensor, by encoder: SentenceEncoder) {
        precondition(
            vectors.shape == [texts.count, encoder.model.configuration.width],
            "an index of \(texts.count) texts with vectors \(vectors.shape)")
        self.encoder = encoder
        self.texts = texts
        self.vectors = vectors
    }

    /// A text that was found.
    public struct Hit: Codable, Sendable, Equatable {
        /// Which text, counted from 0.
        public var place: Int
        /// The product of its vector with the question's: 1 at most.
        public var score: Double
        /// The text.
        public var text: String
    }

    /// The texts closest to a question, the closest first; of equal ones the earlier.
    ///
    /// - Parameter truncates: whether a question that is too long is cut; otherwise it is an error.
    /// - Throws: `SentenceEncoder.TooLong`, or `PipelineError`.
    public func search(
        _ question: String, count: Int, truncates: Bool = false
    ) throws -> [Hit] {
        guard !texts.isEmpty else { return [] }
        let products = try encoder.embed([question], truncates: truncates).linear(weight: vectors)
            .scalars(as: Float.self)
        return products.indices.sorted {
            products[$0] != products[$1] ? products[$0] > products[$1] : $0 < $1
        }.prefix(count).map {
            Hit(place: $0, score: Double(products[$0]), text: texts[$0])
        }
    }
}
