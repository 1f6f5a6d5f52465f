/// The sizes of a tensor's dimensions, outermost first; at most eight, stored inline.
///
/// A scalar's shape is `[]`. Negative positions count from the end: `shape[-1]` is the innermost size.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, RandomAccessCollection {
    /// The largest number of dimensions.
    public static let maximumRank = 8

    private var sizes: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)
    /// The number of dimensions.
    public private(set) var rank: Int

    /// A shape of the given sizes, each at least 0.
    public init(_ sizes: some Collection<Int>) {
        precondition(
            sizes.count <= Shape.maximumRank,
            "shape \(Array(sizes)): at most \(Shape.maximumRank) dimensions")
        rank = sizes.count
        for (index, size) in sizes.enumerated() {
            precondition(size >= 0, "shape \(Array(sizes)): a size is negative")
            self[index] = size
        }
    }

    /// A shape written as its sizes: `[2, 3]`.
    public init(arrayLiteral sizes: Int...) {
        self.init(sizes)
    }

    /// The first valid position, 0.
    public var startIndex: Int { 0 }
    /// The number of dimensions.
    public var endIndex: Int { rank }

    /// The size of a dimension; -1 is the innermost.
    public subscript(position: Int) -> Int {
        get {
            let index = axis(position)
            return withUnsafeBytes(of: sizes) { $0.assumingMemoryBound(to: Int.self)[index] }
        }
        set {
            let index = axis(position)
            withUnsafeMutableBytes(of: &sizes) {
                $0.assumingMemoryBound(to: Int.self)[index] = newValue
            }
        }
    }

    /// The position of a dimension as 0 ..< rank, when given from either end.
    public func axis(_ position: Int) -> Int {
        let index = position < 0 ? position + rank : position
        precondition(
            index >= 0 && index < rank, "axis \(position) of a shape with \(rank) dimensions")
        return index
    }

    /// The number of elements: the product of the sizes; 1 for a scalar.
    public var elementCount: Int {
        var product = 1
        for index in 0..<rank { product *= self[index] }
        return product
    }

    /// The strides, in elements, of a contiguous row-major tensor of this shape.
    public var contiguousStrides: Shape {
        var strides = self
        var step = 1
        for index in stride(from: rank - 1, through: 0, by: -1) {
            strides[index] = step
            step *= self[index]
        }
        return strides
    }

    /// Whether two shapes have the same sizes.
    public static func == (left: Shape, right: Shape) -> Bool {
        left.rank == right.rank && left.sizes.0 == right.sizes.0 && left.sizes.1 == right.sizes.1
            && left.sizes.2 == right.sizes.2 && left.sizes.3 == right.sizes.3
            && left.sizes.4 == right.sizes.4 && left.sizes.5 == right.sizes.5
            && left.sizes.6 == right.sizes.6 && left.sizes.7 == right.sizes.7
    }

    /// Feeds the sizes to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rank)
        for size in self { hasher.combine(size) }
    }

    /// The shape with one more dimension of `size` put before `position` (0 … rank).
    public func inserting(_ size: Int, at position: Int) -> Shape {
        var all = Array(self)
        all.insert(size, at: position)
        return Shape(all)
    }

    /// The shape without the dimension at `position`.
    public func removing(at position: Int) -> Shape {
        var all = Array(self)
        all.remove(at: axis(position))
        return Shape(all)
    }
}

extension Shape: CustomStringConvertible {
    /// The sizes as an array is written: `[2, 3]`.
    public var description: String { Array(self).description }
}
