import CMartletKernels

extension Tensor {
    /// f(a, b) element by element, with broadcasting.
    private static func binary(
        _ name: StaticString, _ operation: mk_binary_op, _ a: Tensor, _ b: Tensor
    ) -> Tensor {
        precondition(a.dtype == b.dtype, "\(name): \(a.dtype) and \(b.dtype)")
        let shape = Shape.broadcast(a.shape, b.shape, name)
        let result = Tensor(uninitialized: shape, dtype: a.dtype)
        withOperands(a, b, shape) { sizes, a, aStrides, b, bStrides in
            result.write { y in
                result.kernels.elementwise.binary(
                    operation, Int32(shape.rank), sizes, a, aStrides, b, bStrides, y)
            }
        }
        let constant = (a.detached, b.detached)
        return result.recorded(name, from: [a, b]) { dy, wanted in
            let (a, b) = constant
            // A sum hands its gradient on as it is.
            if operation == MK_ADD {
                return [
                    wanted[0] ? dy.summed(to: a.shape) : nil,
                    wanted[1] ? dy.summed(to: b.shape) : nil,
                ]
            }
            let dy = dy.contiguous()
            let da = wanted[0] ? Tensor(uninitialized: shape, dtype: dy.dtype) : nil
            let db = wanted[1] ? Tensor(uninitialized: shape, dtype: dy.dtype) : nil
            withOperands(a, b, shape) { sizes, aPointer, aStrides, bPointer, bStrides in
                dy.read { from in
                    withExtendedLifetime((da?.storage, db?.storage)) {
                        dy.kernels.elementwise.binary_backward(
                            operation, Int32(shape.rank), sizes, aPointer, aStrides, bPointer,
                            bStrides, from, da?.storage.pointer, db?.storage.pointer)
                    }
                }
            }
            return [da?.summed(to: a.shape), db?.summed(to: b.shape)]
        }
    }

    /// Calls `body` with both operands as the C core reads them when broadcast to `shape`.
    private static func withOperands(
        _ a: Tensor, _ b: Tensor, _ shape: Shape,
        _ body: (
            UnsafePointer<Int>, UnsafeRawPointer, UnsafePointer<Int>, UnsafeRawPointer,
            UnsafePointer<Int>
        ) -> Void
    ) {
        shape.withSizes { sizes in
            a.strides(broadcastTo: shape).withSizes { aStrides in
                b.strides(broadcastTo: shape).withSizes { bStrides in
                    a.readView { aPointer in
                        b.readView { bPointer in body(sizes, aPointer, aStrides, bPointer, bStrides)
                        }
                    }
                }
            }
        }
    }

    /// Adds a tensor of the same shape and type in place, if nobody else holds the elements; says whether it did. Not recorded.
    mutating func addIfOwned(_ other: Tensor) -> Bool {
        guard shape == other.shape, dtype == other.dtype, isOwned else { return false }
        Tensor.withOperands(self, other, shape) { sizes, a, aStrides, b, bStrides in
            kernels.elementwise.binary(
                MK_ADD, Int32(shape.rank), sizes, a, aStrides, b, bStrides, storage.pointer)
        }
        return true
    }

    /// The sum, with broadcasting.
    public static func + (a: Tensor, b: Tensor) -> Tensor { binary("add", MK_ADD, a, b) }
    /// The difference, with broadcasting.
    public static func - (a: Tensor, b: Tensor) -> Tensor { binary("subtract", MK_SUBTRACT, a, b) }
    /// The product element by element, with broadcasting.
    public static func * (a: Tensor, b: Tensor) -> Tensor { binary("multiply", MK_MULTIPLY, a, b) }
    /// The quotient, with broadcasting.
    public static func / (a: Tensor, b: Tensor) -> Tensor { binary("divide", MK_DIVIDE, a, b) }
    /// The larger of two, with broadcasting; at a tie each gets half of the gradient.
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
        binary("maximum", MK_MAXIMUM, a, b)
    }
    /// The smaller of two, with broadcasting; at a tie each gets half of the gradient.
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor {
        binary("minimum", MK_MINIMUM, a, b)
    }
    /// aᵇ, with broadcasting.
    public static func power(_ a: Tensor, _ b: Tensor) -> Tensor { binary("power", MK_POWER, a, b) }

    /// The tensor plus a number.
    public static func + (a: Tensor, b: Double) -> Tensor { a + Tensor.full([], b, dtype: a.dtype) }
    /// The tensor minus a number.
    public static func - (a: Tensor, b: Double) -> Tensor { a - Tensor.full([], b, dtype: a.dtype) }
    /// The tensor divided by a number.
    public static func / (a: Tensor, b: Double) -> Tensor { a / Tensor.full([], b, dtype: a.dtype) }
    /// A number divided by the tensor.
    public static func / (a: Double, b: Tensor) -> Tensor { Tensor.full([], a, dtype: b.dtype) / b }
    /// A number minus the tensor.
    public static func - (a: Double, b: Tensor) -> Tensor { Tensor.full([], a, dtype: b.dtype) - b }

    /// A number plus the tensor.
    public static func + (a: Double, b: Tensor) -> Tensor { b + a }
    /// A number times the tensor.
    public static func * (factor: Double, b: Tensor) -> Tensor { b * factor }
    /// The tensor to the power of a number.
    public static func power(_ a: Tensor, _ exponent: Double) -> Tensor {
        power(a, Tensor.full([], exponent, dtype: a.dtype))
    }

    /// The tensor times a number.
    public static func * (a: Tensor, factor: Double) -> Tensor {
        let x = a.contiguous()
        let y = Tensor(uninitialized: a.shape, dtype: a.dtype)
        x.read { from in y.write { to in a.kernels.elementwise.scale(factor, from, to, a.count) } }
        return y.recorded("scale", from: x) { $0 * factor }
    }

    /// Multiplies every element by a number, in place where no other tensor shares the memory; not recorded.
    package mutating func scale(by factor: Double) {
        trace = .none
        if isOwned {
            kernels.elementwise.scale(factor, storage.pointer, storage.pointer, count)
        } else {
            self = withoutGradient { self * factor }
        }
    }

    // MARK: Comparison and selection

    private static func compare(
        _ name: StaticString, _ operation: mk_compare_op, _ a: Tensor, _ b: Tensor
    ) -> Tensor {
        precondition(a.dtype == b.dtype, "\(name): \(a.dtype) and \(b.dtype)")
        let shape = Shape.broadcast(a.shape, b.shape, name)
        let result = Tensor(uninitialized: shape, dtype: .bool)
        withOperands(a, b, shape) { sizes, aPointer, aStrides, bPointer, bStrides in
            result.write { y in
                a.kernels.elementwise.compare(
                    operation, Int32(shape.rank), sizes, aPointer, aStrides, bPointer, bStrides,
                    y.assumingMemoryBound(to: UInt8.self))
            }
        }
        return result
    }

    /// Whether a = b, element by element, as bool.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { compare("equal", MK_EQUAL, a, b) }
    /// Whether a ≠ b, element by element, as bool.
    public static func .!= (a: Tensor, b: Tensor) -> Tensor {
        compare("notEqual", MK_NOT_EQUAL, a, b)
    }
    /// Whether a < b, element by element, as bool.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { compare("less", MK_LESS, a, b) }
    /// Whether a ≤ b, element by element, as bool.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor {
        compare("lessEqual", MK_LESS_EQUAL, a, b)
    }
    /// Whether a > b, element by element, as bool.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { compare("greater", MK_GREATER, a, b) }
    /// Whether a ≥ b, element by element, as bool.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor {
        compare("greaterEqual", MK_GREATER_EQUAL, a, b)
    }

    /// `a` where this bool tensor is true, else `b`; all three broadcast together.
    public func select(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(dtype == .bool, "select by a \(dtype) tensor: expected bool")
        precondition(a.dtype == b.dtype, "select: \(a.dtype) and \(b.dtype)")
        let shape = Shape.broadcast(
            Shape.broadcast(self.shape, a.shape, "select"), b.shape, "select")
        let result = Tensor(uninitialized: shape, dtype: a.dtype)
        strides(broadcastTo: shape).withSizes { strides in
            readView { condition in
                Tensor.withOperands(a, b, shape) { sizes, aPointer, aStrides, bPointer, bStrides in
                    result.write { y in
                        a.kernels.elementwise.select(
                            Int32(shape.rank), sizes, condition.assumingMemoryBound(to: UInt8.self),
                            strides, aPointer, aStrides, bPointer, bStrides, y)
                    }
                }
            }
        }
        let condition = detached
        let shapes = (a.shape, b.shape)
        return result.recorded("select", from: [a, b]) { dy, wanted in
            let zero = Tensor.zeros([], dtype: dy.dtype)
            return [
                wanted[0] ? condition.select(dy, zero).summed(to: shapes.0) : nil,
                wanted[1] ? condition.select(zero, dy).summed(to: shapes.1) : nil,
            ]
        }
    }
}
