import MartletData
import Testing

@Suite struct JSONLinesTests {
    @Test(arguments: [
        "{\"text\": \"a\", \"label\": \"x\"}\n{\"label\": \"y\", \"text\": \"b\"}\n",
        "\u{FEFF}{\"text\":\"a\",\"label\":\"x\"}\r\n\r\n  {\"text\":\"b\",\"label\":\"y\"}",
        "{\"id\": [1, {\"text\": \"no\"}], \"text\": \"a\", \"label\": \"x\", \"more\": null}\n \t\n"
            + "{\"text\": \" \\u0062\\n\", \"label\": \"\\u0079\"}\n",
    ])
    func allSpellingsOfTheRecordsAreOne(content: String) throws {
        for name in ["a.jsonl", "a.ndjson", "a.JSONL"] {
            #expect(try read(name, content.utf8).pairs == [["a", "x"], ["b", "y"]])
        }
    }

    @Test func escapesGiveTheirCharacters() throws {
        let content = """
            {"text": "a\\nb \\ud83d\\ude00 \\"q\\" 好", "label": "x"}
            {"text": "c", "label": "y"}
            """
        #expect(try read("a.jsonl", content.utf8).pairs.contains(["a\nb 😀 \"q\" 好", "x"]))
    }

    @Test func numbersAndTruthValuesAreLabelsToo() throws {
        let content = """
            {"text": "a", "label": 0}
            {"text": "b", "label": 1}
            {"text": "c", "label": true}
            {"text": "d", "label": false}
            {"text": "e", "label": -1.5}
            """
        #expect(try read("a.jsonl", content.utf8).labels == ["-1.5", "0", "1", "false", "true"])
    }

    @Test func keysHaveTheNamesThatAreAskedFor() throws {
        let columns = TextColumns(text: "评论", label: "stars")
        let content = "{\"评论\":\"a\",\"stars\":1}\n{\"评论\":\"b\",\"stars\":5,\"text\":\"no\"}"
        let dataset = try read("a.jsonl", content.utf8, columns: columns)
        #expect(dataset.pairs == [["a", "1"], ["b", "5"]])
    }

    private static let good = "{\"text\": \"a\", \"label\": \"x\"}\n"

    /// What follows a good line, and the complaint about it.
    private static let broken: [(line: String, complaint: String)] = [
        ("\n{\"text\": \"b\", \"label\": \"y\"", "a.jsonl:3: byte 27: expected '}'"),
        ("{\"text\": \"b", "a.jsonl:2: byte 12: a string without an end"),
        ("b,y\n", "a.jsonl:2: byte 1: expected '{': expected an object such as {\"text\""),
        ("[\"b\", \"y\"]\n", "a.jsonl:2: byte 1: expected '{'"),
        ("{\"text\": \"b\", \"label\": \"y\"} {}\n", "a.jsonl:2: byte 29: expected the end"),
        ("{\"text\": 7, \"label\": \"y\"}\n", "a.jsonl:2: byte 10: expected a string"),
        ("{\"text\": null, \"label\": \"y\"}", "a.jsonl:2: byte 10: expected a string"),
        ("{\"text\": \"b\", \"label\": [1]}", "a.jsonl:2: byte 24: expected a number"),
        ("{\"text\": \"\\ud83d\", \"label\": 1}", "a.jsonl:2: byte 17: half a surrogate pair"),
        ("{\"label\": \"y\"}\n", "a.jsonl:2: the object has no \"text\"; choose the keys with"),
        ("{\"text\": \"b\"}\n", "a.jsonl:2: the object has no \"label\"; choose the keys"),
        ("{\"text\": \"b\", \"label\": \" \"}\n", "a.jsonl:2: the label is empty"),
        ("{\"a\":" + String(repeating: "[", count: 100_000), "a.jsonl:2: byte 70: nested too"),
        ("", "a.jsonl: has one label only, x: expected 2 … 1000 different ones"),
    ]

    @Test func aLineThatIsWrongIsNamed() {
        for (line, expected) in Self.broken {
            let found = complaint("a.jsonl", Self.good + line)
            #expect(found.contains(expected))
        }
    }

    @Test(arguments: ["", "\n \r\n\t\n", "\u{FEFF}"])
    func aFileWithoutARecordIsNamed(content: String) {
        #expect(complaint("a.jsonl", content) == "a.jsonl: is empty")
    }

    @Test func theErrorNamesTheKeysThatWereAskedFor() {
        let columns = TextColumns(text: "review", label: "stars")
        let found = complaint("a.jsonl", "x", columns: columns)
        #expect(found.hasSuffix("expected an object such as {\"review\": \"…\", \"stars\": \"…\"}"))
    }

    @Test func aLabelThatIsNotKnownIsNamed() {
        let content = Self.good + "\n{\"text\": \"b\", \"label\": 3}"
        let found = complaint("a.jsonl", content, labels: ["y", "x"])
        #expect(found == "a.jsonl:3: label \"3\" is not one of x, y")
    }
}
