import Foundation
import Testing

/// Whether the list of operations is complete: read from the sources, where each operation is named once.
///
/// An operation records itself under a literal, `recorded("name"`, or hands the literal to a helper that
/// takes `_ name: StaticString` first.
@Suite struct OperationListTests {
    /// The sources of the module.
    private func sources() throws -> [(file: String, text: String)] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/MartletTensor")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try files.filter { $0.hasSuffix(".swift") }.sorted().map { file in
            (file, try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8))
        }
    }

    @Test func everyOperationInTheSourcesIsTested() throws {
        let listed = Set(operationCases.map(\.name)).union(["cast"])
        var named: Set<String> = []
        for (file, text) in try sources() {
            var recorders = ["recorded", "record"]
            for match in text.matches(of: /func (\w+)\(\s*_ name: StaticString/) {
                // A helper that records nothing only names its operation in messages.
                let body = text[match.range.upperBound...]
                let end = body.range(of: "\n    }\n")?.lowerBound ?? body.endIndex
                if body[..<end].contains("recorded(name,") { recorders.append(String(match.1)) }
            }
            for match in text.matches(of: /(\w+)\(\s*"(\w+)"/)
            where recorders.contains(String(match.1)) {
                named.insert(String(match.2))
            }
            // What is recorded under something else than a literal is in such a helper.
            for match in text.matches(of: /\.record(?:ed)?\(\s*(\w+)[,)]/) {
                #expect(["name", "operation"].contains(match.1), "\(file): recorded(\(match.1)")
            }
        }
        #expect(named.count > 50)
        #expect(
            named.subtracting(listed) == [], "operations without a line in OperationCases.swift")
    }
}
