public import MartletTensor

/// A softmax over very many classes that spends its work where the text is (Grave et al. 2017, "Efficient softmax
/// approximation for GPUs").
///
/// The classes stand in the order of how common they are, and are cut into a short list and clusters. The head scores the
/// short list and, as one class each, the clusters; only for the labels of a cluster are its own scores worked out, from
/// narrower vectors the rarer they are:
///
/// ```text
/// places  0 … c₁ − 1 │ c₁ … c₂ − 1 │ c₂ … V − 1                       cutoffs c₁, c₂
/// p(y)  = softmax(x W_hᵀ)[y]                                           y in the short list
/// p(y)  = softmax(x W_hᵀ)[c₁ + i] · softmax(x P_iᵀ W_iᵀ)[y − c_{i+1}]  y in cluster i; P_i [H / 4^{i+1}, H]
/// ```
///
/// Parameters as in PyTorch's `nn.AdaptiveLogSoftmaxWithLoss` (div_value 4, no offsets): `head.weight`, and of each cluster
/// `tail.i.0.weight` and `tail.i.1.weight`.
public struct AdaptiveSoftmax: Module {
    /// Where each cluster begins, rising; then the number of classes V.
    public let cutoffs: [Int]
    /// The place of each class, commonest first, `[V]`; nil: the classes are in that order themselves.
    private let places: [Int32]?
    /// Scores of the short list and of the clusters, `[c₁ + clusters, H]`.
    public var head: Linear
    /// Of each cluster, to narrower vectors and from there to the scores.
    public var tails: [(narrow: Linear, scores: Linear)]

    /// By how much the vectors of a cluster are narrower than those of the one before.
    public static let narrowing = 4

    /// What is wrong with cutoffs, in words; nil if nothing is.
    ///
    /// - Parameters:
    ///   - inputSize: the width H of what is scored, of which the rarest cluster needs at least one element.
    ///   - classes: the number of classes V.
    public static func problem(cutoffs: [Int], inputSize: Int, classes: Int) -> String? {
        let isRising = zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 < $1 }
        guard !cutoffs.isEmpty, isRising, cutoffs[0] > 0, cutoffs[cutoffs.count - 1] < classes
        else {
            return "cutoffs are \(cutoffs): expected rising numbers in 1 ..< \(classes)"
        }
        var width = inputSize
        for _ in cutoffs { width /= narrowing }
        return width > 0
            ? nil
            : "the width is \(inputSize): \(cutoffs.count) clusters, each \(narrowing) times narrower than the one before, need more"
    }

    /// A softmax with random weights.
    ///
    /// - Parameters:
    ///   - inputSize: the width H of what is scored.
    ///   - classes: the number of classes V.
    ///   - cutoffs: where each cluster begins; see ``problem(cutoffs:inputSize:classes:)``.
    ///   - order: the classes, commonest first; nil: 0, 1, 2 …
    public init(
        inputSize: Int, classes: Int, cutoffs: [Int], order: [Int32]? = nil,
        using random: inout RandomGenerator
    ) {
        if let problem = Self.problem(cutoffs: cutoffs, inputSize: inputSize, classes: classes) {
            preconditionFailure("AdaptiveSoftmax: \(problem)")
        }
        self.cutoffs = cutoffs + [classes]
        places = order.map { order in
            precondition(
                order.count == classes, "AdaptiveSoftmax: \(order.count) of \(classes) classes")
            var places = [Int32](repeating: 0, count: classes)
            for (place, label) in order.enumerated() { places[Int(label)] = Int32(place) }
            return places
        }
        head = Linear(
            inputSize: inputSize, outputSize: cutoffs[0] + cutoffs.count, bias: false,
            using: &random)
        tails = []
        var width = inputSize
        for (begin, end) in zip(self.cutoffs, self.cutoffs.dropFirst()) {
            width /= Self.narrowing
            tails.append(
                (
                    Linear(inputSize: inputSize, outputSize: width, bias: false, using: &random),
                    Linear(inputSize: width, outputSize: end - begin, bias: false, using: &random)
                ))
        }
    }

    /// Visits `head.weight`, then `tail.0.0.weight`, `tail.0.1.weight`, and so on.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try head.forEachParameter(in: "head", visit)
        for place in tails.indices {
            try tails[place].narrow.forEachParameter(in: "tail.\(place).0", visit)
            try tails[place].scores.forEachParameter(in: "tail.\(place).1", visit)
        }
    }

    /// The logarithms of the probabilities of all classes, `[..., V]`, of an input `[..., H]`.
    public func logProbabilities(_ input: Tensor) -> Tensor {
        let common = head(input).logSoftmax()
        let first = cutoffs[0]
        var parts = [common.slice(axis: -1, 0..<first)]
        for (place, tail) in tails.enumerated() {
            let cluster = common.slice(axis: -1, first + place..<first + place + 1)
            parts.append(tail.scores(tail.narrow(input)).logSoftmax() + cluster)
        }
        let ordered = Tensor.concatenate(parts, axis: input.rank - 1)
        return places.map { ordered.gathered(axis: -1, at: Tensor($0)) } ?? ordered
    }

    /// The mean of −log p of the labels, in nats; with all of them ignored NaN, as the mean of nothing is.
    ///
    /// Of each cluster only the rows are scored whose label is in it.
    ///
    /// - Parameters:
    ///   - input: `[..., H]`.
    ///   - labels: int32, the input's shape without its innermost dimension; each 0 ..< V or `ignoredLabel`.
    ///   - ignoredLabel: rows with this label count for nothing.
    public func loss(_ input: Tensor, labels: Tensor, ignoredLabel: Int32 = -100) -> Tensor {
        precondition(
            labels.dtype == .int32 && labels.shape == Shape(input.shape.dropLast()),
            "AdaptiveSoftmax: input \(input.shape) with labels \(labels.dtype) \(labels.shape)")
        let rows = labels.count
        let first = cutoffs[0]
        var common = [Int32](repeating: ignoredLabel, count: rows)
        var clusters = tails.map { _ in (rows: [Int32](), labels: [Int32]()) }
        var counted = 0
        for (row, label) in labels.scalars(as: Int32.self).enumerated() where label != ignoredLabel
        {
            precondition(
                label >= 0 && Int(label) < cutoffs[cutoffs.count - 1],
                "AdaptiveSoftmax: label \(label) of \(cutoffs[cutoffs.count - 1]) classes")
            let place = places.map { $0[Int(label)] } ?? label
            counted += 1
            // The last cutoff is the number of classes, so there is one above every place.
            let above = cutoffs.firstIndex { place < Int32($0) }!
            guard above > 0 else {
                common[row] = place
                continue
            }
            common[row] = Int32(first + above - 1)
            clusters[above - 1].rows.append(Int32(row))
            clusters[above - 1].labels.append(place - Int32(cutoffs[above - 1]))
        }
        let x = input.reshaped([rows, input.shape[-1]])
        var loss = x.linearCrossEntropy(
            weight: head.weight, labels: Tensor(common, shape: [rows]), ignoredLabel: ignoredLabel)
        for (tail, own) in zip(tails, clusters) where !own.rows.isEmpty {
            let narrow = tail.narrow(x.gathered(axis: 0, at: Tensor(own.rows)))
            let part = narrow.linearCrossEntropy(
                weight: tail.scores.weight, labels: Tensor(own.labels), ignoredLabel: ignoredLabel)
            loss = loss + part * (Double(own.rows.count) / Double(counted))
        }
        return loss
    }

    /// Cutoffs for classes that are seen so often, commonest first: the short list is the fewest classes that make up four
    /// fifths of all, and the first cluster the fewest that make up 95 % with them; the second has the rest.
    ///
    /// One of the clusters may be missing where there are few classes. Needs at least two.
    public static func cutoffs(counts: [Int]) -> [Int] {
        precondition(counts.count > 1, "AdaptiveSoftmax: cutoffs of \(counts.count) classes")
        let total = Double(counts.reduce(0, +))
        var result: [Int] = []
        var sum = 0.0
        for (place, count) in counts.dropLast().enumerated() {
            sum += Double(count)
            let share = result.isEmpty ? 0.80 : 0.95
            if result.count < 2, sum >= share * total { result.append(place + 1) }
        }
        return result.isEmpty ? [counts.count - 1] : result
    }
}
