import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct TokenizerFileTests {
    private static let texts =
        SampleTexts.awkward + ChineseCorpus.sentences(200, seed: 11) + ["\"\\\u{1}\u{1F}/\u{7F}"]

    @Test(arguments: [TokenizerKind.characters, .words, .dictionary], [1, 2, 3])
    func whatWasSavedComesBack(kind: TokenizerKind, longestNGram: Int) throws {
        let tokenizer = Tokenizer.train(
            on: Self.texts, kind: kind, minimumCount: 1, longestNGram: longestNGram)
        try withTemporaryFolder { folder in
            let path = folder + "/tokenizer.json"
            try tokenizer.save(to: path)
            let read = try Tokenizer(contentsOf: path)
            #expect(read == tokenizer)
            #expect(read.kind == kind)
            #expect(read.jsonData == tokenizer.jsonData)
            var random = RandomGenerator(seed: 12)
            let fresh = (0..<50).map { _ in
                ChineseCorpus.sentence(&random) + SampleTexts.random(30, using: &random)
            }
            for text in Self.texts + fresh {
                let ids = tokenizer.encode(text)
                #expect(read.encode(text) == ids)
                #expect(read.nGrams?.rows(ids) == tokenizer.nGrams?.rows(ids))
            }
        }
    }

    @Test func theFileIsPlainJSON() throws {
        let tokenizer = Tokenizer.train(
            on: Self.texts, kind: .characters, minimumCount: 1, longestNGram: 2)
        struct File: Decodable {
            var version: Int
            var type: String
            var tokens: [String]
            var counts: [Int]
            var longestNgram: Int
            var ngrams: [[Int32]]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let file = try decoder.decode(File.self, from: tokenizer.jsonData)
        #expect(file.version == 1 && file.type == "characters")
        let tokens = tokenizer.vocabulary.tokens
        #expect(file.tokens.map { Array($0.utf8) } == tokens.map { Array($0.utf8) })
        #expect(file.counts == tokenizer.vocabulary.counts)
        #expect(file.longestNgram == 2 && file.ngrams == tokenizer.nGrams?.nGrams)
    }

    @Test func keysThatAreNotKnownArePassedOver() throws {
        let json = """
            {"note": {"by": ["x", 1.5e3, null, true]}, "counts": [0, 0, 3], "type": "words",
             "tokens": ["<pad>", "<unk>", "\\u597d\\ud83d\\ude00"], "version": 1}
            """
        let tokenizer = try Tokenizer(jsonData: Data(json.utf8))
        #expect(tokenizer.kind == .words)
        #expect(tokenizer.vocabulary.tokens == ["<pad>", "<unk>", "好😀"])
    }

    @Test func anOlderFileIsReplaced() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/tokenizer.json"
            try Tokenizer.train(on: Self.texts, kind: .characters).save(to: path)
            let other = Tokenizer.train(on: ["a a"], kind: .words)
            try other.save(to: path)
            #expect(try Tokenizer(contentsOf: path) == other)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
        }
    }

    @Test func aFileThatCannotBeReadIsNamedWithTheReason() throws {
        try withTemporaryFolder { folder in
            for (path, reason) in [
                (folder + "/none.json", "no such file or folder"), (folder, "is a folder"),
            ] {
                let error = #expect(throws: TokenizerError.self) {
                    try Tokenizer(contentsOf: path)
                }
                #expect(
                    error?.description
                        == "\(path): cannot be read (\(reason)); give the tokenizer.json of a trained model"
                )
            }
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsNamedWithTheReason() throws {
        let tokenizer = Tokenizer.train(on: [], kind: .words)
        try withTemporaryFolder { folder in
            for (path, reason) in [
                (folder + "/none/tokenizer.json", "no such file or folder"),
                (folder, "is a folder"),
            ] {
                let error = #expect(throws: TokenizerError.self) { try tokenizer.save(to: path) }
                #expect(
                    error?.description
                        == "\(path): cannot be written (\(reason)); check the folder, its rights and the free space"
                )
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == [])
        }
    }
}
