extension Tensor {
    /// Which steps are real, bool `[B, T, 1]`, for sequences of the given lengths.
    private static func realSteps(_ lengths: [Int], time: Int) -> Tensor {
        Tensor(
            lengths.flatMap { length in (0..<time).map { $0 < length } },
            shape: [lengths.count, time, 1])
    }

    /// The mean over the real steps of each sequence, `[B, D]` of `[B, T, D]`; zero for an empty one.
    public func meanOverTime(lengths: [Int]) -> Tensor {
        precondition(
            rank == 3 && lengths.count == shape[0],
            "meanOverTime of \(shape), \(lengths.count) lengths")
        let zero = Tensor.zeros([], dtype: dtype)
        let factors = Tensor(
            lengths.map { 1 / Double(Swift.max($0, 1)) }, shape: [lengths.count, 1])
        return Tensor.realSteps(lengths, time: shape[1]).select(self, zero).sum(axis: 1)
            * factors.cast(to: dtype)
    }

    /// The maximum over the real steps of each sequence, `[B, D]` of `[B, T, D]`; zero for an empty one.
    public func maxOverTime(lengths: [Int]) -> Tensor {
        precondition(
            rank == 3 && lengths.count == shape[0],
            "maxOverTime of \(shape), \(lengths.count) lengths")
        let low = Tensor.full([], -.infinity, dtype: dtype)
        let zero = Tensor.zeros([], dtype: dtype)
        let real = Tensor.realSteps(lengths, time: shape[1])
        let isEmpty = Tensor(lengths.map { $0 == 0 }, shape: [lengths.count, 1, 1])
        return isEmpty.select(zero, real.select(self, low)).max(axis: 1)
    }
}
