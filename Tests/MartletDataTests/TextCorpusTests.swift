import Foundation
import MartletData
import MartletTensor
import MartletTestSupport
import Testing

@Suite struct TextCorpusTests {
    /// The corpus of files of those contents, `0.txt`, `1.txt` …
    private func corpus(_ contents: [[UInt8]]) throws -> TextCorpus {
        try withTemporaryFolder { folder in
            let paths = contents.indices.map { "\(folder)/\($0).txt" }
            for (path, bytes) in zip(paths, contents) {
                try Data(bytes).write(to: URL(filePath: path))
            }
            return try TextCorpus.read(paths)
        }
    }

    private func corpus(_ texts: String...) throws -> TextCorpus {
        try corpus(texts.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("a\r\nb\r\n", "a\nb\n"), ("a\rb\r", "a\nb\n"), ("a\r\r\nb", "a\n\nb\n"),
        ("a\n\rb\n", "a\n\nb\n"),
        ("好\r\n\r\n诗", "好\n\n诗\n"), ("a\nb", "a\nb\n"), ("a\n\n", "a\n\n"), ("\u{FEFF}a\n", "a\n"),
    ])
    func linesEndWithLF(text: String, expected: String) throws {
        #expect(Array(try corpus(text).text.utf8) == Array(expected.utf8))
    }

    @Test func filesFollowEachOtherInTheirOrder() throws {
        #expect(try corpus("b", "a\r\n", "", "好\nc").text == "b\na\n好\nc\n")
        // An end of a line is not doubled, and none begins with one.
        #expect(try corpus("", "a\n", "b\n").text == "a\nb\n")
    }

    @Test func aFolderIsItsTextFilesByName() throws {
        try withTemporaryFolder { folder in
            for (name, text) in [
                ("b.txt", "second\n"), ("a.txt", "first"), ("c.md", "never"),
                ("10.txt", "zeroth\n"),
            ] {
                try write(text, to: "\(folder)/\(name)")
            }
            let corpus = try TextCorpus.read([folder])
            #expect(corpus.text == "zeroth\nfirst\nsecond\n")
            #expect(corpus.source == folder)
            let twice = try TextCorpus.read([folder + "/c.md", folder])
            #expect(twice.text == "never\nzeroth\nfirst\nsecond\n")
            #expect(twice.source == "\(folder)/c.md \(folder)")
        }
    }

    @Test func theSameTextHasTheSameHashHoweverItsLinesEnd() throws {
        let one = try corpus("a\nb\n")
        #expect(
            one.sha256
                == TextCorpus(source: "elsewhere", text: "a\nb\n").sha256)
        #expect(one.sha256 == (try corpus("a\r\n", "b")).sha256)
        #expect(one.sha256 != (try corpus("a\nc\n")).sha256)
        #expect(
            TextCorpus(source: "", text: "").sha256
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func whatIsNoTextIsNamed() throws {
        try withTemporaryFolder { folder in
            func problem(_ paths: String...) -> String {
                errorText { _ = try TextCorpus.read(paths) }
            }
            try write("fine\n", to: "\(folder)/a.txt")
            let bad = Array("好\r\nfine\nab".utf8) + [0xFF, 0x0A]
            try Data(bad).write(to: URL(filePath: "\(folder)/b.txt"))
            let expected = "\(folder)/b.txt:3: byte 3 of the line (0xFF) is not UTF-8 text"
            #expect(problem(folder).hasPrefix(expected), "\(problem(folder))")
            #expect(problem(folder + "/a.txt", folder + "/b.txt").hasPrefix(expected))
            #expect(problem(folder + "/none.txt").hasPrefix("\(folder)/none.txt: cannot be read"))
            let inner = folder + "/inner"
            try FileManager.default.createDirectory(
                atPath: inner, withIntermediateDirectories: false)
            try write("x", to: "\(inner)/x.md")
            #expect(
                problem(inner)
                    == "\(inner): has no .txt file: give a folder that has some, or files")
            for empty in ["", "\n\r\n", " \t\n"] {
                try write(empty, to: "\(inner)/empty.txt")
                #expect(
                    problem(inner + "/empty.txt")
                        == "\(inner)/empty.txt: is empty: expected text to learn from")
            }
            #expect(problem().contains("is empty"))
        }
    }

    private func check(_ text: String, _ what: String) -> TextCorpus.Parts {
        let parts = TextCorpus(source: "test", text: text).parts()
        let whole = Array(text.utf8)
        #expect(
            Array((parts.training + parts.validation + parts.test).utf8) == whole
                && parts.training.utf8.count + parts.validation.utf8.count + parts.test.utf8.count
                    == whole.count,
            "\(what)")
        return parts
    }

    @Test func partsCoverTheTextAndEndWithLines() {
        for count in [40, 100, 1_000, 5_000] {
            let text = (0..<count).map { "line \($0), 床前明月光\n" }.joined()
            let parts = check(text, "\(count) lines")
            for part in [parts.training, parts.validation, parts.test] {
                #expect(part.hasSuffix("\n") && part.hasPrefix("line "))
            }
            // By bytes, each end moved to that of its line, of 30 bytes at most.
            for (part, share) in [
                (parts.training, 0.9), (parts.validation, 0.05), (parts.test, 0.05),
            ] {
                let wanted = share * Double(text.utf8.count)
                #expect(abs(Double(part.utf8.count) - wanted) <= 31, "\(count) lines")
            }
        }
    }

    @Test(arguments: ["春", "é", "a", "👍", "𠀀"])
    func aTextWithoutLinesIsCutBetweenCharacters(character: String) {
        for count in [1, 2, 19, 20, 33, 1_000, 3_000] {
            for end in ["", "\n"] {
                let text = String(repeating: character, count: count) + end
                let parts = check(text, "\(count) times \(character)")
                for part in [parts.training, parts.validation, parts.test] {
                    #expect(!part.unicodeScalars.contains("\u{FFFD}"))
                }
                if count >= 33 {
                    let share = Double(parts.training.utf8.count) / Double(text.utf8.count)
                    #expect(abs(share - 0.9) < 0.05 && !parts.test.isEmpty)
                }
            }
        }
    }

    @Test func awkwardTextsAreCovered() {
        var random = RandomGenerator(seed: 9)
        for text in SampleTexts.awkward + (0..<200).map({ SampleTexts.random($0, using: &random) })
        {
            _ = check(text, "\(text.debugDescription)")
        }
    }

    /// The nearest end of a line may be far away: one long last line, or a short one after it.
    @Test func longLinesAreCutWithin() {
        let long = String(repeating: "x", count: 10_000)
        _ = check(long + "\nend\n", "a short line at the end")
        for text in ["begin\n" + long, long + "\n" + long + "\n", long] {
            let parts = check(text, "\(text.count)")
            #expect(!parts.training.isEmpty && !parts.validation.isEmpty && !parts.test.isEmpty)
        }
    }
}
