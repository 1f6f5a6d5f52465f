import ArgumentParser
import MartletTensor

/// `martlet bench matmul`: matrix products of given shapes.
struct BenchMatmul: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matmul", abstract: "Time matrix products C [M, N] = A [M, K] · B [K, N].")

    struct ProductShape: ExpressibleByArgument {
        var m: Int
        var n: Int
        var k: Int

        init?(argument: String) {
            let sizes = argument.split(separator: "x").map { Int($0) ?? 0 }
            guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else { return nil }
            (m, n, k) = (sizes[0], sizes[1], sizes[2])
        }
    }

    @Option(parsing: .upToNextOption, help: "Shapes MxNxK, such as 32x2048x512.")
    var shapes: [ProductShape] = [ProductShape(argument: "2048x2048x2048")!]
    @Flag(help: "Take B transposed, [N, K], as a layer's weight stands.")
    var transposed = false
    @Option(help: "Measure each shape for at least this many seconds.")
    var seconds = 1.0
    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        var random = RandomGenerator(seed: 0)
        for shape in shapes {
            let a = random.normal([shape.m, shape.k])
            let b =
                transposed
                ? random.normal([shape.n, shape.k]).transposed()
                : random.normal([shape.k, shape.n])
            let timing = Timing(seconds: seconds) { _ = a.matmul(b) }
            try BenchResult(
                name: "matmul \(shape.m)x\(shape.n)x\(shape.k)", timing: timing, tokens: nil,
                flops: 2 * Double(shape.m) * Double(shape.n) * Double(shape.k)
            ).report(json: json)
        }
    }
}
