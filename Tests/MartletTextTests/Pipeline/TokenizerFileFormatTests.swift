import Foundation
import Testing

@testable import MartletText

/// The other files that hold a tokenizer.
@Suite struct TokenizerFileFormatTests {
    /// Makes a protocol buffer.
    private struct Message {
        var bytes: [UInt8] = []

        private mutating func number(_ value: UInt64) {
            var value = value
            while value >= 0x80 {
                bytes.append(UInt8(value & 0x7F) | 0x80)
                value >>= 7
            }
            bytes.append(UInt8(value))
        }

        mutating func add(_ field: UInt64, _ value: UInt64) {
            number(field << 3)
            number(value)
        }

        mutating func add(_ field: UInt64, _ content: [UInt8]) {
            number(field << 3 | 2)
            number(UInt64(content.count))
            bytes += content
        }

        mutating func add(_ field: UInt64, _ value: Float) {
            number(field << 3 | 5)
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
            }
        }
    }

    /// A SentencePiece model of the pieces given, by text, score and type.
    private func model(
        type: UInt64, _ pieces: [(String, Float, UInt64)], byteFallback: Bool = false
    ) -> [UInt8] {
        var model = Message()
        for (text, score, kind) in pieces {
            var piece = Message()
            piece.add(1, Array(text.utf8))
            piece.add(2, score)
            piece.add(3, kind)
            model.add(1, piece.bytes)
        }
        var trainer = Message()
        trainer.add(3, type)
        trainer.add(35, UInt64(byteFallback ? 1 : 0))
        model.add(2, trainer.bytes)
        return model.bytes
    }

    private let pieces: [(String, Float, UInt64)] = [
        ("<unk>", 0, 2), ("<s>", 0, 3), ("\u{2581}a", -1, 1), ("b", -2, 1), ("\u{2581}", -3, 1),
        ("a", -3.5, 1), ("ab", -1.5, 1), ("\u{2581}ab", -2.5, 1), ("<x>", 0, 4),
    ]

    @Test func sentencePieceUnigrams() throws {
        let tokenizer = try SentencePieceFile(model(type: 1, pieces), path: "m").tokenizer()
        #expect(try tokenizer.encodeIDs("ab") == [7])
        #expect(try tokenizer.encodeIDs("  ab   b ") == [7, 4, 3])
        #expect(try tokenizer.encodeIDs("b<x>a") == [4, 3, 8, 2])
        #expect(try tokenizer.encodeIDs("a\u{4E2D}\u{4E2D}") == [2, 0])
        #expect(try tokenizer.decode([7, 4, 3]) == "ab b")
    }

    @Test func sentencePiecePairs() throws {
        let tokenizer = try SentencePieceFile(model(type: 2, pieces), path: "m").tokenizer()
        // The pair of the best score is joined first: the space and a, not a and b.
        #expect(try tokenizer.encodeIDs("ab ab") == [7, 7])
        #expect(try tokenizer.encodeIDs("aab") == [2, 6])
        let bytes =
            pieces
            + (0..<256).map { byte in
                (String(format: "<0x%02X>", byte), 0, 6)
            }
        let falling = try SentencePieceFile(
            model(type: 2, bytes, byteFallback: true), path: "m"
        ).tokenizer()
        let ids = try falling.encodeIDs("a\u{4E2D}b")
        let first = Int32(pieces.count)
        let wanted: [Int32] = [2, first + 0xE4, first + 0xB8, first + 0xAD, 3]
        #expect(ids == wanted)
        #expect(try falling.decode(ids) == "a\u{4E2D}b")
    }

    @Test func brokenSentencePieceModelsAreErrors() throws {
        let whole = model(type: 1, pieces)
        for count in 0..<whole.count {
            // A model cut between two fields is a smaller model; all others are refused.
            do {
                let file = try SentencePieceFile(Array(whole.prefix(count)), path: "m")
                #expect(file.pieces.count <= pieces.count && !file.pieces.isEmpty)
            } catch {
                #expect(error.description.hasPrefix("m: damaged"))
            }
        }
        for type: UInt64 in [3, 4] {
            let error = #expect(throws: PipelineError.self) {
                try SentencePieceFile(model(type: type, pieces), path: "m").tokenizer()
            }
            #expect(error?.description.contains("is not supported") ?? false)
        }
        let error = #expect(throws: PipelineError.self) {
            try SentencePieceFile(model(type: 2, pieces + [("b", -9, 1)]), path: "m").tokenizer()
        }
        #expect(
            error?.description.hasPrefix("m: damaged: model.vocab: \"b\" occurs twice") ?? false)
        var random = SeededNumbers(seed: 31)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<2 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                    in: .min ... .max, using: &random)
            }
            do {
                let tokenizer = try SentencePieceFile(bytes, path: "m").tokenizer()
                _ = try tokenizer.decode(tokenizer.encodeIDs("ab b a\u{4E2D}"))
            } catch is PipelineError {}
        }
    }

    @Test func rankFiles() throws {
        let pieces = (0..<256).map { [UInt8($0)] } + [Array("ab".utf8), Array(" ab".utf8)]
        let lines = pieces.enumerated().map { rank, piece in
            "\(String(decoding: Base64.encode(piece), as: UTF8.self)) \(rank)"
        }
        let text = lines.joined(separator: "\n") + "\n"
        let tokenizer = try RankFile.tokenizer(Array(text.utf8), path: "x/gpt2.tiktoken")
        #expect(try tokenizer.encodeIDs("ab ab<|endoftext|>") == [256, 257, 258])
        let back = try tokenizer.decode(tokenizer.encodeIDs("a\u{4E2D}b"))
        #expect(back == "a\u{4E2D}b")
        // A rank that is left out is that of the special token.
        let withGap = text.replacingOccurrences(of: " 257\n", with: " 258\n")
        let gap = try RankFile.tokenizer(Array(withGap.utf8), path: "x/p50k_base.tiktoken")
        #expect(try gap.encodeIDs("ab ab<|endoftext|>") == [256, 258, 257])
        #expect(try gap.decode([257, 258], skipSpecialTokens: false) == "<|endoftext|> ab")
        for (broken, reason) in [
            ("", "the ranks are not all"), ("YQ== 1\n", "the ranks are not all"),
            ("YQ== x\n", "line 1: expected"),
            ("YQ== 0\nYg== 0\n", "line 2: rank 0 occurs twice"),
            ("YQ== 0\nYQ== 1\n", "x.tiktoken: damaged: model.vocab: \"a\" occurs twice"),
            ("?? 0\n", "line 1: the piece is not base 64"),
            ("YQ==\n", "line 1: expected"), ("YQ== 0 0\n", "line 1: expected"),
            ("YQ== 99999999999\n", "line 1: expected"),
        ] {
            let error = #expect(throws: PipelineError.self) {
                try RankFile.tokenizer(Array(broken.utf8), path: "x.tiktoken")
            }
            #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
        }
    }

    /// Each reader, with bytes changed, doubled and taken out by a seed: an error of ours, or a tokenizer that works.
    @Test(arguments: ["ranks", "vocab.txt", "vocab.json", "merges.txt"])
    func changedBytesNeverCrashAReader(file: String) throws {
        let pieces = (0..<256).map { [UInt8($0)] } + [Array("ab".utf8)]
        let ranks = pieces.enumerated().map {
            "\(String(decoding: Base64.encode($1), as: UTF8.self)) \($0)\n"
        }.joined()
        let vocabulary = #"{"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u0120ab": 4}"#
        let merges = "#version: 0.2\na b\n\u{120} ab\n"
        let whole = Array(
            [
                "ranks": ranks, "vocab.json": vocabulary, "merges.txt": merges,
                "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\n##s\n,\n",
            ][file]!.utf8)
        func tokenizer(_ bytes: [UInt8]) throws -> TokenizerPipeline {
            switch file {
            case "ranks": try RankFile.tokenizer(bytes, path: "x/gpt2.tiktoken")
            case "vocab.txt": try TokenizerPipeline.bert(vocabulary: bytes, path: "v")
            case "vocab.json":
                try TokenizerPipeline.gpt2(
                    vocabulary: bytes, vocabularyPath: "v", merges: Array(merges.utf8),
                    mergesPath: "m")
            default:
                try TokenizerPipeline.gpt2(
                    vocabulary: Array(vocabulary.utf8), vocabularyPath: "v", merges: bytes,
                    mergesPath: "m")
            }
        }
        _ = try tokenizer(whole)
        var random = SeededNumbers(seed: 77)
        var refused = 0
        for round in 0..<600 {
            var bytes = whole
            for _ in 0...round % 3 {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch round % 4 {
                case 0: bytes[place] = .random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[place], at: place)
                default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            do {
                let tokenizer = try tokenizer(bytes)
                _ = try tokenizer.decode(tokenizer.encodeIDs("ab, hello\u{4E2D} worlds"))
            } catch is PipelineError { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test func vocabulariesOfBERT() throws {
        let text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\n##s\n,\n"
        let tokenizer = try TokenizerPipeline.bert(
            vocabulary: Array(text.utf8), path: "vocab.txt")
        #expect(try tokenizer.encodeIDs("H\u{E9}llo, Worlds x") == [2, 4, 7, 5, 6, 1, 3])
        #expect(try tokenizer.encode("hello", pair: "world").typeIDs == [0, 0, 0, 1, 1])
        for (broken, reason) in [
            ("", "is missing"), ("[UNK]\n[CLS]\n[SEP]\na\na\n", "occurs twice"),
        ] {
            let error = #expect(throws: PipelineError.self) {
                try TokenizerPipeline.bert(vocabulary: Array(broken.utf8), path: "v")
            }
            #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
        }
        #expect(throws: PipelineError.self) {
            try TokenizerPipeline.bert(vocabulary: [0x61, 0xFF], path: "v")
        }
    }

    @Test func filesOfGPT2AndFolders() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        func reason(_ path: String) -> String {
            do {
                _ = try TokenizerPipeline(path: path)
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(reason(folder.path).contains("there is no tokenizer in it"))
        #expect(reason(folder.path + "/none.json").contains("No such file"))
        try write("vocab.json", #"{"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u0120ab": 4}"#)
        #expect(reason(folder.path).contains("vocab.json needs it"))
        try write("merges.txt", "#version: 0.2\na b\n\u{120} ab\n")
        let tokenizer = try TokenizerPipeline(path: folder.path)
        #expect(try tokenizer.encodeIDs("ab ab") == [2, 4])
        try write("merges.txt", "a b c\n")
        #expect(reason(folder.path).contains("merges.txt: damaged: line 1: expected two pieces"))
        try write("merges.txt", "a c\n")
        #expect(reason(folder.path).contains("merges.txt: damaged: line 1: \"c\" is no piece"))
        try write("vocab.json", "{")
        #expect(reason(folder.path).contains("vocab.json: damaged at byte 1"))
        try Data(tokenizer.json()).write(to: folder.appendingPathComponent("tokenizer.json"))
        #expect(try TokenizerPipeline(path: folder.path).encodeIDs("ab ab") == [2, 4])
    }
}
