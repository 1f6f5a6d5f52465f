import MartletModels
import MartletNN
import MartletTensor
import MartletText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How well a language model guesses a text.
public struct LanguageModelScores: Codable, Sendable, Equatable {
    /// Tokens that were to be guessed: all but the first.
    public var tokens: Int
    /// Characters of the text.
    public var characters: Int
    /// The mean of −log p of a token, in nats.
    public var loss: Double
    /// The share of tokens that were the likeliest guess.
    public var accuracy: Double
    /// The share of tokens that are not in the vocabulary.
    public var unknown: Double

    /// e^loss: as uncertain as a choice among so many.
    public var perplexity: Double { exp(loss) }
    /// The bits that the text takes, for each of its characters: comparable between units.
    public var bitsPerCharacter: Double {
        loss * Double(tokens) / 0.693_147_180_559_945_3 / Double(max(characters, 1))
    }

    enum CodingKeys: String, CodingKey {
        case tokens, characters, loss, accuracy, unknown, perplexity
        case bitsPerCharacter = "bits_per_character"
    }

    /// What of a text was counted.
    init(tokens: Int, characters: Int, loss: Double, accuracy: Double, unknown: Double) {
        self.tokens = tokens
        self.characters = characters
        self.loss = loss
        self.accuracy = accuracy
        self.unknown = unknown
    }

    /// Reads the figures; perplexity and bits follow from them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        tokens = try values.decode(Int.self, forKey: .tokens)
        characters = try values.decode(Int.self, forKey: .characters)
        loss = try values.decode(Double.self, forKey: .loss)
        accuracy = try values.decode(Double.self, forKey: .accuracy)
        unknown = try values.decode(Double.self, forKey: .unknown)
    }

    /// Writes all figures.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(tokens, forKey: .tokens)
        try values.encode(characters, forKey: .characters)
        try values.encode(loss, forKey: .loss)
        try values.encode(accuracy, forKey: .accuracy)
        try values.encode(unknown, forKey: .unknown)
        try values.encode(perplexity, forKey: .perplexity)
        try values.encode(bitsPerCharacter, forKey: .bitsPerCharacter)
    }
}

extension LanguageModel {
    /// How well the model guesses a text of at least two tokens.
    ///
    /// - Parameters:
    ///   - lanes: pieces of the text that are read side by side, each from a state that has read nothing; 1: the text is
    ///     read from its begin to its end.
    ///   - characters: how many characters the text has.
    ///   - unknown: the token that stands for those not known, if there is one.
    func scores(
        on tokens: [Int32], lanes: Int = 1, window: Int = 256, characters: Int,
        unknown: Int32? = nil
    ) -> LanguageModelScores {
        let text = TokenLanes(tokens, lanes: lanes, window: window)
        var state: RecurrentState?
        var (nats, right) = (0.0, 0)
        for place in 0..<text.windowCount {
            let (inputs, next, _) = text.window(at: place)
            let (scores, after) = self(inputs, from: state)
            nats += scores.softmaxCrossEntropy(
                next, ignoredLabel: TokenLanes.ignored, reduction: .none
            ).scalars(as: Float.self).reduce(0.0) { $0 + Double($1) }
            let guesses = scores.argmax(axis: 2).scalars(as: Int32.self)
            right += zip(guesses, next.scalars(as: Int32.self)).count { $0 == $1 }
            state = after
        }
        return LanguageModelScores(
            tokens: text.guesses, characters: characters, loss: nats / Double(text.guesses),
            accuracy: Double(right) / Double(text.guesses),
            unknown: unknown.map { unknown in
                Double(tokens.count { $0 == unknown }) / Double(tokens.count)
            } ?? 0)
    }
}
