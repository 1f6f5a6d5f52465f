import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletModels

@Suite struct ForecasterTests {
    /// A forecaster of a golden case, with its weights, in that precision.
    private func model(_ example: GoldenValue, _ dtype: DType) throws -> Forecaster {
        let series = (0..<example["series_count"].integer).map {
            ColumnScale(name: "\($0)", mean: 0, deviation: 1)
        }
        let column = ColumnScale(name: "c", mean: 0, deviation: 1)
        let sizes = Forecaster.Configuration(
            cell: try #require(CellKind(rawValue: example["cell"].text)),
            hiddenSize: example["hidden"].integer, headSize: example["head_size"].integer,
            embeddingSize: example["embedding"].integer, horizon: example["horizon"].integer,
            head: try #require(ForecastHead(rawValue: example["head"].text)),
            levels: example["levels"].numbers, lags: [3, 5], calendar: ["a", "b"], series: series,
            covariates: [column], known: [column], step: "1h", timeColumn: "time",
            targetColumn: "y", seriesColumn: "name")
        #expect(sizes.problem == nil)
        var random = RandomGenerator(seed: 0)
        let fresh = Forecaster(sizes, using: &random)
        #expect(fresh.parameters.map(\.name).sorted() == example["weights"].keys)
        return fresh.mapParameters { name, _ in example["weights"][name].tensor(dtype) }
    }

    @Test(arguments: [(DType.float64, 1e-9), (.float32, 5e-5)])
    func lossesAndGradientsEqualPyTorchs(dtype: DType, tolerance: Double) throws {
        for example in try golden("forecaster")["cases"].list {
            let name = "\(example["head"].text) \(example["cell"].text)"
            let model = try model(example, dtype)
            let missing = example["missing"].tensor(dtype)
            let there = example["targets"].tensor(dtype)
            let targets = (missing .> .zeros([], dtype: dtype)).select(
                .full([], .nan, dtype: dtype).broadcast(to: there.shape), there)
            let steps = example["steps"].tensor(dtype)
            let series = example["series"].tensor().cast(to: .int32)
            var none: RandomGenerator?
            let (loss, gradient) = valueAndGradient(at: model) { model in
                model.loss(
                    steps, series: series, origins: example["origins"].integers, targets: targets,
                    scales: example["scales"].tensor(dtype), dropout: &none
                ).loss
            }
            #expect(abs(loss.item - example["loss"].number) < tolerance, "\(name)")
            for (weight, found) in gradient.tensors {
                let distance = largestDifference(found, example["gradients"][weight].tensor())
                #expect(distance < tolerance, "\(name), \(weight): \(distance)")
            }
        }
    }

    /// What lies beyond the last origin changes nothing, but for what is known ahead.
    @Test func valuesAfterTheOriginAreNotSeen() throws {
        let example = try golden("forecaster")["cases"].list[3]
        let model = try model(example, .float32)
        let steps = example["steps"].tensor(.float32)
        let (B, T, D) = (steps.shape[0], steps.shape[1], steps.shape[2])
        let past = model.configuration.pastSize
        var other = steps
        other.mutateBytes { bytes in
            let numbers = bytes.bindMemory(to: Float.self)
            for row in 0..<B {
                for step in 3..<T {
                    for place in 0..<past { numbers[(row * T + step) * D + place] = .nan }
                }
            }
        }
        var none: RandomGenerator?
        func forecast(_ steps: Tensor) -> [Float] {
            let (states, _) = model.encode(
                steps.slice(axis: 1, 0..<3), series: Tensor([0, 1] as [Int32]), dropout: &none)
            return model.decode(
                states.slice(axis: 1, 2..<3),
                last: steps.slice(axis: 1, 2..<3), future: steps,
                places: Tensor([3, 4, 5] as [Int32], shape: [1, 3]), dropout: &none
            ).scalars(as: Float.self)
        }
        #expect(forecast(steps) == forecast(other))
        let values = forecast(steps)
        #expect(values.allSatisfy { $0.isFinite })
    }

    @Test func aFolderKeepsTheModel() throws {
        let example = try golden("forecaster")["cases"].list[1]
        let model = try model(example, .float32)
        try withTemporaryFolder { folder in
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let loaded = try #require(try ModelFolder.load(from: folder) as? Forecaster)
            #expect(loaded.configuration.series == model.configuration.series)
            let inputs = [
                "steps": example["steps"].tensor(.float32),
                "future": example["steps"].tensor(.float32).slice(axis: 1, 0..<3),
                "series": Tensor([2, 0] as [Int64]),
            ]
            let (found, expected) = (try loaded.run(inputs), try model.run(inputs))
            #expect(found["forecast"]?.shape == [2, 3, 3])
            #expect(
                found["forecast"]?.scalars(as: Float.self)
                    == expected["forecast"]?.scalars(as: Float.self))
            #expect(
                errorText { _ = try loaded.run(["steps": inputs["steps"]!]) }.contains("future"))
        }
    }

    @Test func quantilesDoNotCross() throws {
        let levels = [0.1, 0.5, 0.8, 0.95]
        var random = RandomGenerator(seed: 5)
        let r = random.normal([50, 4], standardDeviation: 5)
        let found = ForecastHead.quantile.parameters(r, levels: levels, scale: .ones([1]))[0]
        let values = found.scalars(as: Float.self)
        for row in 0..<50 {
            #expect(values[row * 4..<row * 4 + 4].sorted() == Array(values[row * 4..<row * 4 + 4]))
        }
        #expect(
            found.slice(axis: 1, 1..<2).scalars(as: Float.self)
                == r.slice(axis: 1, 0..<1).scalars(as: Float.self))
    }
}
