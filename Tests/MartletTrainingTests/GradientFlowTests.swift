import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

/// The gradients of states against hooks in PyTorch, and what is made of them.
@Suite struct GradientFlowTests {
    @Test(arguments: ["gradient_flow", "gradient_flow_variants"])
    func everyNormEqualsPyTorchsHooks(_ name: String) throws {
        let file = try golden(name)
        for item in file["cases"].list {
            let config = item["config"]
            let cell = try #require(CellKind(rawValue: config["cell"].text))
            let layers = config[optional: "num_layers"]?.integer ?? 1
            var random = RandomGenerator(seed: 0)
            let stack = RecurrentStack(
                cell: cell, inputSize: config["input_size"].integer,
                hiddenSizes: Array(repeating: config["hidden_size"].integer, count: layers),
                projectionSize: config[optional: "proj_size"]?.integer,
                peephole: config[optional: "peephole"]?.flag ?? false,
                bidirectional: config[optional: "bidirectional"]?.flag ?? false, using: &random
            ).mapParameters { name, _ in item["parameters"][name].tensor() }
            let weight = item["given"]["output_weight"].tensor()
            let lengths = item[optional: "lengths"]?.integers
            let flow = GradientFlow.measure(
                stack, input: item["given"]["input"].tensor(), lengths: lengths
            ) { output in
                // Step by step it is what the layers give at once.
                let whole = stack(item["given"]["input"].tensor(), lengths: lengths).output
                #expect(largestDifference(output.detached, whole) < 1e-13)
                return (output * weight).sum()
            }
            #expect(abs(flow.loss - item["loss"].number) < 1e-10, "\(item["name"].text)")
            let norms = item["norms"].list
            #expect(flow.paths.count == norms.count)
            for (path, expected) in zip(flow.paths, norms) {
                let name = "\(item["name"].text), layer \(path.layer), reverse \(path.isReverse)"
                #expect(path.layer == expected["layer"].integer)
                #expect(path.isReverse == expected["reverse"].flag)
                expectEqual(path.hidden, expected["hidden"], name)
                #expect((path.cell == nil) == (cell != .lstm))
                if let found = path.cell { expectEqual(found, expected["cell"], name + ", c") }
            }
        }
    }

    private func expectEqual(_ found: [Double?], _ expected: GoldenValue, _ name: String) {
        let list = expected.optionalNumbers
        #expect(found.count == list.count, "\(name)")
        for (t, pair) in zip(found, list).enumerated() {
            guard let value = pair.0, let wanted = pair.1 else {
                #expect(pair.0 == nil && pair.1 == nil, "\(name), step \(t + 1)")
                continue
            }
            #expect(
                abs(value - wanted) <= 1e-9 * abs(wanted),
                "\(name), step \(t + 1): \(value), expected \(wanted)")
        }
    }

    @Test func firstMiddleAndLastAreThoseOfEachSequence() {
        var random = RandomGenerator(seed: 3)
        let stack = RecurrentStack(
            cell: .gru, inputSize: 2, hiddenSize: 4, bidirectional: true, using: &random)
        let x = random.normal([2, 9, 2])
        func flow(_ rows: Range<Int>, _ lengths: [Int]) -> GradientFlow {
            GradientFlow.measure(
                stack, input: x.slice(axis: 0, rows), lengths: lengths
            ) { $0.squared().sum() }
        }
        let both = flow(0..<2, [9, 4])
        let (long, short) = (flow(0..<1, [9]), flow(1..<2, [4]))
        for place in 0..<2 {
            let (a, b) = (long.paths[place], short.paths[place])
            for key in [\GradientFlow.Path.first, \.middle, \.last] {
                let mean = (a[keyPath: key] + b[keyPath: key]) / 2
                #expect(abs(both.paths[place][keyPath: key] - mean) < 1e-12 * mean)
            }
            // What the reverse direction reads first stands at the end.
            #expect(a.first == (place == 0 ? a.hidden[0] : a.hidden[8]))
            #expect(a.last == (place == 0 ? a.hidden[8] : a.hidden[0]))
            #expect(b.hidden[4...] == [nil, nil, nil, nil, nil])
        }
        let none = flow(0..<2, [0, 0])
        #expect(none.paths[0].first == 0 && none.paths[0].hidden.allSatisfy { $0 == nil })
    }

    @Test func aGradientTooSmallForFloat32IsStillMeasured() throws {
        var random = RandomGenerator(seed: 0)
        let stack = RecurrentStack(cell: .rnnTanh, inputSize: 4, hiddenSize: 8, using: &random)
        let flow = GradientFlow.measure(stack, input: random.normal([1, 300, 4])) {
            $0.select(axis: 1, 299).sum()
        }
        let path = flow.paths[0]
        #expect(path.first > 0 && path.first < 1e-45)
        let decay = try #require(path.decay(over: 299))
        // A step back can shrink by no more than what the decay says, in the mean.
        var product = path.last
        for _ in 0..<299 { product *= decay }
        #expect(abs(product / path.first - 1) < 1e-9)
    }

    /// The gates' equations, held against the layer: from the gates at each step follows its state.
    @Test(arguments: [CellKind.lstm, .gru, .gruResetFirst, .rnnTanh, .rnnRelu])
    func theGatesAreThoseOfTheLayer(cell: CellKind) {
        var random = RandomGenerator(seed: 5)
        let stack = RecurrentStack(
            cell: cell, inputSize: 3, hiddenSizes: [6], peephole: cell == .lstm, using: &random
        ).mapParameters { $1.cast(to: .float64) * 3 }
        let layer = StepwiseLayer(cell: cell, weights: stack.weights[0][0], isReverse: false)
        let x = random.normal([2, 7, 3], dtype: .float64)
        let (output, history) = layer.run(
            x, lengths: [7, 7], probes: layer.probes(batch: 2, time: 7))
        let gates = layer.gates(history)
        #expect(gates.prefix(cell.gateCount).map(\.name) == cell.gateNames)
        let g = gates.map { $0.2 }
        let state: Tensor =
            switch cell {
            case .lstm: g[3] * (g[1] * history.cellBefore! + g[0] * g[2]).tanh()
            case .gru, .gruResetFirst: g[2] + g[1] * (history.hiddenBefore - g[2])
            case .rnnTanh, .rnnRelu: g[0]
            }
        #expect(largestDifference(state, output) < 1e-14)
    }

    @Test func saturationCountsTheEndsOfRealSteps() {
        let values = Tensor([0, 0.04, 0.06, 0.5, 0.94, 0.96, 1, 1] as [Double], shape: [1, 8, 1])
        let gate = GateActivity("f", .sigmoid, values, lengths: [7])
        #expect(gate.low == 2.0 / 7 && gate.high == 2.0 / 7)
        #expect(gate.saturated == gate.low + gate.high && abs(gate.mean - 0.5) < 1e-15)
        let signed = Tensor([-1, -0.96, -0.5, 0, 0.97, 0.2] as [Double], shape: [1, 6, 1])
        let tanh = GateActivity("g", .tanh, signed, lengths: [6])
        #expect(tanh.low == 2.0 / 6 && tanh.high == 1.0 / 6)
        let relu = GateActivity("h", .relu, signed.relu(), lengths: [6])
        #expect(relu.low == 4.0 / 6 && relu.high == 0)
        #expect(GateActivity("f", .sigmoid, values, lengths: [0]).saturated == 0)
    }
}

/// Eigenvalues against LAPACK.
@Suite struct EigenvalueTests {
    @Test func everyEigenvalueEqualsLAPACKs() throws {
        for item in try golden("eigenvalues")["matrices"].list {
            let matrix = item["matrix"].tensor()
            let size = matrix.shape[0]
            let found = try #require(
                Eigenvalue.all(of: matrix.scalars(as: Double.self), size: size))
            var rest = zip(item["real"]["values"].numbers, item["imaginary"]["values"].numbers)
                .map { Eigenvalue(real: $0, imaginary: $1) }
            #expect(found.count == size)
            let scale = max(matrix.scalars(as: Double.self).map(abs).max() ?? 0, 1e-300)
            for value in found {
                func distance(_ other: Eigenvalue) -> Double {
                    Eigenvalue(
                        real: value.real - other.real, imaginary: value.imaginary - other.imaginary
                    ).magnitude
                }
                let nearest = try #require(
                    rest.indices.min { distance(rest[$0]) < distance(rest[$1]) })
                #expect(
                    distance(rest[nearest]) < 1e-9 * scale,
                    "\(item["name"].text): \(value), \(rest[nearest])")
                rest.remove(at: nearest)
            }
            let radius = found.reduce(0) { max($0, $1.magnitude) }
            #expect(abs(radius - item["radius"].number) <= 1e-9 * scale, "\(item["name"].text)")
        }
    }

    @Test func aLayersSpectraAreThoseOfItsBlocks() throws {
        let items = try golden("eigenvalues")["matrices"].list.filter {
            $0["matrix"]["shape"].integers == [7, 7] || $0["matrix"]["shape"].integers == [9, 9]
        }
        for item in items {
            let matrix = item["matrix"].tensor()
            let size = matrix.shape[0]
            var random = RandomGenerator(seed: 1)
            var weights = RecurrentWeights(
                cell: .gru, inputSize: 2, hiddenSize: size, using: &random)
            weights.hiddenHidden = .concatenate([matrix, matrix * 2, matrix * -0.5], axis: 0)
            let spectra = try #require(RecurrentSpectrum.all(of: weights, cell: .gru))
            #expect(spectra.map(\.gate) == ["r", "z", "n"])
            for (spectrum, factor) in zip(spectra, [1, 2, 0.5]) {
                let (radius, norm) = (item["radius"].number, item["norm"].number)
                #expect(abs(spectrum.radius - factor * radius) < 1e-9 * radius)
                #expect(abs(spectrum.norm - factor * norm) < 1e-9 * norm)
            }
        }
        #expect(items.count == 2)
    }

    /// Orthogonal but for the roundings of float32: eigenvalues that nearly coincide.
    @Test(arguments: [2, 3, 12, 64])
    func nearlyEqualEigenvaluesConverge(size: Int) throws {
        var random = RandomGenerator(seed: 6)
        let weights = RecurrentWeights(
            cell: .rnnTanh, inputSize: 2, hiddenSize: size, initialization: .keras, using: &random)
        let spectrum = try #require(RecurrentSpectrum.all(of: weights, cell: .rnnTanh))[0]
        #expect(abs(spectrum.radius - 1) < 1e-6 && abs(spectrum.norm - 1) < 1e-6)
        #expect(spectrum.eigenvalues.allSatisfy { abs($0.magnitude - 1) < 1e-6 })
    }

    @Test func aProjectionIsPartOfTheMap() throws {
        var random = RandomGenerator(seed: 1)
        let weights = RecurrentWeights(
            cell: .lstm, inputSize: 2, hiddenSize: 6, projectionSize: 3, using: &random)
        let spectra = try #require(RecurrentSpectrum.all(of: weights, cell: .lstm))
        #expect(spectra.count == 4 && spectra.allSatisfy { $0.eigenvalues.count == 3 })
        var wide = weights
        wide.projection = nil
        wide.hiddenHidden = .zeros([4 * 1025, 1025])
        #expect(RecurrentSpectrum.all(of: wide, cell: .lstm) == nil)
    }
}
