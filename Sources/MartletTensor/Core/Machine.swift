import CMartletKernels

/// The machine this process runs on, and what the kernels use of it.
public struct Machine: Sendable {
    /// The CPU's own name; empty where it cannot be known.
    public let cpuName: String
    /// Features of the CPU that kernels can use, by their usual names.
    public let features: [String]
    /// The instruction set of the kernels in use: `MARTLET_ISA`, or the widest there is.
    public let instructionSet: String
    /// The instruction sets that this build can use on this CPU, narrowest first.
    public let availableInstructionSets: [String]

    /// How products of bfloat16 are made: `amx`, `avx512bf16`, or nil where this CPU cannot.
    public let bfloat16: String?

    /// The threads that kernels use: `MARTLET_THREADS`, or the cores this process may use.
    ///
    /// Results do not depend on it.
    public var threads: Int {
        get { Int(mk_threads()) }
        nonmutating set { mk_set_threads(Int32(clamping: newValue)) }
    }

    /// This machine.
    public static let current = Machine()

    private init() {
        var name = [CChar](repeating: 0, count: 128)
        mk_cpu_name(&name, name.count)
        cpuName = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        features = [
            "sse4.2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl",
            "avx512vnni", "avx512bf16", "amx_bf16", "avxvnni", "neon",
        ].filter { mk_cpu_has($0) }
        instructionSet = String(cString: mk_isa())
        availableInstructionSets = String(cString: mk_available_isas()).split(separator: ",").map(
            String.init)
        bfloat16 = mk_bfloat16_way().map { String(cString: $0) }
    }
}

extension Machine {
    /// Runs work whose operations use the calling thread alone: for many small ones, which workers only hold up.
    ///
    /// Results are the same.
    public static func alone<Result>(_ work: () throws -> Result) rethrows -> Result {
        let before = mk_set_alone(true)
        defer { _ = mk_set_alone(before) }
        return try work()
    }
}

extension Machine {
    /// The bytes of this process that are in memory now; 0 where the system does not tell.
    public static var residentMemory: Int { Int(clamping: mk_resident_bytes()) }

    /// Runs work and tells the most bytes that tensors and kernels held at once meanwhile, in the whole process.
    ///
    /// What was there before counts, memory kept for reuse does not. One measurement at a time: a second one that begins
    /// meanwhile begins the first one anew.
    public static func peakMemory<Result>(
        during work: () throws -> Result
    ) rethrows -> (result: Result, bytes: Int) {
        _ = mk_memory_peak(true)
        let result = try work()
        return (result, Int(clamping: mk_memory_peak(false)))
    }
}
