public import MartletTensor

/// Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019), as in PyTorch.
///
/// ```text
/// p ← p − learningRate · weightDecay · p             decoupled (AdamW)
/// g ← g + weightDecay · p                            not decoupled (Adam with L2)
/// m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
/// p ← p − learningRate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
/// ```
public struct AdamW: Optimizer {
    /// The factor of a step.
    public var learningRate: Double
    /// How slowly the mean of the gradients (β₁) and of their squares (β₂) move.
    public var betas: (Double, Double)
    /// What is added to the denominator.
    public var epsilon: Double
    /// The decay of the parameters in a step, times the learning rate.
    public var weightDecay: Double
    /// Whether the decay is separate from the gradient; false gives PyTorch's `Adam`.
    public var decoupled: Bool
    /// Whether parameters with one dimension, norms and offsets, decay as matrices do.
    public var decaysVectors: Bool

    private var means = Slots()
    private var squares = Slots()
    private var steps = 0

    /// A rule with the given factors.
    public init(
        learningRate: Double, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, decoupled: Bool = true, decaysVectors: Bool = true
    ) {
        self.learningRate = learningRate
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.decoupled = decoupled
        self.decaysVectors = decaysVectors
    }

    /// Changes every parameter of the model in place.
    public mutating func update<M: Module>(_ model: inout M, _ gradient: Gradient<M>) {
        steps += 1
        let gradients = gradient.tensors
        var index = 0
        model.forEachParameter { _, parameter in
            means.with(index, like: parameter) { mean in
                squares.with(index, like: parameter) { square in
                    parameter.adamStep(
                        gradient: gradients[index].tensor, mean: &mean, square: &square,
                        step: steps,
                        learningRate: learningRate, betas: betas, epsilon: epsilon,
                        weightDecay: parameter.rank > 1 || decaysVectors ? weightDecay : 0,
                        decoupled: decoupled)
                }
            }
            index += 1
        }
    }

    /// The moments and the number of steps, by name.
    public var state: [String: Tensor] {
        var all = ["step": Tensor(Int64(steps))]
        means.named("exp_avg", into: &all)
        squares.named("exp_avg_sq", into: &all)
        return all
    }

    /// Takes back what ``state`` gave; throws ``OptimizerError`` if a tensor is missing.
    public mutating func restore(_ state: [String: Tensor]) throws {
        steps = Int(state["step"]?.item ?? 0)
        try means.restore("exp_avg", from: state)
        try squares.restore("exp_avg_sq", from: state)
    }
}

extension AdamW {
    /// PyTorch's `Adam`: weight decay, if any, is added to the gradient.
    public static func adam(
        learningRate: Double, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) -> AdamW {
        AdamW(
            learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
            decoupled: false)
    }
}
