#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How the learning rate changes over the steps of a run: a factor of the highest rate.
public struct Schedule: Sendable, Codable, Hashable {
    /// The course after the warm-up.
    public enum Course: String, Sendable, Codable, CaseIterable {
        /// Stays at 1.
        case constant
        /// Falls along half a cosine wave (Loshchilov & Hutter 2017).
        case cosine
        /// Falls along a straight line.
        case linear
    }

    /// The course after the warm-up.
    public var course: Course
    /// The steps over which the factor first rises from 0 to 1.
    public var warmUpSteps: Int
    /// The steps of the whole run, warm-up included.
    public var totalSteps: Int
    /// The factor that it falls to.
    public var finalFactor: Double

    /// A schedule over the given number of steps.
    public init(_ course: Course, warmUpSteps: Int = 0, totalSteps: Int, finalFactor: Double = 0) {
        self.course = course
        self.warmUpSteps = warmUpSteps
        self.totalSteps = totalSteps
        self.finalFactor = finalFactor
    }

    /// The factor at a step, counted from 0.
    public func factor(step: Int) -> Double {
        if step < warmUpSteps { return Double(step) / Double(max(1, warmUpSteps)) }
        let done = Double(step - warmUpSteps) / Double(max(1, totalSteps - warmUpSteps))
        let fallen =
            switch course {
            case .constant: 1.0
            case .cosine: max(0, 0.5 * (1 + cos(.pi * min(1, done))))
            case .linear: max(0, 1 - done)
            }
        return finalFactor + (1 - finalFactor) * fallen
    }
}
