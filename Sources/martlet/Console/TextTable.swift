/// Columns under each other, two spaces between them.
enum TextTable {
    /// The lines of a table.
    ///
    /// - Parameters:
    ///   - rows: the cells, row by row, as many in each.
    ///   - left: the columns that begin under each other; the others end so.
    static func lines(_ rows: [[String]], left: Set<Int> = [0]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - DisplayWidth.of(text))
                return left.contains(column) ? text + space : space + text
            }
            return cells.joined(separator: "  ").trimmingEnd()
        }
    }
}

extension String {
    /// The text without spaces at its end.
    fileprivate func trimmingEnd() -> String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
