/// An eigenvalue of a real matrix: a complex number.
public struct Eigenvalue: Sendable, Codable, Equatable {
    /// The real part.
    public var real: Double
    /// The imaginary part; eigenvalues that are not real come in pairs of opposite ones.
    public var imaginary: Double

    /// An eigenvalue of these parts.
    public init(real: Double, imaginary: Double) {
        self.real = real
        self.imaginary = imaginary
    }

    /// Its distance from 0.
    public var magnitude: Double {
        let (large, small) = (max(abs(real), abs(imaginary)), min(abs(real), abs(imaginary)))
        return large == 0 ? 0 : large * (1 + (small / large) * (small / large)).squareRoot()
    }

    /// All eigenvalues of a square matrix, in no particular order.
    ///
    /// First the matrix is brought to Hessenberg form (zero below the first subdiagonal) by Householder reflections; then
    /// QR steps with two implicit shifts (Francis 1961; Golub & Van Loan, Matrix Computations, 7.4–7.5) split off one
    /// eigenvalue or a pair at a time. The cost is about 10 n³ operations.
    ///
    /// - Parameters:
    ///   - matrix: row-major, n · n finite numbers.
    ///   - size: n.
    /// - Returns: n eigenvalues; nil if the steps do not converge.
    public static func all(of matrix: [Double], size: Int) -> [Eigenvalue]? {
        precondition(
            matrix.count == size * size, "eigenvalues: \(matrix.count) numbers, size \(size)")
        let largest = matrix.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else {
            return Array(repeating: .init(real: 0, imaginary: 0), count: size)
        }
        // Numbers of at most 1, so that no product overflows.
        var work = HessenbergMatrix(matrix.map { $0 / largest }, size)
        work.reduce()
        return work.eigenvalues()?.map {
            Eigenvalue(real: $0.real * largest, imaginary: $0.imaginary * largest)
        }
    }
}

/// A square matrix on its way to its eigenvalues.
private struct HessenbergMatrix {
    private var a: [Double]
    private let n: Int

    init(_ values: [Double], _ size: Int) {
        a = values
        n = size
    }

    private subscript(_ row: Int, _ column: Int) -> Double {
        get { a[row * n + column] }
        set { a[row * n + column] = newValue }
    }

    /// The reflection I − β v vᵀ that leaves of `x` its first element alone; v begins with 1. β = 0: nothing to do.
    private static func reflection(_ x: [Double]) -> (v: [Double], beta: Double) {
        let rest = x.dropFirst().reduce(0) { $0 + $1 * $1 }
        guard rest > 0 else { return (x, 0) }
        let norm = (x[0] * x[0] + rest).squareRoot()
        // Of the two signs the one without cancellation.
        let first = x[0] <= 0 ? x[0] - norm : -rest / (x[0] + norm)
        let beta = 2 * first * first / (rest + first * first)
        return ([1] + x.dropFirst().map { $0 / first }, beta)
    }

    /// Reflects the rows `start …` in some columns (from the left).
    private mutating func reflectRows(
        _ start: Int, _ columns: Range<Int>, _ v: [Double], _ beta: Double
    ) {
        let (width, height) = (columns.count, v.count)
        guard width > 0 else { return }
        var sums = [Double](repeating: 0, count: width)
        a.withUnsafeMutableBufferPointer { a in
            for i in 0..<height {
                let row = (start + i) * n + columns.lowerBound
                for j in 0..<width { sums[j] += v[i] * a[row + j] }
            }
            for i in 0..<height {
                let (row, factor) = ((start + i) * n + columns.lowerBound, beta * v[i])
                for j in 0..<width { a[row + j] -= factor * sums[j] }
            }
        }
    }

    /// Reflects the columns `start …` in some rows (from the right).
    private mutating func reflectColumns(
        _ start: Int, _ rows: Range<Int>, _ v: [Double], _ beta: Double
    ) {
        a.withUnsafeMutableBufferPointer { a in
            for i in rows {
                let row = i * n + start
                var sum = 0.0
                for j in v.indices { sum += a[row + j] * v[j] }
                sum *= beta
                for j in v.indices { a[row + j] -= sum * v[j] }
            }
        }
    }

    /// To Hessenberg form, with the same eigenvalues.
    mutating func reduce() {
        guard n > 2 else { return }
        for k in 0..<n - 2 {
            let (v, beta) = Self.reflection((k + 1..<n).map { self[$0, k] })
            guard beta != 0 else { continue }
            reflectRows(k + 1, k..<n, v, beta)
            reflectColumns(k + 1, 0..<n, v, beta)
            for i in k + 2..<n { self[i, k] = 0 }
        }
    }

    /// The eigenvalues of the Hessenberg matrix, which is used up.
    mutating func eigenvalues() -> [Eigenvalue]? {
        var found: [Eigenvalue] = []
        var (high, steps) = (n - 1, 0)
        while high >= 0 {
            let low = split(upTo: high)
            if low == high {
                found.append(.init(real: self[high, high], imaginary: 0))
                (high, steps) = (high - 1, 0)
            } else if low == high - 1 {
                found += pair(low)
                (high, steps) = (high - 2, 0)
            } else {
                guard steps < 300 else { return nil }
                steps += 1
                francisStep(low, high, isExceptional: steps % 10 == 0)
            }
        }
        return found
    }

    /// Where the last block that hangs together begins, of those that end at `high`; what divides it becomes zero.
    private mutating func split(upTo high: Int) -> Int {
        var low = high
        while low > 0 {
            var scale = abs(self[low - 1, low - 1]) + abs(self[low, low])
            if scale == 0 { scale = 1 }
            if abs(self[low, low - 1]) <= .ulpOfOne * scale {
                self[low, low - 1] = 0
                break
            }
            low -= 1
        }
        return low
    }

    /// The two eigenvalues of the block of two rows at `low`.
    private func pair(_ low: Int) -> [Eigenvalue] {
        let (p, q, r, s) = (
            self[low, low], self[low, low + 1], self[low + 1, low], self[low + 1, low + 1]
        )
        let (half, middle) = ((p - s) / 2, (p + s) / 2)
        let discriminant = half * half + q * r
        if discriminant < 0 {
            let imaginary = (-discriminant).squareRoot()
            return [imaginary, -imaginary].map { .init(real: middle, imaginary: $0) }
        }
        // The one further from s without cancellation, the other from the determinant of the block moved by s.
        let far = half + (half < 0 ? -1 : 1) * discriminant.squareRoot()
        return [
            .init(real: s + far, imaginary: 0),
            .init(real: far == 0 ? s : s - q * r / far, imaginary: 0),
        ]
    }

    /// One QR step with the two shifts of the last block; exceptional shifts break cycles.
    private mutating func francisStep(_ low: Int, _ high: Int, isExceptional: Bool) {
        let m = high - 1
        var (a, b) = (self[m, m], self[high, high])
        var corner = self[m, high] * self[high, m]
        if isExceptional {
            let size = abs(self[high, m]) + abs(self[m, m - 1])
            (a, b, corner) = (b + 0.75 * size, b + 0.75 * size, -0.4375 * size * size)
        }
        // Differences first: where the eigenvalues lie close together, the products would cancel to nothing.
        let (first, below) = (self[low, low], self[low + 1, low])
        var x = ((a - first) * (b - first) - corner) / below + self[low, low + 1]
        var y = self[low + 1, low + 1] - first - (a - first) - (b - first)
        var z = self[low + 2, low + 1]
        for k in low...high - 2 {
            let (v, beta) = Self.reflection([x, y, z])
            if beta != 0 {
                reflectRows(k, max(low, k - 1)..<high + 1, v, beta)
                reflectColumns(k, low..<min(k + 3, high) + 1, v, beta)
            }
            if k > low { (self[k + 1, k - 1], self[k + 2, k - 1]) = (0, 0) }
            (x, y) = (self[k + 1, k], self[k + 2, k])
            if k < high - 2 { z = self[k + 3, k] }
        }
        let (v, beta) = Self.reflection([x, y])
        if beta != 0 {
            reflectRows(high - 1, high - 2..<high + 1, v, beta)
            reflectColumns(high - 1, low..<high + 1, v, beta)
        }
        self[high, high - 2] = 0
    }
}
