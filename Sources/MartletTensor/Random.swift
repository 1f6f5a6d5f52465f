import CMartletKernels

/// Random numbers that follow from a seed alone: the same bits on every machine and for any number of threads.
///
/// Counter-based (Philox4x32-10, Salmon et al. 2011). A generator is a value: a copy gives the same numbers again.
public struct RandomGenerator: Sendable, Codable, Hashable, RandomNumberGenerator {
    private var key: UInt64
    private var counter: UInt64 = 0
    /// Whether tensors of random numbers are to be views of a single zero instead.
    package private(set) var isPlaceholder = false

    /// A generator whose tensors take no memory: for a model whose parameters are about to be replaced.
    package static var placeholder: RandomGenerator {
        var generator = RandomGenerator(seed: 0)
        generator.isPlaceholder = true
        return generator
    }

    /// A generator of a seed; each stream of a seed has numbers of its own.
    public init(seed: UInt64, stream: UInt64 = 0) {
        // Two rounds of the generator itself mix both into one key.
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) {
            mk_random_block(seed, stream, $0.assumingMemoryBound(to: UInt32.self).baseAddress!)
        }
        key = UInt64(words.0) << 32 | UInt64(words.1)
    }

    /// A generator with numbers of its own, which follow from this one's next bits.
    public mutating func split() -> RandomGenerator {
        let seed = next()
        return RandomGenerator(seed: seed, stream: next())
    }

    /// Takes the blocks that `count` numbers of `words` words each need; gives the first.
    private mutating func take(_ count: Int, words: Int32) -> UInt64 {
        defer { counter += mk_random_blocks(count, words) }
        return counter
    }

    /// Takes some blocks of four words for a kernel that draws them itself; gives the key and the first block's position.
    mutating func takeBlocks(_ count: Int) -> (key: UInt64, counter: UInt64) {
        (key, take(count * 4, words: 1))
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let position = take(1, words: 2)
        let key = key
        withUnsafeMutableBytes(of: &words) {
            mk_random_block(key, position, $0.assumingMemoryBound(to: UInt32.self).baseAddress!)
        }
        return UInt64(words.0) << 32 | UInt64(words.1)
    }

    /// Numbers spread evenly over a range, float32 or float64.
    public mutating func uniform(
        _ shape: Shape, in range: ClosedRange<Double> = 0...1, dtype: DType = .float32
    ) -> Tensor {
        let plain = filled(
            shape, dtype, mk_random_uniform_float, mk_random_uniform_double)
        if isPlaceholder { return plain }
        return plain * (range.upperBound - range.lowerBound) + range.lowerBound
    }

    /// Normally distributed numbers, float32 or float64.
    public mutating func normal(
        _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32
    ) -> Tensor {
        let plain = filled(shape, dtype, mk_random_normal_float, mk_random_normal_double)
        if isPlaceholder { return plain }
        return plain * standardDeviation + mean
    }

    private mutating func filled(
        _ shape: Shape, _ dtype: DType,
        _ float: (UInt64, UInt64, UnsafeMutablePointer<Float>?, Int) -> Void,
        _ double: (UInt64, UInt64, UnsafeMutablePointer<Double>?, Int) -> Void
    ) -> Tensor {
        precondition(dtype == .float32 || dtype == .float64, "random numbers as \(dtype)")
        if isPlaceholder { return Tensor.zeros([], dtype: dtype).broadcast(to: shape) }
        let count = shape.elementCount
        let position = take(count, words: dtype == .float32 ? 1 : 2)
        let result = Tensor(uninitialized: shape, dtype: dtype)
        result.write { to in
            if dtype == .float32 {
                float(key, position, to.assumingMemoryBound(to: Float.self), count)
            } else {
                double(key, position, to.assumingMemoryBound(to: Double.self), count)
            }
        }
        return result
    }

    /// True with the given probability, as bool.
    public mutating func bernoulli(_ shape: Shape, probability: Double) -> Tensor {
        let count = shape.elementCount
        let position = take(count, words: 1)
        let result = Tensor(uninitialized: shape, dtype: .bool)
        result.write {
            mk_random_bernoulli(
                key, position, probability, $0.assumingMemoryBound(to: UInt8.self), count)
        }
        return result
    }

    /// Whole numbers spread evenly over a range, as int64.
    public mutating func integers(_ shape: Shape, in range: Range<Int64>) -> Tensor {
        precondition(!range.isEmpty, "random integers from an empty range")
        let count = shape.elementCount
        let position = take(count, words: 2)
        let result = Tensor(uninitialized: shape, dtype: .int64)
        result.write {
            mk_random_integers(
                key, position, range.lowerBound, range.upperBound,
                $0.assumingMemoryBound(to: Int64.self),
                count)
        }
        return result
    }

    /// A whole number, 0 ..< bound.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "a random integer below \(bound)")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number from 0 on and below 1, a multiple of 2⁻⁵³.
    public mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// 0 ..< count in random order.
    public mutating func permutation(_ count: Int) -> [Int] {
        let position = take(count, words: 2)
        let key = key
        return [Int64](unsafeUninitializedCapacity: count) { buffer, filled in
            if count > 0 { mk_random_permutation(key, position, buffer.baseAddress!, count) }
            filled = count
        }.map(Int.init)
    }
}
