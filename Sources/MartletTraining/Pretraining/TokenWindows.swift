import MartletTensor

/// A long text's tokens as windows of one length in a random order, which follows from the seed and the place alone.
///
/// ```text
/// pass 0   begins at token 3:   3 … 10  10 … 17  17 … 24         in the order 2 0 1
/// pass 1   begins at token 0:   0 … 7   7 … 14   14 … 21         in the order 1 2 0
/// ```
///
/// Each pass cuts elsewhere, so that every token is met at every place. Nothing but the place is to be remembered by a run
/// that goes on.
struct TokenWindows {
    /// The tokens, int32 `[N]`; of a mapped file only what is read takes memory.
    private let tokens: Tensor
    /// The tokens of a window.
    let length: Int
    /// The distance of neighbouring windows.
    private let stride: Int
    private let seed: UInt64
    /// The windows of a pass.
    let count: Int
    private var pass = -1
    private var order: [Int] = []
    private var start = 0

    /// Windows of `length` of at least so many tokens, the last of each being the first of the next if `overlap` is 1.
    init(_ tokens: Tensor, length: Int, overlap: Int = 0, seed: UInt64) {
        precondition(tokens.count >= length, "windows of \(length) of \(tokens.count) tokens")
        self.tokens = tokens
        self.length = length
        self.seed = seed
        stride = length - overlap
        // One window less than there is room for, so that a pass may begin anywhere in the first.
        count = max(1, (tokens.count - overlap) / stride - 1)
    }

    /// Some windows from place `first` of all passes on.
    mutating func windows(from first: Int, count wanted: Int) -> [[Int32]] {
        (first..<first + wanted).map { place in
            if place / count != pass {
                pass = place / count
                var random = RandomGenerator(seed: seed, stream: 1 << 62 + UInt64(pass))
                let room = tokens.count - ((count - 1) * stride + length)
                start = random.integer(below: min(room, stride - 1) + 1)
                order = random.permutation(count)
            }
            return window(at: start + order[place % count] * stride)
        }
    }

    /// The windows that lie one after another from the begin on, at most so many.
    func inOrder(limit: Int = .max) -> [[Int32]] {
        let all = (tokens.count - length) / stride + 1
        return (0..<min(all, limit)).map { window(at: $0 * stride) }
    }

    private func window(at place: Int) -> [Int32] {
        tokens.slice(axis: 0, place..<place + length).scalars(as: Int32.self)
    }
}
