/// Dynamic time warping: how far two series are from each other if time may be stretched (Sakoe & Chiba 1978).
///
/// ```text
/// d_ij  = Σ over channels (a_i − b_j)²
/// D_ij  = d_ij + min(D_{i−1, j−1}, D_{i−1, j}, D_{i, j−1})        D of the last step of both is the distance
/// ```
///
/// All channels are warped alike ("dependent"), within no window, and no root is taken: the distance of aeon's
/// `dtw_distance` as it is by default.
public enum TimeWarping {
    /// The distance of two series, `[T, D]` each.
    ///
    /// - Parameter limit: the distance from which on it does not matter: then the result is infinite, and often found early.
    public static func distance(
        _ a: SeriesCase, _ b: SeriesCase, limit: Double = .infinity
    ) -> Double {
        precondition(
            a.channels == b.channels, "time warping of \(a.channels) and \(b.channels) channels")
        var rows = [Double](repeating: .infinity, count: b.length + 1)
        return rows.withUnsafeMutableBufferPointer { row in
            a.values.withUnsafeBufferPointer { x in
                b.values.withUnsafeBufferPointer { y in
                    distance(x, a.length, y, b.length, a.channels, row, limit)
                }
            }
        }
    }

    /// Goes row by row; `row` has D of the row before, from place 1 on.
    private static func distance(
        _ x: UnsafeBufferPointer<Double>, _ n: Int, _ y: UnsafeBufferPointer<Double>, _ m: Int,
        _ width: Int, _ row: UnsafeMutableBufferPointer<Double>, _ limit: Double
    ) -> Double {
        row[0] = 0
        for i in 0..<n {
            var diagonal = row[0]
            row[0] = .infinity
            var left = Double.infinity
            var least = Double.infinity
            for j in 0..<m {
                var cost = 0.0
                for channel in 0..<width {
                    let difference = x[i * width + channel] - y[j * width + channel]
                    cost += difference * difference
                }
                let above = row[j + 1]
                left = cost + min(diagonal, min(above, left))
                row[j + 1] = left
                diagonal = above
                least = min(least, left)
            }
            // Every path goes through this row, and none gets shorter.
            if least >= limit { return .infinity }
        }
        return row[m] < limit ? row[m] : .infinity
    }

    /// Less than the distance, or it: the distances that every path has to go, whatever way it takes.
    ///
    /// Each step of a has to be at some step of b, so at least as far from it as from the range of b's values; the first steps
    /// meet, and the last ones (Kim, Park & Chu 2001; Keogh & Ratanamahatana 2005).
    static func lowerBound(_ a: SeriesCase, _ b: SeriesCase, _ range: ChannelRange) -> Double {
        let width = a.channels
        func outside(_ step: Int) -> Double {
            var sum = 0.0
            for channel in 0..<width {
                let value = a.values[step * width + channel]
                let error = max(range.low[channel] - value, value - range.high[channel], 0)
                sum += error * error
            }
            return sum
        }
        func between(_ i: Int, _ j: Int) -> Double {
            (0..<width).reduce(0) { sum, channel in
                let error = a.values[i * width + channel] - b.values[j * width + channel]
                return sum + error * error
            }
        }
        var sum = between(0, 0)
        if a.length > 1 { sum += between(a.length - 1, b.length - 1) }
        for step in stride(from: 1, to: a.length - 1, by: 1) { sum += outside(step) }
        return sum
    }

    /// The lowest and highest value of each channel.
    struct ChannelRange: Sendable {
        var low: [Double]
        var high: [Double]

        init(_ item: SeriesCase) {
            let width = item.channels
            low = Array(item.values[..<width])
            high = low
            for (place, value) in item.values.enumerated() {
                low[place % width] = min(low[place % width], value)
                high[place % width] = max(high[place % width], value)
            }
        }
    }
}

/// Answers the label of the training case that is nearest by time warping: the baseline of every series classifier.
public struct NearestNeighbour: Sendable {
    private let cases: [SeriesCase]
    private let ranges: [TimeWarping.ChannelRange]

    /// A baseline that knows these cases, at least one.
    public init(_ cases: [SeriesCase]) {
        precondition(!cases.isEmpty, "the nearest neighbour of none")
        self.cases = cases
        ranges = cases.map(TimeWarping.ChannelRange.init)
    }

    /// The place of the nearest case, and its distance; of equally near ones, the first.
    ///
    /// Cases whose lower bound is not below the best so far are passed over; that changes no answer.
    public func nearest(to item: SeriesCase) -> (place: Int, distance: Double) {
        let bounds = cases.indices.map { TimeWarping.lowerBound(item, cases[$0], ranges[$0]) }
        var best = (place: 0, distance: Double.infinity)
        for place in cases.indices.sorted(by: { (bounds[$0], $0) < (bounds[$1], $1) }) {
            // Rounding may put a bound above its distance by some units in the last place.
            if bounds[place] * (1 - 1e-12) > best.distance { break }
            let distance = TimeWarping.distance(
                item, cases[place], limit: best.distance.nextUp)
            if (distance, place) < (best.distance, best.place) {
                best = (place, distance)
            }
        }
        return best
    }

    /// The label of the nearest case.
    public func predict(_ item: SeriesCase) -> Int { cases[nearest(to: item).place].label }
}
