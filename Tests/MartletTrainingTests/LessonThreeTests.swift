import MartletNN
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// The code of Documentation/Learn/03-memory-and-gradients.md, and that the lesson shows just this code.
@Suite struct LessonThreeTests {
    private func network() -> (RNN, Tensor, GradientFlow.Path) {
        // lesson: flow
        var random = RandomGenerator(seed: 1)
        let rnn = RNN(inputSize: 4, hiddenSize: 16, using: &random)
        let x = random.normal([1, 50, 4])  // [B, T, D]: one sequence of 50 steps
        let flow = GradientFlow.measure(rnn.stack, input: x) { output in
            output.select(axis: 1, 49).sum()  // the loss: the sum of h_50
        }
        let lengths = flow.paths[0].hidden  // |∂loss/∂h_1| … |∂loss/∂h_50|
        // lesson: end
        print("\(lengths[49]!) at step 50, \(lengths[0]!) at step 1")
        return (rnn, x, flow.paths[0])
    }

    @Test func theProductOfJacobiansByHand() {
        let (rnn, x, path) = network()
        #expect(path.hidden.count == 50 && path.hidden[49] == 4)  // sixteen ones
        // lesson: product
        let w = rnn.stack.weights[0][0].hiddenHidden  // [H, H]
        let h = rnn(x).output
        var dh = Tensor.ones([1, 16])  // ∂loss/∂h_50
        for t in (1..<50).reversed() {  // places count from 0: h_{t+1} stands at t
            let slope = h.select(axis: 1, t).squared() * -1 + 1  // 1 − h²
            dh = (dh * slope).matmul(w)  // a row, so W_hhᵀ stands on the right as W_hh
        }
        let length = dh.squared().sum().item.squareRoot()  // |∂loss/∂h_1|
        // lesson: end
        #expect(abs(length / path.first - 1) < 1e-3)
    }

    @Test func theSpectralRadiusSaysHowFast() throws {
        let (rnn, _, path) = network()
        // lesson: radius
        let spectrum = RecurrentSpectrum.all(of: rnn.stack.weights[0][0], cell: .rnnTanh)![0]
        let perStep = path.decay(over: 49)!  // the geometric mean of 49 steps
        // lesson: end
        print("radius \(spectrum.radius), norm \(spectrum.norm), per step \(perStep)")
        // The slope of tanh is below 1, so a step shrinks by more than the matrix alone.
        #expect(perStep < spectrum.radius && spectrum.radius < spectrum.norm)
    }

    @Test func orthogonalMatricesKeepLengths() {
        let (_, x, plain) = network()
        // lesson: orthogonal
        var random = RandomGenerator(seed: 1)
        let orthogonal = RecurrentStack(
            cell: .rnnTanh, inputSize: 4, hiddenSizes: [16], initialization: .keras, using: &random)
        let kept = GradientFlow.measure(orthogonal, input: x * 0.1) { output in
            output.select(axis: 1, 49).sum()
        }.paths[0]
        // lesson: end
        print("orthogonal: \(kept.first) of \(kept.last); uniform: \(plain.first) of \(plain.last)")
        #expect(kept.first / kept.last > 1e3 * plain.first / plain.last)
        let radius = RecurrentSpectrum.all(of: orthogonal.weights[0][0], cell: .rnnTanh)![0].radius
        #expect(abs(radius - 1) < 1e-6)
    }

    @Test func anOpenForgetGateKeepsTheGradient() throws {
        let (_, x, _) = network()
        // lesson: forget
        func lstm(_ forgetBias: Double?) -> GradientFlow.Path {
            var start = RecurrentInitialization.pytorch
            start.forgetBias = forgetBias
            var random = RandomGenerator(seed: 1)
            let lstm = LSTM(
                inputSize: 4, hiddenSizes: [16], initialization: start, using: &random)
            return GradientFlow.measure(lstm.stack, input: x) { output in
                output.select(axis: 1, 49).sum()
            }.paths[0]
        }
        let (closed, open) = (lstm(nil), lstm(3))
        for gate in open.gates { print(gate.gate, gate.mean, gate.saturated) }
        // lesson: end
        func share(_ path: GradientFlow.Path) throws -> Double {
            let cell = try #require(path.cell)
            return cell[0]! / cell[49]!
        }
        print("c: of 1 arrives \(try share(closed)), with forget gates open \(try share(open))")
        #expect(try share(open) > 1e6 * share(closed))
        let forget = try #require(open.gates.first { $0.gate == "f" })
        #expect(forget.mean > 0.9)
    }

    @Test func clippingAndWatching() throws {
        let (rnn, x, _) = network()
        var model = rnn
        var optimizer = SGD(learningRate: 0.1)
        let target = Tensor.zeros([1, 50, 16])
        // lesson: clip
        var watch = GradientWatch(clippingNorm: 1)
        for _ in 1...100 {
            let (_, gradient) = valueAndGradient(at: model) {
                $0(x).output.meanSquaredError(target)
            }
            if let alarm = watch.observe(GradientLengths(gradient)) { print(alarm) }
            optimizer.update(&model, gradient.clipped(norm: 1))
        }
        // lesson: end
        func loss(_ model: RNN) -> Double { model(x).output.meanSquaredError(target).item }
        #expect(loss(model) < loss(rnn))
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown("Documentation/Learn/03-memory-and-gradients.md", codeIn: #filePath)
    }
}
