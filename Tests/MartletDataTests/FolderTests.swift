import Foundation
import MartletData
import MartletTestSupport
import Testing

@Suite struct FolderTests {
    @Test func aLineIsATextAndItsFileTheLabel() throws {
        let dataset = try readFolder(
            positive: "\u{FEFF} good, \"very\" \r\n\r\nfine", negative: "bad\n\n\u{3000}poor\t\n")
        #expect(dataset.labels == ["negative", "positive"])
        #expect(
            dataset.pairs == [
                ["good, \"very\"", "positive"], ["fine", "positive"], ["bad", "negative"],
                ["poor", "negative"],
            ])
        #expect(dataset.summary.read == 6 && dataset.summary.empty == 2)
    }

    @Test func labelsOfChineseTextsAreChinese() throws {
        #expect(try readFolder(positive: "很好看", negative: "不好看").labels == ["消极", "积极"])
    }

    @Test func givenLabelsAreNegativeThenPositive() throws {
        let dataset = try readFolder(positive: "good", negative: "bad", labels: ["no", "yes"])
        #expect(dataset.labels == ["no", "yes"])
        #expect(dataset.pairs == [["good", "yes"], ["bad", "no"]])
    }

    @Test func aSlashAtTheEndAndADotInTheNameDoNotMatter() throws {
        try withTemporaryFolder { folder in
            let data = folder + "/my.data"
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: false)
            try "a".write(toFile: data + "/pos.txt", atomically: false, encoding: .utf8)
            try "b".write(toFile: data + "/neg.txt", atomically: false, encoding: .utf8)
            #expect(try TextDataset.read(data).examples.count == 2)
            #expect(try TextDataset.read(data + "/").examples.count == 2)
        }
    }

    @Test func absentFilesAreNamed() throws {
        try withTemporaryFolder { folder in
            let name = folder.split(separator: "/").last ?? ""
            #expect(
                complaint { try TextDataset.read(folder) }
                    == "\(name): has no neg.txt and no pos.txt: expected pos.txt and neg.txt with a text a line"
            )
            try "a".write(toFile: folder + "/neg.txt", atomically: false, encoding: .utf8)
            #expect(
                complaint { try TextDataset.read(folder) }.contains(": has no pos.txt: expected"))
        }
    }

    @Test func aFolderInPlaceOfAFileIsNamed() throws {
        try withTemporaryFolder { folder in
            try "a".write(toFile: folder + "/neg.txt", atomically: false, encoding: .utf8)
            for name in ["/pos.txt", "/a.csv", "/a.tsv", "/a.jsonl"] {
                try FileManager.default.createDirectory(
                    atPath: folder + name, withIntermediateDirectories: false)
            }
            #expect(
                complaint { try TextDataset.read(folder) }
                    == "pos.txt: is a folder: expected a file")
            for name in ["a.csv", "a.tsv", "a.jsonl"] {
                #expect(
                    complaint { try TextDataset.read(folder + "/" + name) }
                        == "\(name): is a folder: expected a file")
            }
        }
    }

    @Test(arguments: ["none", "none.csv", "none.tsv", "none.jsonl", "none/none.csv"])
    func aPathToNothingIsNamed(path: String) throws {
        try withTemporaryFolder { folder in
            let found = complaint { try TextDataset.read(folder + "/" + path) }
            let name = path.split(separator: "/").last!
            #expect(found.hasPrefix("\(name): cannot be read: No such file or directory; check"))
        }
    }

    @Test func anotherKindOfFileIsNamed() {
        for name in ["a.txt", "reviews", "a.csv.gz"] {
            #expect(
                complaint(name, "good\n")
                    == "\(name): is of an unknown kind: expected a folder with pos.txt and neg.txt, or a .csv, .tsv or .jsonl file"
            )
        }
    }

    @Test func anEmptyFileOfAFolderIsNamed() {
        #expect(
            complaint { try readFolder(positive: "", negative: "a") }
                == "pos.txt: is empty: expected a text a line")
        #expect(
            complaint { try readFolder(positive: "a", negative: " \n\u{3000}\r\n") }
                == "neg.txt: is empty: expected a text a line")
    }

    /// When the labels are known beforehand, texts of one of them alone can still be judged.
    @Test func withGivenLabelsOneFileMayBeEmpty() throws {
        let dataset = try readFolder(positive: "", negative: "a", labels: ["no", "yes"])
        #expect(dataset.summary.perLabel == ["no": 1, "yes": 0])
    }

    @Test func anotherNumberOfLabelsThanTwoIsRefused() {
        let found = complaint {
            try readFolder(positive: "a", negative: "b", labels: ["1", "2", "3"])
        }
        #expect(
            found.contains("holds two labels, negative and positive: expected the 3 labels 1, 2, 3")
        )
    }

    @Test func aLabelGivenTwiceIsRefused() {
        let found = complaint { try readFolder(positive: "a", negative: "b", labels: ["x", "x"]) }
        #expect(found.contains("label \"x\" is given twice"))
    }
}
