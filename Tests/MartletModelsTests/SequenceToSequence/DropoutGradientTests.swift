import MartletModels
import MartletNN
import MartletTensor
import Testing

/// Gradients of a whole encoder-decoder with dropout, smoothed labels, padding and steps that do not count: along a direction
/// they must be what the loss changes by.
@Suite struct DropoutGradientTests {
    @Test(arguments: [0, 0.1])
    func alongADirection(smoothing: Double) {
        var random = RandomGenerator(seed: 3)
        var model = RecurrentSequenceToSequence(
            .init(
                cell: .lstm, attention: .luong, sourceVocabularySize: 60, vocabularySize: 130,
                embeddingSize: 24, hiddenSize: 40, dropout: 0.3), using: &random)
        let lengths = (0..<48).map { 3 + $0 % 14 }
        let source = random.integers([48, 16], in: 1..<60).cast(to: .int32)
        let target = random.integers([48, 19], in: 1..<130).cast(to: .int32)
        let labels = (0..<48 * 19).map { place -> Int32 in
            let (row, step) = (place / 19, place % 19)
            return step < 3 + row % 17 ? Int32(place * place % 130) : -100
        }
        let next = Tensor(labels, shape: [48, 19])
        func loss(_ model: RecurrentSequenceToSequence) -> Tensor {
            var masks: RandomGenerator? = RandomGenerator(seed: 9)
            return model.loss(
                source: source, mask: .lengths(lengths), target: target, next: next,
                labelSmoothing: smoothing, dropout: &masks)
        }
        model.forEachParameter { _, tensor in tensor = tensor.cast(to: .float64) }
        let (_, gradient) = valueAndGradient(at: model, loss)
        let gradients = gradient.tensors
        for (place, (name, _)) in gradients.enumerated() {
            var (up, down) = (model, model)
            let direction = random.normal(gradients[place].tensor.shape, dtype: .float64)
            let size = 1e-4
            up.forEachParameter { if $0 == name { $1 = $1 + direction * size } }
            down.forEachParameter { if $0 == name { $1 = $1 - direction * size } }
            let measured = (loss(up).item - loss(down).item) / (2 * size)
            let computed = (gradients[place].tensor * direction).sum().item
            #expect(
                abs(measured - computed) < 1e-6 + 1e-5 * abs(measured),
                "\(name): \(measured), \(computed)")
        }
        // And float32, with kernels of its own, gives what float64 does.
        var single = model
        single.forEachParameter { _, tensor in tensor = tensor.cast(to: .float32) }
        let (_, rough) = valueAndGradient(at: single, loss)
        for ((name, found), (_, expected)) in zip(rough.tensors, gradients) {
            let error = (found.cast(to: .float64) - expected).sumOfSquares.squareRoot()
            #expect(error < 1e-4 * expected.sumOfSquares.squareRoot() + 1e-9, "\(name)")
        }
    }
}
