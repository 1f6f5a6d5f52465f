import Foundation
import Testing

/// Checks that the Swift pieces of a page are those that a test file runs, one for one: what stands there between
/// `// lesson: name` and `// lesson: end`.
func expectShown(
    _ page: String, codeIn file: String, at location: SourceLocation = #_sourceLocation
) throws {
    let here = URL(filePath: file)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
    func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }
    var pieces: [[String]] = []
    var open: [String]?
    for line in lines(try String(contentsOf: here, encoding: .utf8)) {
        if line == "// lesson: end" {
            if let open { pieces.append(open) }
            open = nil
        } else if line.hasPrefix("// lesson: ") {
            open = []
        } else {
            open?.append(line)
        }
    }
    let shown = text.components(separatedBy: "```swift\n").dropFirst().map {
        lines($0.components(separatedBy: "```")[0])
    }
    #expect(!shown.isEmpty, sourceLocation: location)
    // In any order: a page tells it as it is understood best.
    func sorted(_ pieces: [[String]]) -> [String] {
        pieces.map { $0.joined(separator: "\n") }.sorted()
    }
    #expect(sorted(pieces) == sorted(shown), sourceLocation: location)
}
