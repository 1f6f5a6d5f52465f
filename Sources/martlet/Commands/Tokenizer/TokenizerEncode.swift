import ArgumentParser
import MartletText

/// `martlet tokenizer encode`: lines of text to lines of numbers.
struct TokenizerEncode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Text to token numbers, line by line.",
        discussion: """
            Every line of standard input is a text; its numbers come out as a line, with spaces between them. With --json \
            a line is a JSON string, so that a text may have line ends, and the numbers are a JSON array. Lines that come \
            together are worked on together, on all cores; each answer is there as soon as it is known.
            """)

    @Option(help: "A tokenizer's file, or the folder of a model.")
    var tokenizer: String
    @Flag(
        name: .customLong("no-special-tokens"),
        help: "Without the special tokens that belong around a text.")
    var noSpecialTokens = false
    @Flag(help: "JSON strings in, JSON arrays out.")
    var json = false

    func run() throws {
        try Failure.exiting {
            let pipeline = try TokenizerPipeline(path: tokenizer)
            var input = try LineReader(path: nil)
            var first = 1
            while let lines = try input.nextLines() {
                let texts = try lines.enumerated().map { index, line in
                    try json
                        ? JSONLine.string(line, number: first + index)
                        : JSONLine.text(line, number: first + index)
                }
                let batch: [[Int32]]
                do {
                    batch = try pipeline.encodeIDsBatch(
                        texts, addSpecialTokens: !noSpecialTokens)
                } catch let error as PipelineError {
                    throw InputError(
                        description:
                            "standard input:\(lines.count == 1 ? "\(first)" : "\(first)-\(first + lines.count - 1)"): \(error)"
                    )
                }
                try Output.write(Self.lines(batch, json: json))
                first += lines.count
            }
        }
    }

    /// A line of numbers for each text.
    private static func lines(_ batch: [[Int32]], json: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch.reduce(0) { $0 + $1.count * 6 + 3 })
        var digits: [UInt8] = []
        for ids in batch {
            if json { bytes.append(0x5B) }
            for (index, id) in ids.enumerated() {
                if index > 0 { bytes.append(json ? 0x2C : 0x20) }
                var rest = id
                repeat {
                    digits.append(0x30 + UInt8(rest % 10))
                    rest /= 10
                } while rest > 0
                while let digit = digits.popLast() { bytes.append(digit) }
            }
            if json { bytes.append(0x5D) }
            bytes.append(0x0A)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
