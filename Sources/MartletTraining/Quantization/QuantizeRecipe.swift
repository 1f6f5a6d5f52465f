public import MartletData
import MartletModels
import MartletNN
import MartletStore
public import MartletTensor
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps a model's matrices in 8 or 4 bits, and says what that saves and costs.
public struct QuantizeRecipe: Sendable {
    /// The folder of the model.
    public var model: String
    /// How to keep the matrices.
    public var type: QuantizedType
    /// The folder to write.
    public var out: String
    /// What to compare both models on: labelled texts for a classifier, running text for a language model, texts, a line each, for an
    /// encoder of texts (the first 1,000), pairs of texts for a model that writes one for another, a safetensors file with inputs for
    /// others; nil: normal random inputs for a bare recurrent stack, else nothing.
    public var data: String?
    /// The columns of labelled texts.
    public var columns: TextColumns

    /// A recipe of these parts.
    public init(
        model: String, type: QuantizedType, out: String, data: String? = nil,
        columns: TextColumns = TextColumns()
    ) {
        self.model = model
        self.type = type
        self.out = out
        self.data = data
        self.columns = columns
    }

    /// Quantises, compares and writes.
    ///
    /// - Throws: `ModelError`, `StoreError`, `DataError` or ``TrainingError``: what is wrong, where, and what to do.
    public func run() throws -> QuantizationReport {
        let loaded = try ModelFolder.load(from: model)
        guard let whole = loaded as? any QuantizableModel else {
            throw ModelError(
                "\(model): a model of this architecture cannot be quantised: expected one of \(Self.known)"
            )
        }
        if let classifier = whole as? SentimentClassifier, classifier.rnn == nil {
            throw ModelError(
                "\(model): is a \(classifier.configuration.network.rawValue): expected recurrent layers, whose matrices are kept in fewer bits"
            )
        }
        if let type = whole.quantization {
            throw ModelError(
                "\(model): is quantised to \(type.rawValue) already; give the model it came from")
        }
        guard Swift.type(of: whole).quantizedTypes.contains(type) else {
            throw ModelError(
                "\(model): a \(try ModelFolder.architecture(of: model)) is not kept in \(type.rawValue): give --type \(Swift.type(of: whole).quantizedTypes.map(\.rawValue).joined(separator: " or "))"
            )
        }
        if out == model {
            throw ModelError("\(out): is the model's own folder; choose another one for --out")
        }
        return try run(whole)
    }

    private func run<M: QuantizableModel>(_ whole: M) throws -> QuantizationReport {
        if let (name, _) = whole.parameters.first(where: { !$0.tensor.isAllFinite }) {
            throw ModelError(
                "\(model): tensor \"\(name)\" holds a number that is NaN or infinite: expected finite ones; take a checkpoint from before it broke"
            )
        }
        let small = whole.quantized(to: type)
        var report = QuantizationReport(
            type: type, bytes: .init(before: Self.bytes(of: whole), after: Self.bytes(of: small)))
        if let classifier = whole as? SentimentClassifier {
            try compare(classifier, small as! SentimentClassifier, &report)
        } else if let language = whole as? LanguageModel {
            try compare(language, small as! LanguageModel, &report)
        } else if let writer = whole as? any SequenceToSequenceModel & QuantizableModel {
            try compareAnswers(writer, small as! any SequenceToSequenceModel, &report)
        } else if let encoder = whole as? BERT {
            try compare(encoder, small as! BERT, &report)
        } else {
            try compareOutputs(whole, small, &report)
        }
        var files = try ModelFolder.files(of: small)
        for name in Self.otherFiles {
            let path = CheckpointFolder.resolve(model, name)
            if let data = FileManager.default.contents(atPath: path) {
                files.append((name, .bytes(Array(data))))
            }
        }
        try CheckpointFolder.write(to: out, files: files)
        try copyPooling()
        return report
    }

    /// What can be quantised.
    private static var known: String {
        func name<M: Model>(_ type: M.Type) -> String { M.Configuration.architecture }
        return ModelFolder.architectures.filter { $0 is any QuantizableModel.Type }
            .map { name($0) }.joined(separator: ", ")
    }

    /// What stands beside a model and its configuration.
    private static let otherFiles = [
        "tokenizer.json", "source_tokenizer.json", "target_tokenizer.json", "training.json",
    ]

    /// What a sentence encoder's folder says of pooling stands in a folder of its own.
    private func copyPooling() throws {
        let from = CheckpointFolder.resolve(model, SentenceEncoder.poolingFile)
        guard let data = FileManager.default.contents(atPath: from) else { return }
        let path = "\(out)/\(SentenceEncoder.poolingFile)"
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try FileManager.default.createDirectory(
            atPath: folder.joined(separator: "/"), withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: path))
    }

    private static func bytes(of model: some Model) -> Int {
        model.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.byteCount }
    }
}
