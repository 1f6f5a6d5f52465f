import MartletText
import Testing

/// The code of Documentation/Learn/06-tokens.md, and that the lesson shows just this code.
@Suite struct LessonSixTests {
    @Test func pairsByHand() throws {
        // lesson: corpus
        let words = WordCounts([("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)])
        // lesson: end

        // lesson: bpe
        var trainer = BPETrainer(size: 20)
        trainer.symbols = .characters
        let bpe = try trainer.train(on: words)
        let merges = bpe.merges.map { bpe.pieces[$0.left] + " + " + bpe.pieces[$0.right] }
        // ["e + s", "es + t", "l + o", "lo + w", "e + w", "n + ew", "new + est", ...]
        // lesson: end
        #expect(bpe.pieces.prefix(10) == ["d", "e", "i", "l", "n", "o", "r", "s", "t", "w"])
        #expect(
            Array(merges.prefix(7)) == [
                "e + s", "es + t", "l + o", "lo + w", "e + w", "n + ew", "new + est",
            ])

        // lesson: byte-level
        let bytes = try BPETrainer(size: 260).train(on: words)
        // 256 bytes, then 4 merges: the first piece made is pieces[256], "es"
        let tokenizer = try TokenizerPipeline(bytes, by: BPETrainer(size: 260))
        let ids = try tokenizer.encodeIDs("lowest 词!")
        let text = try tokenizer.decode(ids)  // "lowest 词!": any text comes back
        // lesson: end
        #expect(bytes.pieces[256] == "es" && bytes.pieces.count == 260)
        #expect(text == "lowest 词!")
        #expect(try tokenizer.encode("lowest").tokens == ["low", "est"])
    }

    @Test func unigramAndViterbi() throws {
        // lesson: unigram
        let model = try UnigramModel(
            pieces: [
                ("<unk>", 0), ("l", -4), ("o", -4), ("w", -4), ("lo", -3), ("ow", -3.5),
                ("low", -5.5),
            ],
            unknownID: 0)
        let low = try TokenizerPipeline(model: .unigram(model)).encode("low").tokens
        // ["low"]: -5.5 beats lo·w = -7, l·ow = -7.5 and l·o·w = -12
        // lesson: end
        #expect(low == ["low"])

        // lesson: unigram-training
        let words = WordCounts([("low", 5), ("lower", 2), ("newest", 6), ("widest", 3)])
        let unigram = try UnigramTrainer(size: 15).train(on: words)
        let best = unigram.pieces[1].text  // <unk> has number 0
        // lesson: end
        #expect(unigram.pieces.count == 15)
        #expect(!best.isEmpty && unigram.pieces[1].score > unigram.pieces[2].score)
    }

    @Test func chineseWords() throws {
        // lesson: words
        let dictionary = WordDictionary([
            ("研究", 30), ("研究生", 10), ("生命", 20), ("命", 2), ("起源", 8), ("生", 6), ("的", 90),
        ])
        let segmenter = DictionarySegmenter(dictionary)
        let cut = segmenter.words("研究生命的起源")  // 研究 生命 的 起源, not 研究生 命 的 起源
        // lesson: end
        #expect(cut == ["研究", "生命", "的", "起源"])

        // lesson: user-words
        let own = DictionarySegmenter(dictionary, userWords: ["命的起源"])
        let mine = own.words("研究生命的起源")  // 研究生 命的起源
        // lesson: end
        #expect(mine == ["研究生", "命的起源"])
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown("Documentation/Learn/06-tokens.md", codeIn: #filePath)
    }
}
