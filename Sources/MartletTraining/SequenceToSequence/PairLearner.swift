import MartletModels
import MartletNN
import MartletTensor

/// A model that learns from pairs: what ``SequenceToSequenceRecipe`` needs of it.
protocol PairLearner: SequenceToSequenceModel {
    /// What the scores of the token after each of `target` are products of, `[B, T, …]`.
    func features(
        source: Tensor, mask: TokenMask, target: Tensor, dropout random: inout RandomGenerator?
    ) -> Tensor
    /// The scores of the token after each, `[B, T, V]`.
    func scores(of features: Tensor) -> Tensor
    /// The mean cross-entropy of the tokens that really come next, in nats, from what scores are products of.
    func loss(of features: Tensor, next: Tensor, labelSmoothing: Double) -> Tensor
    /// The mean cross-entropy of the tokens that really come next, in nats.
    func loss(
        source: Tensor, mask: TokenMask, target: Tensor, next: Tensor, labelSmoothing: Double,
        dropout random: inout RandomGenerator?
    ) -> Tensor
    /// The likeliest token after each of `target`, int32 `[B, T]`.
    func guesses(source: Tensor, mask: TokenMask, target: Tensor) -> Tensor

    /// What is to become small: the mean cross-entropy, and whatever else the model asks for in training.
    func penalisedLoss(
        source: Tensor, mask: TokenMask, target: Tensor, next: Tensor, labelSmoothing: Double,
        dropout random: inout RandomGenerator?
    ) -> Tensor
}

extension RecurrentSequenceToSequence: PairLearner {
    func guesses(source: Tensor, mask: TokenMask, target: Tensor) -> Tensor {
        copies
            ? self(source: source, mask: mask, target: target).argmax(axis: 2)
            : likeliestOfFeatures(source: source, mask: mask, target: target)
    }
}

extension Transformer: PairLearner {
    func features(
        source: Tensor, mask: TokenMask, target: Tensor, dropout random: inout RandomGenerator?
    ) -> Tensor {
        var state: EncoderDecoderState?
        let memory = encode(source, mask: mask, dropout: &random)
        return decode(
            target, memory: memory, memoryMask: mask, state: &state, dropout: &random)
    }
}

extension PairLearner {
    func penalisedLoss(
        source: Tensor, mask: TokenMask, target: Tensor, next: Tensor, labelSmoothing: Double,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        loss(
            source: source, mask: mask, target: target, next: next, labelSmoothing: labelSmoothing,
            dropout: &random)
    }

    func loss(
        source: Tensor, mask: TokenMask, target: Tensor, next: Tensor, labelSmoothing: Double,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let features = features(source: source, mask: mask, target: target, dropout: &random)
        return loss(of: features, next: next, labelSmoothing: labelSmoothing)
    }

    func guesses(source: Tensor, mask: TokenMask, target: Tensor) -> Tensor {
        likeliestOfFeatures(source: source, mask: mask, target: target)
    }

    /// What is to become small on a batch.
    ///
    /// - Parameters:
    ///   - ownShare: the share of written tokens that are the model's own guesses, not those of the pairs.
    ///   - random: random numbers for dropout and for the choice of these tokens.
    func loss(
        on batch: PairBatch, labelSmoothing: Double, ownShare: Double,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let target =
            ownShare > 0 ? mixed(batch, ownShare, using: &random) : batch.target
        return penalisedLoss(
            source: batch.source, mask: batch.mask, target: target, next: batch.next,
            labelSmoothing: labelSmoothing, dropout: &random)
    }

    /// What was written before each token, some of it replaced by what the model would have written there.
    ///
    /// Scheduled sampling (Bengio et al. 2015) in two passes (Mihaylova & Martins 2019): the guesses are those of a first pass
    /// over the pairs' own tokens, so that all steps are made at once.
    private func mixed(
        _ batch: PairBatch, _ share: Double, using random: inout RandomGenerator?
    ) -> Tensor {
        guard random != nil else { return batch.target }
        let isOwn = random!.bernoulli(batch.target.shape, probability: share)
            .scalars(as: Bool.self)
        let guesses = withoutGradient {
            self.guesses(source: batch.source, mask: batch.mask, target: batch.target)
        }
        var read = batch.target.scalars(as: Int32.self)
        let length = batch.target.shape[1]
        // The guess of a step is what the next one would read.
        for (place, guess) in guesses.scalars(as: Int32.self).enumerated()
        where place % length != length - 1 && isOwn[place + 1] {
            read[place + 1] = guess
        }
        return Tensor(read, shape: batch.target.shape)
    }

    /// The likeliest tokens, int32 `[B, T]`, some rows of scores at a time.
    fileprivate func likeliestOfFeatures(source: Tensor, mask: TokenMask, target: Tensor) -> Tensor
    {
        var none: RandomGenerator?
        let features = features(source: source, mask: mask, target: target, dropout: &none)
        let rows = features.reshaped([-1, features.shape[2]])
        let pieces = stride(from: 0, to: rows.shape[0], by: 512).map { start in
            scores(of: rows.slice(axis: 0, start..<min(start + 512, rows.shape[0]))).argmax(axis: 1)
        }
        return Tensor.concatenate(pieces, axis: 0).reshaped(Array(features.shape.dropLast()))
    }

    /// The mean loss of all tokens that are to be written, in nats, without smoothing.
    func loss(on sequences: PairSequences, _ batches: [[Int]]) -> Double {
        var (nats, count) = (0.0, 0)
        var none: RandomGenerator?
        for rows in batches {
            let batch = sequences.batch(rows)
            let loss = loss(
                source: batch.source, mask: batch.mask, target: batch.target, next: batch.next,
                labelSmoothing: 0, dropout: &none)
            nats += loss.item * Double(batch.written)
            count += batch.written
        }
        return nats / Double(max(count, 1))
    }
}
