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

    /// Calls `body` once with each of `0..<count`, in any order, on up to `threads` threads.
    static func run(_ count: Int, threads: Int, _ body: @Sendable (_ index: Int) -> Void) {
        let workers = min(threads, count)
        guard workers > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}

/// Memory of a known length that several threads write at places of their own.
final class SharedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// The memory.
    let values: UnsafeMutableBufferPointer<Element>

    /// A buffer of `count` times `value`.
    init(repeating value: Element, count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: value)
    }

    deinit { values.deallocate() }

    /// The element at `index`.
    subscript(index: Int) -> Element {
        get { values[index] }
        set { values[index] = newValue }
    }
}
