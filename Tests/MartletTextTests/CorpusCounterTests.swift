import Foundation
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct CorpusCounterTests {
    private func counts(_ words: WordCounts) -> [String: Int] {
        var counts: [String: Int] = [:]
        for index in 0..<words.count {
            counts[String(decoding: words.word(index), as: UTF8.self)] = words.count(of: index)
        }
        return counts
    }

    private func count(
        _ files: [String], threads: Int = 2, blockSize: Int = 1 << 20, longestWord: Int = 4096,
        report: TokenizerTrainingReport = { _ in }
    ) throws -> WordCounts {
        var counter = CorpusCounter(threads: threads)
        counter.blockSize = blockSize
        counter.longestWord = longestWord
        return try counter.count(files, split: WordDictionary.splitter, report: report)
    }

    @Test func everyWordOfEveryFileIsCounted() throws {
        try withTemporaryFolder { folder in
            try write("\u{FEFF}a bb a\r\n词 a", to: folder + "/1.txt")
            try write("\n\nbb 词\n", to: folder + "/2.txt")
            var events: [TokenizerTrainingEvent] = []
            let words = try count([folder + "/1.txt", folder + "/2.txt"]) { events.append($0) }
            #expect(counts(words) == ["a": 3, "bb": 2, "词": 2])
            #expect(words.total == 7)
            // Ordered by their bytes.
            #expect(
                (0..<3).map { Array(words.word($0)) } == ["a", "bb", "词"].map { Array($0.utf8) })
            #expect(events.last == .counted(words: 7, distinct: 3))
            #expect(
                events.contains {
                    if case .reading(_, let total) = $0 { total == 25 } else { false }
                })
        }
    }

    /// However small the blocks that are read, and however many threads count.
    @Test func blocksAndThreadsChangeNothing() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/corpus.txt"
            let text = (0..<3000).map { "w\($0 % 97) 中文\($0 % 13)é" + ($0 % 7 == 0 ? "\n" : " ") }
                .joined()
            try write(text, to: path)
            let wanted = counts(try count([path], threads: 1))
            #expect(wanted.count == 110)
            for (threads, blockSize) in [(1, 1), (3, 7), (8, 100), (2, 4096)] {
                let words = try count([path, path], threads: threads, blockSize: blockSize)
                #expect(counts(words) == wanted.mapValues { $0 * 2 }, "\(threads), \(blockSize)")
            }
        }
    }

    @Test func aWordThatIsTooLongIsCutBetweenCharacters() throws {
        try withTemporaryFolder { folder in
            try write(String(repeating: "词", count: 10) + " ab", to: folder + "/long.txt")
            let words = try count([folder + "/long.txt"], longestWord: 8)
            #expect(counts(words) == ["词词": 5, "ab": 1])
        }
    }

    @Test func invalidUTF8IsToldWithFileLineAndByte() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/bad.txt"
            let good = Data(String(repeating: "fine line\n", count: 50).utf8)
            try write("other\n", to: folder + "/good.txt")
            try (good + Data("ab ".utf8) + Data([0xFF, 0x0A])).write(to: URL(filePath: path))
            for blockSize in [16, 1 << 20] {
                let error = #expect(throws: TokenizerTrainingError.self) {
                    try count([folder + "/good.txt", path], blockSize: blockSize)
                }
                #expect(error == .notUTF8(path: path, line: 51, byte: 4, value: 0xFF))
                #expect("\(error!)".contains("bad.txt:51: byte 4 of the line (0xFF) is not UTF-8"))
            }
        }
    }

    @Test func filesThatCannotBeReadAreTold() throws {
        try withTemporaryFolder { folder in
            let missing = #expect(throws: TokenizerTrainingError.self) {
                try count([folder + "/none.txt"])
            }
            #expect("\(missing!)".contains("none.txt: cannot be read: No such file"))
            let isFolder = #expect(throws: TokenizerTrainingError.self) { try count([folder]) }
            #expect("\(isFolder!)".contains("it is a folder, expected a file"))
        }
    }

    @Test func filesWithoutAWordAreTold() throws {
        try withTemporaryFolder { folder in
            try write("\n  \n", to: folder + "/empty.txt")
            #expect(throws: TokenizerTrainingError.empty(paths: [folder + "/empty.txt"])) {
                try count([folder + "/empty.txt"])
            }
        }
    }
}
