extension Tensor {
    /// A tensor of zeros.
    public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor {
        Tensor(shape: shape, dtype: dtype) { bytes in
            _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// A tensor of ones.
    public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor {
        full(shape, 1, dtype: dtype)
    }

    /// A tensor whose elements are all `value`, converted to `dtype`.
    public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
        func filled<Scalar>(_ scalar: Scalar) -> Tensor {
            Tensor(shape: shape, dtype: dtype) { bytes in
                _ = bytes.initializeMemory(as: Scalar.self, repeating: scalar)
            }
        }
        switch dtype {
        case .float32: return filled(Float(value))
        case .float64: return filled(value)
        case .int64: return filled(Int64(value))
        case .int32: return filled(Int32(value))
        case .int8: return filled(Int8(value))
        case .uint8: return filled(UInt8(value))
        case .bool: return filled(value != 0 ? UInt8(1) : 0)
        case .bfloat16, .float16: return full(shape, value, dtype: .float32).cast(to: dtype)
        }
    }
}
