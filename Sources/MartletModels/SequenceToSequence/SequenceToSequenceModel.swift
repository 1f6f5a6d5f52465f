public import MartletNN
public import MartletTensor

/// What a model that writes a sequence knows between two steps, of several sequences side by side.
public protocol WritingProgress: Sendable {
    /// The same of some of the sequences, each as often as it is named: what beam search goes on with.
    func selecting(_ rows: [Int]) -> Self

    /// Makes each sequence what another is, of which it has written the same in the first `shared` steps.
    ///
    /// By default that of ``selecting(_:)``; where only what differs has to be copied, it can be done in less time.
    mutating func select(_ rows: [Int], shared: [Int])
}

extension WritingProgress {
    /// All of it is copied.
    public mutating func select(_ rows: [Int], shared: [Int]) { self = selecting(rows) }
}

/// A model that reads one sequence and writes another, token by token.
///
/// ```swift
/// var progress = model.begin(reading: source, mask: .all)
/// let (scores, attention) = model.step(begin, &progress, tellsAttention: true)     // [B, V], and [B, S]
/// ```
public protocol SequenceToSequenceModel: Model {
    /// What it knows between two steps.
    associatedtype Progress: WritingProgress

    /// The number of tokens that are read, and V that are written.
    var sourceVocabularySize: Int { get }
    var vocabularySize: Int { get }
    /// The longest sequences; nil: any.
    var contextLength: Int? { get }
    /// Whether it may copy tokens of the source that the vocabulary does not have: those from ``vocabularySize`` on, each source's
    /// own. Scores may then be of more than V tokens.
    var copies: Bool { get }

    /// What it knows when it has read a batch, int32 `[B, S]`, and written nothing.
    func begin(reading source: Tensor, mask: TokenMask) -> Progress

    /// One step of each sequence.
    ///
    /// - Parameters:
    ///   - tokens: what was written last, int32 `[B]`.
    ///   - tellsAttention: whether the second result is wanted.
    /// - Returns: the scores of what comes next, before the softmax, `[B, V]`, or more if it copies; and how much each token that
    ///   was read counted, `[B, S]`, if it is wanted and the model tells: of a row, they sum to 1 over the real tokens.
    func step(
        _ tokens: Tensor, _ progress: inout Progress, tellsAttention: Bool
    ) -> (scores: Tensor, attention: Tensor?)

    /// Whether sequences that have written different much can be side by side, as ``replace(_:in:with:_:)`` brings them. By default
    /// they cannot.
    var canReplace: Bool { get }

    /// Makes sequences, all those of a source, what those of a source of another batch are, while the rest goes on; called only if
    /// ``canReplace`` says so.
    ///
    /// - Parameters:
    ///   - rows: the sequences, in `progress`.
    ///   - others: what each becomes, in `other`.
    func replace(
        _ rows: [Int], in progress: inout Progress, with other: Progress, _ others: [Int])

    /// The same model, ready for many steps: its matrices also packed in that type as the kernels read them, where it can.
    func prepared(_ type: InferenceType) -> Self
}

extension SequenceToSequenceModel {
    /// It writes what the vocabulary has.
    public var copies: Bool { false }

    /// All have written as much.
    public var canReplace: Bool { false }

    /// Is not called.
    public func replace(
        _ rows: [Int], in progress: inout Progress, with other: Progress, _ others: [Int]
    ) {
        preconditionFailure("\(Self.self) cannot replace sequences")
    }

    /// Nothing is packed.
    public func prepared(_ type: InferenceType) -> Self { self }
}
