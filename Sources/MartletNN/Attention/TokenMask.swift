public import MartletTensor

/// Which tokens of a batch are real.
public enum TokenMask: Sendable {
    /// All.
    case all
    /// The first ones of each sequence.
    case lengths([Int])
    /// Any, as bool `[B, S]`.
    case real(Tensor)

    /// The mask of a tensor of ones and zeros, `[B, S]`, as Hugging Face's `attention_mask`.
    public init(_ mask: Tensor) {
        let (B, S) = (mask.shape[0], mask.shape[1])
        let flags = mask.cast(to: .int32).scalars(as: Int32.self).map { $0 != 0 }
        var lengths: [Int] = []
        for b in 0..<B {
            let row = flags[b * S..<(b + 1) * S]
            let count = row.count { $0 }
            guard row.prefix(count).allSatisfy({ $0 }) else {
                self = .real(Tensor(flags, shape: [B, S]))
                return
            }
            lengths.append(count)
        }
        self = lengths.allSatisfy { $0 == S } ? .all : .lengths(lengths)
    }

    /// The number of real tokens at the front of each sequence, where that says it all.
    public var lengths: [Int]? {
        if case .lengths(let lengths) = self { return lengths }
        return nil
    }

    /// The mask of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> TokenMask {
        switch self {
        case .all: .all
        case .lengths(let lengths): .lengths(rows.map { lengths[$0] })
        case .real(let real): .real(real.selectingRows(rows))
        }
    }

    /// As the attention takes it, for T queries of N heads: bool `[B, 1, T, S]`; nil where lengths say it all.
    public func visible(queries: Int) -> Tensor? {
        guard case .real(let real) = self else { return nil }
        let (B, S) = (real.shape[0], real.shape[1])
        return real.reshaped([B, 1, 1, S]).broadcast(to: [B, 1, queries, S])
    }

    /// Which tokens are real, bool `[B, width]`; nil: all.
    func flags(width: Int) -> Tensor? {
        switch self {
        case .all: nil
        case .real(let real): real
        case .lengths(let lengths):
            Tensor(
                lengths.flatMap { length in (0..<width).map { $0 < length } },
                shape: [lengths.count, width])
        }
    }
}
