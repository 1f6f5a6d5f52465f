import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct TextFileTests {
    private func file(_ bytes: [UInt8]) throws -> TextFile {
        try withTemporaryFolder { folder in
            try Data(bytes).write(to: URL(filePath: folder + "/a.txt"))
            return try TextFile(folder + "/a.txt")
        }
    }

    private static let lines: [(text: String, lines: [String])] = [
        ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
        ("\n\n", ["", ""]), ("a\n\nb\r", ["a", "", "b"]), ("a\rb\n", ["a\rb"]), ("\r\n", [""]),
        ("\u{FEFF}a\n", ["a"]), ("\u{FEFF}", []), ("a\u{FEFF}\u{2028}b", ["a\u{FEFF}\u{2028}b"]),
    ]

    @Test(arguments: lines)
    func linesEndWithLFOrCRLF(text: String, expected: [String]) throws {
        let lines = try file(Array(text.utf8)).lines
        #expect(lines.map(Array.init) == expected.map { Array($0.utf8) })
    }

    /// A file is read in pieces; every size about the first piece must come whole.
    @Test func filesOfAnySizeComeWhole() throws {
        for size in [1, 65_535, 65_536, 65_537, 131_072, 300_000] {
            let bytes = (0..<size).map { UInt8(0x20 + $0 % 90) }
            #expect(try file(bytes).bytes == bytes)
        }
    }

    private static let invalid: [(bytes: [UInt8], place: Int)] = [
        ([0x80], 0), ([0x61, 0xFF], 1), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC3], 0),
        ([0xC3, 0x28], 0), ([0xE0, 0x80, 0x80], 0), ([0xE5, 0xA5], 0), ([0xE5, 0xA5, 0x41], 0),
        ([0xED, 0xA0, 0x80], 0), ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF0, 0x9F, 0x98], 0),
        ([0xF0, 0x9F, 0x98, 0x41], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
        ([0xF5, 0x80, 0x80, 0x80], 0), ([0xE5, 0xA5, 0xBD, 0xBD], 3), ([0x61, 0x00, 0x62], 1),
    ]

    @Test func bytesThatAreNoTextAreNamedWithTheirPlace() {
        for (bytes, place) in Self.invalid {
            let hex = String(bytes[place], radix: 16, uppercase: true)
            let expected =
                "byte \(place + 4) of the line (0x\(bytes[place] == 0 ? "0" : "")\(hex)) is not UTF-8 text; convert the file"
            let error = #expect(throws: DataError.self, "\(bytes)") {
                try file(Array("好\nab\r\n好".utf8) + bytes)
            }
            #expect(error?.line == 3)
            #expect(error?.problem.contains(expected) == true, "\(bytes): \(error?.problem ?? "")")
        }
    }

    /// The standard library is the judge.
    @Test func randomBytesAreJudgedAsTheStandardLibraryDoes() {
        var random = RandomGenerator(seed: 22)
        var valid = 0
        for _ in 0..<3000 {
            var bytes = Array(SampleTexts.random(6, using: &random).utf8).filter { $0 != 0 }
            let place = Int(random.next() % UInt64(bytes.count))
            bytes[place] ^= 1 << UInt8(random.next() % 8)
            if bytes.contains(0) { continue }
            let isText = String(validating: bytes, as: UTF8.self) != nil
            valid += isText ? 1 : 0
            #expect((TextFile.firstInvalid(bytes) == nil) == isText, "\(bytes)")
        }
        #expect((300..<2700).contains(valid))
    }

    @Test func anotherEncodingIsNamedInEveryKindOfFile() {
        for mark in [[0xFF, 0xFE], [0xFE, 0xFF]] as [[UInt8]] {
            for name in ["a.csv", "a.tsv", "a.jsonl"] {
                let found = complaint { try MartletDataTests.read(name, mark + [0x61, 0x00]) }
                #expect(
                    found
                        == "\(name): is UTF-16: expected UTF-8; convert it (iconv -f UTF-16 -t UTF-8)"
                )
            }
        }
        // GB 18030 of 好.
        let found = complaint {
            try MartletDataTests.read("a.csv", Array("text,label\na,".utf8) + [0xBA, 0xC3])
        }
        #expect(found.hasPrefix("a.csv:2: byte 3 of the line (0xBA) is not UTF-8 text"))
    }

    /// A link to itself cannot be read by anybody.
    @Test func aFileThatCannotBeOpenedIsNamedWithTheReason() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.csv"
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: "a.csv")
            #expect(
                complaint { try TextDataset.read(path) }
                    == "a.csv: cannot be read: Too many levels of symbolic links; check the path and the permissions"
            )
        }
    }

    @Test(.enabled(if: getuid() != 0, "root may read every file"))
    func aFileWithoutPermissionIsNamed() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.csv"
            try "text,label".write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            #expect(
                complaint { try TextDataset.read(path) }.contains("cannot be read: Permission"))
        }
    }
}
