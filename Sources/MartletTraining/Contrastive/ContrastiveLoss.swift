public import MartletTensor

extension Tensor {
    /// The loss of pairs of vectors that belong together, among all others of the batch: a scalar.
    ///
    /// ```text
    /// s_ij = q_i · t_j / τ
    /// loss = mean over i of −log (exp s_ii / Σ_j exp s_ij)          each question chooses its target; and if it is symmetric
    ///        half of that, and half of each target choosing its question
    /// ```
    ///
    /// InfoNCE (van den Oord et al. 2018), which Sentence-BERT's library calls multiple negatives ranking (Reimers & Gurevych
    /// 2019; Henderson et al. 2017).
    ///
    /// - Parameters:
    ///   - targets: `[B, D]` as this one; vectors that are 1 long make the products cosines.
    ///   - temperature: τ, above 0.
    ///   - same: for each pair a number that others share whose texts say the same, so that they are no counter-examples;
    ///     nil: all differ. Two lists, of the questions and of the targets.
    ///   - isSymmetric: whether targets choose, too.
    public func contrastiveLoss(
        _ targets: Tensor, temperature: Double, same: (questions: [Int], targets: [Int])? = nil,
        isSymmetric: Bool = true
    ) -> Tensor {
        precondition(
            rank == 2 && shape == targets.shape && temperature > 0,
            "contrastive loss: \(shape) with \(targets.shape), temperature \(temperature)")
        let count = shape[0]
        var scores = linear(weight: targets) / temperature
        if let same {
            precondition(
                same.questions.count == count && same.targets.count == count,
                "contrastive loss: \(count) pairs, \(same.questions.count) and \(same.targets.count) numbers"
            )
            // No counter-example: a finite number, so that gradients are numbers, too.
            var away = [Float](repeating: 0, count: count * count)
            for i in 0..<count {
                for j in 0..<count where i != j {
                    let isSame =
                        same.questions[i] == same.questions[j]
                        || same.targets[i] == same.targets[j]
                    if isSame { away[i * count + j] = -1e9 }
                }
            }
            scores = scores + Tensor(away, shape: [count, count]).cast(to: dtype)
        }
        let places = Tensor((0..<count).map { Int32($0) })
        let forward = scores.softmaxCrossEntropy(places)
        guard isSymmetric else { return forward }
        return (forward + scores.transposed(0, 1).contiguous().softmaxCrossEntropy(places)) / 2
    }
}
