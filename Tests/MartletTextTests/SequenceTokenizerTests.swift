import Foundation
import MartletTestSupport
import MartletText
import Testing

/// What cuts the sides of pairs.
@Suite struct SequenceTokenizerTests {
    private static let texts = ["AH0 B K", "K K AH0", "Straße 猫 (x)", "K AH0, b"]

    @Test(arguments: SequenceUnit.allCases)
    func textsComeBackAndAFileGivesTheSame(_ unit: SequenceUnit) throws {
        let tokenizer = try SequenceTokenizer.train(
            on: Self.texts, unit: unit, maximumSize: 300)
        try withTemporaryFolder { folder in
            let path = "\(folder)/tokenizer.json"
            try Data(tokenizer.tokenizer.json).write(to: URL(fileURLWithPath: path))
            let again = SequenceTokenizer(try RunningTokenizer(contentsOf: path))
            #expect(again.count == tokenizer.count)
            for text in Self.texts {
                let ids = try tokenizer.encode(text)
                #expect(ids.last == tokenizer.boundaryID && ids.dropLast().allSatisfy { $0 >= 0 })
                #expect(ids.dropLast().allSatisfy { $0 < tokenizer.boundaryID })
                #expect(try tokenizer.decode(ids) == text)
                #expect(try again.encode(text) == ids)
            }
        }
        #expect(try tokenizer.label(tokenizer.boundaryID) == "⏎")
    }

    @Test func wordsAreWhatStandsBetweenWhiteSpace() throws {
        let tokenizer = try SequenceTokenizer.train(on: Self.texts, unit: .word)
        // <unk>, K, AH0 and six more, and the boundary.
        #expect(tokenizer.count == 10)
        let ids = try tokenizer.encode("K  AH0\tK\u{3000}zebra")
        #expect(ids.count == 5 && ids[0] == 1 && ids[1] == 2 && ids[2] == 1)
        #expect(ids[3] == tokenizer.tokenizer.unknownID)
        #expect(try tokenizer.decode(ids) == "K AH0 K <unk>")
        #expect(try tokenizer.decode([1, tokenizer.boundaryID, 2]) == "K")
    }

    @Test func rareWordsAndThoseBeyondTheSizeAreUnknown() throws {
        let rare = try SequenceTokenizer.train(on: Self.texts, unit: .word, minimumCount: 2)
        #expect(rare.count == 4)
        let few = try SequenceTokenizer.train(on: Self.texts, unit: .word, maximumSize: 2)
        #expect(few.count == 3)
        #expect(try few.decode(few.encode("K AH0")) == "K <unk>")
    }

    @Test func whatIsNotKnownIsCopiedByItsText() throws {
        let tokenizer = try SequenceTokenizer.train(on: Self.texts, unit: .word)
        let (unknown, count) = (try #require(tokenizer.tokenizer.unknownID), Int32(tokenizer.count))
        var words: [String] = []
        let read = try tokenizer.encode("Łódź K  zebra\tŁódź AH0 ", copying: &words, adding: true)
        #expect(read == [count, 1, count + 1, count, 2, tokenizer.boundaryID])
        #expect(words == ["Łódź", "zebra"])
        let written = try tokenizer.encode("zebra K giraffe", copying: &words, adding: false)
        #expect(written == [count + 1, 1, unknown, tokenizer.boundaryID])
        #expect(words == ["Łódź", "zebra"])
        #expect(try tokenizer.decode(read, copying: words) == "Łódź K zebra Łódź AH0")
        #expect(
            try tokenizer.decode([1, 2, count + 1, count + 1], copying: words)
                == "K AH0 zebra zebra")
        #expect(try tokenizer.label(count, copying: words) == "Łódź")
    }

    @Test func charactersAreCopiedAndSubwordsAreAllKnown() throws {
        let characters = try SequenceTokenizer.train(on: Self.texts, unit: .character)
        let text = "Käse 猫 é\u{301}x"
        var words: [String] = []
        let read = try characters.encode(text, copying: &words, adding: true)
        #expect(words == ["ä", "s", "e", "é\u{301}"].filter { !Self.texts.joined().contains($0) })
        #expect(try characters.decode(read, copying: words) == text)
        let subwords = try SequenceTokenizer.train(on: Self.texts, unit: .subword, maximumSize: 300)
        var none: [String] = []
        let ids = try subwords.encode(text, copying: &none, adding: true)
        let plain = try subwords.encode(text)
        #expect(none.isEmpty && ids == plain)
        #expect(try subwords.decode(ids, copying: none) == text)
    }
}
