import Crypto

/// Labelled series of many channels and different lengths, in the order of the file.
public struct SeriesDataset: Sendable {
    /// The file.
    public let source: String
    /// The labels: in the order in which a `.ts` file declares them, else in alphabetical order.
    public let labels: [String]
    /// The names of the channels.
    public let channels: [String]
    /// The cases.
    public let cases: [SeriesCase]
    /// The number of missing values that were interpolated.
    public let interpolated: Int
    /// The SHA-256 of all cases in order, in hexadecimal: equal for equal data.
    public let sha256: String

    /// The steps of the shortest and of the longest case.
    public var lengths: ClosedRange<Int> {
        let lengths = cases.map(\.length)
        return (lengths.min() ?? 0)...(lengths.max() ?? 0)
    }

    /// The largest size of a value: beyond it squares and sums are no numbers in float32 any more.
    public static let largestValue = 1e18

    /// Reads a `.ts`, `.csv` or `.tsv` file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - columns: what the columns of a table are.
    ///   - missing: what to do about missing values.
    ///   - labels: the labels there may be; nil: those of the cases.
    ///   - channels: the names of the channels that there must be; nil: those of the file.
    /// - Throws: ``DataError`` with file, line, and channel or column.
    public static func read(
        _ path: String, columns: CaseColumns = CaseColumns(), missing: MissingValues = .refuse,
        labels: [String]? = nil, channels: [String]? = nil
    ) throws(DataError) -> SeriesDataset {
        let raw = try RawCases.read(path, columns: columns, isLabelled: true)
        if let channels { try raw.check(channels) }
        return try SeriesDataset(raw, missing, labels)
    }

    /// Reads cases to be told the labels of; where the file has labels they are not looked at, and each case's is −1.
    ///
    /// - Throws: ``DataError``, as ``read(_:columns:missing:labels:channels:)``.
    public static func unlabelled(
        _ path: String, columns: CaseColumns = CaseColumns(), missing: MissingValues = .refuse,
        channels: [String]
    ) throws(DataError) -> [SeriesCase] {
        let raw = try RawCases.read(path, columns: columns, isLabelled: false)
        try raw.check(channels)
        var cases: [SeriesCase] = []
        for item in raw.cases {
            let values = try item.filled(missing, raw).values
            cases.append(
                SeriesCase(values: values, length: item.length, label: -1, line: item.line))
        }
        return cases
    }

    private init(
        _ raw: RawCases, _ missing: MissingValues, _ labels: [String]?
    ) throws(DataError) {
        let path = raw.source
        let present = Set(raw.cases.map(\.label))
        let known = labels ?? raw.labels?.filter(present.contains) ?? present.sorted()
        if labels == nil {
            guard (2...1000).contains(known.count) else {
                throw DataError(
                    path,
                    known.count == 1
                        ? "has one label only, \(known[0]): expected 2 … 1000 different ones"
                        : "has \(known.count) different labels: expected 2 … 1000")
            }
        }
        let places = Dictionary(known.enumerated().map { ($1, $0) }) { first, _ in first }
        var hash = SHA256()
        var cases: [SeriesCase] = []
        var interpolated = 0
        for item in raw.cases {
            guard let label = places[item.label] else {
                throw DataError(
                    path, line: item.line,
                    "label \"\(item.label)\" is not one of \(known.joined(separator: ", "))")
            }
            let (values, filled) = try item.filled(missing, raw)
            interpolated += filled
            cases.append(
                SeriesCase(values: values, length: item.length, label: label, line: item.line))
            hash.update(data: Array("\(item.label.utf8.count) \(item.label) \(item.length) ".utf8))
            values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        source = path
        self.labels = known
        self.channels = raw.channels
        self.cases = cases
        self.interpolated = interpolated
        sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The cases in two parts: of each label, one in `folds` to choose by, the others to learn from.
    ///
    /// The cases of a label take turns in the order of the SHA-256 of their values, so that anyone can repeat it.
    ///
    /// - Parameters:
    ///   - folds: the number of parts; 0: all cases are to learn from, and none to choose by.
    ///   - fold: which part is the one to choose by, 0 ..< folds.
    public func split(folds: Int, fold: Int) -> (training: [SeriesCase], validation: [SeriesCase]) {
        guard folds > 0 else { return (cases, []) }
        precondition((0..<folds).contains(fold), "fold \(fold) of \(folds)")
        var isChosen = [Bool](repeating: false, count: cases.count)
        for label in labels.indices {
            let own = cases.indices.filter { cases[$0].label == label }
                .map { (digest: Self.digest(cases[$0]), place: $0) }
                .sorted { $0.digest.lexicographicallyPrecedes($1.digest) }
            for (turn, item) in own.enumerated() { isChosen[item.place] = turn % folds == fold }
        }
        return (
            cases.indices.filter { !isChosen[$0] }.map { cases[$0] },
            cases.indices.filter { isChosen[$0] }.map { cases[$0] }
        )
    }

    private static func digest(_ item: SeriesCase) -> [UInt8] {
        var hash = SHA256()
        item.values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }
}
