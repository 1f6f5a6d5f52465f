import MartletNN
import MartletTensor

/// Measures what a network costs at one length: its layer reads vectors of the width H, and an affine map gives as many.
struct CostTrial {
    /// The width H of the state.
    var hidden: Int
    /// The steps T of a sequence.
    var length: Int

    /// Sequences in a step of training.
    static let batch = 8
    /// Steps of training whose median counts, after one to warm up.
    private static let trainings = 3
    /// Single steps whose median counts.
    private static let singles = 33

    /// The costs of a contender's fresh network.
    func run(_ contender: Contender) -> ComparisonCost {
        var random = RandomGenerator(seed: 0)
        let network = contender.network(
            inputSize: hidden, hidden: hidden, outputSize: hidden, using: &random)
        return measure(network, contender)
    }

    private func measure<Network: SequenceAnswerer>(
        _ fresh: Network, _ contender: Contender
    ) -> ComparisonCost {
        let (training, bytes) = train(fresh)
        let (single, state) = step(fresh)
        return ComparisonCost(
            contender: contender, length: length,
            trainingRate: Double(Self.batch * length) / max(training, 1e-9), trainingBytes: bytes,
            stepMicroseconds: single * 1e6, stateBytes: state)
    }

    /// Seconds of a step of training, and the most bytes it needed.
    private func train<Network: SequenceAnswerer>(
        _ fresh: Network
    ) -> (seconds: Double, bytes: Int) {
        var random = RandomGenerator(seed: 1)
        var network = fresh
        var optimizer = AdamW(learningRate: 1e-4)
        let x = random.normal([Self.batch, length, hidden])
        let target = random.normal([Self.batch, length, hidden])
        func update() {
            var (_, gradient) = valueAndGradient(at: network) { network in
                network.answers(to: x, count: length).meanSquaredError(target)
            }
            gradient.clip(norm: 1)
            optimizer.update(&network, gradient)
        }
        update()
        var bytes = 0
        let times = (0..<Self.trainings).map { _ in
            Self.seconds { bytes = max(bytes, Machine.peakMemory { update() }.bytes) }
        }
        return (Self.median(times), bytes)
    }

    /// Seconds of one more step of a sequence, and the bytes of its state.
    private func step<Network: SequenceAnswerer>(
        _ network: Network
    ) -> (seconds: Double, bytes: Int) {
        var random = RandomGenerator(seed: 2)
        let (layer, output) = (network.layer.prepared, network.output)
        var state = layer.run(random.normal([1, length, hidden]), lengths: nil, from: nil).state
        let bytes = state.tensors.reduce(0) { $0 + $1.count * $1.dtype.byteCount }
        let x = random.normal([1, 1, hidden])
        var written: Float = 0
        let times = (0..<Self.singles).map { _ in
            Self.seconds {
                let (states, after) = layer.run(x, lengths: nil, from: state)
                state = after
                written += output(states).scalars(as: Float.self)[0]
            }
        }
        precondition(written.isFinite, "a fresh network gave a number that is none")
        return (Self.median(times), bytes)
    }

    private static func seconds(_ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        work()
        return (clock.now - start) / .seconds(1)
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}
