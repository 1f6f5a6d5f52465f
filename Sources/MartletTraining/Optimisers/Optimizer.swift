public import MartletTensor

/// A rule that changes a model's parameters by a gradient.
public protocol Optimizer: Sendable {
    /// The factor of a step; schedules change it between steps.
    var learningRate: Double { get set }

    /// Changes every parameter of the model in place.
    mutating func update<M: Module>(_ model: inout M, _ gradient: Gradient<M>)

    /// What the rule remembers between steps, by name, for a checkpoint.
    var state: [String: Tensor] { get }

    /// Takes back what ``state`` gave.
    ///
    /// - Throws: ``OptimizerError`` if a tensor is missing.
    mutating func restore(_ state: [String: Tensor]) throws
}

/// A saved optimiser state that does not fit.
public struct OptimizerError: Error, CustomStringConvertible, Sendable {
    /// What is wrong.
    public let description: String
}

/// One slot of memory for each parameter (a momentum, say), made at the first step.
struct Slots: Sendable {
    var tensors: [Tensor] = []

    /// Calls `change` with the slot of parameter `index`, held by nobody else while it runs.
    mutating func with(_ index: Int, like parameter: Tensor, _ change: (inout Tensor) -> Void) {
        while tensors.count <= index {
            tensors.append(Tensor.zeros(parameter.shape, dtype: parameter.dtype))
        }
        change(&tensors[index])
    }

    func named(_ name: String, into state: inout [String: Tensor]) {
        for (index, tensor) in tensors.enumerated() { state["\(name).\(index)"] = tensor }
    }

    mutating func restore(_ name: String, from state: [String: Tensor]) throws {
        tensors = []
        while let tensor = state["\(name).\(tensors.count)"] { tensors.append(tensor) }
        let count = state.keys.count { $0.hasPrefix(name + ".") }
        guard tensors.count == count else {
            throw OptimizerError(
                description:
                    "optimiser state: \"\(name).\(tensors.count)\" is missing (\(count) tensors begin with \"\(name).\")"
            )
        }
    }
}
