import MartletNN
import MartletTensor
import MartletTraining
import Testing

@Suite struct WeightAverageTests {
    private func layer(_ value: Float) -> Linear {
        var random = RandomGenerator(seed: 1)
        return Linear(inputSize: 2, outputSize: 1, using: &random).mapParameters { _, tensor in
            Tensor([Float](repeating: value, count: tensor.count), shape: tensor.shape)
        }
    }

    @Test func theStartIsForgottenAndTheRestMovesSlowly() {
        var average = WeightAverage(layer(100), decay: 0.99)
        var expected = 100.0
        let stride = WeightAverage<Linear>.stride
        for step in 1...(stride * 40) {
            average.update(layer(Float(step)), step: step)
            guard step % stride == 0 else { continue }
            let count = Double(step / stride)
            var kept = 1.0
            for _ in 0..<stride { kept *= 0.99 }
            kept = min(kept, (1 + count) / (10 + count))
            expected = kept * expected + (1 - kept) * Double(step)
            for (name, tensor) in average.model.parameters {
                for value in tensor.scalars(as: Float.self) {
                    #expect(abs(Double(value) - expected) < 1e-3, "\(name) after \(step)")
                }
            }
        }
    }

    @Test func stepsBetweenUpdatesChangeNothing() {
        var average = WeightAverage(layer(1), decay: 0.9)
        for step in 1..<WeightAverage<Linear>.stride { average.update(layer(7), step: step) }
        #expect(average.model.parameters.allSatisfy { $0.tensor.max(axis: -1).sum().item < 2.1 })
        average.update(layer(7), step: WeightAverage<Linear>.stride)
        #expect(average.model.parameters.allSatisfy { $0.tensor.max(axis: -1).sum().item > 2.1 })
    }
}
