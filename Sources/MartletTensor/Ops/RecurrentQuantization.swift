import CMartletKernels

/// How weights are kept in fewer bits.
///
/// For networks as they begin and normal inputs, the root mean square of an output's error is at most 0.015 of the outputs'
/// with 8 bits and 0.15 with 4 (a test holds it so); what it means for a trained network's task is to be measured on its data.
public enum QuantizedType: String, Sendable, Codable, CaseIterable {
    /// A byte a number, w ≈ s q with q in -127 … 127 and one scale s for each row.
    case int8
    /// Half a byte a number, w ≈ s (q - 8) with q in 0 … 15 and one scale for each group of 32 numbers of a row.
    case int4

    /// The numbers that share a scale in 4 bits.
    static let groupSize = 32

    var code: mk_weight_type {
        switch self {
        case .int8: MK_WEIGHTS_INT8
        case .int4: MK_WEIGHTS_INT4
        }
    }

    /// The element type of the quantised tensor.
    public var storage: DType { self == .int8 ? .int8 : .uint8 }

    /// The shape of what `[rows, columns]` numbers become.
    public func shape(rows: Int, columns: Int) -> Shape {
        self == .int8 ? [rows, columns] : [rows, (columns + 1) / 2]
    }

    /// The shape of their scales: `[rows]`, or `[rows, groups]`.
    public func scaleShape(rows: Int, columns: Int) -> Shape {
        self == .int8 ? [rows] : [rows, (columns + Self.groupSize - 1) / Self.groupSize]
    }
}

/// The scales of a recurrent layer's quantised weights, and the widths that these no longer show.
public struct RecurrentQuantization: Sendable {
    /// How the weights are kept.
    public var type: QuantizedType
    /// The width D of the input.
    public var inputSize: Int
    /// The width P of the state.
    public var stateSize: Int
    /// The scales of the weights from the input.
    public var inputScale: Tensor
    /// The scales of the weights from the state.
    public var stateScale: Tensor
    /// The scales of the projection.
    public var projectionScale: Tensor?

    /// Scales of weights of these widths.
    public init(
        type: QuantizedType, inputSize: Int, stateSize: Int, inputScale: Tensor,
        stateScale: Tensor, projectionScale: Tensor? = nil
    ) {
        self.type = type
        self.inputSize = inputSize
        self.stateSize = stateSize
        self.inputScale = inputScale
        self.stateScale = stateScale
        self.projectionScale = projectionScale
    }
}

extension Tensor {
    /// A matrix `[rows, columns]` of numbers in 8 or 4 bits, with their scales.
    ///
    /// Each number is rounded to the nearest multiple of its scale, the largest absolute value of its row (or group) over
    /// 127 (or 7): the error of a number is at most half a scale. In 4 bits, two numbers share a byte, the even one in its
    /// low half.
    public func quantized(to type: QuantizedType) -> (values: Tensor, scales: Tensor) {
        precondition(rank == 2, "quantized: \(shape), expected a matrix")
        let (rows, columns) = (shape[0], shape[1])
        let numbers = cast(to: .float32).scalars(as: Float.self)
        let group = type == .int8 ? Swift.max(columns, 1) : QuantizedType.groupSize
        let top: Float = type == .int8 ? 127 : 7
        let groups = type == .int8 ? 1 : (columns + group - 1) / group
        var scales = [Float](repeating: 0, count: rows * groups)
        var whole = [Int8](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for g in 0..<groups {
                let begin = row * columns + g * group
                let end = row * columns + Swift.min((g + 1) * group, columns)
                var largest: Float = 0
                for place in begin..<end { largest = Swift.max(largest, Swift.abs(numbers[place])) }
                let scale = largest / top
                scales[row * groups + g] = scale
                guard scale > 0, scale.isFinite else { continue }
                for place in begin..<end {
                    let steps = (numbers[place] / scale).rounded()
                    whole[place] = Int8(Swift.max(-top, Swift.min(top, steps)))
                }
            }
        }
        let scaleTensor = Tensor(
            scales, shape: type.scaleShape(rows: rows, columns: columns))
        if type == .int8 { return (Tensor(whole, shape: [rows, columns]), scaleTensor) }
        let width = (columns + 1) / 2
        var packed = [UInt8](repeating: 0x88, count: rows * width)
        for row in 0..<rows {
            for column in 0..<columns {
                let value = UInt8(whole[row * columns + column] + 8)
                let place = row * width + column / 2
                let other = packed[place] & (column % 2 == 0 ? 0xF0 : 0x0F)
                packed[place] = other | (column % 2 == 0 ? value : value << 4)
            }
        }
        return (Tensor(packed, shape: [rows, width]), scaleTensor)
    }

    /// The numbers that ``quantized(to:)`` kept: the receiver has the values.
    public func dequantized(_ type: QuantizedType, scales: Tensor, columns: Int) -> Tensor {
        let rows = shape[0]
        let factors = scales.scalars(as: Float.self)
        var result = [Float](repeating: 0, count: rows * columns)
        switch type {
        case .int8:
            let values = scalars(as: Int8.self)
            for place in result.indices {
                result[place] = Float(values[place]) * factors[place / columns]
            }
        case .int4:
            let values = scalars(as: UInt8.self)
            let (width, groups) = (shape[1], scales.shape[1])
            for place in result.indices {
                let (row, column) = (place / columns, place % columns)
                let byte = values[row * width + column / 2]
                let value = Float(Int(column % 2 == 0 ? byte & 15 : byte >> 4) - 8)
                result[place] =
                    value * factors[row * groups + column / QuantizedType.groupSize]
            }
        }
        return Tensor(result, shape: [rows, columns])
    }
}
