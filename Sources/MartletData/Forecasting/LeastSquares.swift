/// Linear least squares with a ridge, by the normal equations: rows are added one by one, and none is kept.
struct LeastSquares {
    /// The number of coefficients.
    let width: Int
    /// Xᵀ X, the lower half by rows.
    private var products: [Double]
    /// Xᵀ y.
    private var sides: [Double]
    /// The number of rows.
    private(set) var count = 0

    /// No rows yet.
    init(width: Int) {
        self.width = width
        products = [Double](repeating: 0, count: width * width)
        sides = [Double](repeating: 0, count: width)
    }

    /// Adds a row x with its value y.
    mutating func add(_ row: [Double], _ value: Double) {
        precondition(
            row.count == width, "least squares of \(width) coefficients, a row of \(row.count)")
        count += 1
        row.withUnsafeBufferPointer { x in
            products.withUnsafeMutableBufferPointer { a in
                for i in 0..<width {
                    let factor = x[i]
                    for j in 0...i { a[i * width + j] += factor * x[j] }
                }
            }
            for i in 0..<width { sides[i] += x[i] * value }
        }
    }

    /// The coefficients c of the least |X c − y|² + ridge · rows · |c|², where the last coefficient, the constant, is free.
    ///
    /// - Returns: nil where the equations have no single solution.
    func solution(ridge: Double) -> [Double]? {
        var a = products
        for i in 0..<width - 1 { a[i * width + i] += ridge * Double(count) }
        // Cholesky's L Lᵀ, in place.
        for i in 0..<width {
            for j in 0...i {
                var sum = a[i * width + j]
                for k in 0..<j { sum -= a[i * width + k] * a[j * width + k] }
                if i == j {
                    guard sum > 1e-12 * max(products[i * width + i], 1e-300) else { return nil }
                    a[i * width + i] = sum.squareRoot()
                } else {
                    a[i * width + j] = sum / a[j * width + j]
                }
            }
        }
        var x = sides
        for i in 0..<width {
            for k in 0..<i { x[i] -= a[i * width + k] * x[k] }
            x[i] /= a[i * width + i]
        }
        for i in (0..<width).reversed() {
            for k in i + 1..<max(width, i + 1) { x[i] -= a[k * width + i] * x[k] }
            x[i] /= a[i * width + i]
        }
        return x
    }
}
