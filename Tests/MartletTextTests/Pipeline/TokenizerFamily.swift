import Foundation
import Testing

@testable import MartletText

/// The tokenizers under Tests/Golden/tokenizers, and what Hugging Face tokenizers makes of texts with them.
struct TokenizerFamily {
    static let names = [
        "gpt2", "roberta", "llama3", "qwen2", "gpt4o", "smollm", "bloom", "llama2", "gemma",
        "metaspace-first", "unigram", "unigram-bytes", "bert-uncased", "bert-cased",
        "bpe-word-ends", "bpe-prefix", "word-level",
    ]

    let name: String
    let tokenizer: TokenizerPipeline
    /// The `NAME.cases.json`.
    let cases: [String: [[String: Any]]]
    /// The texts of the cases called `alone`.
    let texts: [String]

    init(_ name: String) throws {
        self.name = name
        tokenizer = try TokenizerPipeline(path: Self.path("\(name).tokenizer.json"))
        let content = try Self.read("\(name).cases.json")
        var cases: [String: [[String: Any]]] = [:]
        for key in ["alone", "whole", "limited"] {
            cases[key] = try #require(content[key] as? [[String: Any]])
        }
        self.cases = cases
        texts = try Self.hardTexts()
    }

    /// The texts that are hard for tokenizers.
    static func hardTexts() throws -> [String] {
        // Foundation's reader is not asked: some of its versions change characters that are none.
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path("texts.json"))))
        return try bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer)
            var texts: [String] = []
            try reader.object { (_, reader) throws(JSONReaderError) in
                try reader.array { (reader) throws(JSONReaderError) in
                    texts.append(try reader.string())
                }
            }
            return texts
        }
    }

    /// Where `name` stands.
    static func path(_ name: String, from file: StaticString = #filePath) -> String {
        URL(fileURLWithPath: "\(file)").deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Golden/tokenizers/\(name)").path
    }

    private static func read(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path(name)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

/// Numbers that look random, from a seed.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A text of up to `longest` scalars: letters, marks, spaces, Han, emoji and anything.
    mutating func text(_ longest: Int) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...longest, using: &self) {
            let ranges: [ClosedRange<UInt32>] = [
                0x20...0x7E, 0x61...0x7A, 0x20...0x20, 0x09...0x0D, 0xA0...0x24F, 0x300...0x36F,
                0x4E00...0x4FFF, 0x1F300...0x1F64F, 0...0x10FFFF, 0xAC00...0xD7A3, 0x600...0x6FF,
            ]
            let value = UInt32.random(in: ranges.randomElement(using: &self)!, using: &self)
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
