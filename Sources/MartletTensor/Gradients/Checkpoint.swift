/// Runs `body` and forgets what it computed on the way; the backward pass runs it again.
///
/// Activation checkpointing (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): memory
/// for the values between the inputs and the result is needed only while this part's gradient is computed.
/// The gradient has the same bits as without it. `body` may use any tensors from around it, and must give
/// the same result each time: random numbers come from a generator that it copies.
public func checkpoint(_ body: @escaping @Sendable () -> Tensor) -> Tensor {
    guard let outer = Tape.current else { return body() }
    let follower = Tape(.following)
    let result = Tape.$current.withValue(follower) { body() }
    let externals = follower.adopted.tensors
    guard result.trace.tape == follower.identity else { return result }
    return outer.record("checkpoint", inputs: externals, outputs: [result.detached]) { gradients in
        let tape = Tape(.adopting)
        let again = Tape.$current.withValue(tape) { body() }
        let found = tape.backward(from: [(again, gradients[0]!)])
        let adopted = tape.adopted
        var byTrace: [Trace: Int32] = [:]
        for (tensor, node) in zip(adopted.tensors, adopted.nodes) { byTrace[tensor.trace] = node }
        return externals.map { external in byTrace[external.trace].flatMap { found[Int($0)] } }
    }[0]
}
