/// The gradient of a scalar with respect to every parameter of a model, in the model's own structure.
///
/// `gradient.output.weight` is the gradient of `model.output.weight`.
@dynamicMemberLookup
public struct Gradient<Model: Module>: Sendable {
    /// A model whose parameters are the gradients.
    public var model: Model

    init(_ model: Model) {
        self.model = model
    }

    /// The gradient of a part of the model.
    public subscript<Part>(dynamicMember part: KeyPath<Model, Part>) -> Part {
        model[keyPath: part]
    }

    /// Every gradient with its parameter's name, in the model's order.
    public var tensors: [(name: String, tensor: Tensor)] { model.parameters }
}

/// The value of `loss` at the model, and its gradient for every parameter.
///
/// - Parameter loss: from the model to a scalar tensor.
/// - Returns: the scalar, and its gradient; a parameter that `loss` does not use has a gradient of zeros.
public func valueAndGradient<Model: Module>(
    at model: Model, _ loss: (Model) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Gradient<Model>) {
    let (value, _, gradient) = try valueAndGradient(at: model) { (try loss($0), ()) }
    return (value, gradient)
}

/// The value of `loss` at the model, what else it gives (say, the predictions), and the gradient of the value.
///
/// - Parameter loss: from the model to a scalar tensor and anything besides, which is not differentiated.
public func valueAndGradient<Model: Module, Extra>(
    at model: Model, _ loss: (Model) throws -> (Tensor, Extra)
) rethrows -> (value: Tensor, extra: Extra, gradient: Gradient<Model>) {
    let tape = Tape()
    var traced = model
    traced.forEachParameter { _, tensor in
        tensor = tensor.dtype.isFloatingPoint ? tape.leaf(tensor.detached) : tensor.detached
    }
    let (value, extra) = try Tape.$current.withValue(tape) { try loss(traced) }
    let gradients = tape.gradients(of: value)
    let structured = traced.mapParameters { _, tensor in
        let known = tensor.trace.isNone ? nil : gradients[Int(tensor.trace.node)]
        return known ?? Tensor.zeros(tensor.shape, dtype: tensor.dtype)
    }
    return (value.detached, extra, Gradient(structured))
}

/// The value of `function` at the given tensors, and its gradient for each of them.
///
/// - Parameter function: from the tensors to a scalar tensor.
/// - Returns: the scalar, and one gradient for each tensor, of its shape.
public func valueAndGradients(
    at tensors: [Tensor], _ function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
    let tape = Tape()
    let leaves = tensors.map { tape.leaf($0.detached) }
    let value = try Tape.$current.withValue(tape) { try function(leaves) }
    let gradients = tape.gradients(of: value)
    return (
        value.detached,
        leaves.map { gradients[Int($0.trace.node)] ?? Tensor.zeros($0.shape, dtype: $0.dtype) }
    )
}

/// Runs `body` without recording: what it computes counts as constant.
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Tape.$current.withValue(nil) { try body() }
}

extension Tape {
    /// The gradients of all values with respect to a scalar of this tape.
    func gradients(of value: Tensor) -> [Tensor?] {
        precondition(
            value.count == 1,
            "the gradient of a tensor of shape \(value.shape): it must be a scalar")
        return backward(from: [(value, Tensor.full(value.shape, 1, dtype: value.dtype))])
    }
}
