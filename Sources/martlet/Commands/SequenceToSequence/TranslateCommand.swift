import ArgumentParser
import MartletModels
import MartletTensor
import MartletText
import MartletTraining

/// `martlet translate`: what a model of `martlet train seq2seq` writes for texts.
struct TranslateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate",
        abstract:
            "Write the text that a trained model makes of another: a translation, a pronunciation, a summary.",
        discussion: """
            The texts are the arguments, or the lines of --input, or the lines of standard input, each answered as soon as it is \
            read. The likeliest answer is looked for by beam search; --beam 1 takes the likeliest token each time. Answers are \
            ordered by their log probability over their length to the power of --length-penalty.
            """)

    /// The most lines of a file that are worked on at a time.
    private static let linesAtATime = 1024

    @Option(help: "The run folder of the model.")
    var model: String
    @Option(help: "A file with a text a line.")
    var input: String?
    @Option(help: "How many beginnings are gone on with at each step.")
    var beam = 4
    @Option(help: "How many answers are given, at most --beam.")
    var nBest = 1
    @Option(
        parsing: .unconditional,
        help: "0: answers are compared by their probability alone, which favours short ones.")
    var lengthPenalty = 1.0
    @Option(help: "The most tokens of an answer (default: twice the longest of the training).")
    var length: Int?
    @Option(help: "What every answer begins with.")
    var prefix: String?
    @Option(
        help: """
            float32; or bfloat16 or int8: what matrices and what they meet are rounded to, which is faster and nearly the same.
            """)
    var type: InferenceType = .float32
    @Flag(
        help: """
            Show for each token of the answer the token that was looked at most; of a Transformer by its last layer, all heads \
            together.
            """)
    var alignment = false
    @Flag(help: "Print one JSON object for each text, with scores and attention.")
    var json = false
    @Argument(help: "The texts.")
    var texts: [String] = []

    func validate() throws {
        if input != nil, !texts.isEmpty {
            throw ValidationError("give texts or --input, not both")
        }
        if !(1...256).contains(beam) {
            throw ValidationError("--beam is \(beam): expected 1 … 256")
        }
        if !(1...beam).contains(nBest) {
            throw ValidationError("--n-best is \(nBest): expected 1 … \(beam), which is --beam")
        }
        if !(lengthPenalty >= 0 && lengthPenalty.isFinite) {
            throw ValidationError("--length-penalty is \(lengthPenalty): expected at least 0")
        }
        try type.check()
        if let length, length < 1 {
            throw ValidationError("--length is \(length): expected at least 1")
        }
    }

    func run() throws {
        try Failure.exiting {
            var translator = try Translator(contentsOf: model, type: type)
            translator.search.width = beam
            translator.search.hypotheses = nBest
            translator.search.lengthPenalty =
                lengthPenalty == 0 ? .none : .length(exponent: lengthPenalty)
            translator.search.keepsAttention = alignment || json
            if let length { translator.search.maximumLength = length }
            if !texts.isEmpty { return try answer(texts, translator) }
            var reader = try LineReader(path: input)
            var lines: [String] = []
            while let line = try reader.next() {
                lines.append(line)
                if input == nil || lines.count == Self.linesAtATime {
                    try answer(lines, translator)
                    lines = []
                }
            }
            try answer(lines, translator)
        }
    }

    private func answer(_ texts: [String], _ translator: Translator) throws {
        guard !texts.isEmpty else { return }
        let prefixes = prefix.map { [String](repeating: $0, count: texts.count) }
        let translations = try translator.translate(texts, prefixes: prefixes)
        let unknown = translations.reduce(0) { $0 + $1.unknownTokens }
        if unknown > 0 {
            Terminal.warn(
                "\(unknown) token\(unknown == 1 ? "" : "s") of the texts never occurred in what the model learned from"
            )
        }
        for translation in translations {
            if json {
                try JSONOutput.print(translation)
                continue
            }
            for (place, answer) in translation.answers.enumerated() {
                let rank =
                    nBest > 1 ? "\(place + 1)\t\(Decimals.fixed(answer.score, 4))\t" : ""
                try Output.line(rank + answer.text)
                if alignment { try show(answer, translation.sourceTokens) }
            }
        }
    }

    /// Each token with the one that counted most for it.
    private func show(_ answer: Translator.Answer, _ sourceTokens: [String]) throws {
        guard let attention = answer.attention else {
            throw InputError(
                description:
                    "\(model): this model does not tell what it looked at: --alignment needs --attention bahdanau or luong in training"
            )
        }
        for (token, weights) in zip(answer.tokens, attention) {
            let place = weights.indices.max { weights[$0] < weights[$1] } ?? 0
            try Output.line(
                "    \(DisplayWidth.fit(token, 12)) ← \(DisplayWidth.fit(sourceTokens[place], 12)) \(Decimals.fixed(Double(weights[place]), 2))"
            )
        }
    }
}
