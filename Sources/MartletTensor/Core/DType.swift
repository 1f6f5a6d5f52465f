/// The type of a tensor's elements.
///
/// Arithmetic and gradients exist for ``float32`` and ``float64`` (the latter for checks);
/// the half types are for storage, the integers for indices, lengths and quantised weights.
public enum DType: String, Sendable, Hashable, CaseIterable, Codable {
    case float32, float64, bfloat16, float16, int64, int32, int8, uint8, bool

    /// The size of one element, in bytes.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether the type is a floating-point one.
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float64, .bfloat16, .float16: true
        case .int64, .int32, .int8, .uint8, .bool: false
        }
    }
}
