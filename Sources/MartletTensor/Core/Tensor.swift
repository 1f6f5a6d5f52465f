import CMartletKernels

/// A value: an array of numbers with a shape and an element type.
///
/// Copying a tensor copies a reference; no operation changes another tensor's numbers. A tensor may be a
/// view of a larger one (a slice, a transpose): ``isContiguous`` tells, ``contiguous()`` copies if needed.
/// Operations on tensors that ``valueAndGradient(at:_:)-swift.function`` follows are recorded, all others are not.
public struct Tensor: Sendable {
    var storage: Storage
    /// The first element's position in the storage, in elements.
    var offset: Int
    /// The sizes of the dimensions.
    public private(set) var shape: Shape
    /// The strides of a view, in elements; nil when contiguous.
    var viewStrides: Shape?
    /// The type of the elements.
    public private(set) var dtype: DType
    /// Where the tape knows this tensor; ``Trace/none`` if no tape does.
    var trace: Trace

    init(
        storage: Storage, offset: Int = 0, shape: Shape, viewStrides: Shape? = nil, dtype: DType,
        trace: Trace = .none
    ) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.viewStrides = viewStrides
        self.dtype = dtype
        self.trace = trace
    }

    /// A new contiguous tensor whose elements the caller writes at once.
    init(uninitialized shape: Shape, dtype: DType, isSparse: Bool = false) {
        self.init(
            storage: Storage(
                byteCount: shape.elementCount * dtype.byteCount, isSparse: isSparse),
            shape: shape, dtype: dtype)
    }

    /// A tensor whose bytes `initialize` writes: `shape.elementCount * dtype.byteCount` of them, row-major.
    ///
    /// - Parameter isSparse: whether what is never touched is to take no memory, page by page.
    public init(
        shape: Shape, dtype: DType, isSparse: Bool = false,
        initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        self.init(uninitialized: shape, dtype: dtype, isSparse: isSparse)
        try initialize(
            UnsafeMutableRawBufferPointer(start: storage.pointer, count: storage.byteCount))
    }

    /// A tensor over memory that `owner` keeps alive and never changes, such as a mapped file. Nothing is copied.
    ///
    /// - Parameter bytes: `shape.elementCount * dtype.byteCount` bytes, row-major, aligned for `dtype`.
    public init(
        sharing bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, shape: Shape,
        dtype: DType
    ) {
        precondition(
            bytes.count == shape.elementCount * dtype.byteCount,
            "\(bytes.count) bytes for a \(dtype) tensor of shape \(shape)")
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            self.init(uninitialized: shape, dtype: dtype)
            return
        }
        precondition(
            Int(bitPattern: base) % dtype.byteCount == 0, "memory for \(dtype) that is not aligned")
        self.init(
            storage: Storage(foreign: base, byteCount: bytes.count, owner: owner), shape: shape,
            dtype: dtype)
    }

    /// A tensor of the given elements, row-major.
    ///
    /// - Parameter shape: its element count is `scalars.count`; without it the tensor is `[scalars.count]`.
    public init<Scalar: TensorScalar>(_ scalars: [Scalar], shape: Shape? = nil) {
        let shape = shape ?? [scalars.count]
        precondition(
            shape.elementCount == scalars.count, "\(scalars.count) numbers for the shape \(shape)")
        self.init(uninitialized: shape, dtype: Scalar.dtype)
        scalars.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress {
                storage.pointer.copyMemory(from: base, byteCount: bytes.count)
            }
        }
    }

    /// A scalar tensor, of shape `[]`.
    public init<Scalar: TensorScalar>(_ scalar: Scalar) {
        self.init([scalar], shape: [])
    }

    // MARK: Properties

    /// The number of dimensions.
    public var rank: Int { shape.rank }
    /// The number of elements.
    public var count: Int { shape.elementCount }
    /// Whether the elements lie one after another, row-major.
    public var isContiguous: Bool { viewStrides == nil }
    /// The distance in elements between neighbours in each dimension.
    public var strides: Shape { viewStrides ?? shape.contiguousStrides }

    /// The same numbers, unknown to any tape: a constant.
    public var detached: Tensor {
        var copy = self
        copy.trace = .none
        return copy
    }

    /// Whether a tape follows it: whether gradients of it are wanted.
    package var isTraced: Bool { !trace.isNone }

    /// The tensor with another shape over the same elements; contiguous tensors only, not recorded.
    func reinterpreted(as newShape: Shape) -> Tensor {
        precondition(isContiguous && newShape.elementCount == count)
        return Tensor(storage: storage, offset: offset, shape: newShape, dtype: dtype)
    }

    // MARK: Elements

    /// Calls `body` with the elements' bytes, row-major; a view is copied first.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let source = contiguous()
        return try withExtendedLifetime(source.storage) {
            try body(
                UnsafeRawBufferPointer(
                    start: source.storage.pointer + source.offset * dtype.byteCount,
                    count: count * dtype.byteCount))
        }
    }

    /// Calls `body` with the address of the first element, from which the others of a view lie ``strides`` apart.
    package func withUnsafeElements<Result>(
        _ body: (UnsafeRawPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) {
            try body(UnsafeRawPointer(storage.pointer) + offset * dtype.byteCount)
        }
    }

    /// Calls `body` with the elements' bytes, to be changed in place. If another tensor shares them, they
    /// are copied first, so no other tensor ever changes.
    public mutating func mutateBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        if !isOwned { self = Tensor(copying: self) }
        trace = .none
        return try withExtendedLifetime(storage) {
            try body(
                UnsafeMutableRawBufferPointer(start: storage.pointer, count: storage.byteCount))
        }
    }

    /// Whether the elements are all of a memory that no other tensor shares.
    var isOwned: Bool {
        mutating get {
            isKnownUniquelyReferenced(&storage) && storage.owner == nil && isContiguous
                && offset == 0 && storage.byteCount == count * dtype.byteCount
        }
    }

    private init(copying other: Tensor) {
        self.init(uninitialized: other.shape, dtype: other.dtype)
        let target = storage.pointer
        other.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress {
                target.copyMemory(from: base, byteCount: bytes.count)
            }
        }
    }

    /// The elements as Swift numbers, row-major.
    ///
    /// - Precondition: `Scalar` is the tensor's element type; ``cast(to:)`` changes the type.
    public func scalars<Scalar: TensorScalar>(as type: Scalar.Type = Scalar.self) -> [Scalar] {
        precondition(dtype == Scalar.dtype, "scalars(as: \(Scalar.self)) of a \(dtype) tensor")
        return withUnsafeBytes { bytes in Array(bytes.bindMemory(to: Scalar.self)) }
    }

    /// The only element of a tensor with one element, of any real type, as a Double.
    public var item: Double {
        precondition(count == 1, "item of a tensor of shape \(shape)")
        return withUnsafeBytes { bytes in
            switch dtype {
            case .float32: Double(bytes.load(as: Float.self))
            case .float64: bytes.load(as: Double.self)
            case .int64: Double(bytes.load(as: Int64.self))
            case .int32: Double(bytes.load(as: Int32.self))
            case .int8: Double(bytes.load(as: Int8.self))
            case .uint8, .bool: Double(bytes.load(as: UInt8.self))
            case .bfloat16: Double(Float(bitPattern: UInt32(bytes.load(as: UInt16.self)) << 16))
            case .float16: cast(to: .float32).item
            }
        }
    }
}

extension Tensor: CustomStringConvertible {
    /// Type, shape and the first few elements.
    public var description: String {
        let real = dtype == .float64 || dtype == .float32
        let head =
            real && count <= 32 ? " " + cast(to: .float64).scalars(as: Double.self).description : ""
        return "Tensor(\(dtype), \(shape)\(head))"
    }
}
