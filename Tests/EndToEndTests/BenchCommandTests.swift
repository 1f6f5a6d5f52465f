import Foundation
import MartletTestSupport
import Testing

/// `martlet bench recurrent --steps`: what very many steps cost in memory.
@Suite struct BenchCommandTests {
    private struct Walk: Decodable {
        struct Mark: Decodable {
            var steps: Int
            var residentMegabytes: Double
        }
        var steps: Int
        var marks: [Mark]
    }

    @Test(arguments: [["step", "--batch", "1"], ["stream", "--streams", "3"]])
    func aStreamNeedsNoMoreMemoryTheLongerItIs(mode: [String]) throws {
        let outcome = try martlet(
            ["bench", "recurrent", "--input", "8", "--hidden", "16", "--steps", "100000", "--json"]
                + ["--mode"] + mode)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let walk = try JSONDecoder().decode(Walk.self, from: Data(outcome.output.utf8))
        #expect(walk.marks.map(\.steps) == [1000] + (1...10).map { 10_000 * $0 })
        let first = walk.marks[0].residentMegabytes
        // The smallest block that is ever kept has 32 bytes: one a step would be 3 MB.
        #expect(
            first > 1 && walk.marks.allSatisfy { $0.residentMegabytes < first + 0.5 }, "\(walk)")
    }

    @Test func stepsAreForModesOfSteps() throws {
        let outcome = try martlet("bench", "recurrent", "--steps", "5", "--mode", "forward")
        #expect(outcome.code == 64)
        #expect(
            outcome.errors.contains("--steps is for --mode step or stream: the mode is forward"))
    }
}
