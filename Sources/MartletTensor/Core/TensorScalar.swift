/// A Swift type that can be an element of a tensor.
public protocol TensorScalar: Sendable {
    /// The element type it stands for.
    static var dtype: DType { get }
}

extension Float: TensorScalar {
    /// ``DType/float32``.
    public static var dtype: DType { .float32 }
}

extension Double: TensorScalar {
    /// ``DType/float64``.
    public static var dtype: DType { .float64 }
}

extension Int64: TensorScalar {
    /// ``DType/int64``.
    public static var dtype: DType { .int64 }
}

extension Int32: TensorScalar {
    /// ``DType/int32``.
    public static var dtype: DType { .int32 }
}

extension Int8: TensorScalar {
    /// ``DType/int8``.
    public static var dtype: DType { .int8 }
}

extension UInt8: TensorScalar {
    /// ``DType/uint8``.
    public static var dtype: DType { .uint8 }
}

extension Bool: TensorScalar {
    /// ``DType/bool``.
    public static var dtype: DType { .bool }
}
