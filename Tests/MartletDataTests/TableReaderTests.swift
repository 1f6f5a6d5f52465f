import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct TableReaderTests {
    private func dataset(_ content: String, name: String = "a.csv") throws -> Set<[String]> {
        try read(name, content.utf8).pairs
    }

    @Test(arguments: [
        "text,label\na,x\nb,y\n", "text,label\na,x\nb,y", "text,label\r\na,x\r\nb,y\r\n",
        "text,label\r\na,x\r\nb,y", "text,label\r\na,x\r\nb,y\r", "\u{FEFF}text,label\na,x\nb,y\n",
        "\n\r\ntext,label\n\na,x\r\n\r\n\nb,y\n\n",
        "\"text\",\"label\"\n\"a\",\"x\"\n\"b\",\"y\"\n",
        "\u{FEFF}\"text\",\"label\"\r\n\"a\",x\r\nb,\"y\"", "label,id,text\nx,1,a\ny,2,b\n",
        "text,label\n a\t,x\n\u{3000}b\u{A0},y\n",
    ])
    func allSpellingsOfATableAreOne(content: String) throws {
        #expect(try dataset(content) == [["a", "x"], ["b", "y"]])
    }

    @Test func aColumnThatIsThereTwiceIsRefused() {
        #expect(
            errorText { _ = try dataset("text,label,text\na,x,no\nb,y,no\n") }
                .contains("a.csv:1: 2 columns are called \"text\": expected one; rename the others")
        )
    }

    @Test(arguments: [
        ("\"a, b\"", "a, b"), ("\"say \"\"hi\"\"\"", "say \"hi\""), ("\"\"\"\"", "\""),
        ("\"one\ntwo\"", "one\ntwo"), ("\"one\r\n\r\ntwo\"", "one\r\n\r\ntwo"),
        ("5\" disk", "5\" disk"), ("a \"b\" c", "a \"b\" c"), ("a\rb", "a\rb"), ("好，电影", "好，电影"),
        ("\"好\n电影\"", "好\n电影"), ("'a'", "'a'"), ("a;b\tc", "a;b\tc"), ("\" a \"", "a"),
    ])
    func fieldsOfCSVAreUnquoted(field: String, text: String) throws {
        let pairs = try dataset("text,label\n\(field),x\nother,y\n")
        #expect(pairs == [[text, "x"], ["other", "y"]])
    }

    @Test func quotationMarksOfTSVAreCharacters() throws {
        let content = "label\ttext\r\nx\t\"a\" \"b\r\ny\t\"c, d\r\n"
        #expect(
            try dataset(content, name: "a.tsv") == [["\"a\" \"b", "x"], ["\"c, d", "y"]])
    }

    @Test func theEndOfTheNameDecidesInEitherCase() throws {
        #expect(try dataset("text,label\na,x\nb,y\n", name: "A.B.CSV").count == 2)
        #expect(try dataset("text\tlabel\na\tx\nb\ty\n", name: "a.csv.Tsv").count == 2)
    }

    @Test func columnsHaveTheNamesThatAreAskedFor() throws {
        let columns = TextColumns(text: "评论", label: "星")
        let content = "text,星,评论\nno,1,a\nno,5,b\n"
        #expect(
            try read("a.csv", content.utf8, columns: columns).pairs == [["a", "1"], ["b", "5"]])
    }

    /// Any fields come back that were written by the book.
    @Test func randomFieldsComeBack() throws {
        var random = RandomGenerator(seed: 21)
        let rows = (0..<2000).map { row in
            (0..<3).map { _ in
                SampleTexts.random(row % 7, using: &random).replacing("\u{0}", with: "\"\n,")
            }
        }
        let lines = rows.enumerated().map { index, row in
            row.map(quoted).joined(separator: ",") + (index % 2 == 0 ? "\n" : "\r\n")
        }
        try withTemporaryFolder { folder in
            let path = folder + "/a.csv"
            try lines.joined().write(toFile: path, atomically: false, encoding: .utf8)
            var reader = TableReader(try TextFile(path), isTabbed: false)
            for row in rows {
                let fields = try #require(try reader.next()).fields
                #expect(fields.map { Array($0.utf8) } == row.map { Array($0.utf8) })
            }
            #expect(try reader.next() == nil)
        }
    }

    @Test func aRecordHasTheLineItBeginsOn() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.csv"
            try "\n\"a\nb\",c\r\n\r\nd,\"\n\n\"\ne,f".write(
                toFile: path, atomically: false, encoding: .utf8)
            var reader = TableReader(try TextFile(path), isTabbed: false)
            var lines: [Int] = []
            while let record = try reader.next() { lines.append(record.line) }
            #expect(lines == [2, 5, 8])
        }
    }

    @Test(
        arguments: [
            ("", "a.csv: is empty"), ("\n\r\n", "a.csv: is empty"),
            (
                "review,stars\na,x\n",
                "a.csv:1: no column \"text\"; there are \"review\", \"stars\"; choose one with --text-column"
            ),
            (
                "\ntext,Label\na,x\n",
                "a.csv:2: no column \"label\"; there are \"text\", \"Label\"; choose one with --label-column"
            ),
            ("text;label\na;x\n", "a.csv:1: no column \"text\"; there are \"text;label\";"),
            ("text,label\na,x\nb\n", "a.csv:3: has 1 field: expected 2, as in the first line"),
            (
                "text,label\n\"a\nb\",x\nc,y,z\n",
                "a.csv:4: has 3 fields: expected 2, as in the first line"
            ),
            (
                "text,label\na,x\n\"b\nc,y\n",
                "a.csv:3: a quoted field that begins here never ends; close it"
            ),
            ("text,label\n\"a\"b,x\n", "a.csv:2: text follows a closing quotation mark"),
            ("text,label\n\"a\" ,x\n", "a.csv:2: text follows a closing quotation mark"),
            ("text,label\na,x\nb, \n", "a.csv:3: the label is empty"),
            ("text,label\na,x\nb,\"\"\n", "a.csv:3: the label is empty"),
            ("text,label\n", "a.csv: has no texts; give labelled ones"),
            ("text,label\n  ,x\n\u{3000},y\n", "a.csv: has no texts; give labelled ones"),
            (
                "text,label\na,x\nb,x\n",
                "a.csv: has one label only, x: expected 2 … 1000 different ones"
            ),
        ] as [(String, String)])
    func aTableThatIsWrongIsNamedWithItsLine(content: String, expected: String) {
        let found = complaint("a.csv", content)
        #expect(found.contains(expected), "\(found)")
    }

    @Test func aRaggedLineOfTSVIsNamed() {
        let found = complaint("a.tsv", "text\tlabel\na b\tx\n\"b\ty\tz\n")
        #expect(found == "a.tsv:3: has 3 fields: expected 2, as in the first line")
    }

    @Test func aLabelThatIsNotKnownIsNamed() {
        let content = "text,label\na,bad\n\"b\n\",good\nc,Good\n"
        let found = complaint("a.csv", content, labels: ["good", "bad"])
        #expect(found == "a.csv:5: label \"Good\" is not one of bad, good")
    }

    @Test func moreThanAThousandLabelsAreRefused() {
        let rows = (0...1000).map { "t\($0),l\($0)\n" }.joined()
        let found = complaint("a.csv", "text,label\n" + rows)
        #expect(found == "a.csv: has 1001 different labels (l0, l1, l10…): expected 2 … 1000")
    }
}
