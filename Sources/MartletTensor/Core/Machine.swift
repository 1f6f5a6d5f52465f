import CMartletKernels
import Synchronization

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
        let before = mk_set_alone(1)
        defer { _ = mk_set_alone(before) }
        return try work()
    }

    /// Runs `count` pieces of work side by side on the threads of kernels, and gives what each made, in their order.
    ///
    /// Operations of a piece use its thread alone, so none waits for the others, and what it makes stays in that core's caches; when
    /// the last piece is all that is left, the other threads help with its operations. ``ProductPrecision`` is that of the calling
    /// thread. If the threads are busy with another caller's work, the pieces run one after another.
    public static func sideBySide<Result: Sendable>(
        _ count: Int, _ work: @Sendable (Int) -> Result
    ) -> [Result] {
        guard count > 1 else { return (0..<count).map(work) }
        let isRounding = mk_bfloat16_wanted()
        let name = ForcedInstructionSet.name
        return [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            // Each place is written once, by whoever has its number.
            nonisolated(unsafe) let places = buffer.baseAddress!
            withoutActuallyEscaping(work) { work in
                let pieces = Pieces(count) { index in
                    let before = mk_set_bfloat16(isRounding)
                    defer { _ = mk_set_bfloat16(before) }
                    (places + index).initialize(
                        to: ForcedInstructionSet.$name.withValue(name) { work(index) })
                }
                withExtendedLifetime(pieces) {
                    mk_run_side_by_side(
                        Int32(clamping: min(count, current.threads)),
                        { context, _, _ in
                            Unmanaged<Pieces>.fromOpaque(context!).takeUnretainedValue().run()
                        }, Unmanaged.passUnretained(pieces).toOpaque())
                }
            }
            filled = count
        }
    }
}

/// Numbered pieces of work, each done once.
private final class Pieces: Sendable {
    private let count: Int
    private let work: @Sendable (Int) -> Void
    private let next = Atomic(0)

    init(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.work = work
    }

    /// Does those that nobody does.
    func run() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            work(index)
        }
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
