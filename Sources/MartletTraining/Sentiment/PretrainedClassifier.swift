public import MartletModels
import MartletNN
import MartletTensor
import MartletText

/// A language model to begin a classifier with (Dai & Le 2015; Howard & Ruder 2018, "ULMFiT").
///
/// Its tokens, their vectors and its recurrent layers know the language before the first label is seen. A language model of
/// one layer becomes the forward direction of a network that may also read from the end, and of a bidirectional one both
/// directions are known; several layers stay one direction.
/// What comes from it thaws from the top down, an epoch each: first only what is new learns, then the highest layer too,
/// then the next, at last the vectors.
struct PretrainedClassifier {
    private let model: LanguageModel
    private let tokenizer: Tokenizer

    /// The language model of a run folder, which must fit the options.
    ///
    /// - Throws: `ModelError`, `StoreError` or `TokenizerError`; ``TrainingError`` for options that it does not fit.
    init(_ folder: String, _ options: SentimentOptions) throws {
        let source = try TextGenerator(contentsOf: folder)
        guard case .vocabulary(let tokenizer) = source.tokenizer else {
            throw TrainingError.doesNotFit(
                "\(folder): the language model reads subwords: a classifier begins with one of characters or words (--unit)"
            )
        }
        guard options.network == .recurrent else {
            throw TrainingError.doesNotFit(
                "\(folder): the language model is recurrent: leave --architecture \(options.network.rawValue) out"
            )
        }
        self.tokenizer = tokenizer
        model = source.model
        let fitting = try options.adopting(model.configuration, of: folder)
        if fitting != options {
            let difference = fitting.difference(from: options) ?? ""
            throw TrainingError.doesNotFit(
                "\(folder): the language model does not fit the options: \(difference.replacing("the saved run has", with: "the options have"))"
            )
        }
    }

    /// Its tokenizer, with the n-grams of the texts to learn from.
    func tokenizer(_ texts: [String], _ options: SentimentOptions) -> Tokenizer {
        tokenizer.countingNGrams(
            of: texts, longest: options.longestNGram, maximumSize: options.nGrams)
    }

    /// A classifier that begins with what the language model knows.
    func filled(_ fresh: SentimentClassifier) -> SentimentClassifier {
        var result = fresh
        result.embedding.weight = model.embedding.weight
        for (layer, weights) in model.rnn.weights.enumerated() {
            result.rnn?.weights[layer][0] = weights[0]
        }
        if fresh.configuration.bidirectional, let backward = model.backward {
            result.rnn?.weights[0][1] = backward.weights[0][0]
        }
        return result
    }

    /// Whether a parameter comes from the language model and is not to learn yet, in an epoch counted from 0.
    func isFrozen(_ name: String, epoch: Int) -> Bool {
        let layers = model.rnn.layerCount
        if name == "embedding.weight" { return epoch <= layers }
        guard name.hasPrefix("rnn.") else { return false }
        if name.hasSuffix("_reverse") { return model.backward != nil && epoch < layers }
        let layer = (0..<layers).first { name.hasSuffix("_l\($0)") } ?? 0
        return epoch < layers - layer
    }
}

extension SentimentOptions {
    /// The options with the sizes of a language model to begin with.
    ///
    /// - Throws: ``TrainingError`` if it cannot be trained on.
    public func adopting(
        _ configuration: LanguageModel.Configuration, of folder: String
    ) throws -> SentimentOptions {
        if let type = configuration.quantization {
            throw TrainingError.doesNotFit(
                "\(folder): the language model is quantised to \(type.rawValue): give the one that it was made of"
            )
        }
        var options = self
        options.cell = configuration.cell
        options.hidden = configuration.hiddenSize
        options.layers = configuration.layers
        options.embedding = configuration.embeddingSize
        options.bidirectional = bidirectional && configuration.layers == 1
        options.pretrained = folder
        return options
    }
}
