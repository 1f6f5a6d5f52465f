import ArgumentParser
import MartletData
import MartletText
import MartletTraining

/// `martlet tokenizer compare`: several tokenizers on the same text.
struct TokenizerCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show how several tokenizers cut the same text.",
        discussion: """
            tokens/char   how many tokens a character costs: what a model reads and writes
            bytes/token   how much text a token holds
            unknown       tokens that stand for what the tokenizer does not know: that text is lost
            same          texts (lines) that decode to what they were
            """)

    @Option(parsing: .upToNextOption, help: "Tokenizers' files, or folders of models.")
    var tokenizers: [String]
    @Option(parsing: .upToNextOption, help: "Text files (UTF-8), or folders of .txt files.")
    var data: [String] = []
    @Flag(help: "Print one JSON object for each tokenizer.")
    var json = false
    @Argument(help: "A text, instead of files.")
    var text: String?

    func validate() throws {
        if tokenizers.isEmpty { throw ValidationError("--tokenizers is missing") }
        if data.isEmpty == (text == nil) {
            throw ValidationError("give either a text or --data")
        }
    }

    func run() throws {
        try Failure.exiting {
            let loaded = try tokenizers.map {
                (name: $0, pipeline: try TokenizerPipeline(path: $0))
            }
            var figures = loaded.map {
                Figures(tokenizer: $0.name, pieces: $0.pipeline.model.pieceCount)
            }
            let clock = ContinuousClock()
            func add(_ texts: [String]) throws {
                for index in loaded.indices {
                    let pipeline = loaded[index].pipeline
                    let start = clock.now
                    let batch = try pipeline.encodeIDsBatch(texts, addSpecialTokens: false)
                    figures[index].seconds += (clock.now - start) / .seconds(1)
                    let decoded = try pipeline.decodeBatch(batch)
                    figures[index].add(
                        texts, batch, decoded, unknown: pipeline.unknownIDs)
                }
            }
            if let text { try add([text]) }
            for file in try data.flatMap(TextCorpus.files) {
                var reader = try LineReader(path: file)
                var texts: [String] = []
                var bytes = 0
                while let line = try reader.next() {
                    texts.append(line)
                    bytes += line.utf8.count
                    if bytes > 1 << 22 {
                        try add(texts)
                        (texts, bytes) = ([], 0)
                    }
                }
                try add(texts)
            }
            guard figures[0].characters > 0 else {
                throw InputError(
                    description: "there is no text to compare on; give files with text")
            }
            if json {
                for one in figures { try JSONOutput.print(one) }
            } else {
                try Output.line(Self.table(figures))
            }
        }
    }

    /// What one tokenizer made of the texts.
    struct Figures: Encodable {
        var tokenizer: String
        var pieces: Int
        var texts = 0
        var characters = 0
        var bytes = 0
        var tokens = 0
        var unknown = 0
        /// Texts that decode to what they were.
        var same = 0
        var seconds = 0.0

        init(tokenizer: String, pieces: Int) {
            self.tokenizer = tokenizer
            self.pieces = pieces
        }

        var tokensPerCharacter: Double { Double(tokens) / Double(max(characters, 1)) }
        var bytesPerToken: Double { Double(bytes) / Double(max(tokens, 1)) }
        var megabytesPerSecond: Double { Double(bytes) / 1e6 / max(seconds, 1e-9) }

        mutating func add(
            _ texts: [String], _ batch: [[Int32]], _ decoded: [String], unknown: Set<Int32>
        ) {
            for index in texts.indices {
                self.texts += 1
                characters += texts[index].unicodeScalars.count
                bytes += texts[index].utf8.count
                tokens += batch[index].count
                self.unknown += batch[index].count { unknown.contains($0) }
                // By bytes: equal texts of other characters are not the same.
                if texts[index].utf8.elementsEqual(decoded[index].utf8) { same += 1 }
            }
        }

        enum CodingKeys: String, CodingKey {
            case tokenizer, pieces, texts, characters, bytes, tokens, unknown, same, seconds
            case tokensPerCharacter = "tokens_per_character"
            case bytesPerToken = "bytes_per_token"
            case megabytesPerSecond = "megabytes_per_second"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tokenizer, forKey: .tokenizer)
            try container.encode(pieces, forKey: .pieces)
            try container.encode(texts, forKey: .texts)
            try container.encode(characters, forKey: .characters)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(tokens, forKey: .tokens)
            try container.encode(unknown, forKey: .unknown)
            try container.encode(same, forKey: .same)
            try container.encode(seconds, forKey: .seconds)
            try container.encode(tokensPerCharacter, forKey: .tokensPerCharacter)
            try container.encode(bytesPerToken, forKey: .bytesPerToken)
            try container.encode(megabytesPerSecond, forKey: .megabytesPerSecond)
        }
    }

    private static func table(_ figures: [Figures]) -> String {
        let head = [
            "tokenizer", "pieces", "tokens", "tokens/char", "bytes/token", "unknown", "same",
            "MB/s",
        ]
        let rows = figures.map { one in
            [
                one.tokenizer, Decimals.grouped(one.pieces), Decimals.grouped(one.tokens),
                Decimals.fixed(one.tokensPerCharacter, 3), Decimals.fixed(one.bytesPerToken, 2),
                Decimals.grouped(one.unknown),
                Decimals.percent(Double(one.same) / Double(max(one.texts, 1))),
                Decimals.fixed(one.megabytesPerSecond, 1),
            ]
        }
        return TextTable.lines([head] + rows).joined(separator: "\n")
    }
}
