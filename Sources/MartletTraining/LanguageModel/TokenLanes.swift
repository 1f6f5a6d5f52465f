import MartletTensor

/// A running text as a batch: cut into pieces of one length, which are read side by side, window by window.
///
/// ```text
/// tokens   0 1 2 3 4 5 6 7 8 9 10     inputs 0 … 9, each with the next token to guess; 2 lanes, windows of 3
/// lane 0   0 1 2 │ 3 4                a window's states go on into the next
/// lane 1   5 6 7 │ 8 9
/// ```
struct TokenLanes {
    /// The number of lanes B.
    let lanes: Int
    /// The steps of a window W; the last one may be shorter.
    let window: Int
    /// The tokens that are guessed.
    let guesses: Int
    private let length: Int
    private let tokens: [Int32]

    /// The label of a place where nothing is to be guessed.
    static let ignored: Int32 = -100

    /// Lanes of a text of at least two tokens: as many as asked for, but no more than there are windows; what the last ones
    /// lack is not guessed.
    init(_ tokens: [Int32], lanes: Int, window: Int) {
        precondition(tokens.count > 1, "lanes of \(tokens.count) tokens")
        self.tokens = tokens
        self.window = window
        guesses = tokens.count - 1
        self.lanes = max(1, min(lanes, guesses / window))
        length = (guesses + self.lanes - 1) / self.lanes
    }

    /// The number of windows.
    var windowCount: Int { (length + window - 1) / window }

    /// The tokens of a window and what comes after each, both int32 `[B, W]`.
    func window(at place: Int) -> (tokens: Tensor, next: Tensor, guesses: Int) {
        let steps = place * window..<min((place + 1) * window, length)
        var inputs: [Int32] = []
        var labels: [Int32] = []
        var guesses = 0
        for lane in 0..<lanes {
            for step in steps {
                let at = lane * length + step
                let isReal = at + 1 < tokens.count
                inputs.append(isReal ? tokens[at] : 0)
                labels.append(isReal ? tokens[at + 1] : Self.ignored)
                guesses += isReal ? 1 : 0
            }
        }
        let shape: Shape = [lanes, steps.count]
        return (Tensor(inputs, shape: shape), Tensor(labels, shape: shape), guesses)
    }
}
