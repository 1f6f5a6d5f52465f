import ArgumentParser
import MartletModels
import MartletTraining

/// `martlet predict`: what a trained classifier says of texts.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Say which label a text or a series has, by a trained classifier.",
        discussion: """
            The texts are the arguments, or the lines of --input, or the lines of standard input, each answered as \
            soon as it is read. An answer is the label and its probability. A series classifier takes --input, a .ts, .csv \
            or .tsv file as it was trained on, with or without labels, and answers case by case. An image classifier takes \
            --input, a file of images as MNIST's, and answers image by image, counted from 0. Of several text classifiers \
            (--model several times) the mean of their probabilities is the answer.
            """)

    @Option(
        help:
            "The run folder of the classifier; several times for text classifiers that answer together."
    )
    var model: [String]
    @Option(help: "A file with a text a line; or with series.")
    var input: String?
    @Flag(help: "Show how the network's opinion moves, token by token.")
    var trace = false
    @Flag(help: "Print one JSON object for each text.")
    var json = false
    @Argument(help: "The texts.")
    var texts: [String] = []

    func validate() throws {
        if model.isEmpty { throw ValidationError("--model is missing") }
        if model.count > 1, trace {
            throw ValidationError(
                "--trace shows how one network's opinion moves: give one --model")
        }
        if input != nil, !texts.isEmpty {
            throw ValidationError("give texts or --input, not both")
        }
    }

    func run() throws {
        try Failure.exiting {
            if self.model.count > 1 {
                let ensemble = try ClassifierEnsemble(contentsOf: self.model)
                return try forEachText { try show(ensemble.predict($0)) }
            }
            let model = self.model[0]
            let architecture = try ModelFolder.architecture(of: model)
            if architecture == SeriesClassifier.Configuration.architecture {
                return try answerSeries()
            }
            if architecture == ImageClassifier.Configuration.architecture {
                return try answerImages()
            }
            if BERT.Configuration.modelTypes.contains(architecture) {
                let classifier = try EncoderClassifier(contentsOf: model)
                if trace {
                    throw InputError(
                        description:
                            "\(model): --trace shows how a recurrent network's opinion moves; an encoder reads all at once"
                    )
                }
                return try forEachText { try answer($0, classifier) }
            }
            let classifier = try TextClassifier(contentsOf: model)
            try forEachText { try answer($0, classifier) }
        }
    }

    private func forEachText(_ body: (String) throws -> Void) throws {
        guard texts.isEmpty else { return try texts.forEach(body) }
        var lines = try LineReader(path: input)
        while let line = try lines.next() { try body(line) }
    }

    /// A line for each case: the label, its probability, and the line that the case is on.
    private func answerSeries() throws {
        guard let input, !trace else {
            throw InputError(
                description:
                    "\(model[0]): a series classifier reads the series of --input FILE, without --trace"
            )
        }
        for prediction in try SeriesPrediction.of(input, model: model[0]) {
            if json {
                try JSONOutput.print(prediction)
            } else {
                try Output.line(
                    "\(prediction.label)\t\(Decimals.probability(prediction.probability))\t\(input):\(prediction.line)"
                )
            }
        }
    }

    /// A line for each image: the label, its probability, and which image it is.
    private func answerImages() throws {
        guard let input, !trace else {
            throw InputError(
                description:
                    "\(model[0]): an image classifier reads the images of --input FILE, without --trace"
            )
        }
        for prediction in try ImagePrediction.of(input, model: model[0]) {
            if json {
                try JSONOutput.print(prediction)
            } else {
                try Output.line(
                    "\(prediction.label)\t\(Decimals.probability(prediction.probability))\t\(input):\(prediction.place)"
                )
            }
        }
    }

    private func answer(_ text: String, _ classifier: TextClassifier) throws {
        if trace, let explanation = classifier.trace(text) {
            if json {
                try JSONOutput.print(explanation)
            } else {
                try Output.line(TraceView.text(explanation, inColour: Terminal.isColourful))
            }
            return
        }
        if trace {
            Terminal.warn(
                "--trace shows texts of up to \(TextClassifier.longestTrace) tokens; this one has more: only the answer follows"
            )
        }
        try show(classifier.predict(text))
    }

    private func answer(_ text: String, _ classifier: EncoderClassifier) throws {
        let (prediction, isCut) = try classifier.predict(text)
        if isCut {
            Terminal.warn(
                "a text has more than \(classifier.encoder.longest) tokens, of which no more are read: \(text.prefix(40))…"
            )
        }
        try show(prediction)
    }

    private func show(_ prediction: Prediction) throws {
        if json { return try JSONOutput.print(prediction) }
        try Output.line(
            "\(prediction.label)\t\(Decimals.probability(prediction.probability))\t\(prediction.text)"
        )
    }
}
