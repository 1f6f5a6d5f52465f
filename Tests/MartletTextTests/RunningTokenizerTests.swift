import Foundation
import MartletTensor
import MartletTestSupport
import MartletText
import Testing

/// Subwords, characters and words of a running text behind one door.
@Suite struct RunningTokenizerTests {
    private let text = (0..<60).map { "the cat \($0) sat on the mat; 床前明月光 \($0 % 7)\n" }
        .joined()

    private func written(_ text: String, by tokenizer: RunningTokenizer) throws -> String {
        var writer = tokenizer.writer
        return try tokenizer.encode(text).map { try writer.append($0) }.joined()
    }

    @Test func anyTextComesBackFromSubwordsInWholeCharacters() throws {
        let tokenizer = try RunningTokenizer.train(on: text, unit: .subword, maximumSize: 400)
        #expect(tokenizer.count <= 400 && tokenizer.kindName == "subwords")
        #expect(tokenizer.unknownID == nil && tokenizer.silentIDs == [])
        #expect(try tokenizer.encode(text).count < text.count / 2)
        #expect(try tokenizer.encode("\n") == [tokenizer.startID])
        var random = RandomGenerator(seed: 31)
        let texts =
            ["a\n", "\n\na\n\n", text] + SampleTexts.awkward
            + (0..<40).map { SampleTexts.random($0, using: &random) }
        for text in texts where !text.contains("\u{FFFD}") {
            #expect(Array(try written(text, by: tokenizer).utf8) == Array(text.utf8))
            var writer = tokenizer.writer
            for id in try tokenizer.encode(text) {
                let piece = try writer.append(id)
                #expect(!piece.unicodeScalars.contains("\u{FFFD}"))
            }
        }
    }

    @Test func aTextInMemoryTeachesWhatAFileDoes() throws {
        try withTemporaryFolder { folder in
            let long = String(repeating: text, count: 3)
            try long.write(toFile: "\(folder)/text.txt", atomically: true, encoding: .utf8)
            var recipe = TokenizerRecipe(.bpe, threads: 3)
            recipe.size = 350
            recipe.minimumFrequency = 2
            recipe.specialTokens = []
            let expected = try recipe.run(["\(folder)/text.txt"]).tokenizer.json()
            let found = try RunningTokenizer.train(on: long, unit: .subword, maximumSize: 350)
            #expect(found.json == expected)
        }
    }

    @Test func rarePairsAreNotJoinedAndTooLittleRoomIsNamed() throws {
        let once = try RunningTokenizer.train(on: "abcdefgh", unit: .subword, minimumCount: 2)
        #expect(once.count == 256)
        let twice = try RunningTokenizer.train(
            on: "abcdefgh", unit: .subword, minimumCount: 1, maximumSize: 259)
        #expect(twice.count == 259)
        #expect(
            errorText { _ = try RunningTokenizer.train(on: "ab", unit: .subword, maximumSize: 99) }
                .contains("size 99 is too small: special tokens and the 256 bytes take 256"))
        #expect(
            errorText { _ = try RunningTokenizer.train(on: "", unit: .subword) }
                .contains("no words to learn from"))
    }

    @Test func filesOfBothFormatsAreTold() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/tokenizer.json"
            for unit in TextUnit.allCases {
                let tokenizer = try RunningTokenizer.train(
                    on: text, unit: unit, minimumCount: 1, maximumSize: 300)
                try Data(tokenizer.json).write(to: URL(fileURLWithPath: path))
                let loaded = try RunningTokenizer(contentsOf: path)
                #expect(loaded.json == tokenizer.json && loaded.kindName == tokenizer.kindName)
                #expect(loaded.count == tokenizer.count && loaded.startID == tokenizer.startID)
                #expect(try loaded.encode(text) == tokenizer.encode(text))
                #expect((loaded.unknownID == 1) == (unit != .subword))
            }
            for (content, problem) in [
                ("", "damaged at byte 0"), ("[1]", "damaged"), ("{\"version\": 1}", "no type"),
                ("{\"model\": 3}", "damaged"),
                ("{\"version\": \"1.0\", \"added_tokens\": 1}", "damaged"),
            ] {
                try Data(content.utf8).write(to: URL(fileURLWithPath: path))
                let found = errorText { _ = try RunningTokenizer(contentsOf: path) }
                #expect(found.contains(path) && found.contains(problem), "\(found)")
            }
            let missing = errorText { _ = try RunningTokenizer(contentsOf: "\(folder)/none.json") }
            #expect(missing.contains("none.json: cannot be read (No such file"), "\(missing)")
        }
    }

    @Test func aGivenTokenizerNeverCutsAndNeverGuesses() throws {
        guard
            case .pipeline(let learned) = try RunningTokenizer.train(
                on: text, unit: .subword, maximumSize: 300)
        else {
            Issue.record("subwords are not a pipeline")
            return
        }
        let limited = learned.with(
            truncation: Truncation(maximumLength: 3), padding: TokenPadding(strategy: .fixed(9)))
        #expect(try RunningTokenizer(limited).encode(text) == learned.encodeIDs(text))
        let random = try TokenizerPipeline(
            model: .bytePair(
                try BytePairModel(
                    pieces: ["a", "b", "ab"], merges: [("a", "b")],
                    options: .init(dropout: 0.5))))
        #expect(
            errorText { _ = try RunningTokenizer(random) }
                .contains("model.dropout: 0.5 cuts the same text in another way each time"))
        // Without byte fallback, what is no piece is an error, not a guess.
        let poor = try RunningTokenizer(
            try TokenizerPipeline(
                model: .wordPiece(try WordPieceModel(pieces: ["[UNK]", "cat"])),
                preTokenizer: .bert,
                addedTokens: [AddedToken(id: 2, content: "[CLS]", isSpecial: true)]))
        #expect(poor.unknownID == 0 && poor.silentIDs == [0, 2] && poor.count == 3)
        #expect(try poor.encode("cat dog") == [1, 0])
    }
}
