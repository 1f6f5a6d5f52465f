/// A part of a model: a struct that owns parameters, alone or in further modules.
///
/// A module names its parameters by hand, as PyTorch names them, so that a checkpoint's names are read
/// where the parameters are declared:
///
/// ```swift
/// struct Classifier: Module {
///     var embedding: Embedding
///     var output: Linear
///     mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
///         try embedding.forEachParameter(in: "embedding", visit)
///         try output.forEachParameter(in: "output", visit)
///     }
/// }
/// ```
public protocol Module: Sendable {
    /// Visits every parameter once, in a fixed order, with its name; the visitor may replace it.
    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows
}

extension Module {
    /// Visits every parameter with `scope.` before its name; an empty scope adds nothing.
    public mutating func forEachParameter(
        in scope: String, _ visit: (String, inout Tensor) throws -> Void
    ) rethrows {
        try forEachParameter { name, tensor in
            try visit(scope.isEmpty ? name : scope + "." + name, &tensor)
        }
    }

    /// Every parameter with its name, in the module's order.
    public var parameters: [(name: String, tensor: Tensor)] {
        var result: [(name: String, tensor: Tensor)] = []
        var copy = self
        copy.forEachParameter { name, tensor in result.append((name, tensor)) }
        return result
    }

    /// The number of trained numbers.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

    /// The module with every parameter replaced by what `transform` makes of it.
    public func mapParameters(_ transform: (String, Tensor) throws -> Tensor) rethrows -> Self {
        var copy = self
        try copy.forEachParameter { name, tensor in tensor = try transform(name, tensor) }
        return copy
    }
}
