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
}
