public import MartletTensor

/// The scale of one series or column: a value v is seen as (v − mean) / deviation.
public struct ColumnScale: Codable, Sendable, Equatable {
    /// The name of the series or column.
    public var name: String
    /// What is 0 for the network.
    public var mean: Double
    /// What is 1 for the network, above 0.
    public var deviation: Double

    /// A scale.
    public init(name: String, mean: Double, deviation: Double) {
        self.name = name
        self.mean = mean
        self.deviation = deviation
    }
}

extension Forecaster {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `recurrent-forecaster`.
        public static let architecture = "recurrent-forecaster"

        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        public var cell: CellKind
        /// The number of units H of each recurrent layer.
        public var hiddenSize: Int
        /// How many recurrent layers stand on top of each other.
        public var layers: Int
        /// The width M of the layers that turn a state into a forecast.
        public var headSize: Int
        /// The width of a series' own vector; 0: it has none.
        public var embeddingSize: Int
        /// The steps K that a state is turned into at once; 1: of more, each is fed back.
        public var horizon: Int
        /// What is said of each value to come.
        public var head: ForecastHead
        /// The levels of the quantiles, ascending.
        public var levels: [Double]
        /// The share of elements dropped between layers and in the head, in training.
        public var dropout: Double
        /// Steps back at which values are seen beside each step, each at least the horizon.
        public var lags: [Int]
        /// The names of the calendar's features.
        public var calendar: [String]
        /// The series that are known, with the scales of their targets.
        public var series: [ColumnScale]
        /// The covariates of the past.
        public var covariates: [ColumnScale]
        /// The covariates that are known of the future, too.
        public var known: [ColumnScale]
        /// The span of a step, as `30min`, `1h`, `1d`, `1month`, `business-day`.
        public var step: String
        /// The column of times.
        public var timeColumn: String
        /// The column that is forecast.
        public var targetColumn: String
        /// The column of the series' names, if there are several.
        public var seriesColumn: String?

        enum CodingKeys: String, CodingKey {
            case cell, horizon, head, dropout, lags, calendar, series, covariates, known, step
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case headSize = "head_size"
            case embeddingSize = "embedding_size"
            case levels = "quantiles"
            case timeColumn = "time_column"
            case targetColumn = "target_column"
            case seriesColumn = "series_column"
        }

        /// A configuration of these.
        public init(
            cell: CellKind, hiddenSize: Int, layers: Int = 1, headSize: Int, embeddingSize: Int = 0,
            horizon: Int, head: ForecastHead, levels: [Double], dropout: Double = 0,
            lags: [Int] = [], calendar: [String] = [], series: [ColumnScale],
            covariates: [ColumnScale] = [], known: [ColumnScale] = [], step: String,
            timeColumn: String, targetColumn: String, seriesColumn: String? = nil
        ) {
            self.cell = cell
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.headSize = headSize
            self.embeddingSize = embeddingSize
            self.horizon = horizon
            self.head = head
            self.levels = levels
            self.dropout = dropout
            self.lags = lags
            self.calendar = calendar
            self.series = series
            self.covariates = covariates
            self.known = known
            self.step = step
            self.timeColumn = timeColumn
            self.targetColumn = targetColumn
            self.seriesColumn = seriesColumn
        }

        /// What is seen of a step of the past only: the target, whether it is missing, and the same of each covariate.
        public var pastSize: Int { 2 + 2 * covariates.count }
        /// What is seen of a step of the future, too: the calendar, known covariates, values some lags back, and whether
        /// those are missing.
        public var futureSize: Int { calendar.count + known.count + 2 * lags.count }
        /// The numbers of a step: those of the past, then those of the future.
        public var stepSize: Int { pastSize + futureSize }
        /// Where the values some lags back begin among the numbers of a step.
        public var lagPlace: Int { pastSize + calendar.count + known.count }

        /// Whether a value drawn from the distribution of the next step can be read as the next step.
        public var canFeedBack: Bool {
            horizon == 1 && covariates.isEmpty && head != .quantile
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if let problem = Self.problem(
                sizes: ["hidden_size": hiddenSize, "head_size": headSize, "horizon": horizon],
                layers: layers) ?? Self.problem(probabilities: ["dropout": dropout])
            {
                return problem
            }
            if !(0...1 << 16).contains(embeddingSize) {
                return "embedding_size is \(embeddingSize): expected 0 … \(1 << 16)"
            }
            if series.isEmpty { return "series is empty: expected at least one" }
            for scale in series + covariates + known
            where !(scale.deviation > 0 && scale.deviation.isFinite && scale.mean.isFinite) {
                return
                    "the scale of \"\(scale.name)\" has the mean \(scale.mean) and the deviation \(scale.deviation): expected finite numbers, the deviation above 0"
            }
            if let lag = lags.first(where: { !(horizon...1 << 24).contains($0) }) {
                return "lags has \(lag): expected at least the horizon, \(horizon)"
            }
            let isAscending = zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 }
            if levels.isEmpty || !isAscending || !levels.allSatisfy({ $0 > 0 && $0 < 1 }) {
                return "quantiles is \(levels): expected ascending levels between 0 and 1"
            }
            return nil
        }
    }
}
