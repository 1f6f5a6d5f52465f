import Dispatch

/// Places that threads write to, each its own.
private struct Places<Element>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
}

/// What `body` makes of each of `inputs`, worked out on all processors, in the order of the inputs.
///
/// `body` gets a worker of `engine` that nobody else uses. A thread keeps one for many inputs: a pool that is asked for every
/// input makes threads wait, and moves what workers remember from one processor to another. Throws the error of the first
/// input that fails.
func inParallel<Input: Sendable, Output>(
    _ inputs: [Input], _ engine: PipelineEngine,
    _ body: @Sendable (Input, PipelineWorker) throws -> Output
) throws -> [Output] {
    guard inputs.count > 1 else {
        return try engine.withWorker { worker in try inputs.map { try body($0, worker) } }
    }
    let places = Places<Result<Output, any Error>>(base: .allocate(capacity: inputs.count))
    defer { places.base.deallocate() }
    // Parts that are neither too small to be worth a turn nor so large that a thread is left over.
    let parts = min(inputs.count, 256)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        let range = inputs.count * part / parts..<inputs.count * (part + 1) / parts
        engine.withWorker { worker in
            for index in range {
                (places.base + index).initialize(to: Result { try body(inputs[index], worker) })
            }
        }
    }
    defer { places.base.deinitialize(count: inputs.count) }
    return try (0..<inputs.count).map { try places.base[$0].get() }
}
