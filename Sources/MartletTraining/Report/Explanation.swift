/// An answer, and how it came about token by token.
public struct Explanation: Codable, Sendable, Equatable {
    /// One token and what it changed.
    public struct Step: Codable, Sendable, Equatable {
        /// The token.
        public var token: String
        /// The probability of each label if the text ended here.
        public var probabilities: [Double]
        /// By how much this token raised the probability of the final answer.
        public var contribution: Double

        /// A step of these.
        public init(token: String, probabilities: [Double], contribution: Double) {
            self.token = token
            self.probabilities = probabilities
            self.contribution = contribution
        }
    }

    /// The text.
    public var text: String
    /// The right label, if it is known.
    public var truth: String?
    /// All labels, in the order of the probabilities.
    public var labels: [String]
    /// The answer.
    public var label: String
    /// The probability of the answer.
    public var probability: Double
    /// The tokens in order.
    public var tokens: [Step]

    /// An explanation of these.
    public init(
        text: String, truth: String?, labels: [String], label: String, probability: Double,
        tokens: [Step]
    ) {
        self.text = text
        self.truth = truth
        self.labels = labels
        self.label = label
        self.probability = probability
        self.tokens = tokens
    }
}
