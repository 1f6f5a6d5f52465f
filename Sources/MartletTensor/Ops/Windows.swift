extension Tensor {
    /// A view of the innermost dimension's windows: `[..., T]` is `[..., W, size]`, W = (T − size) / step + 1.
    ///
    /// Window w begins at w · step; windows may overlap, and what is behind the last one is left out.
    public func windows(size: Int, step: Int) -> Tensor {
        precondition(
            rank >= 1 && size >= 1 && step >= 1 && shape[-1] >= size,
            "windows of \(size) every \(step) of \(shape)")
        let time = shape[-1]
        let count = (time - size) / step + 1
        let own = strides
        let target = shape.replacing(rank - 1, with: count).inserting(size, at: rank)
        var steps = own.inserting(own[-1], at: rank)
        steps[rank - 1] = own[-1] * step
        return view(target, strides: steps, offset: offset)
            .recorded("windows", from: self) { $0.windowsAdded(time: time, step: step) }
    }

    /// The sum of overlapping windows `[..., W, size]` in their places, `[..., time]`.
    private func windowsAdded(time: Int, step: Int) -> Tensor {
        let (count, size) = (shape[-2], shape[-1])
        let outer = Array(shape.dropLast(2))
        let places = (0..<count).flatMap { window in
            (0..<size).map { Int32(window * step + $0) }
        }
        let ones = outer.map { _ in 1 }
        let positions = Tensor(places, shape: Shape(ones + [places.count]))
            .broadcast(to: Shape(outer + [places.count]))
        return Tensor.zeros(Shape(outer + [time]), dtype: dtype)
            .scatterAdding(reshaped(outer + [places.count]), along: -1, at: positions)
    }
}
