/// Reads a `.ts` file, the format of aeon and sktime.
///
/// ```text
/// # comments
/// @problemName JapaneseVowels        what does not concern the data is passed over
/// @univariate false
/// @dimensions 12
/// @equalLength false
/// @classLabel true 1 2 3
/// @data
/// 1.86,1.89,?:-0.21,-0.19,0.02:1      a case: its dimensions, and at last its label
/// ```
struct TSFile {
    private var dimensions: Int?
    private var seriesLength: Int?
    private var isEqualLength = false
    private var hasMissing: Bool?
    private var labels: [String]?
    /// Whether each case ends with a label.
    private var hasLabels = false
    /// Whether there must be labels, and all of them declared.
    private let isLabelled: Bool

    private init(isLabelled: Bool) {
        self.isLabelled = isLabelled
    }

    /// The cases of a file.
    static func read(_ path: String, isLabelled: Bool) throws(DataError) -> RawCases {
        let lines = try TextFile(path).lines
        var header = TSFile(isLabelled: isLabelled)
        var cases: RawCases?
        for (place, bytes) in lines.enumerated() {
            let text = trimmed(bytes)
            guard let first = text.first, first != "#" else { continue }
            if cases != nil {
                try header.add(text, DataLine(path: path, line: place + 1), to: &cases!)
            } else if first == "@" {
                let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
                if words[0].lowercased() == "@data" {
                    guard header.hasLabels || !isLabelled else {
                        throw DataError(
                            path, line: place + 1,
                            "@data begins without @classLabel true …: expected the labels before it"
                        )
                    }
                    cases = RawCases(source: path, channels: [], labels: header.labels)
                } else {
                    try header.take(words, DataLine(path: path, line: place + 1))
                }
            } else {
                throw DataError(
                    path, line: place + 1,
                    "comes before @data: expected a line that begins with @ or #")
            }
        }
        guard let cases else {
            throw DataError(path, "has no line @data: expected a .ts file (aeon, sktime)")
        }
        return cases
    }

    /// A place in a file.
    private struct DataLine {
        var path: String
        var line: Int

        func error(_ problem: String) -> DataError { DataError(path, line: line, problem) }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> Substring {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return Substring(decoding: rest, as: UTF8.self)
    }

    // MARK: Header

    private mutating func take(_ words: [String], _ place: DataLine) throws(DataError) {
        switch words[0].lowercased() {
        case "@timestamps":
            if try Self.flag(words, place) {
                throw place.error(
                    "@timeStamps is true: series with a time at each value are not read; give steps of equal distance"
                )
            }
        case "@missing": hasMissing = try Self.flag(words, place)
        case "@univariate": if try Self.flag(words, place) { dimensions = 1 }
        case "@equallength": isEqualLength = try Self.flag(words, place)
        case "@dimension", "@dimensions": dimensions = try Self.count(words, place)
        case "@serieslength": seriesLength = try Self.count(words, place)
        case "@classlabel":
            hasLabels = try Self.flag(words, place)
            guard hasLabels else {
                if !isLabelled { break }
                throw place.error("@classLabel is false: expected cases with labels")
            }
            let names = Array(words.dropFirst(2))
            guard !names.isEmpty else {
                throw place.error("@classLabel true names no labels: expected them on this line")
            }
            if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
                throw place.error("label \"\(names[twice])\" is declared twice")
            }
            labels = names
        case "@targetlabel":
            if try Self.flag(words, place) {
                throw place.error("@targetLabel is true: a number to be told is not a label")
            }
        default: break
        }
    }

    private static func flag(_ words: [String], _ place: DataLine) throws(DataError) -> Bool {
        switch words.count > 1 ? words[1].lowercased() : "" {
        case "true": return true
        case "false": return false
        default:
            throw place.error(
                "\(words[0]) is \"\(words.dropFirst().joined(separator: " "))\": expected true or false"
            )
        }
    }

    private static func count(_ words: [String], _ place: DataLine) throws(DataError) -> Int {
        guard words.count == 2, let count = Int(words[1]), count > 0 else {
            throw place.error(
                "\(words[0]) is \"\(words.dropFirst().joined(separator: " "))\": expected a number of at least 1"
            )
        }
        return count
    }

    // MARK: Data

    private func add(
        _ text: Substring, _ place: DataLine, to cases: inout RawCases
    ) throws(DataError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let found = parts.count - (hasLabels ? 1 : 0)
        guard found >= 1 else {
            throw place.error(
                "has no \":\" with a label behind it: expected dimensions and a label")
        }
        let expected = dimensions ?? (cases.cases.isEmpty ? found : cases.channels.count)
        guard found == expected else {
            throw place.error(
                "has \(found) dimensions\(hasLabels ? " and a label" : ""): expected \(expected) dimensions"
            )
        }
        if cases.channels.isEmpty { cases.channels = (1...expected).map(String.init) }
        let label = hasLabels ? String(parts[expected]) : ""
        guard !isLabelled || labels?.contains(label) ?? false else {
            throw place.error(
                "label \"\(label)\" is not one of those that @classLabel declares: \((labels ?? []).joined(separator: ", "))"
            )
        }
        var channels: [[Double]] = []
        for (dimension, part) in parts.prefix(expected).enumerated() {
            let values = try numbers(part, dimension + 1, place)
            if let length = channels.first?.count, values.count != length {
                throw place.error(
                    "dimension \(dimension + 1) has \(values.count) values, dimension 1 has \(length): expected as many"
                )
            }
            channels.append(values)
        }
        let length = channels[0].count
        if isEqualLength, let seriesLength, length != seriesLength {
            throw place.error("has \(length) values: @seriesLength says \(seriesLength)")
        }
        let values = (0..<length).flatMap { step in channels.map { $0[step] } }
        cases.cases.append(
            RawCases.Item(line: place.line, label: label, length: length, values: values))
    }

    /// The values of a dimension.
    private func numbers(
        _ part: Substring, _ dimension: Int, _ place: DataLine
    ) throws(DataError) -> [Double] {
        var values: [Double] = []
        for text in part.split(separator: ",", omittingEmptySubsequences: false) {
            let name = "value \(values.count + 1) of dimension \(dimension)"
            do throws(RawCases.Unusable) {
                let value = try RawCases.number(text)
                if value.isNaN, hasMissing == false, text != "NaN", text != "nan" {
                    throw RawCases.Unusable(
                        problem: "is \"\(text)\": @missing says that nothing is missing")
                }
                values.append(value)
            } catch {
                throw place.error("\(name) \(error.problem)")
            }
        }
        return values
    }
}
