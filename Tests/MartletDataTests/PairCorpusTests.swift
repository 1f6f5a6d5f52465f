import Foundation
import MartletData
import MartletTestSupport
import Testing

/// Pairs of texts from files, and their parts.
@Suite struct PairCorpusTests {
    private func read(
        _ name: String, _ content: some Sequence<UInt8>, keys: PairKeys = PairKeys()
    ) throws -> PairCorpus {
        try withTemporaryFolder { folder in
            let path = folder + "/" + name
            try Data(content).write(to: URL(filePath: path))
            return try PairCorpus.read(path, keys: keys)
        }
    }

    /// What reading complains about, without the folder in front.
    private func complaint(
        _ name: String, _ content: some Sequence<UInt8>, keys: PairKeys = PairKeys()
    ) -> String {
        do {
            return "read \(try read(name, content, keys: keys).pairs.count) pairs"
        } catch let error as DataError {
            let file = error.path.split(separator: "/").last ?? ""
            return error.description.replacingOccurrences(of: error.path, with: file)
        } catch {
            return "not a DataError: \(error)"
        }
    }

    @Test func linesWithATabArePairs() throws {
        let corpus = try read(
            "pairs.tsv", "a b\tA B\r\n\n  \"c\" \t 猫\u{3000}\na b\tA B\na b\tother\n".utf8)
        #expect(
            corpus.pairs == [
                TextPair(source: "a b", target: "A B"), TextPair(source: "\"c\"", target: "猫"),
                TextPair(source: "a b", target: "other"),
            ])
        #expect(corpus.read == 4 && corpus.duplicates == 1)
        #expect(corpus.sha256.count == 64)
        let other = try read("pairs.txt", "a b\tA B\n\"c\"\t猫\na b\tother".utf8)
        #expect(other.sha256 == corpus.sha256)
    }

    @Test func objectsArePairsByTheirKeys() throws {
        let lines = """
            {"en": "one\\ttwo", "zh": "一二", "id": 7}

            {"zh": "三", "more": {"en": "no"}, "en": "three"}
            """
        let corpus = try read("pairs.jsonl", lines.utf8, keys: PairKeys(source: "en", target: "zh"))
        #expect(
            corpus.pairs == [
                TextPair(source: "one\ttwo", target: "一二"),
                TextPair(source: "three", target: "三"),
            ])
    }

    @Test func whatIsWrongIsSaidWithItsLine() {
        let cases: [(String, String, String)] = [
            ("a.tsv", "a\tb\nc\n", "a.tsv:2: has 1 column: expected 2"),
            ("a.tsv", "a\tb\n\nc\td\te\n", "a.tsv:3: has 3 columns: expected 2"),
            ("a.tsv", "a\tb\n \tb\n", "a.tsv:2: the first column is empty"),
            ("a.tsv", "a\t\u{3000}\n", "a.tsv:1: the second column is empty"),
            ("a.tsv", "\n\n", "a.tsv: has no pairs"),
            ("a.jsonl", "{\"source\": \"a\"}\n", "a.jsonl:1: the object has no \"target\""),
            (
                "a.jsonl",
                "{\"source\": \"a\", \"target\": \"b\"}\n{\"source\": \"\", \"target\": \"b\"}",
                "a.jsonl:2: the text of \"source\" is empty"
            ),
            (
                "a.jsonl", "\n{\"source\": \"a\", \"target\": 3}",
                "a.jsonl:2: byte 27: expected a string: expected an object such as"
            ),
            ("a.jsonl", "[1]", "a.jsonl:1: byte 1: expected '{'"),
        ]
        for (name, content, expected) in cases {
            let found = complaint(name, content.utf8)
            #expect(found.hasPrefix(expected), "\(found)")
        }
        let bytes = Array("a\tb\nc\t".utf8) + [0xFF, 0x0A]
        let found = complaint("a.tsv", bytes)
        #expect(found.hasPrefix("a.tsv:2: byte 3 of the line (0xFF) is not UTF-8"), "\(found)")
        #expect(errorText { _ = try PairCorpus.read("/nowhere/a.tsv") }.contains("cannot be read"))
    }

    @Test func theSeedSplitsBySource() {
        let pairs = (0..<100).flatMap { number in
            (0..<(number % 3 + 1)).map { TextPair(source: "s\(number)", target: "t\($0)") }
        }
        let corpus = PairCorpus(source: "made", pairs: pairs)
        let split = corpus.split(seed: 1)
        let parts = [split.training, split.validation, split.test]
        #expect(Set(parts.joined()) == Set(pairs) && parts.joined().count == pairs.count)
        let sources = parts.map { Set($0.map(\.source)) }
        #expect(sources.map(\.count) == [80, 10, 10])
        #expect(sources[0].isDisjoint(with: sources[1].union(sources[2])))
        #expect(sources[1].isDisjoint(with: sources[2]))
        #expect(corpus.split(seed: 1) == split)
        #expect(corpus.split(seed: 2) != split)
    }
}
