/// A regular expression made ready to run, in time linear in the text for each match.
///
/// It is Thompson's simulation with priorities (Pike): all ways to match are followed at once, the earlier alternative first,
/// so that no expression explodes, and the match is the one a backtracking search would find.
final class ExpressionProgram: Sendable {
    enum Instruction: Sendable {
        /// Takes one scalar of a set.
        case set(Int)
        /// Goes two ways, the first before the second.
        case split(Int, Int)
        case jump(Int)
        case assert(Int)
        case match
    }

    let instructions: [Instruction]
    let sets: [ScalarSet]
    let assertions: [ExpressionAssertion]
    private static let largest = 20_000

    /// Compiles `pattern`, which stands in `part` of the tokenizer.
    ///
    /// Throws ``PipelineError`` where it is not valid, or uses what is not supported.
    init(_ pattern: String, part: String) throws(PipelineError) {
        var compiler = Compiler()
        let node = try ExpressionParser.parse(pattern, part: part)
        compiler.emit(node)
        compiler.instructions.append(.match)
        guard compiler.instructions.count <= Self.largest else {
            throw .unsupported(
                part: part, reason: "an expression of more than \(Self.largest) steps")
        }
        instructions = compiler.instructions
        let traits = UnicodeTraits()
        sets = compiler.sets.map { $0.prepared(traits) }
        assertions = compiler.assertions.map { $0.prepared(traits) }
    }

    private struct Compiler {
        var instructions: [Instruction] = []
        var sets: [ScalarSet] = []
        var assertions: [ExpressionAssertion] = []

        mutating func emit(_ node: ExpressionNode) {
            // What is too large is refused by its size afterwards.
            guard instructions.count <= ExpressionProgram.largest else { return }
            switch node {
            case .empty: break
            case .set(let set):
                sets.append(set)
                instructions.append(.set(sets.count - 1))
            case .assertion(let assertion):
                assertions.append(assertion)
                instructions.append(.assert(assertions.count - 1))
            case .sequence(let nodes): for node in nodes { emit(node) }
            case .alternatives(let branches):
                var ends: [Int] = []
                for (index, branch) in branches.enumerated() {
                    guard index < branches.count - 1 else {
                        emit(branch)
                        break
                    }
                    let split = instructions.count
                    instructions.append(.match)
                    emit(branch)
                    ends.append(instructions.count)
                    instructions.append(.match)
                    instructions[split] = .split(split + 1, instructions.count)
                }
                for end in ends { instructions[end] = .jump(instructions.count) }
            case .repetition(let body, let minimum, let maximum, let isLazy):
                for _ in 0..<minimum {
                    let before = instructions.count
                    emit(body)
                    // Nothing, and nothing more from a program that is too large already, need not be repeated.
                    if instructions.count == before { break }
                }
                guard let maximum else { return loop(body, isLazy) }
                var splits: [Int] = []
                for _ in minimum..<max(minimum, maximum) {
                    splits.append(instructions.count)
                    instructions.append(.match)
                    emit(body)
                }
                for split in splits {
                    instructions[split] =
                        isLazy
                        ? .split(instructions.count, split + 1)
                        : .split(split + 1, instructions.count)
                }
            }
        }

        private mutating func loop(_ body: ExpressionNode, _ isLazy: Bool) {
            let split = instructions.count
            instructions.append(.match)
            emit(body)
            instructions.append(.jump(split))
            instructions[split] =
                isLazy
                ? .split(instructions.count, split + 1) : .split(split + 1, instructions.count)
        }
    }
}

extension ExpressionAssertion {
    /// The same, with its sets worked out for ASCII.
    func prepared(_ traits: UnicodeTraits) -> ExpressionAssertion {
        switch self {
        case .ahead(let sets, let conditions, let isNegated):
            .ahead(
                sets.map { $0.prepared(traits) }, conditions.map { $0.prepared(traits) },
                isNegated: isNegated)
        case .behind(let sets, let conditions, let isNegated):
            .behind(
                sets.map { $0.prepared(traits) }, conditions.map { $0.prepared(traits) },
                isNegated: isNegated)
        default: self
        }
    }

    /// Whether it holds at `place` of the text from `start` to `end`.
    func holds(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, at place: Int,
        _ traits: UnicodeTraits
    ) -> Bool {
        switch self {
        case .textStart: return place == start
        case .textEnd: return place == end
        case .lastLineEnd: return place == end || place == end - 1 && text[place] == 0x0A
        case .lineStart: return place == start || text[place - 1] == 0x0A && place < end
        case .lineEnd: return place == end || text[place] == 0x0A
        case .wordBoundary(let isNegated):
            let before =
                place > start
                && traits[scalarBefore(text, place).value] & UnicodeTraits.word != 0
            let after =
                place < end && traits[scalar(text, place).value] & UnicodeTraits.word != 0
            return (before != after) != isNegated
        case .ahead(let sets, let conditions, let isNegated):
            var isFound = conditions.contains { $0.holds(text, start, end, at: place, traits) }
            if !isFound, place < end {
                let value = scalar(text, place).value
                isFound = sets.contains { $0.contains(value, traits) }
            }
            return isFound != isNegated
        case .behind(let sets, let conditions, let isNegated):
            var isFound = conditions.contains { $0.holds(text, start, end, at: place, traits) }
            if !isFound, place > start {
                let value = scalarBefore(text, place).value
                isFound = sets.contains { $0.contains(value, traits) }
            }
            return isFound != isNegated
        }
    }
}
