import MartletModels
import MartletNN
import MartletTensor

extension GradientInspection {
    /// A language model on pieces of a running text, with its own loss on each.
    ///
    /// The loss of `last` is that of the token after each piece alone: how far back a guess looks. A model's own text gives
    /// its test part.
    static func language(
        _ model: LanguageModel, _ folder: String, _ data: String?, _ options: GradientOptions
    ) throws -> GradientReport {
        guard let data else {
            throw ModelError(
                "\(folder): is a language model, whose loss needs a text: give one with --data")
        }
        let tokenizer = try TextGenerator(contentsOf: folder).tokenizer
        let text = try LanguageModelEvaluation.Text(data, .auto, model: folder, tokenizer)
        let (tokens, time) = (text.tokens, options.time)
        guard tokens.count > time else {
            throw TrainingError.tooLittleData(
                "\(data): the \(text.part.rawValue) part has \(tokens.count) tokens: \(time) steps and the token after them need \(time + 1); take a smaller --time"
            )
        }
        let rows = min(options.batch, (tokens.count - 1) / time)
        try check(time: time, batch: rows, model.rnn)
        // From all over the text, none overlapping.
        let starts = (0..<rows).map { $0 * ((tokens.count - 1) / rows) }
        func piece(from offset: Int) -> Tensor {
            Tensor(
                starts.flatMap { tokens[$0 + offset..<$0 + offset + time] }, shape: [rows, time])
        }
        let next = piece(from: 1)
        let exact = model.mapParameters { _, tensor in tensor.cast(to: .float64) }
        let flow = GradientFlow.measure(model.rnn, input: exact.embedding(piece(from: 0))) {
            output in
            let seen = options.loss == .last ? time - 1..<time : 0..<time
            let states = output.slice(axis: 1, seen)
            let features = exact.projection.map { $0(states) } ?? states
            return exact.scores(features: features).softmaxCrossEntropy(
                next.slice(axis: 1, seen).contiguous(), reduction: .sum)
        }
        let guesses = rows * (options.loss == .last ? 1 : time)
        let lengths = Array(repeating: time, count: rows)
        return GradientReport(
            title: "Gradients through \(lastPart(of: folder))",
            settings: [
                setting("model", folder),
                setting("data", "\(data) (\(text.part.rawValue))"), setting("steps", time),
                setting("pieces", rows),
                setting("loss", Decimals.fixed(flow.loss / Double(guesses), 3)),
            ], loss: options.loss.rawValue,
            networks: [
                try network(
                    model.configuration.cell.rawValue, model.rnn, flow, options.loss.rawValue,
                    lengths)
            ])
    }
}
