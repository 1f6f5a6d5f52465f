import Foundation
import MartletData
import MartletTestSupport
import Testing

/// Labelled series from `.ts` files and tables.
@Suite struct LabelledSeriesTests {
    /// Reads a file of this name and content from a fresh folder.
    private func read(
        _ name: String, _ content: String, columns: CaseColumns = CaseColumns(),
        missing: MissingValues = .refuse, labels: [String]? = nil, channels: [String]? = nil
    ) throws -> SeriesDataset {
        try withTemporaryFolder { folder in
            let path = folder + "/" + name
            try Data(content.utf8).write(to: URL(filePath: path))
            return try SeriesDataset.read(
                path, columns: columns, missing: missing, labels: labels, channels: channels)
        }
    }

    /// What reading complains about, without the folder in front.
    private func complaint(
        _ name: String, _ content: String, columns: CaseColumns = CaseColumns(),
        missing: MissingValues = .refuse, labels: [String]? = nil, channels: [String]? = nil
    ) -> String {
        do {
            let dataset = try read(
                name, content, columns: columns, missing: missing, labels: labels,
                channels: channels)
            return "read \(dataset.cases.count) cases"
        } catch let error as DataError {
            let name = error.path.split(separator: "/").last ?? ""
            return error.description.replacingOccurrences(of: error.path, with: name)
        } catch {
            return "not a DataError: \(error)"
        }
    }

    private let head = """
        # A comment: with a colon
        @problemName Two
        @timeStamps false
        @missing false
        @univariate false
        @dimensions 2
        @equalLength false
        @classLabel true up down
        @data

        """

    private let table = """
        case,label,x,y
        a,up,1,10
        a,up,2,20
        b,down,3,30

        """

    @Test func aTSFileHasChannelsBesideEachOther() throws {
        let dataset = try read("two.ts", head + "1,2,3:10,20,30:up\n4.5:-1e-2:down\n")
        #expect(dataset.labels == ["up", "down"] && dataset.channels == ["1", "2"])
        #expect(dataset.cases.map(\.length) == [3, 1] && dataset.lengths == 1...3)
        #expect(dataset.cases[0].values == [1, 10, 2, 20, 3, 30])
        #expect(dataset.cases[1].values == [4.5, -0.01])
        #expect(dataset.cases.map(\.label) == [0, 1] && dataset.cases.map(\.line) == [10, 11])
    }

    @Test func aTableHasARowForEachStep() throws {
        let dataset = try read("two.csv", table)
        #expect(dataset.labels == ["down", "up"] && dataset.channels == ["x", "y"])
        #expect(dataset.cases.map(\.values) == [[1, 10, 2, 20], [3, 30]])
        #expect(dataset.cases.map(\.label) == [1, 0])
        let one = try read("two.csv", table, columns: CaseColumns(channels: ["y"]))
        #expect(one.channels == ["y"] && one.cases.map(\.values) == [[10, 20], [30]])
        let tabs = try read("two.tsv", table.replacingOccurrences(of: ",", with: "\t"))
        #expect(tabs.cases == dataset.cases && tabs.sha256 == dataset.sha256)
        #expect(one.sha256 != dataset.sha256)
    }

    @Test func whatIsWrongWithATSFileIsNamedByLineAndPlace() {
        let good = "1:2:up\n"
        let cases: [(String, String)] = [
            (
                head + good + "1,x:2,3:up\n",
                "f.ts:11: value 2 of dimension 1 is \"x\": expected a number"
            ),
            (head + good + "1,2:2:up\n", "f.ts:11: dimension 2 has 1 values, dimension 1 has 2"),
            (
                head + good + "1:2:sideways\n",
                "f.ts:11: label \"sideways\" is not one of those that @classLabel declares: up, down"
            ),
            (head + good + "1:2:3:up\n", "f.ts:11: has 3 dimensions and a label: expected 2"),
            (head + good + "1\n", "f.ts:11: has no \":\""),
            (
                head + good + "1:?:down\n",
                "f.ts:11: value 1 of dimension 2 is \"?\": @missing says that nothing is missing"
            ),
            (
                head + good + "1:1e308:down\n",
                "f.ts:11: value 1 of dimension 2 is 1e308: expected at most"
            ),
            (
                head + good + "1:inf:down\n",
                "f.ts:11: value 1 of dimension 2 is inf: expected at most"
            ),
            (head + good + "1:NaN:down\n", "f.ts:11: step 1 of channel 2 is missing"),
            (head + good, "f.ts: has one label only, up"),
            (head, "f.ts: has no cases"),
            ("", "f.ts: has no line @data"),
            ("1:2:up\n", "f.ts:1: comes before @data"),
            ("@data\n1:2\n", "f.ts:1: @data begins without @classLabel"),
            ("@timeStamps true\n", "f.ts:1: @timeStamps is true"),
            ("@classLabel true a a\n", "f.ts:1: label \"a\" is declared twice"),
            ("@classLabel false\n", "f.ts:1: @classLabel is false"),
            ("@dimensions none\n", "f.ts:1: @dimensions is \"none\": expected a number"),
            ("@univariate maybe\n", "f.ts:1: @univariate is \"maybe\": expected true or false"),
            (
                "@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n1,2:a\n",
                "f.ts:5: has 2 values: @seriesLength says 3"
            ),
        ]
        for (content, expected) in cases {
            let found = complaint("f.ts", content)
            #expect(found.hasPrefix(expected), "\(found)")
        }
    }

    @Test func whatIsWrongWithATableIsNamedByLineAndColumn() {
        let cases: [(String, String)] = [
            ("", "f.csv: is empty"),
            (
                "case,x\na,1\n",
                "f.csv:1: no column \"label\"; there are \"case\", \"x\"; choose one with --label-column"
            ),
            ("case,label\na,up\n", "f.csv:1: there is no column beside case and label"),
            ("case,label,x,x\n", "f.csv:1: 2 columns are called \"x\": expected one"),
            (
                table + " ,up,1,2\n",
                "f.csv:5: column \"case\" is empty: expected the name of a case"
            ),
            (table + "c,,1,2\n", "f.csv:5: column \"label\" is empty: expected a label"),
            (table + "c,up,one,2\n", "f.csv:5: column \"x\" is \"one\": expected a number"),
            (table + "c,up,1\n", "f.csv:5: has 3 fields: expected 4"),
            (
                table + "a,up,1,2\n",
                "f.csv:5: case \"a\", which began on line 2, goes on after another"
            ),
            (
                table + "b,up,1,2\n",
                "f.csv:5: case \"b\" has the label \"up\" here and \"down\" on line 4"
            ),
            (table + "c,up,1,1e308\n", "f.csv:5: column \"y\" is 1e308: expected at most"),
            (
                table + "b,down,,2\n",
                "f.csv:5: step 2 of channel x is missing; fill it, or let --missing interpolate"
            ),
            ("case,label,x\na,up,1\n", "f.csv: has one label only, up"),
        ]
        for (content, expected) in cases {
            let found = complaint("f.csv", content)
            #expect(found.hasPrefix(expected), "\(found)")
        }
        #expect(
            complaint("f.csv", table, columns: CaseColumns(channels: ["z"])).contains(
                "no column \"z\""))
        #expect(
            complaint("f.csv", table, columns: CaseColumns(channels: ["x", "label"])).contains(
                "column \"label\" is named twice among --case-column, --label-column and --channels"
            ))
        #expect(
            complaint("f.txt", table).contains(
                "is of an unknown kind: expected a .ts, .csv or .tsv"))
    }

    @Test func whatDoesNotFitTheModelIsRefused() {
        #expect(
            complaint("f.csv", table, labels: ["up", "left"])
                == "f.csv:4: label \"down\" is not one of up, left")
        #expect(
            complaint("f.csv", table, channels: ["x"]).contains(
                "has 2 channels: the model was trained on 1"))
        #expect(
            complaint("f.csv", table, channels: ["x", "z"]).contains(
                "channel 2 is \"y\": the model was trained on \"z\" there"))
        #expect(
            complaint("f.csv", table, labels: ["up", "down"], channels: ["x", "y"])
                == "read 2 cases")
    }

    @Test func missingValuesAreInterpolatedWhereOneAsksForIt() throws {
        let body = "?,1,?,?,4,NaN:1,1,1,1,1,1:up\n1:2:down\n"
        let content = head.replacingOccurrences(of: "@missing false", with: "@missing true") + body
        let dataset = try read("f.ts", content, missing: .interpolate)
        let channel = stride(from: 0, to: 12, by: 2).map { dataset.cases[0].values[$0] }
        #expect(channel == [1, 1, 2, 3, 4, 4] && dataset.interpolated == 4)
        #expect(complaint("f.ts", content).contains("f.ts:10: step 1 of channel 1 is missing"))
        let none = content.replacingOccurrences(of: "1:2:down", with: "?:2:down")
        #expect(
            complaint("f.ts", none, missing: .interpolate).contains(
                "f.ts:11: all 1 steps of channel 1 are missing"))
    }

    @Test(arguments: ["", "?", " ? ", "NA", "n/a", "NaN", "NAN", "null"])
    func cellsWithoutAValueAreMissing(cell: String) throws {
        let content = table + "b,down,\(cell),2\nb,down, 5 ,2\n"
        #expect(complaint("f.csv", content).contains("f.csv:5: step 2 of channel x is missing"))
        let dataset = try read("f.csv", content, missing: .interpolate)
        #expect(dataset.cases[1].values == [3, 30, 4, 2, 5, 2] && dataset.interpolated == 1)
    }

    @Test func unlabelledCasesAreReadWithOrWithoutLabels() throws {
        try withTemporaryFolder { folder in
            func unlabelled(_ name: String, _ content: String) throws -> [SeriesCase] {
                try Data(content.utf8).write(to: URL(filePath: folder + "/" + name))
                return try SeriesDataset.unlabelled(folder + "/" + name, channels: ["x"])
            }
            let plain = try unlabelled("a.csv", "case,x\na,1\na,2\nb,3\n")
            #expect(plain.map(\.values) == [[1, 2], [3]] && plain.allSatisfy { $0.label == -1 })
            let labelled = try unlabelled("b.csv", "case,label,x\na,what,1\na,what,2\nb,ever,3\n")
            #expect(labelled == plain)
            // They are not looked at: nor whether they agree.
            let mixed = try unlabelled("c.csv", "case,label,x\na,what,1\na,,2\nb,ever,3\n")
            #expect(mixed == plain)
        }
    }

    @Test func theSplitTakesOneInSoManyOfEachLabel() throws {
        var content = "case,label,x\n"
        for place in 0..<30 { content += "c\(place),\(place % 3 == 0 ? "up" : "down"),\(place)\n" }
        let dataset = try read("f.csv", content)
        var seen: [Double] = []
        for fold in 0..<5 {
            let (training, validation) = dataset.split(folds: 5, fold: fold)
            #expect(training.count == 24 && validation.count == 6)
            #expect(validation.count { dataset.labels[$0.label] == "up" } == 2)
            #expect(Set(training.map(\.line)).isDisjoint(with: validation.map(\.line)))
            seen += validation.map { $0.values[0] }
        }
        #expect(seen.sorted() == (0..<30).map(Double.init))
        // The order of the rows does not matter.
        let lines = content.split(separator: "\n").map(String.init)
        let turned = try read(
            "f.csv", ([lines[0]] + lines[1...].reversed()).joined(separator: "\n"))
        #expect(
            Set(turned.split(folds: 5, fold: 2).validation.map { $0.values[0] })
                == Set(dataset.split(folds: 5, fold: 2).validation.map { $0.values[0] }))
        #expect(dataset.split(folds: 0, fold: 0).training.count == 30)
    }
}
