public import MartletData
import MartletModels

/// What says how probable each label of a text is.
public protocol TextJudge: Sendable {
    /// The labels, in the order of the probabilities.
    var labels: [String] { get }
    /// The probability of each label for each text, `[text][label]`.
    ///
    /// - Throws: `PipelineError` where a tokenizer has no token for a part of a text.
    func probabilities(_ texts: [String]) throws -> [[Double]]
}

/// Several classifiers asked as one: the mean of their probabilities.
///
/// Networks that were made differently are wrong about different texts, so that their mean is wrong about fewer (Hansen & Salamon
/// 1990, "Neural Network Ensembles"). They may be of any kinds, with tokenizers of their own; the labels must be the same.
public struct ClassifierEnsemble: TextJudge {
    /// One of the classifiers.
    struct Member: Sendable {
        /// What it is.
        var judge: any TextJudge
        /// The data that it was trained on, if its folder says so.
        var trainedOn: RunRecord.DataRecord?
        /// Where its probability of each of the ensemble's labels stands.
        var places: [Int]
    }

    /// The labels, in the first one's order.
    public let labels: [String]
    /// The classifiers.
    let members: [Member]

    /// The classifiers of run folders, at least one.
    ///
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(contentsOf folders: [String]) throws {
        precondition(!folders.isEmpty, "an ensemble of no classifiers")
        var labels: [String] = []
        members = try folders.enumerated().map { place, folder in
            let (judge, trainedOn) = try Self.judge(of: folder)
            if place == 0 { labels = judge.labels }
            let places = labels.compactMap { judge.labels.firstIndex(of: $0) }
            guard places.count == labels.count, judge.labels.count == labels.count else {
                throw ModelError(
                    "\(folder) has the labels \(judge.labels.joined(separator: ", ")), \(folders[0]) has \(labels.joined(separator: ", ")): classifiers that answer together need the same"
                )
            }
            return Member(judge: judge, trainedOn: trainedOn, places: places)
        }
        self.labels = labels
    }

    /// The classifier of a run folder, and the data that it was trained on.
    private static func judge(
        of folder: String
    ) throws -> (any TextJudge, RunRecord.DataRecord?) {
        if BERT.Configuration.modelTypes.contains(try ModelFolder.architecture(of: folder)) {
            return (
                try EncoderClassifier(contentsOf: folder),
                EncoderClassifierRecord.read(from: folder)?.data
            )
        }
        return (try TextClassifier(contentsOf: folder), RunRecord.read(from: folder)?.data)
    }

    /// What each of the classifiers says of each text, `[classifier][text][label]`.
    func opinions(of texts: [String]) throws -> [[[Double]]] {
        try members.map { member in
            try member.judge.probabilities(texts).map { row in member.places.map { row[$0] } }
        }
    }

    /// The mean of what classifiers say, `[text][label]`.
    static func mean(_ opinions: [[[Double]]]) -> [[Double]] {
        guard opinions.count > 1 else { return opinions[0] }
        return opinions[0].indices.map { text in
            opinions[0][text].indices.map { label in
                opinions.reduce(0) { $0 + $1[text][label] } / Double(opinions.count)
            }
        }
    }

    /// The mean probability of each label for each text, `[text][label]`.
    public func probabilities(_ texts: [String]) throws -> [[Double]] {
        Self.mean(try opinions(of: texts))
    }
}

extension TextJudge {
    /// The answer to one text.
    ///
    /// - Throws: `PipelineError` where a tokenizer has no token for a part of the text.
    public func predict(_ text: String) throws -> Prediction {
        Prediction(of: text, labels: labels, try probabilities([text])[0])
    }

    /// The figures of the answers to examples whose labels are places in ``labels``.
    ///
    /// - Throws: `PipelineError` where a tokenizer has no token for a part of a text.
    public func metrics(_ examples: [TextExample]) throws -> ClassificationMetrics {
        ClassificationMetrics(
            labels: labels, truth: examples.map(\.label),
            answers: try probabilities(examples.map(\.text)).map(\.likeliest))
    }
}

extension [Double] {
    /// The place of the largest.
    var likeliest: Int { indices.max { self[$0] < self[$1] } ?? 0 }
}
