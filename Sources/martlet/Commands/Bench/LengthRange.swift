import ArgumentParser

/// `8:128`: lengths from the first number to the second, evenly spaced over a batch and shuffled.
struct LengthRange: ExpressibleByArgument {
    var shortest: Int
    var longest: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let low = parts[0], let high = parts[1], low >= 1, low <= high
        else {
            return nil
        }
        shortest = low
        longest = high
    }

    /// The lengths of a batch: `shortest + (longest − shortest) · i / (B − 1)`, rounded, in a fixed mixed order.
    func lengths(batch: Int) -> [Int] {
        let ordered = (0..<batch).map { index in
            shortest
                + Int(
                    (Double(longest - shortest) * Double(index) / Double(max(1, batch - 1)))
                        .rounded())
        }
        var step = max(1, batch * 5 / 8)
        while greatestCommonDivisor(step, batch) != 1 { step += 1 }
        return (0..<batch).map { ordered[$0 * step % batch] }
    }

    private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
