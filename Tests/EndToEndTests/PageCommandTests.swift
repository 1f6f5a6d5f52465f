import Foundation
import MartletTestSupport
import Testing

/// The commands of pages of the documentation, and what they print.
@Suite struct PageCommandTests {
    /// Every `console` block, in order, in one folder: lines after `$ ` are typed, the others are the answer.
    @Test(arguments: ["Learn/06-tokens.md", "Guides/score-texts.md"])
    func aPagesCommandsPrintWhatItShows(name: String) throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Documentation/\(name)")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```console\n").dropFirst().map {
            $0.components(separatedBy: "```")[0].split(
                separator: "\n", omittingEmptySubsequences: false)
        }
        #expect(blocks.count >= 3)
        try withTemporaryFolder { folder in
            for lines in blocks {
                var lines = lines[...]
                while let line = lines.popFirst() {
                    guard line.hasPrefix("$ ") else { continue }
                    let wanted = lines.prefix { !$0.hasPrefix("$ ") }
                    lines = lines.dropFirst(wanted.count)
                    let command = line.dropFirst(2).replacing("martlet ", with: "\"$martlet\" ")
                    let outcome = try shell("cd '\(folder)' && \(command)")
                    #expect(outcome.code == 0, "\(line): \(outcome.errors)")
                    #expect(
                        Self.trimmed(outcome.output)
                            == Self.trimmed(wanted.joined(separator: "\n")), "\(line)")
                }
            }
        }
    }

    /// Without the ends of lines at the end, and without spaces at the end of lines.
    private static func trimmed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
}
