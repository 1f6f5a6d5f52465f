import Foundation
import MartletNN
import MartletTensor
import MartletTraining
import Testing

/// The code of Documentation/Learn/01-recurrent-networks.md, and that the lesson shows just this code.
@Suite struct LessonOneTests {
    /// A layer of D = 2 inputs and H = 3 states with weights that are easy to read.
    private func layer() -> (RNN, Tensor) {
        // lesson: layer
        var random = RandomGenerator(seed: 1)
        let rnn = RNN(inputSize: 2, hiddenSize: 3, using: &random)
        let words = random.normal([1, 4, 2])  // [B, T, D]: one sentence of four words
        // lesson: end
        return (rnn, words)
    }

    /// The equation, step by step.
    private func byHand(_ rnn: RNN, _ words: Tensor) -> [Tensor] {
        // lesson: by hand
        let w = rnn.stack.weights[0][0]
        var h = Tensor.zeros([1, 3])  // h_0
        var states: [Tensor] = []
        for t in 0..<4 {
            let x = words.select(axis: 1, t)  // [1, D]
            h =
                (x.matmul(w.inputHidden.transposed()) + w.inputBias!
                + h.matmul(w.hiddenHidden.transposed()) + w.hiddenBias!).tanh()
            states.append(h)  // h_1, h_2, h_3, h_4
        }
        // lesson: end
        return states
    }

    @Test func theEquationByHandIsTheLayer() {
        let (rnn, words) = layer()
        let states = Tensor.stack(byHand(rnn, words), axis: 1).squeezed(axis: 0)
        // lesson: layer call
        let (output, state) = rnn(words)
        // lesson: end
        let output2 = output.squeezed(axis: 0)
        #expect((states.reshaped([4, 3]) - output2).absolute().max(axis: 0).sum().item < 1e-6)
        #expect(state.hidden.shape == [1, 1, 3])
    }

    @Test func paddingChangesNothing() {
        let (rnn, words) = layer()
        let long = words.padded(axis: 1, after: 3, with: 99)
        // lesson: lengths
        let batch = Tensor.concatenate([long, long], axis: 0)  // [2, 7, 2], from step 5 on rubbish
        let (output, state) = rnn(batch, lengths: [4, 2])
        // lesson: end
        let alone = rnn(words)
        #expect(
            output.select(axis: 0, 0).slice(axis: 0, 0..<4).scalars(as: Float.self)
                == alone.output.select(axis: 0, 0).scalars(as: Float.self))
        #expect(
            state.hidden.select(axis: 1, 0).scalars(as: Float.self)
                == alone.state.hidden.select(axis: 1, 0).scalars(as: Float.self))
    }

    @Test func theGradientIsThatOfCentralDifferences() {
        let (rnn, words) = layer()
        // lesson: gradient
        let (loss, gradient) = valueAndGradient(at: rnn) { rnn in
            rnn(words).output.select(axis: 1, 3).sum()  // the sum of h_4
        }
        for (name, tensor) in gradient.tensors { print(name, tensor.shape) }
        // lesson: end
        #expect(gradient.tensors.map(\.name) == rnn.parameters.map(\.name))
        func sum(_ change: Float) -> Double {
            rnn.mapParameters { name, tensor in
                guard name == "weight_hh_l0" else { return tensor }
                var values = tensor.scalars(as: Float.self)
                values[0] += change
                return Tensor(values, shape: tensor.shape)
            }(words).output.select(axis: 1, 3).sum().item
        }
        let slope = (sum(1e-2) - sum(-1e-2)) / 2e-2
        let found = gradient.tensors.first { $0.name == "weight_hh_l0" }!.tensor
        #expect(abs(slope - Double(found.scalars(as: Float.self)[0])) < 1e-3)
        #expect(loss.item.isFinite)
    }

    /// How much of the gradient at h_T reaches x_1: far in a plain network it is nothing.
    @Test func theGradientVanishesInAPlainNetworkAndLessInAnLSTM() {
        func ratio(_ cell: CellKind) -> Double {
            // lesson: vanishing
            var random = RandomGenerator(seed: 2)
            var stack = RecurrentStack(cell: cell, inputSize: 8, hiddenSize: 8, using: &random)
            stack.forEachParameter { name, tensor in  // forget gates begin open
                if cell == .lstm, name == "bias_ih_l0" {
                    tensor =
                        tensor
                        + Tensor(
                            [0, 0, 0, 0, 0, 0, 0, 0].map(Float.init)
                                + [Float](repeating: 3, count: 8) + [Float](repeating: 0, count: 16)
                        )
                }
            }
            let x = random.normal([1, 50, 8])
            let (_, gradients) = valueAndGradients(at: [x]) { inputs in
                stack(inputs[0]).output.select(axis: 1, 49).sum()  // the sum of h_50
            }
            let first = gradients[0].select(axis: 1, 0).squared().sum().item.squareRoot()
            let last = gradients[0].select(axis: 1, 49).squared().sum().item.squareRoot()
            // lesson: end
            return first / last
        }
        let (plain, lstm) = (ratio(.rnnTanh), ratio(.lstm))
        print("gradient at x_1 to that at x_50: RNN \(plain), LSTM \(lstm)")
        #expect(plain < 1e-6 && lstm > 1e-3)
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown("Documentation/Learn/01-recurrent-networks.md", codeIn: #filePath)
    }
}
