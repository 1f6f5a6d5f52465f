import Dispatch
import Foundation
import Synchronization

/// Work on several threads whose result does not depend on their number.
enum TrainingThreads {
    /// The threads used where nothing else is said: `MARTLET_THREADS`, or the cores this process may use.
    static var standard: Int {
        if let text = ProcessInfo.processInfo.environment["MARTLET_THREADS"],
            let count = Int(text), count > 0
        {
            return count
        }
        return max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    /// What `body` makes of each of `0..<count`, in their order, worked out on up to `threads` threads.
    static func map<Output: Sendable>(
        _ count: Int, threads: Int, _ body: @Sendable (_ index: Int) -> Output
    ) -> [Output] {
        let workers = min(threads, count)
        guard workers > 1 else { return (0..<count).map(body) }
        return [Output](unsafeUninitializedCapacity: count) { buffer, filled in
            // Each place is written once, by whoever has its number.
            nonisolated(unsafe) let places = buffer.baseAddress!
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: workers) { _ in
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < count else { return }
                    (places + index).initialize(to: body(index))
                }
            }
            filled = count
        }
    }
}
