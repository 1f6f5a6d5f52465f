import MartletModels
import MartletNN
import MartletTensor
import MartletText

/// Masked tokens from all others, whole words at a time.
///
/// Words are chosen at random until they have the share of the tokens; of their tokens 80 % become the mask, 10 % any
/// token, 10 % stay (Devlin et al. 2018; whole words: the authors' later code).
struct MaskedObjective: PretrainingObjective {
    let configuration: BERT.Configuration
    let context: Int
    let share: Double
    let tokenizer: TokenizerPipeline
    private let begin, end, mask: Int32
    /// Whether each token goes on with a word.
    private let continues: [Bool]
    /// The tokens that one may be replaced by.
    private let ordinary: [Int32]

    /// An objective for a tokenizer with the tokens `[CLS]`, `[SEP]` and `[MASK]`.
    ///
    /// - Throws: ``TrainingError/doesNotFit(_:)`` if it lacks one.
    init(
        configuration: BERT.Configuration, context: Int, share: Double,
        tokenizer: TokenizerPipeline
    ) throws {
        self.configuration = configuration
        self.context = context
        self.share = share
        self.tokenizer = tokenizer
        func number(_ token: String) throws -> Int32 {
            guard let id = tokenizer.id(of: token) else {
                throw TrainingError.doesNotFit(
                    "the tokenizer has no token \(token): give one that was made for BERT, or leave --tokenizer out"
                )
            }
            return id
        }
        (begin, end, mask) = (try number("[CLS]"), try number("[SEP]"), try number("[MASK]"))
        let pieces = (0..<Int32(tokenizer.idLimit)).map { tokenizer.token($0) }
        continues = pieces.map { $0?.hasPrefix("##") ?? false }
        let special = Set(tokenizer.addedTokens.lazy.filter(\.isSpecial).map(\.id))
        ordinary = pieces.indices.map(Int32.init).filter {
            pieces[Int($0)] != nil && !special.contains($0)
        }
    }

    var window: (length: Int, overlap: Int) { (context - 2, 0) }
    var guess: String { "a masked token" }

    func network(using random: inout RandomGenerator) -> BERT {
        BERT(configuration, using: &random)
    }

    /// What is read, the places of what is to be guessed, counted over all rows, and what is right there.
    func masked(
        _ windows: [[Int32]], using random: inout RandomGenerator
    ) -> (tokens: Tensor, places: [Int32], labels: [Int32]) {
        var rows: [[Int32]] = []
        var (places, labels): ([Int32], [Int32]) = ([], [])
        for window in windows {
            var tokens = [begin] + window + [end]
            var words: [Range<Int>] = []
            for place in window.indices {
                if continues[Int(window[place])], let last = words.last {
                    words[words.count - 1] = last.lowerBound..<place + 1
                } else {
                    words.append(place..<place + 1)
                }
            }
            let wanted = max(1, Int((Double(window.count) * share).rounded()))
            var chosen: [Int] = []
            for number in random.permutation(words.count) {
                let word = words[number]
                if chosen.count + word.count > wanted, !chosen.isEmpty { continue }
                chosen += word
                if chosen.count >= wanted { break }
            }
            for place in chosen.sorted() {
                places.append(Int32(rows.count * tokens.count + place + 1))
                labels.append(window[place])
                let draw = random.fraction()
                if draw < 0.8 {
                    tokens[place + 1] = mask
                } else if draw < 0.9 {
                    tokens[place + 1] = ordinary[random.integer(below: ordinary.count)]
                }
            }
            rows.append(tokens)
        }
        return (Tensor(rows: rows), places, labels)
    }

    private func features(
        _ model: BERT, _ tokens: Tensor, _ places: [Int32], dropout: inout RandomGenerator?
    ) -> Tensor {
        model.tokenFeatures(model.encode(tokens, dropout: &dropout).rows(at: places))
    }

    func loss(
        _ model: BERT, _ windows: [[Int32]], choices: inout RandomGenerator,
        dropout: inout RandomGenerator?
    ) -> (loss: Tensor, guesses: Int) {
        let (tokens, places, labels) = masked(windows, using: &choices)
        let loss = features(model, tokens, places, dropout: &dropout).linearCrossEntropy(
            weight: model.tokens.weight, bias: model.tokenBias, labels: Tensor(labels))
        return (loss, labels.count)
    }

    func judge(
        _ model: BERT, _ windows: [[Int32]], choices: inout RandomGenerator,
        _ sums: inout GuessSums
    ) {
        let (tokens, places, labels) = masked(windows, using: &choices)
        var none: RandomGenerator?
        let scores = features(model, tokens, places, dropout: &none)
            .linear(weight: model.tokens.weight, bias: model.tokenBias)
        sums.add(scores: scores, labels: Tensor(labels))
    }

    /// A text with gaps, each with the model's guess and what stood there.
    func sample(
        _ model: BERT, on windows: [[Int32]], length: Int, using random: inout RandomGenerator
    ) throws -> String {
        guard let window = windows.first else { return "" }
        let (tokens, places, labels) = masked([Array(window.prefix(length))], using: &random)
        var none: RandomGenerator?
        let guesses = features(model, tokens, places, dropout: &none)
            .linear(weight: model.tokens.weight, bias: model.tokenBias)
            .argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
        var pieces = window.prefix(length).map { tokenizer.token($0) ?? "" }
        for (number, place) in places.enumerated() {
            let right = tokenizer.token(labels[number]) ?? ""
            let found = tokenizer.token(guesses[number]) ?? ""
            pieces[Int(place) - 1] = found == right ? "[\(right)]" : "[\(found): \(right)]"
        }
        return pieces.joined(separator: " ").replacing(" ##", with: "")
    }
}
