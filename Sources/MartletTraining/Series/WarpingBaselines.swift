import MartletData

/// What a series classifier must be at least as good as: the label of the nearest training case by time warping.
struct WarpingBaselines {
    private let labels: [String]
    private let plain: NearestNeighbour
    private let scaled: NearestNeighbour
    private let scales: SeriesScales
    private let count: Int

    /// Baselines that know these cases.
    init(_ cases: [SeriesCase], labels: [String]) {
        self.labels = labels
        scales = SeriesScales(cases)
        plain = NearestNeighbour(cases)
        scaled = NearestNeighbour(scales.scaled(cases))
        count = cases.count
    }

    /// Their figures on other cases.
    func judge(_ cases: [SeriesCase]) -> [BaselineScores] {
        let truth = cases.map(\.label)
        func scores(_ name: String, _ description: String, _ answers: [Int]) -> BaselineScores {
            BaselineScores(
                name: name, description: description,
                metrics: ClassificationMetrics(labels: labels, truth: truth, answers: answers))
        }
        return [
            scores(
                "1-NN DTW", "the nearest of \(count) cases by time warping, as measured",
                cases.map(plain.predict)),
            scores(
                "1-NN DTW, scaled", "the same, each channel by its mean and deviation",
                scales.scaled(cases).map(scaled.predict)),
        ]
    }
}
