public import MartletData
public import MartletModels
import MartletNN
import MartletStore
import MartletTensor
public import MartletText

/// A fine-tuned encoder with its tokenizer: text in, probabilities of the labels out.
///
/// Its folder is Hugging Face's, of `BertForSequenceClassification` or `RobertaForSequenceClassification`. Texts of all lengths are
/// worked on side by side, without padding; an answer does not depend on the others.
public struct EncoderClassifier: Sendable {
    /// From tokens to scores.
    public var model: BERT
    /// Cuts texts into tokens, with the special ones that the encoder expects.
    public let tokenizer: TokenizerPipeline
    /// The most tokens of a text; what a longer one has beyond is not read.
    public let longest: Int

    /// The tokens that are worked on at a time.
    private static let tokensAtATime = 4096

    /// A classifier of these parts.
    ///
    /// - Parameter longest: the most tokens of a text; nil: as many as the encoder reads.
    public init(model: BERT, tokenizer: TokenizerPipeline, longest: Int? = nil) {
        self.model = model
        let context = model.configuration.contextLength ?? 512
        self.longest = min(longest ?? context, context)
        self.tokenizer = tokenizer.with(
            truncation: Truncation(maximumLength: self.longest), padding: nil)
    }

    /// The classifier of a folder: `config.json`, `model.safetensors`, `tokenizer.json`, and if it was trained here
    /// `training.json`.
    ///
    /// - Throws: `ModelError`, `StoreError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String) throws {
        let encoder = try SentenceEncoder(contentsOf: folder)
        guard encoder.model.configuration.head == .classes else {
            throw ModelError(
                "\(folder): the encoder has no classes (architectures is \(encoder.model.configuration.classes[0])): fine-tune it with martlet train encoder-classifier"
            )
        }
        let options = EncoderClassifierRecord.read(from: folder)?.options
        self.init(
            model: encoder.model, tokenizer: encoder.tokenizer, longest: options?.longest)
    }

    /// The labels, in the order of the probabilities.
    public var labels: [String] { model.configuration.classNames }

    /// The tokens of a text, and whether it had more than are read.
    ///
    /// - Throws: `PipelineError` where the tokenizer has no token for a part of the text.
    func tokens(of text: String) throws -> (ids: [Int32], isCut: Bool) {
        let ids = try tokenizer.encodeIDs(text)
        // One that is exactly full was cut, or just fits.
        guard ids.count == longest else { return (ids, false) }
        let whole = try tokenizer.with(truncation: nil, padding: nil).encodeIDs(text)
        return (ids, whole.count > longest)
    }

    /// The answer to one text, and whether it was longer than what is read of it.
    ///
    /// - Throws: `PipelineError` where the tokenizer has no token for a part of the text.
    public func predict(_ text: String) throws -> (prediction: Prediction, isCut: Bool) {
        let (ids, isCut) = try tokens(of: text)
        let row = probabilities(tokens: [ids])[0]
        let answer = row.indices.max { row[$0] < row[$1] } ?? 0
        let prediction = Prediction(
            text: text, label: labels[answer], probability: row[answer],
            probabilities: Dictionary(uniqueKeysWithValues: zip(labels, row)))
        return (prediction, isCut)
    }

    /// The probability of each label for each text that is cut into tokens, `[text][label]`.
    func probabilities(tokens: [[Int32]]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: tokens.count)
        var part: [Int] = []
        var count = 0
        func finish() {
            guard !part.isEmpty else { return }
            var none: RandomGenerator?
            let scores = scores(part.map { tokens[$0] }, dropout: &none)
            let values = scores.softmax().scalars(as: Float.self).map(Double.init)
            let width = labels.count
            for (row, place) in part.enumerated() {
                result[place] = Array(values[row * width..<(row + 1) * width])
            }
            (part, count) = ([], 0)
        }
        for place in tokens.indices.sorted(by: {
            (tokens[$0].count, $0) < (tokens[$1].count, $1)
        }) {
            if count + tokens[place].count > Self.tokensAtATime { finish() }
            part.append(place)
            count += tokens[place].count
        }
        finish()
        return result
    }

    /// The scores of the classes, `[B, C]`, of sequences of tokens, with gradients where they are wanted.
    func scores(_ sequences: [[Int32]], dropout random: inout RandomGenerator?) -> Tensor {
        model.scores(packed: sequences, dropout: &random)
    }
}

extension BERT {
    /// The scores of the classes, `[B, C]`, of sequences lying one after another.
    func scores(packed sequences: [[Int32]], dropout random: inout RandomGenerator?) -> Tensor {
        let states = encode(packed: sequences, dropout: &random)
        var starts: [Int32] = []
        var sum: Int32 = 0
        for sequence in sequences {
            starts.append(sum)
            sum += Int32(sequence.count)
        }
        return classScores(ofFirst: states.embedding(Tensor(starts)), dropout: &random)
    }
}

extension EncoderClassifier: LabelledTextJudge {
    /// The figures of the answers to examples whose labels are places in ``labels``.
    ///
    /// - Throws: `PipelineError` where the tokenizer has no token for a part of a text.
    public func metrics(_ examples: [TextExample]) throws -> ClassificationMetrics {
        let rows = try examples.map { try tokens(of: $0.text).ids }
        let answers = probabilities(tokens: rows).map { row in
            row.indices.max { row[$0] < row[$1] } ?? 0
        }
        return ClassificationMetrics(
            labels: labels, truth: examples.map(\.label), answers: answers)
    }
}
