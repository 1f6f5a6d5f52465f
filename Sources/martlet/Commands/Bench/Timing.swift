/// How long one repetition of some work took, over many.
struct Timing: Encodable {
    struct Milliseconds: Encodable {
        var median: Double
        var minimum: Double
        var maximum: Double
    }

    var milliseconds: Milliseconds

    /// Runs `work` once: what is done once in practice, too.
    init(_ work: () throws -> Void) rethrows {
        let milliseconds = try ContinuousClock().measure(work) / .milliseconds(1)
        self.milliseconds = Milliseconds(
            median: milliseconds, minimum: milliseconds, maximum: milliseconds)
    }

    /// Runs `work` for at least `seconds` and 5 times, after two runs that do not count.
    init(seconds: Double, _ work: () -> Void) {
        let clock = ContinuousClock()
        for _ in 0..<2 { work() }
        var times: [Double] = []
        let start = clock.now
        while times.count < 5 || (clock.now - start) < .seconds(seconds) {
            times.append(clock.measure(work) / .milliseconds(1))
            if times.count >= 100_000 { break }
        }
        times.sort()
        milliseconds = Milliseconds(
            median: times[times.count / 2], minimum: times[0], maximum: times[times.count - 1])
    }
}

/// What `martlet bench` prints for one case.
struct BenchResult: Encodable {
    var name: String
    var milliseconds: Timing.Milliseconds
    var tokensPerSecond: Double?
    var gigaflopsPerSecond: Double

    /// - Parameters:
    ///   - tokens: real tokens in one repetition; nil where there are none.
    ///   - flops: multiplications and additions in one repetition.
    init(name: String, timing: Timing, tokens: Int?, flops: Double) {
        self.name = name
        milliseconds = timing.milliseconds
        let seconds = milliseconds.median / 1000
        tokensPerSecond = tokens.map { Double($0) / seconds }
        gigaflopsPerSecond = flops / seconds / 1e9
    }

    func report(json: Bool) throws {
        if json {
            try JSONOutput.print(self)
            return
        }
        let rate = tokensPerSecond.map { "  \(Int($0)) tokens/s" } ?? ""
        print(
            "\(name): median \(short(milliseconds.median)) ms (\(short(milliseconds.minimum)) … \(short(milliseconds.maximum)))\(rate)  \(short(gigaflopsPerSecond)) GFLOP/s"
        )
    }

    private func short(_ value: Double) -> String {
        let scale = value < 10 ? 1000.0 : 10.0
        return String((value * scale).rounded() / scale)
    }
}
