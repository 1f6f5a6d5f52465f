/// The numbers that a metric has of each segment of a corpus: a row a segment.
public struct SegmentStatistics: Sendable, Equatable {
    /// How many numbers a segment has.
    public let width: Int
    /// The numbers, segment by segment.
    public private(set) var values: [Double] = []

    /// No segment yet.
    public init(width: Int) {
        precondition(width > 0, "statistics of \(width) numbers a segment")
        self.width = width
    }

    /// Makes room for so many more segments.
    mutating func reserve(_ segments: Int) {
        values.reserveCapacity(values.count + segments * width)
    }

    /// Adds a segment.
    public mutating func append(_ segment: [Double]) {
        precondition(
            segment.count == width, "\(segment.count) numbers of a segment, expected \(width)")
        values += segment
    }

    /// The number of segments.
    public var count: Int { values.count / width }

    /// The numbers of one segment.
    public subscript(segment: Int) -> [Double] {
        Array(values[segment * width..<(segment + 1) * width])
    }

    /// The sums over all segments.
    public var sum: [Double] {
        var sum = [Double](repeating: 0, count: width)
        for segment in 0..<count {
            for column in 0..<width { sum[column] += values[segment * width + column] }
        }
        return sum
    }

    /// The sums over segments, each taken as often as `times` says.
    func sum(times: [UInt32]) -> [Double] {
        precondition(times.count == count, "\(times.count) weights of \(count) segments")
        var sum = [Double](repeating: 0, count: width)
        sum.withUnsafeMutableBufferPointer { sum in
            values.withUnsafeBufferPointer { values in
                var start = 0
                for weight in times {
                    if weight > 0 {
                        let weight = Double(weight)
                        for column in 0..<width { sum[column] += weight * values[start + column] }
                    }
                    start += width
                }
            }
        }
        return sum
    }
}
