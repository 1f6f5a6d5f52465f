import Dispatch

/// Places that threads write to, each its own.
private struct Places<Element>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
}

/// What `body` makes of each of `inputs`, worked out on all processors, in the order of the inputs.
///
/// Throws the error of the first input that fails.
func inParallel<Input: Sendable, Output>(
    _ inputs: [Input], _ body: @Sendable (Input) throws -> Output
) throws -> [Output] {
    guard inputs.count > 1 else { return try inputs.map(body) }
    let places = Places<Result<Output, any Error>>(base: .allocate(capacity: inputs.count))
    defer { places.base.deallocate() }
    // Parts that are neither too small to be worth a turn nor so large that a thread is left over.
    let parts = min(inputs.count, 256)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        let range = inputs.count * part / parts..<inputs.count * (part + 1) / parts
        for index in range {
            (places.base + index).initialize(to: Result { try body(inputs[index]) })
        }
    }
    let results = (0..<inputs.count).map { (places.base + $0).move() }
    return try results.map { try $0.get() }
}
