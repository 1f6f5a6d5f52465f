import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Dropout of a language model: what was dropped shows as zeros in the gradients, and a model without those elements, the
/// others enlarged, must give the same loss. That holds only if the same elements are dropped at every step.
@Suite struct LanguageModelDropoutTests {
    private static let tokens = Tensor(
        (0..<24).map { Int32($0 * 5 % 7) }, shape: [1, 24])
    private static let next = Tensor(
        (0..<24).map { Int32(($0 + 1) * 5 % 7) }, shape: [1, 24])

    private func model(
        _ cell: CellKind, dropout: Double = 0, weightDropout: Double = 0, isTied: Bool = false
    ) -> LanguageModel {
        var random = RandomGenerator(seed: 11)
        return LanguageModel(
            .init(
                cell: cell, vocabularySize: 7, embeddingSize: 8, hiddenSize: 12, layers: 2,
                isTied: isTied, dropout: dropout, weightDropout: weightDropout), using: &random)
    }

    private func run(
        _ model: LanguageModel, seed: UInt64?
    ) -> (loss: Double, gradients: [String: Tensor]) {
        let (loss, _, gradient) = valueAndGradient(at: model) { model in
            var random = seed.map { RandomGenerator(seed: $0) }
            let (loss, state) = model.loss(Self.tokens, next: Self.next, dropout: &random)
            return (loss, state)
        }
        return (
            loss.item,
            Dictionary(uniqueKeysWithValues: gradient.tensors.map { ($0.name, $0.tensor) })
        )
    }

    /// 1 / (1 − probability) where an element of the gradient, or any of its column, is not 0; 0 where it is.
    private func kept(_ gradient: Tensor, columns: Bool, probability: Double) -> Tensor {
        let sizes = columns ? gradient.absolute().sum(axis: 0) : gradient.absolute()
        let values = sizes.scalars(as: Float.self).map {
            $0 == 0 ? 0 : Float(1 / (1 - probability))
        }
        return Tensor(values, shape: sizes.shape)
    }

    @Test(arguments: [CellKind.lstm, .gru, .rnnTanh], [0.3, 0.6])
    func theSameElementsOfTheVectorsAreDroppedAtEveryStep(cell: CellKind, probability: Double) {
        let plain = model(cell)
        var dropped = 0
        for seed in 1...5 as ClosedRange<UInt64> {
            let (loss, gradients) = run(model(cell, dropout: probability), seed: seed)
            // In the order of the data: what layer 0 reads, what layer 1 reads, what is compared with the vectors.
            let masks = ["rnn.weight_ih_l0", "rnn.weight_ih_l1", "output.weight"].map {
                ($0, kept(gradients[$0]!, columns: true, probability: probability))
            }
            dropped += masks.reduce(0) { $0 + $1.1.scalars(as: Float.self).count { $0 == 0 } }
            // A column that is not read is a column of zeros.
            let thinned = plain.mapParameters { name, tensor in
                masks.first { $0.0 == name }.map { tensor * $0.1 } ?? tensor
            }
            #expect(abs(run(thinned, seed: nil).loss - loss) < 1e-6, "seed \(seed)")
            #expect(abs(run(plain, seed: nil).loss - loss) > 1e-5, "seed \(seed)")
        }
        // Of 5 · (8 + 12 + 12) elements so many are dropped, within five standard deviations.
        let (mean, deviation) = (
            160 * probability, (160 * probability * (1 - probability)).squareRoot()
        )
        #expect(abs(Double(dropped) - mean) < 5 * deviation, "\(dropped) of 160")
    }

    @Test(arguments: [CellKind.lstm, .gru, .rnnTanh])
    func theSameElementsOfTheRecurrentMatricesAreDroppedInAWindow(cell: CellKind) {
        let plain = model(cell)
        let probability = 0.4
        for seed in 1...5 as ClosedRange<UInt64> {
            let (loss, gradients) = run(model(cell, weightDropout: probability), seed: seed)
            let names = ["rnn.weight_hh_l0", "rnn.weight_hh_l1"]
            let masks = names.map {
                ($0, kept(gradients[$0]!, columns: false, probability: probability))
            }
            for (name, mask) in masks {
                let count = Double(mask.count)
                let share = Double(mask.scalars(as: Float.self).count { $0 == 0 }) / count
                let deviation = (probability * (1 - probability) / count).squareRoot()
                #expect(abs(share - probability) < 5 * deviation, "\(name): \(share)")
            }
            let thinned = plain.mapParameters { name, tensor in
                masks.first { $0.0 == name }.map { tensor * $0.1 } ?? tensor
            }
            #expect(abs(run(thinned, seed: nil).loss - loss) < 1e-6, "seed \(seed)")
            #expect(abs(run(plain, seed: nil).loss - loss) > 1e-6, "seed \(seed)")
            // Nothing else is dropped.
            let others = gradients.filter { !names.contains($0.key) }
            #expect(others["rnn.weight_ih_l1"]!.scalars(as: Float.self).allSatisfy { $0 != 0 })
        }
    }

    /// Each text of a batch has its own elements dropped, from the first step of a window to its last.
    @Test func textsOfABatchHaveMasksOfTheirOwn() {
        let model = model(.lstm, dropout: 0.5)
        let tokens = Tensor((0..<60).map { Int32($0 * 3 % 7) }, shape: [4, 15])
        var random: RandomGenerator? = RandomGenerator(seed: 5)
        let outputs = model.features(tokens, dropout: &random).features.scalars(as: Float.self)
        let patterns = (0..<4).map { row in
            (0..<15).map { step in (0..<12).map { outputs[(row * 15 + step) * 12 + $0] == 0 } }
        }
        for pattern in patterns {
            #expect(Set(pattern).count == 1)
            #expect(pattern[0].contains(true) && pattern[0].contains(false))
        }
        #expect(Set(patterns.map { $0[0] }).count == 4)
    }

    @Test(arguments: [false, true], [(0.5, 0.0), (0.0, 0.5), (0.3, 0.3)])
    func theSeedDecides(isTied: Bool, probabilities: (vectors: Double, weights: Double)) {
        let model = model(
            .lstm, dropout: probabilities.vectors, weightDropout: probabilities.weights,
            isTied: isTied)
        let (one, again) = (run(model, seed: 1), run(model, seed: 1))
        #expect(one.loss == again.loss)
        for (name, gradient) in one.gradients {
            #expect(largestDifference(gradient, again.gradients[name]!) == 0)
        }
        let losses =
            ([1, 2, 3, 4, 5, 6] as [UInt64]).map { run(model, seed: $0).loss } + [
                run(model, seed: nil).loss
            ]
        #expect(Set(losses).count == losses.count)
        // Without random numbers the probabilities do nothing.
        #expect(
            run(model, seed: nil).loss == run(self.model(.lstm, isTied: isTied), seed: nil).loss)
    }
}
