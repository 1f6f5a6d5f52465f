/// One labelled series of many channels: a gesture, a spoken vowel, a heart beat.
public struct SeriesCase: Sendable, Equatable {
    /// The values, `[T, D]`: all channels of the first step, then of the second, and so on.
    public let values: [Double]
    /// The number of steps T.
    public let length: Int
    /// The place of its label among the data set's.
    public let label: Int
    /// The line of the file on which it begins, counted from 1.
    public let line: Int

    /// A case of these values.
    public init(values: [Double], length: Int, label: Int, line: Int = 0) {
        precondition(
            length > 0 && values.count % length == 0,
            "a case of \(values.count) values in \(length) steps")
        self.values = values
        self.length = length
        self.label = label
        self.line = line
    }

    /// The number of channels D.
    public var channels: Int { values.count / length }
}

/// The names of the columns of a CSV or TSV file with a step of a case in each row.
public struct CaseColumns: Sendable, Codable, Equatable {
    /// The column that says to which case a row belongs.
    public var id: String
    /// The column with the label of the case.
    public var label: String
    /// The columns of the channels; empty: all the others.
    public var channels: [String]

    /// Columns of these names.
    public init(id: String = "case", label: String = "label", channels: [String] = []) {
        self.id = id
        self.label = label
        self.channels = channels
    }
}

/// What to do about a missing value in a labelled series.
public enum MissingValues: String, Sendable, Codable, CaseIterable {
    /// Refuse the file, and name the place.
    case refuse
    /// Draw a line between the values before and after it in the same channel; at an end, the nearest value.
    case interpolate
}
