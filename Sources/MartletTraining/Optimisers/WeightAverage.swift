public import MartletTensor

/// A running average of a model's weights, which judges better than the last ones (Polyak & Juditsky 1992).
///
/// ```text
/// a ← d a + (1 − d) p       d = min(decay, (1 + n) / (10 + n)) for the nth update, so that the start is soon forgotten
/// ```
///
/// It is brought up to date every few steps, by as much as all of them: a tenth of the work, and nearly the same.
public struct WeightAverage<M: Module>: Sendable {
    /// How many steps share an update.
    public static var stride: Int { 8 }

    /// The averaged model.
    public private(set) var model: M
    /// How much of the average is kept in a step, 0 ..< 1.
    public let decay: Double

    /// An average that begins with a model.
    public init(_ model: M, decay: Double) {
        precondition((0..<1).contains(decay), "weight average: decay \(decay)")
        self.model = model
        self.decay = decay
    }

    /// Takes in the weights after a step, counted from 1; most steps are passed over.
    public mutating func update(_ weights: M, step: Int) {
        guard step % Self.stride == 0 else { return }
        let count = Double(step / Self.stride)
        var kept = 1.0
        for _ in 0..<Self.stride { kept *= decay }
        kept = min(kept, (1 + count) / (10 + count))
        let new = weights.parameters
        var index = 0
        model.forEachParameter { _, average in
            average = average * kept + new[index].tensor * (1 - kept)
            index += 1
        }
    }
}
