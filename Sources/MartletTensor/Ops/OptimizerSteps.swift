import CMartletKernels

extension Tensor {
    /// One step of gradient descent in place, without momentum.
    public mutating func sgdStep(gradient: Tensor, learningRate: Double, weightDecay: Double = 0) {
        var options = mk_sgd_options()
        options.learning_rate = learningRate
        options.weight_decay = weightDecay
        options.first_step = true
        let (kernels, n, g) = (kernels, count, gradient.matching(self))
        mutateBytes { p in g.read { g in kernels.optimiser.sgd(&options, g, nil, p.baseAddress, n) }
        }
    }

    /// One step of gradient descent in place, with momentum; PyTorch's `SGD`.
    public mutating func sgdStep(
        gradient: Tensor, velocity: inout Tensor, isFirst: Bool, learningRate: Double,
        momentum: Double,
        weightDecay: Double = 0, nesterov: Bool = false
    ) {
        var options = mk_sgd_options()
        options.learning_rate = learningRate
        options.momentum = momentum
        options.weight_decay = weightDecay
        options.nesterov = nesterov
        options.first_step = isFirst
        let (kernels, n, g) = (kernels, count, gradient.matching(self))
        mutateBytes { p in
            velocity.mutateBytes { v in
                g.read { g in kernels.optimiser.sgd(&options, g, v.baseAddress, p.baseAddress, n) }
            }
        }
    }

    /// One step of Adam or AdamW in place; `step` counts from 1.
    public mutating func adamStep(
        gradient: Tensor, mean: inout Tensor, square: inout Tensor, step: Int, learningRate: Double,
        betas: (Double, Double), epsilon: Double, weightDecay: Double, decoupled: Bool
    ) {
        var options = mk_adam_options()
        options.learning_rate = learningRate
        (options.beta1, options.beta2) = betas
        options.epsilon = epsilon
        options.weight_decay = weightDecay
        options.decoupled = decoupled
        options.step = step
        let (kernels, n, g) = (kernels, count, gradient.matching(self))
        mutateBytes { p in
            mean.mutateBytes { m in
                square.mutateBytes { v in
                    g.read { g in
                        kernels.optimiser.adam(
                            &options, g, m.baseAddress, v.baseAddress, p.baseAddress, n)
                    }
                }
            }
        }
    }

    /// This gradient, contiguous, if it fits a parameter.
    private func matching(_ parameter: Tensor) -> Tensor {
        precondition(
            shape == parameter.shape && dtype == parameter.dtype,
            "a gradient \(dtype) \(shape) for a parameter \(parameter.dtype) \(parameter.shape)")
        return contiguous()
    }
}
