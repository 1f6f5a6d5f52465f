/// Cases as a file has them: labels by name, missing values as NaN.
struct RawCases {
    /// A case.
    struct Item {
        var line: Int
        var label: String
        var length: Int
        /// The values, `[T, D]`.
        var values: [Double]
        /// Where a step stands in the file, for messages; nil: on the case's own line.
        var lines: [Int]?
    }

    var source: String
    var channels: [String]
    /// The labels in the order in which the file declares them.
    var labels: [String]?
    var cases: [Item] = []

    /// The cases of a file, at least one.
    ///
    /// - Parameter isLabelled: whether there must be labels.
    static func read(
        _ path: String, columns: CaseColumns, isLabelled: Bool
    ) throws(DataError) -> RawCases {
        let raw: RawCases
        switch TextFile.suffix(of: path) {
        case "ts": raw = try TSFile.read(path, isLabelled: isLabelled)
        case "csv", "tsv":
            raw = try CaseTable.read(path, columns: columns, isLabelled: isLabelled)
        default:
            if case .missing(let reason) = FileKind(path) {
                throw DataError(path, "cannot be read: \(reason); check the path")
            }
            throw DataError(path, "is of an unknown kind: expected a .ts, .csv or .tsv file")
        }
        guard !raw.cases.isEmpty else {
            throw DataError(path, "has no cases: expected at least one")
        }
        return raw
    }

    /// Refuses other channels than those that a model was trained on.
    func check(_ expected: [String]) throws(DataError) {
        guard channels.count == expected.count else {
            throw DataError(
                source,
                "has \(channels.count) channels: the model was trained on \(expected.count); give series of those"
            )
        }
        if let place = channels.indices.first(where: { channels[$0] != expected[$0] }) {
            throw DataError(
                source,
                "channel \(place + 1) is \"\(channels[place])\": the model was trained on \"\(expected[place])\" there; rename or reorder the columns"
            )
        }
    }

    /// A number; NaN for a missing value: `?`, or what ``NumberCell`` takes for one.
    ///
    /// - Throws: what is wrong with it, for the end of a message.
    static func number(_ text: Substring) throws(Unusable) -> Double {
        let isMark = { text.filter { !$0.isWhitespace } == "?" }
        guard let value = NumberCell.value(text) ?? (isMark() ? .nan : nil) else {
            throw Unusable(problem: "is \"\(text)\": expected a number, or ? where it is missing")
        }
        guard !(value.magnitude > SeriesDataset.largestValue) else {
            throw Unusable(
                problem: "is \(text): expected at most \(SeriesDataset.largestValue) in size")
        }
        return value
    }

    struct Unusable: Error {
        var problem: String
    }
}

extension RawCases.Item {
    /// The values without missing ones, and how many there were.
    func filled(
        _ rule: MissingValues, _ file: RawCases
    ) throws(DataError) -> (values: [Double], count: Int) {
        guard let first = values.firstIndex(where: \.isNaN) else { return (values, 0) }
        let width = file.channels.count
        if rule == .refuse {
            let (step, channel) = (first / width, first % width)
            throw DataError(
                file.source, line: lines?[step] ?? line,
                "step \(step + 1) of channel \(file.channels[channel]) is missing; fill it, or let --missing interpolate do it"
            )
        }
        var result = values
        var count = 0
        for channel in 0..<width {
            let known = (0..<length).filter { !values[$0 * width + channel].isNaN }
            guard let start = known.first, let end = known.last else {
                throw DataError(
                    file.source, line: line,
                    "all \(length) steps of channel \(file.channels[channel]) are missing; leave the case out"
                )
            }
            var next = 0
            for step in 0..<length {
                if next < known.count, known[next] == step {
                    next += 1
                    continue
                }
                count += 1
                let left = next == 0 ? start : known[next - 1]
                let right = next == known.count ? end : known[next]
                let (a, b) = (values[left * width + channel], values[right * width + channel])
                let share = left == right ? 0 : Double(step - left) / Double(right - left)
                result[step * width + channel] = a + (b - a) * share
            }
        }
        return (result, count)
    }
}
