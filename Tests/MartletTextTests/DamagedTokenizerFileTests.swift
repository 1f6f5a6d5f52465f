import Foundation
import MartletTensor
import Testing

@testable import MartletText

@Suite struct DamagedTokenizerFileTests {
    private static let small = Tokenizer.train(
        on: ["电影 a!", "电影 b\"", "电影 a"] + ChineseCorpus.sentences(40, seed: 13),
        kind: .dictionary, maximumSize: 40, longestNGram: 3, maximumNGrams: 20)

    /// A tokenizer file with some of its parts replaced.
    private func file(
        version: String = "1", type: String = "\"dictionary\"",
        tokens: String = "[\"<pad>\", \"<unk>\", \"电影\", \"好\"]", counts: String = "[0, 0, 9, 5]",
        more: String = ""
    ) -> String {
        "{\"version\": \(version), \"type\": \(type), \"tokens\": \(tokens), "
            + "\"counts\": \(counts)\(more)}"
    }

    private func expectDamaged(_ bytes: some Sequence<UInt8>, _ reason: String, _ note: String) {
        let error = #expect(throws: TokenizerError.self, "\(note)") {
            try Tokenizer(jsonData: Data(bytes), path: "run/tokenizer.json")
        }
        let message = error?.description ?? ""
        #expect(message.hasPrefix("run/tokenizer.json: damaged at byte "), "\(note): \(message)")
        #expect(message.contains(reason), "\(note): \(message)")
        #expect(message.hasSuffix("; copy the file again or train anew"))
    }

    @Test func theUnchangedFileIsWhole() throws {
        let tokenizer = try Tokenizer(jsonData: Data(file().utf8))
        #expect(tokenizer.encode("好电影影") == [3, 2, 1])
        let more = file(more: ", \"longest_ngram\": 2, \"ngrams\": [[2, 3]]")
        #expect(try Tokenizer(jsonData: Data(more.utf8)).nGrams?.rows([2, 3]) == [0, 1])
    }

    @Test func everyTruncationIsAnError() {
        let whole = Array(Self.small.jsonData)
        // The line end after the last brace is no part of the object.
        #expect(whole.suffix(2) == Array("}\n".utf8)[...])
        for count in 0..<whole.count - 1 {
            expectDamaged(whole.prefix(count), ": ", "\(count) bytes")
        }
    }

    /// A changed file is refused, or it is a tokenizer that can do all that tokenizers can.
    @Test func changedBytesNeverCrash() throws {
        var random = RandomGenerator(seed: 14)
        let whole = Array(Self.small.jsonData)
        var accepted = 0
        for round in 0..<4000 {
            var bytes = whole
            for _ in 0...round % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                let noise = UInt8(truncatingIfNeeded: random.next())
                bytes[place] = round % 2 == 0 ? bytes[place] ^ 1 << (noise & 7) : noise
            }
            do {
                let tokenizer = try Tokenizer(jsonData: Data(bytes))
                accepted += 1
                let ids = tokenizer.encode("我喜欢电影 a!b\"😀")
                _ = tokenizer.nGrams?.rows(ids)
                _ = tokenizer.decode(ids)
                #expect(try Tokenizer(jsonData: tokenizer.jsonData) == tokenizer)
            } catch is TokenizerError {}
        }
        // Both must happen, or the changes were too small or too large to test anything.
        #expect((100..<3900).contains(accepted))
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        // E7 35 B5 would be 电 a second time to a reader that takes 35 for the second byte of three.
        let start = Array(
            "{\"version\": 1, \"type\": \"dictionary\", \"tokens\": [\"<pad>\", \"<unk>\", \"电\", \""
                .utf8)
        let end = Array("\"], \"counts\": [0, 0, 9, 9]}".utf8)
        let broken: [[UInt8]] = [[0xE7, 0x35, 0xB5], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80]]
        for bytes in broken {
            expectDamaged(
                start + bytes + end, "damaged at byte \(start.count): not UTF-8", "\(bytes)")
        }
    }

    @Test func whatDoesNotFitIsNamed() {
        let cases: [(text: String, reason: String)] = [
            ("", "expected '{'"), ("[]", "expected '{'"), ("null", "expected '{'"),
            (file() + "x", "expected the end"), ("{}", "version is none, expected 1"),
            (file(version: "2"), "version is 2, expected 1"),
            (file(version: "\"1.0\""), "expected a number"),
            (file(version: "1.0"), "expected an integer, found 1.0"),
            (file(version: "99999999999999999999"), "expected an integer, found 9999"),
            (file(type: "\"automatic\""), "type \"automatic\" is not one of characters, words"),
            (file(type: "\"bpe\""), "type \"bpe\" is not one of"), (file(type: "7"), "a string"),
            ("{\"version\": 1}", "no type"), (file(tokens: "{}"), "expected '['"),
            (file(tokens: "[1, 2]"), "expected a string"),
            (file(tokens: "[]", counts: "[]"), "the first tokens are not <pad>, <unk>"),
            (file(tokens: "[\"<unk>\", \"<pad>\"]", counts: "[0, 0]"), "the first tokens are not"),
            (file(tokens: "[\"<pad>\", \"<unk>\", \"a\", \"a\"]"), "a token occurs twice"),
            (file(counts: "[0, 0, 9]"), "4 tokens, but 3 counts"), (file(counts: "7"), "'['"),
            (file(counts: "[0, 0, 9, -1]"), "count -1 is out of range"),
            (file(counts: "[0, 0, 9, 1099511627776]"), "count 1099511627776 is out of range"),
            (file(counts: "[0, 0, 9, 1e400]"), "expected an integer, found 1e400"),
            (file(counts: "[0, 0, 9, 0.5]"), "expected an integer, found 0.5"),
            (file(more: ", \"type\": \"words\""), "\"type\" occurs twice"),
            (file(more: ", \"tokens\": [], \"counts\": []"), "\"tokens\" occurs twice"),
        ]
        for (text, reason) in cases { expectDamaged(text.utf8, reason, text) }
    }

    @Test func nGramsThatDoNotFitAreRefused() {
        let cases: [(text: String, reason: String)] = [
            ("\"ngrams\": [[2, 3]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 1, \"ngrams\": []", "the n-grams do not fit"),
            ("\"longest_ngram\": 4, \"ngrams\": [[2, 3]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, 3, 2]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, 4]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, 1]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, 3], [2, 3]]", "the n-grams do not fit"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, -3]]", "token -3 is out of range"),
            ("\"longest_ngram\": 2, \"ngrams\": [[2, 4294967298]]", "token 4294967298 is out of"),
            ("\"longest_ngram\": 2, \"ngrams\": [2, 3]", "expected '['"),
            ("\"longest_ngram\": 2, \"ngrams\": {}", "expected '['"),
            ("\"longest_ngram\": \"2\", \"ngrams\": []", "expected a number"),
        ]
        for (text, reason) in cases { expectDamaged(file(more: ", " + text).utf8, reason, text) }
    }

    @Test func nestingWithoutEndIsRefused() {
        for opening in ["[", "{\"a\":"] {
            let deep = String(repeating: opening, count: 100_000)
            expectDamaged("{\"note\": \(deep)".utf8, "nested too deeply", opening)
        }
    }

    @Test func aTokenizerOfAnotherLibraryIsRefused() {
        let json = """
            {"version": "1.0", "truncation": null, "added_tokens": [{"id": 0, "content": "<pad>"}],
             "model": {"type": "WordLevel", "vocab": {"<pad>": 0}, "unk_token": "<unk>"}}
            """
        expectDamaged(json.utf8, "expected a number", "version 1.0")
    }
}
