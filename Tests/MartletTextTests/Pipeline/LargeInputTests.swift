import Testing

@testable import MartletText

/// Large and odd inputs: the right numbers in good time, or a clear error.
@Suite struct LargeInputTests {
    private func bytes(_ count: Int, _ byte: UInt8) -> [UInt8] {
        Array(repeating: byte, count: count)
    }

    private func ids(_ tokenizer: TokenizerPipeline, _ text: [UInt8]) throws -> [Int32] {
        try text.withUnsafeBufferPointer {
            try tokenizer.encodeIDs($0, addSpecialTokens: false)
        }
    }

    @Test func bytesThatAreNotUTF8AreRefusedWithTheirPlace() throws {
        let tokenizer = try TokenizerFamily("gpt2").tokenizer
        for broken: [UInt8] in [
            [0x80], [0xC3], [0xE4, 0xBD], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
        ] {
            let error = #expect(throws: PipelineError.self) {
                try ids(tokenizer, Array("ab".utf8) + broken)
            }
            #expect(error?.description.contains("text: byte 2 is not UTF-8") ?? false)
        }
    }

    @Test func emptyAndZeroBytes() throws {
        for name in TokenizerFamily.names {
            let tokenizer = try TokenizerFamily(name).tokenizer
            #expect(try ids(tokenizer, []) == [])
            #expect(try tokenizer.encode("", addSpecialTokens: false).ids == [])
            let zeros = String(decoding: bytes(5, 0), as: UTF8.self)
            #expect(try tokenizer.encode(zeros).ids == tokenizer.encodeIDs(zeros))
            #expect(try tokenizer.decode([]) == "")
            #expect(try tokenizer.decode([-1, .max, 1 << 23]) == "")
        }
    }

    /// One word as long as a book: no step is quadratic.
    @Test(arguments: ["gpt2", "llama2", "gemma", "unigram", "bert-uncased", "word-level", "clip"])
    func oneLongWord(name: String) throws {
        let tokenizer = try TokenizerFamily(name == "clip" ? "bpe-word-ends" : name).tokenizer
        let text = bytes(400_000, 0x61) + Array("\u{4E2D}".utf8) + bytes(100_000, 0x62)
        let found = try ids(tokenizer, text)
        #expect(!found.isEmpty)
        if name == "gpt2" {
            let back = try tokenizer.decode(found)
            #expect(back.utf8.count == text.count)
        }
    }

    /// A worker is lent again and again: nothing of the text before, nor of its offsets, is left in it.
    @Test func numbersDoNotDependOnTheTextBefore() throws {
        let tokenizer = try TokenizerPipeline(
            model: .wordLevel(try WordLevelModel(pieces: ["<unk>", "\u{2581}x", "x"])),
            preTokenizer: .sequence([
                .whitespaceSplit, .metaspace(MetaspaceOptions(prepending: .first)),
            ]))
        #expect(try tokenizer.encodeIDs("x x") == [1, 2])
        #expect(try tokenizer.encode("abc def").ids == [0, 0])
        #expect(try tokenizer.encodeIDs("x x") == [1, 2])
        #expect(try tokenizer.encode("abc def").ids == [0, 0])
        let count = 1 << 20
        let found = try tokenizer.encodeIDs(String(repeating: "x ", count: count))
        #expect(found == [1] + Array(repeating: 2, count: count - 1))
    }

    @Test func bytesAreTwoDigits() throws {
        let tokenizer = try TokenizerPipeline(
            model: .wordLevel(
                try WordLevelModel(pieces: ["<0x41>", "<0x+A>", "<0x-0>", "<0x4g>"])),
            decoder: .sequence([.byteFallback, .fuse]))
        #expect(try tokenizer.decode([0, 1, 2, 3]) == "A\n<0x-0><0x4g>")
    }

    @Test func oneLongLineOfText() throws {
        let tokenizer = try TokenizerFamily("llama3").tokenizer
        let sentence = Array(
            "The quick brown fox \u{4F60}\u{597D} jumps over 12345 lazy dogs. ".utf8)
        var text: [UInt8] = []
        for _ in 0..<40_000 { text += sentence }
        let found = try ids(tokenizer, text)
        #expect(Array(try tokenizer.decode(found).utf8) == text)
    }

    /// A hundred thousand added tokens, many with a long beginning in common.
    @Test func manyAddedTokens() throws {
        let model = try WordLevelModel(pieces: ["<unk>"])
        let shared = String(repeating: "a", count: 300)
        var tokens = (0..<100_000).map {
            AddedToken(id: 0, content: "<t\($0)>", isNormalized: false)
        }
        tokens += (0..<1000).map {
            AddedToken(id: 0, content: "\(shared)\($0)", isNormalized: false)
        }
        let tokenizer = try TokenizerPipeline(model: .wordLevel(model), addedTokens: tokens)
        #expect(tokenizer.addedTokens.count == 101_000)
        #expect(try tokenizer.encodeIDs("x<t7><t99999>y<t") == [0, 8, 100_000, 0])
        // The longest of two at one place, and no token where only a beginning stands.
        #expect(try tokenizer.encodeIDs(shared + "77") == [100_078])
        #expect(try ids(tokenizer, bytes(300_000, 0x61)) == [0])
        let found = try tokenizer.encodeIDs("a" + shared + "1b")
        #expect(found == [0, 100_002, 0])
    }

    @Test func addedTokensOfEveryKind() throws {
        let model = try WordLevelModel(pieces: ["<unk>", "<s>"])
        let tokenizer = try TokenizerPipeline(
            model: .wordLevel(model), normalizer: .lowercase,
            addedTokens: [
                AddedToken(id: 9, content: "<s>", isSpecial: true),
                AddedToken(id: 9, content: "ab", isSingleWord: true),
                AddedToken(
                    id: 9, content: "<m>", stripsLeft: true, stripsRight: true, isNormalized: false),
                AddedToken(id: 9, content: "ABC"), AddedToken(id: 9, content: ""),
            ])
        // The model's number where it knows the content, else one after the other.
        #expect(tokenizer.addedTokens.map(\.id) == [1, 2, 3, 4])
        #expect(try tokenizer.encodeIDs("ab abc xab ab") == [2, 0, 4, 0, 2])
        #expect(try tokenizer.encodeIDs("Abc") == [4])
        let encoding = try tokenizer.encode("x  <m> \u{3000}<s>")
        #expect(encoding.ids == [0, 3, 1])
        #expect(encoding.offsets == [0..<1, 1..<8, 8..<11])
        #expect(encoding.byteOffsets == [0..<1, 1..<10, 10..<13])
        #expect(try tokenizer.decode([1, 2], skipSpecialTokens: true) == "ab")
    }

    @Test func dropoutStillGivesThePiecesOfTheText() throws {
        let family = try TokenizerFamily("gpt2")
        guard case .bytePair(let model) = family.tokenizer.model else {
            Issue.record("gpt2 is no byte-pair model")
            return
        }
        func tokenizer(_ dropout: Float) throws -> TokenizerPipeline {
            try TokenizerPipeline(
                model: .bytePair(
                    try BytePairModel(
                        table: model.table, merges: model.merges,
                        options: BytePairModel.Options(dropout: dropout))),
                preTokenizer: family.tokenizer.preTokenizer, decoder: .byteLevel)
        }
        let text = "the quick brown fox said hello to the whole wide world again and again"
        let whole = try tokenizer(0).encodeIDs(text)
        #expect(try tokenizer(1).encodeIDs(text).count == text.utf8.count)
        let some = try tokenizer(0.5)
        let found = try (0..<5).map { _ in try some.encodeIDs(text) }
        for ids in found { #expect(try some.decode(ids) == text) }
        #expect(Set(found).count > 1)
        #expect(found.allSatisfy { $0.count >= whole.count })
    }
}
