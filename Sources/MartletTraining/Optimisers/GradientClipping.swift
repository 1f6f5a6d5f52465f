public import MartletTensor

extension Gradient {
    /// The length of the gradient as one vector over all parameters.
    public var norm: Double {
        tensors.reduce(0) { $0 + $1.tensor.sumOfSquares }.squareRoot()
    }

    /// The gradient scaled down to the given length if it is longer (Pascanu, Mikolov & Bengio 2013).
    ///
    /// As PyTorch's `clip_grad_norm_`: the factor is `norm / (length + 1e-6)`, at most 1.
    public func clipped(norm limit: Double) -> Gradient {
        var copy = self
        copy.clip(norm: limit)
        return copy
    }

    /// Scales the gradient down in place, as ``clipped(norm:)``.
    public mutating func clip(norm limit: Double) { clip(norm: limit, from: norm) }

    /// The same for a gradient whose length is known.
    mutating func clip(norm limit: Double, from norm: Double) {
        let factor = limit / (norm + 1e-6)
        if factor < 1 { model.forEachParameter { _, tensor in tensor.scale(by: factor) } }
    }

    /// The gradient with every element limited to ±limit.
    public func clipped(value limit: Double) -> Gradient {
        var copy = self
        copy.model.forEachParameter { _, tensor in tensor = tensor.clamped(to: -limit...limit) }
        return copy
    }
}

extension Gradient {
    /// The gradient with every element times a factor.
    func scaled(by factor: Double) -> Gradient {
        var copy = self
        copy.model.forEachParameter { _, tensor in tensor.scale(by: factor) }
        return copy
    }

    /// The sum of two gradients.
    func adding(_ other: Gradient) -> Gradient {
        let others = other.tensors
        var (copy, place) = (self, 0)
        copy.model.forEachParameter { _, tensor in
            tensor = tensor + others[place].tensor
            place += 1
        }
        return copy
    }
}
