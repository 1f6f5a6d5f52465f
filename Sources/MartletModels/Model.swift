public import MartletTensor

/// A whole architecture that a checkpoint folder can hold.
public protocol Model: Module {
    /// What `config.json` says of it.
    associatedtype Configuration: ModelConfiguration

    /// The model's configuration.
    var configuration: Configuration { get }

    /// A model of that configuration with random weights.
    init(_ configuration: Configuration, using random: inout RandomGenerator)

    /// Named tensors in, named tensors out.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type.
    func run(_ inputs: [String: Tensor]) throws -> [String: Tensor]
}

/// A model whose large matrices can be kept in 8 or 4 bits.
public protocol QuantizableModel: Model {
    /// How they are kept, if in fewer bits.
    var quantization: QuantizedType? { get }
    /// How they can be kept.
    static var quantizedTypes: [QuantizedType] { get }
    /// The same with its matrices in fewer bits; for inference.
    func quantized(to type: QuantizedType) -> Self
}

extension QuantizableModel {
    /// All there are.
    public static var quantizedTypes: [QuantizedType] { QuantizedType.allCases }
}

/// The keys of a `config.json`.
public protocol ModelConfiguration: Codable, Sendable {
    /// The value of `"architecture"` in `config.json`.
    static var architecture: String { get }
    /// What is wrong with the values, in words; nil if nothing is.
    var problem: String? { get }
}

extension ModelConfiguration {
    /// What is wrong with sizes, by their keys; nil if each is 1 … 1,048,576, and the number of layers 1 … 1,024.
    static func problem(sizes: KeyValuePairs<String, Int>, layers: Int = 1) -> String? {
        for (key, value) in sizes where !(1...1 << 20).contains(value) {
            return "\(key) is \(value): expected 1 … \(1 << 20)"
        }
        return (1...1024).contains(layers)
            ? nil : "num_layers is \(layers): expected 1 … 1024"
    }

    /// What is wrong with probabilities, by their keys; nil if each is 0 ..< 1.
    static func problem(probabilities: KeyValuePairs<String, Double>) -> String? {
        for (key, value) in probabilities where !(value >= 0 && value < 1) {
            return "\(key) is \(value): expected 0 ..< 1"
        }
        return nil
    }
}

/// What can be wrong with a model's inputs.
public struct ModelError: Error, CustomStringConvertible, Sendable {
    /// What, where, found against expected, and what to do.
    public let description: String

    /// An error of that text.
    public init(_ description: String) {
        self.description = description
    }
}

/// Takes named tensors one by one and says clearly what is wrong with them.
struct InputReader {
    private var remaining: [String: Tensor]
    private var known: [String] = []

    init(_ tensors: [String: Tensor]) {
        remaining = tensors
    }

    /// The tensor of that name; a nil size may be any.
    mutating func take(_ name: String, _ dtype: DType, _ shape: [Int?]) throws -> Tensor {
        guard let tensor = try takeIfPresent(name, dtype, shape) else {
            throw ModelError(
                "input tensor \"\(name)\" is missing: expected \(dtype) \(text(shape)); there are \(remaining.keys.sorted())"
            )
        }
        return tensor
    }

    /// The tensor of that name, or nil; a nil size may be any.
    mutating func takeIfPresent(_ name: String, _ dtype: DType, _ shape: [Int?]) throws -> Tensor? {
        known.append(name)
        guard let tensor = remaining.removeValue(forKey: name) else { return nil }
        let fits =
            tensor.rank == shape.count
            && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
        guard fits else {
            throw ModelError(
                "input tensor \"\(name)\" has the shape \(tensor.shape): expected \(text(shape))")
        }
        let widening = dtype == .float32 && tensor.dtype.isFloatingPoint
        guard tensor.dtype == dtype || widening else {
            throw ModelError("input tensor \"\(name)\" is \(tensor.dtype): expected \(dtype)")
        }
        return tensor.cast(to: dtype)
    }

    /// Numbers, each in 0 ..< limit, int32 or int64; as int32. A nil size may be any.
    mutating func takeNumbers(_ name: String, below limit: Int, shape: [Int?]) throws -> Tensor {
        guard let tensor = try takeNumbersIfPresent(name, below: limit, shape: shape) else {
            throw ModelError(
                "input tensor \"\(name)\" is missing: expected int32 or int64 \(text(shape)); there are \(remaining.keys.sorted())"
            )
        }
        return tensor
    }

    /// Numbers, each in 0 ..< limit, int32 or int64, as int32; nil if there is no such tensor. A nil size may be any.
    mutating func takeNumbersIfPresent(
        _ name: String, below limit: Int, shape: [Int?]
    ) throws -> Tensor? {
        known.append(name)
        guard let tensor = remaining.removeValue(forKey: name) else { return nil }
        let fits =
            tensor.rank == shape.count
            && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
        guard fits, tensor.dtype == .int32 || tensor.dtype == .int64 else {
            throw ModelError(
                "input tensor \"\(name)\" is \(tensor.dtype) \(tensor.shape): expected int32 or int64 \(text(shape))"
            )
        }
        let values = tensor.cast(to: .int64).scalars(as: Int64.self)
        if let place = values.firstIndex(where: { $0 < 0 || $0 >= limit }) {
            var indices: [Int] = []
            var rest = place
            for size in tensor.shape.reversed() {
                indices.insert(rest % size, at: 0)
                rest /= size
            }
            throw ModelError("\(name)\(indices) is \(values[place]): expected 0 … \(limit - 1)")
        }
        return tensor.cast(to: .int32)
    }

    /// Lengths `[count]`, each 0 … longest, int32 or int64; nil if there is no such tensor.
    mutating func takeLengths(_ name: String, count: Int, longest: Int) throws -> [Int]? {
        known.append(name)
        guard let tensor = remaining.removeValue(forKey: name) else { return nil }
        guard tensor.shape == [count] else {
            throw ModelError(
                "input tensor \"\(name)\" has the shape \(tensor.shape): expected [\(count)]")
        }
        guard tensor.dtype == .int64 || tensor.dtype == .int32 else {
            throw ModelError("input tensor \"\(name)\" is \(tensor.dtype): expected int64 or int32")
        }
        let lengths = tensor.cast(to: .int64).scalars(as: Int64.self).map(Int.init)
        if let row = lengths.firstIndex(where: { $0 < 0 || $0 > longest }) {
            throw ModelError("\(name)[\(row)] is \(lengths[row]): expected 0 … \(longest)")
        }
        return lengths
    }

    /// A mask of that shape: not 0 where it holds; nil if there is no such tensor.
    mutating func takeMask(_ name: String, _ shape: Shape) throws -> Tensor? {
        known.append(name)
        guard let tensor = remaining.removeValue(forKey: name) else { return nil }
        guard tensor.shape == shape else {
            throw ModelError(
                "input tensor \"\(name)\" has the shape \(tensor.shape): expected \(shape)")
        }
        guard !tensor.dtype.isFloatingPoint else {
            throw ModelError(
                "input tensor \"\(name)\" is \(tensor.dtype): expected bool or whole numbers")
        }
        return tensor
    }

    /// Refuses tensors that nothing has asked for.
    func finish() throws {
        if let extra = remaining.keys.min() {
            throw ModelError("input tensor \"\(extra)\" is not one of \(known)")
        }
    }

    private func text(_ shape: [Int?]) -> String {
        "[" + shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") + "]"
    }
}
