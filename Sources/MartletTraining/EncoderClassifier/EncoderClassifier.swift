import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

/// A fine-tuned encoder with its tokenizer: text in, probabilities of the labels out.
///
/// Its folder is Hugging Face's, of `BertForSequenceClassification` or `RobertaForSequenceClassification`. Texts of all lengths are
/// worked on side by side, without padding; an answer does not depend on the others.
public struct EncoderClassifier: Sendable {
    /// From text to tokens, and from tokens to states; of a longer text than it takes the rest is not read.
    public var encoder: SentenceEncoder

    /// A classifier of an encoder with classes.
    public init(_ encoder: SentenceEncoder) {
        precondition(encoder.model.configuration.head == .classes, "an encoder without classes")
        self.encoder = encoder
    }

    /// The classifier of a folder: `config.json`, `model.safetensors`, `tokenizer.json`, and if it was trained here
    /// `training.json`.
    ///
    /// - Throws: `ModelError`, `StoreError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String) throws {
        var encoder = try SentenceEncoder(contentsOf: folder, type: .float32)
        guard encoder.model.configuration.head == .classes else {
            throw ModelError(
                "\(folder): the encoder has no classes (architectures is \(encoder.model.configuration.classes[0])): fine-tune it with martlet train encoder-classifier"
            )
        }
        if let record = EncoderClassifierRecord.read(from: folder) {
            encoder.longest = min(encoder.longest, record.longest)
        }
        self.init(encoder)
    }

    /// The labels, in the order of the probabilities.
    public var labels: [String] { encoder.model.configuration.classNames }

    /// The answer to one text, and whether it was longer than what is read of it.
    ///
    /// - Throws: `PipelineError` where the tokenizer has no token for a part of the text.
    public func predict(_ text: String) throws -> (prediction: Prediction, isCut: Bool) {
        let (tokens, cut) = try encoder.tokens(of: [text], truncates: true)
        let row = probabilities(tokens: tokens)[0]
        return (Prediction(of: text, labels: labels, row), cut > 0)
    }

    /// The probability of each label for each text that is cut into tokens, `[text][label]`.
    func probabilities(tokens: [[Int32]]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: tokens.count)
        var none: RandomGenerator?
        for group in tokens.packedGroups() {
            let scores = encoder.model.scores(packed: group.map { tokens[$0] }, dropout: &none)
            let values = scores.softmax().scalars(as: Float.self).map(Double.init)
            let width = labels.count
            for (row, place) in group.enumerated() {
                result[place] = Array(values[row * width..<(row + 1) * width])
            }
        }
        return result
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

extension EncoderClassifier: TextJudge {
    /// The probability of each label for each text, `[text][label]`; of a text with more tokens than it takes the rest is not read.
    ///
    /// - Throws: `PipelineError` where the tokenizer has no token for a part of a text.
    public func probabilities(_ texts: [String]) throws -> [[Double]] {
        probabilities(tokens: try encoder.tokens(of: texts, truncates: true).tokens)
    }
}
