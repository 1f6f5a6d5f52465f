import ArgumentParser
import MartletTensor

/// The flags of everything that is timed on random numbers.
struct BenchFlags: ParsableArguments {
    @Option(help: "Measure for at least this many seconds.")
    var seconds = 1.0
    @Option(help: "The seed of weights and data.")
    var seed: UInt64 = 0
    @Flag(help: "Print one JSON object.")
    var json = false

    /// Refuses sizes below 1, by the names of their flags.
    static func check(sizes: KeyValuePairs<String, Int>) throws {
        for (name, value) in sizes where value < 1 {
            throw ValidationError("\(name) is \(value): expected at least 1")
        }
    }
}

/// What matrices are kept in.
enum WeightType: String, ExpressibleByArgument, CaseIterable {
    case float32, int8, int4

    /// How they are quantised; nil: not.
    var quantized: QuantizedType? { QuantizedType(rawValue: rawValue) }

    /// Refuses training in fewer bits.
    func check(isTraining: Bool) throws {
        if self != .float32, isTraining {
            throw ValidationError("--type is \(rawValue): expected float32 for --mode train")
        }
    }
}
