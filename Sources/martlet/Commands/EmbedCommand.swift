public import ArgumentParser
import MartletStore
public import MartletTensor
import MartletTraining

/// `martlet embed`: texts as vectors, or the texts closest to a question.
struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors with a sentence encoder, or search texts by meaning.",
        discussion: """
            The model is a folder of Hugging Face's (BERT, RoBERTa, MiniLM and other sentence-transformers of these): \
            config.json, model.safetensors, tokenizer.json. Each line of --data, or of standard input, is a text. Vectors go \
            to --out as a safetensors file with the tensor embeddings [texts, D]; without it each is printed as a JSON array. \
            With --search the texts closest to the question are printed, the closest first.
            """)

    @Option(help: "The model's folder.")
    var model: String
    @Option(help: "A file with a text a line (default: standard input).")
    var data: String?
    @Option(help: "The safetensors file to write.")
    var out: String?
    @Option(help: "Find the texts that are closest to this one.")
    var search: String?
    @Option(help: "How many texts to find.")
    var top = 5
    @Option(
        help:
            "mean, cls or last: how a text's tokens become one vector (default: as the folder says, else mean)."
    )
    var pooling: SentencePooling?
    @Option(
        help:
            "float32; or bfloat16 or int8: what matrices and what they meet are rounded to, which is faster and nearly the same."
    )
    var type: InferenceType = .float32
    @Flag(
        inversion: .prefixedNo,
        help: "Whether vectors are made 1 long.")
    var normalize = true
    @Flag(help: "Cut texts that have more tokens than the model reads, and say how many were cut.")
    var truncate = false
    @Flag(help: "Print what is found as JSON lines.")
    var json = false

    func validate() throws {
        if top < 1 { throw ValidationError("--top is \(top): expected at least 1") }
        try type.check()
        if search != nil, out != nil {
            throw ValidationError("--search and --out exclude each other")
        }
        if search != nil, !normalize {
            throw ValidationError(
                "--search compares vectors that are 1 long: leave --no-normalize out")
        }
    }

    func run() throws {
        try Failure.exiting {
            var encoder = try SentenceEncoder(contentsOf: model, pooling: pooling, type: type)
            encoder.isNormalized = normalize
            var reader = try LineReader(path: data)
            var texts: [String] = []
            while let line = try reader.next() { texts.append(line) }
            let (tokens, cut): ([[Int32]], Int)
            do {
                (tokens, cut) = try encoder.tokens(of: texts, truncates: truncate)
            } catch let error as SentenceEncoder.TooLong {
                throw InputError(description: "\(data ?? "standard input"): \(error)")
            }
            if cut > 0 {
                Terminal.warn(
                    "\(cut) of \(texts.count) texts were cut to \(encoder.longest) tokens")
            }
            let vectors = encoder.embed(tokens: tokens)
            if let search {
                let hits = try hits(
                    of: search, in: SentenceIndex(texts, vectors: vectors, by: encoder))
                for hit in hits {
                    if json {
                        try JSONOutput.print(hit)
                    } else {
                        try Output.line("\(Decimals.fixed(hit.score, 3))  \(hit.text)")
                    }
                }
            } else if let out {
                try Safetensors.write([("embeddings", vectors)], to: out)
            } else {
                let width = vectors.shape[1]
                let numbers = vectors.scalars(as: Float.self)
                for row in texts.indices {
                    try Output.line(
                        JSONOutput.text(Array(numbers[row * width..<(row + 1) * width])))
                }
            }
        }
    }
}

extension EmbedCommand {
    /// The texts closest to the question.
    private func hits(of question: String, in index: SentenceIndex) throws -> [SentenceIndex.Hit] {
        do {
            return try index.search(question, count: top, truncates: truncate)
        } catch let error as SentenceEncoder.TooLong {
            throw InputError(description: "--search: \(error)")
        }
    }
}

extension SentencePooling: ExpressibleByArgument {}
extension InferenceType: ExpressibleByArgument {
    /// Refuses a type that this machine cannot do.
    func check() throws {
        guard isHere else {
            throw ValidationError(
                "--type is \(rawValue): this machine has no instructions for it (AMX, or AMD's AVX-512 BF16); int8 works everywhere"
            )
        }
    }
}
