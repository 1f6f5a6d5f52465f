public import MartletTensor

/// Stochastic gradient descent, with momentum and weight decay as in PyTorch's `torch.optim.SGD`.
///
/// ```text
/// g ← g + weightDecay · p
/// v ← momentum · v + g              (first step: v ← g)
/// p ← p − learningRate · v          (nesterov: g + momentum · v in place of v)
/// ```
public struct SGD: Optimizer {
    /// The factor of a step.
    public var learningRate: Double
    /// The share of the last step's direction that is kept, 0 ..< 1.
    public var momentum: Double
    /// The factor of the parameters that is added to the gradient.
    public var weightDecay: Double
    /// Whether the step looks ahead by the momentum (Sutskever et al. 2013).
    public var nesterov: Bool

    private var velocities = Slots()
    private var steps = 0

    /// A rule with the given factors.
    public init(
        learningRate: Double, momentum: Double = 0, weightDecay: Double = 0, nesterov: Bool = false
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.nesterov = nesterov
    }

    /// Changes every parameter of the model in place.
    public mutating func update<M: Module>(_ model: inout M, _ gradient: Gradient<M>) {
        let gradients = gradient.tensors
        var index = 0
        let first = steps == 0
        model.forEachParameter { _, parameter in
            let change = gradients[index].tensor
            if momentum == 0 {
                parameter.sgdStep(
                    gradient: change, learningRate: learningRate, weightDecay: weightDecay)
            } else {
                velocities.with(index, like: parameter) { velocity in
                    parameter.sgdStep(
                        gradient: change, velocity: &velocity, isFirst: first,
                        learningRate: learningRate, momentum: momentum, weightDecay: weightDecay,
                        nesterov: nesterov)
                }
            }
            index += 1
        }
        steps += 1
    }

    /// The moments and the number of steps, by name.
    public var state: [String: Tensor] {
        var all = ["step": Tensor(Int64(steps))]
        velocities.named("momentum_buffer", into: &all)
        return all
    }

    /// Takes back what ``state`` gave; throws ``OptimizerError`` if a tensor is missing.
    public mutating func restore(_ state: [String: Tensor]) throws {
        steps = Int(state["step"]?.item ?? 0)
        try velocities.restore("momentum_buffer", from: state)
    }
}
