package import MartletData
public import MartletModels
import MartletTensor
public import MartletText

/// A trained classifier with its tokenizer: text in, probabilities of the labels out.
public struct TextClassifier: TextJudge {
    /// Cuts text into tokens.
    public let tokenizer: Tokenizer
    /// From tokens to scores.
    public var model: SentimentClassifier

    /// The labels, in the order of the probabilities.
    public var labels: [String] { model.configuration.labels }

    /// A classifier of these parts.
    public init(tokenizer: Tokenizer, model: SentimentClassifier) {
        self.tokenizer = tokenizer
        self.model = model
    }

    /// The classifier of a run folder: `config.json`, `model.safetensors`, `tokenizer.json`.
    ///
    /// - Throws: `ModelError`, `StoreError` or `TokenizerError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String) throws {
        let parts = try TokenizedModel<SentimentClassifier, Tokenizer>(
            contentsOf: folder, vocabularySize: \.vocabularySize)
        (model, tokenizer) = (parts.model, parts.tokenizer)
        let (rows, wanted) = (tokenizer.nGrams?.rowCount ?? 0, model.configuration.nGramRows)
        guard rows == wanted, tokenizer.nGrams?.longest ?? 1 == model.configuration.longestNGram
        else {
            throw ModelError(
                "\(folder)/tokenizer.json has n-grams of up to \(tokenizer.nGrams?.longest ?? 1) tokens in \(rows) rows: config.json says longest_ngram \(model.configuration.longestNGram), ngram_rows \(wanted); both must come from one run"
            )
        }
    }

    /// The answer to one text.
    public func predict(_ text: String) -> Prediction {
        Prediction(of: text, labels: labels, probabilities([text])[0])
    }

    /// The probability of each label for each text, `[text][label]`.
    ///
    /// An answer does not depend on the other texts. An empty text gets the answer to no evidence.
    public func probabilities(_ texts: [String]) -> [[Double]] {
        probabilities(sequences: texts.map { TokenSequence($0, tokenizer) })
    }

    /// The probability of each label for each sequence of tokens.
    package func probabilities(sequences: [TokenSequence]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: sequences.count)
        for batch in Batcher.inOrder(lengths: sequences.map(\.count), batchSize: 64) {
            for group in PaddingBudget.groups(batch, length: { sequences[$0].count }) {
                let tokens = TokenBatch(group.map { sequences[$0] })
                let scores = model(
                    tokens.tokens, nGrams: tokens.nGrams, lengths: tokens.lengths)
                let values = scores.softmax().scalars(as: Float.self).map(Double.init)
                let width = labels.count
                for (row, index) in group.enumerated() {
                    result[index] = Array(values[row * width..<(row + 1) * width])
                }
            }
        }
        return result
    }
}

/// An answer.
public struct Prediction: Codable, Sendable, Equatable {
    /// The text.
    public var text: String
    /// The most probable label.
    public var label: String
    /// Its probability.
    public var probability: Double
    /// The probability of each label.
    public var probabilities: [String: Double]
}

extension Prediction {
    /// The answer that follows from the probability of each label.
    init(of text: String, labels: [String], _ row: [Double]) {
        let answer = row.likeliest
        self.init(
            text: text, label: labels[answer], probability: row[answer],
            probabilities: Dictionary(uniqueKeysWithValues: zip(labels, row)))
    }
}
