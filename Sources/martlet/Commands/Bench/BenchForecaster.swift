import ArgumentParser
import MartletModels
import MartletTensor
import MartletTraining

/// `martlet bench forecaster`: a training step of a forecaster.
///
/// The same network and step as `Benchmarks/peers/forecaster.py`: the windows of half-hourly electricity, with quantiles.
struct BenchForecaster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecaster",
        abstract: "Time a training step of a forecaster: forward, loss, backward, clipping, AdamW.")

    @Option(help: "rnn (tanh), rnn_relu, lstm or gru.")
    var cell: CellOption = .gru
    @Option(help: "Width of the state.")
    var hidden = 64
    @Option(help: "Width of what turns a state into a forecast.")
    var headSize = 64
    @Option(help: "Windows side by side.")
    var batch = 16
    @Option(help: "Steps read before the first forecast, and as many after it.")
    var context = 96
    @Option(help: "Steps of a forecast.")
    var horizon = 48
    @Option(help: "Forecasts of a window.")
    var origins = 32
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--hidden": hidden, "--head-size": headSize, "--batch": batch, "--context": context,
            "--horizon": horizon, "--origins": origins,
        ])
        if origins > context {
            throw ValidationError(
                "--origins is \(origins): expected at most --context, \(context)")
        }
    }

    func run() throws {
        let sizes = Forecaster.Configuration(
            cell: cell.kind, hiddenSize: hidden, headSize: headSize, horizon: horizon,
            head: .quantile, levels: [0.1, 0.5, 0.9], lags: [0, 1, 2, 3].map { horizon + $0 },
            calendar: (0..<16).map { "feature_\($0)" },
            series: [ColumnScale(name: "", mean: 0, deviation: 1)], step: "30min",
            timeColumn: "time", targetColumn: "load")
        var random = RandomGenerator(seed: flags.seed)
        var model = Forecaster(sizes, using: &random)
        var optimizer = AdamW(learningRate: 1e-3)
        let length = 2 * context + horizon
        let steps = random.normal([batch, length, sizes.stepSize])
        let targets = random.normal([batch, length])
        let series = Tensor.zeros([batch], dtype: .int32)
        let places = (0..<origins).map { context - 1 + $0 * context / origins }
        let timing = Timing(seconds: flags.seconds) {
            var (_, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.loss(
                    steps, series: series, origins: places, targets: targets,
                    scales: .ones([batch]), dropout: &none
                ).loss
            }
            gradient.clip(norm: 1)
            optimizer.update(&model, gradient)
        }
        try BenchResult(
            name:
                "\(cell.kind.rawValue) forecaster train, hidden \(hidden), batch \(batch), \(length) steps, \(origins) forecasts of \(horizon)",
            timing: timing, tokens: batch * origins * horizon, flops: flops(sizes)
        ).report(json: flags.json)
    }

    /// Two for each weight that a step or a value meets, and in training three times that.
    private func flops(_ sizes: Forecaster.Configuration) -> Double {
        let read = batch * 2 * context
        let step = cell.kind.gateCount * hidden * (sizes.stepSize + hidden)
        let ahead = batch * (2 * context + horizon) * sizes.futureSize * headSize
        let values = batch * origins * horizon * headSize * (headSize + 3)
        return 6 * Double(read * step + ahead + values + batch * origins * hidden * headSize)
    }
}
