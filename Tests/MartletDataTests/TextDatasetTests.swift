import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct TextDatasetTests {
    private func table(
        _ rows: [(text: String, label: String)], labels: [String]? = nil
    ) throws -> TextDataset {
        let lines = rows.map { "\(quoted($0.text)),\($0.label)\n" }
        return try read("a.csv", ("text,label\n" + lines.joined()).utf8, labels: labels)
    }

    private func rows(_ count: Int) -> [(text: String, label: String)] {
        (0..<count).map { ("text number \($0)", $0 % 3 == 0 ? "no" : "yes") }
    }

    @Test func duplicatesAndTextsOfTwoLabelsAreDropped() throws {
        let dataset = try table([
            ("a", "x"), (" a ", "x"), ("b", "x"), ("b", "y"), ("\tb", "x"), ("", "x"), ("  ", "y"),
            ("c", "y"), ("A", "y"), ("d", "x"), ("d", "x"), ("d", "x"),
        ])
        #expect(dataset.pairs == [["a", "x"], ["c", "y"], ["A", "y"], ["d", "x"]])
        var expected = TextDataset.Summary()
        (expected.read, expected.empty, expected.duplicates) = (12, 2, 5)
        (expected.conflicting, expected.kept) = (1, 4)
        expected.perLabel = ["x": 2, "y": 2]
        #expect(dataset.summary == expected)
    }

    @Test func nothingIsLostInTheSums() throws {
        var random = RandomGenerator(seed: 23)
        let dataset = try table(
            (0..<2000).map { _ in
                let text = random.next() % 10 == 0 ? " " : "\(random.next() % 900)"
                return (text, random.next() % 5 == 0 ? "x" : "y")
            })
        let summary = dataset.summary
        #expect(summary.read == 2000)
        #expect(
            summary.empty + summary.duplicates + summary.conflicting + summary.kept == summary.read)
        #expect(summary.kept == dataset.examples.count && summary.conflicting > 50)
        #expect(summary.perLabel.values.reduce(0, +) == summary.kept)
    }

    @Test func whiteSpaceAroundATextIsTrimmedAndInsideKept() throws {
        let spaces = [
            "", " ", "\t\r\n", "\u{3000}", "\u{A0}", "\u{85}", "\u{1680}", "\u{2003}\u{1680}",
            " \u{3000} \n",
        ]
        let texts = ["a", "é", "好", "😀", "a \u{3000}b", "ー", "à la", "\u{301}", "\u{200B}"]
        for space in spaces {
            let dataset = try table(
                [("another", "y"), (space, "x")] + texts.map { (space + $0 + space, "x") })
            let found = dataset.examples.filter { $0.label == 0 }.map { Array($0.text.utf8) }
            #expect(Set(found) == Set(texts.map { Array($0.utf8) }), "\(Array(space.utf8))")
            #expect(dataset.summary.empty == 1)
        }
    }

    @Test func spellingsThatDifferInBytesAreTwoTexts() throws {
        #expect(try table([("\u{E9}", "x"), ("e\u{301}", "y")]).examples.count == 2)
    }

    /// The expected order and digest come from Python's hashlib.
    @Test func textsAreOrderedByTheirSHA256() throws {
        let ordered = ["电影", "c", "b", "zz", "é", "0", "good film", "a", "😀", "好"]
        let dataset = try table(
            ordered.sorted().map { ($0, "x") } + [("to drop", "x"), ("to drop", "y")],
            labels: ["x", "y"])
        #expect(dataset.examples.map(\.text) == ordered)
        #expect(
            try table([("a", "x"), ("b", "y"), ("好", "x")]).sha256
                == "5a3beb1be9222e125f3672b9b7a4c1852eecf409ac7b115a42b390e1663cbe5f")
    }

    @Test(arguments: [(1, 0), (9, 0), (10, 1), (19, 1), (20, 2), (25, 2), (199, 19), (1000, 100)])
    func theFirstTenthIsForTestingAndTheNextForValidation(count: Int, tenth: Int) throws {
        let dataset = try table(rows(count), labels: ["no", "yes"])
        let split = dataset.split()
        #expect(split.test == Array(dataset.examples[..<tenth]))
        #expect(split.validation == Array(dataset.examples[tenth..<2 * tenth]))
        #expect(split.training == Array(dataset.examples[(2 * tenth)...]))
        #expect(split.training.count == count - 2 * tenth)
    }

    @Test func theOrderOfTheFileDoesNotMatter() throws {
        var random = RandomGenerator(seed: 24)
        let rows = rows(300) + [("twice", "no"), ("twice", "yes"), ("text number 7", "yes")]
        let expected = try table(rows)
        for _ in 0..<3 {
            let other = try table(rows.shuffled(using: &random))
            #expect(other.examples == expected.examples)
            #expect(other.split().test == expected.split().test)
            #expect(other.summary == expected.summary)
            #expect(other.sha256 == expected.sha256)
        }
    }

    @Test func aLabelOfDroppedTextsAloneIsNone() throws {
        let rows = [("a", "x"), ("a", "z"), ("b", "y"), ("c", "w")]
        #expect(try table(rows).labels == ["w", "y"])
        #expect(try table(rows.reversed()).labels == ["w", "y"])
    }

    @Test func theFormOfTheFileDoesNotMatter() throws {
        let columns = TextColumns(text: "t", label: "l")
        let csv = try read("a.csv", "t,l\ngood,positive\nbad,negative\n".utf8, columns: columns)
        let lines = try read(
            "a.jsonl",
            "{\"t\":\"bad\",\"l\":\"negative\"}\n{\"t\":\"good\",\"l\":\"positive\"}".utf8,
            columns: columns)
        let folder = try readFolder(positive: "good", negative: "bad")
        #expect(csv.sha256 == lines.sha256 && csv.sha256 == folder.sha256)
        #expect(csv.examples == lines.examples && csv.examples == folder.examples)
    }

    @Test func theDigestTellsOtherTextsAndLabelsApart() throws {
        let digests = try [
            [("a", "x"), ("b", "y")], [("a", "y"), ("b", "x")], [("a", "x"), ("c", "y")],
            [("a", "x"), ("b", "z")], [("ax", "x"), ("b", "y")],
            [("a", "x"), ("b", "y"), ("c", "y")],
        ].map { try table($0).sha256 }
        #expect(Set(digests).count == digests.count)
        #expect(digests.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil })
    }

    @Test func labelsAreInAlphabeticalOrderOrAsGiven() throws {
        let content = "text,label\n1,b\n2,a\n3,c\n".utf8
        #expect(try read("a.csv", content).labels == ["a", "b", "c"])
        let given = try read("a.csv", content, labels: ["c", "unused", "b", "a"])
        #expect(given.labels == ["c", "unused", "b", "a"])
        #expect(given.summary.perLabel == ["a": 1, "b": 1, "c": 1, "unused": 0])
        #expect(given.pairs == [["1", "b"], ["2", "a"], ["3", "c"]])
    }

    @Test func labelsGivenTwiceOrTooFewAreRefused() {
        let content = "text,label\n1,b\n2,b\n"
        #expect(
            complaint("a.csv", content, labels: ["b", "a", "b"])
                == "a.csv: label \"b\" is given twice: expected each label once")
        #expect(complaint("a.csv", content, labels: ["b"]).contains("has one label only, b"))
    }

    @Test func aSetWithoutAnyUsableTextIsRefused() {
        #expect(
            complaint("a.csv", "text,label\na,x\na,y\n")
                == "a.csv: has no usable text: 2 read, none kept")
        #expect(
            complaint("a.csv", "text,label\n ,x\n", labels: ["x", "y"])
                == "a.csv: has no texts; give labelled ones")
    }

    @Test func aTextOfAHundredThousandCharactersIsReadQuickly() throws {
        let long = String(repeating: "电影 \"a\",", count: 15_000)
        let blank = String(repeating: " \u{3000}", count: 50_000)
        let time = try processorTime {
            let dataset = try table([(blank + long + blank, "x"), (blank, "x"), ("b", "y")])
            #expect(dataset.pairs == [[long, "x"], ["b", "y"]])
            #expect(dataset.summary.empty == 1)
        }
        #expect(time < 1)
    }
}
