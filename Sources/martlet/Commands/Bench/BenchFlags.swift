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

/// What matrices are kept in, or what their products are computed in.
enum WeightType: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16, int8, int4

    /// How they are quantised; nil: not.
    var quantized: QuantizedType? { QuantizedType(rawValue: rawValue) }
    /// What products are computed in.
    var precision: ProductPrecision { self == .bfloat16 ? .bfloat16 : .float32 }

    /// Refuses training in fewer bits, and what this machine cannot do.
    ///
    /// - Parameter isStepwise: whether single steps are timed, whose products are too small for bfloat16.
    func check(isTraining: Bool, isStepwise: Bool = false) throws {
        if quantized != nil, isTraining {
            throw ValidationError(
                "--type is \(rawValue): expected float32 or bfloat16 for --mode train")
        }
        if self == .bfloat16, isStepwise {
            throw ValidationError(
                "--type is bfloat16: expected float32, int8 or int4 for steps one after another")
        }
        if !precision.isHere {
            throw ValidationError(
                "--type is bfloat16: this machine has no instructions for it (AMX, or AMD's AVX-512 BF16)"
            )
        }
    }
}
