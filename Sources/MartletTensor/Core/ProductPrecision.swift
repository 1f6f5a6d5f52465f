import CMartletKernels

/// What products of float32 matrices are computed in.
public enum ProductPrecision: String, Codable, Sendable, CaseIterable {
    /// As they are.
    case float32
    /// Factors are rounded to bfloat16, 8 bits of precision, as they are read; sums are float32. Everything else, weights and
    /// gradients among it, stays float32. Several times as fast where the machine has instructions for it.
    case bfloat16

    /// Whether this machine, with the instruction set in use, can do it.
    public var isHere: Bool { self == .float32 || mk_bfloat16_way() != nil }

    /// That of the calling thread.
    package static var current: ProductPrecision { mk_bfloat16_wanted() ? .bfloat16 : .float32 }

    /// Runs work on this thread whose matrix products are computed so: linear layers, the products of recurrent layers, and
    /// their gradients if they are computed within.
    ///
    /// Where ``isHere`` is false products stay float32's. So do those of little work, those of one or two rows, those of
    /// convolutions, and all of float64; and attention, except where no gradient is wanted, all queries see the same keys, there
    /// is no dropout, bias or cap, and the machine is one of AMD's. As a row alone is little work, it may have other bits than
    /// among many.
    public func applied<Result>(to work: () throws -> Result) rethrows -> Result {
        let before = mk_set_bfloat16(self == .bfloat16)
        defer { _ = mk_set_bfloat16(before) }
        return try work()
    }
}
