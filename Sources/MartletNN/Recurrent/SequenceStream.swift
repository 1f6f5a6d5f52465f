public import MartletTensor

/// A layer that is fed bit by bit: it keeps the state, so that any cutting of a sequence into chunks gives the numbers of
/// the whole, bit for bit, in constant memory.
///
/// ```swift
/// var stream = lstm.stack.stream()
/// let first = stream(chunk)          // [1, 20, D] -> [1, 20, P]
/// var other = stream                 // a fork: both go on from here, each for itself
/// let next = stream.step(frame)      // [1, D] -> [1, P]
/// let kept = stream.state            // a value: to be saved, sent, or handed to another stream
/// ```
public struct SequenceStream<Layer: SequenceLayer>: Sendable {
    /// The network.
    public let layer: Layer
    /// The state after what was fed so far.
    public var state: Layer.State

    /// A stream of a network that reads forward only.
    ///
    /// - Parameters:
    ///   - state: the state to go on from; nil: that before anything is read.
    ///   - batch: how many sequences are fed side by side, where no state says it.
    public init(_ layer: Layer, from state: Layer.State? = nil, batch: Int = 1) {
        precondition(
            layer.readsForward,
            "a stream of a network that reads from the end: its end is not known")
        self.layer = layer.prepared
        self.state = state ?? layer.zeroState(batch: batch, dtype: .float32)
    }

    /// Feeds some steps, `[B, T, D]`; gives the outputs, `[B, T, …]`.
    ///
    /// - Parameter lengths: the number of steps of each sequence that are fed; nil: all T.
    public mutating func callAsFunction(_ input: Tensor, lengths: [Int]? = nil) -> Tensor {
        let result = layer.run(input, lengths: lengths, from: state)
        state = result.state
        return result.output
    }

    /// Feeds one step, `[B, D]`; gives its output, `[B, …]`.
    public mutating func step(_ input: Tensor) -> Tensor {
        self(input.expandingDimension(at: 1)).squeezed(axis: 1)
    }
}

/// A stream of a ``RecurrentStack``.
public typealias RecurrentStream = SequenceStream<RecurrentStack>

extension SequenceLayer {
    /// A stream of the layer; see ``SequenceStream``.
    public func stream(from state: State? = nil, batch: Int = 1) -> SequenceStream<Self> {
        SequenceStream(self, from: state, batch: batch)
    }
}
