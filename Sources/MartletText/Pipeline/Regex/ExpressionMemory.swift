/// What a search needs to remember; a worker has its own.
struct ExpressionMemory: ~Copyable {
    /// Ways to go on: the instruction, and where the match began.
    struct Thread: BitwiseCopyable {
        var instruction: Int32
        var start: Int
    }

    private var current = FlatBuffer<Thread>()
    private var following = FlatBuffer<Thread>()
    private var stack = FlatBuffer<Int32>()
    /// In which step each instruction was last reached.
    private var marks: [Int] = []
    private var step = 0
    /// How many steps were taken since the search of a text began.
    private(set) var work = 0

    /// Begins to count the steps anew.
    mutating func begin() { work = 0 }

    /// The first match of `program` from `from` on, in the text from `start` to `end`.
    mutating func search(
        _ program: ExpressionProgram, _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int,
        from: Int, _ traits: UnicodeTraits
    ) -> (start: Int, end: Int)? {
        if marks.count < program.instructions.count {
            marks = Array(repeating: 0, count: program.instructions.count)
            step = 0
        }
        current.count = 0
        var found: (start: Int, end: Int)?
        var place = from
        while true {
            step += 1
            following.count = 0
            // What was reached before goes first; a match can only begin here while there is none.
            let threads = current.count
            for index in 0..<threads {
                follow(current[index], program, text, start, end, place, traits)
            }
            if found == nil {
                follow(
                    Thread(instruction: 0, start: place), program, text, start, end, place, traits)
            }
            swap(&current, &following)
            work += current.count + 1
            guard current.count > 0 || found == nil else { break }
            let next: (value: UInt32, length: Int)? = place < end ? scalar(text, place) : nil
            following.count = 0
            var kept = 0
            for index in 0..<current.count {
                let thread = current[index]
                switch program.instructions[Int(thread.instruction)] {
                case .match:
                    found = (thread.start, place)
                    current.count = index
                case .set(let set):
                    if let next, program.sets[set].contains(next.value, traits) {
                        current[kept] = Thread(
                            instruction: thread.instruction + 1, start: thread.start)
                        kept += 1
                    }
                default: break
                }
                if index >= current.count { break }
            }
            current.count = kept
            guard let next, kept > 0 || found == nil else { break }
            place += next.length
        }
        return found
    }

    /// Adds all instructions that `thread` comes to without taking a scalar, in the order of their priority.
    private mutating func follow(
        _ thread: Thread, _ program: ExpressionProgram, _ text: UnsafePointer<UInt8>,
        _ start: Int, _ end: Int, _ place: Int, _ traits: UnicodeTraits
    ) {
        stack.count = 0
        stack.append(thread.instruction)
        while stack.count > 0 {
            stack.count -= 1
            let instruction = stack[stack.count]
            let index = Int(instruction)
            if marks[index] == step { continue }
            marks[index] = step
            work += 1
            switch program.instructions[index] {
            case .set, .match:
                following.append(Thread(instruction: instruction, start: thread.start))
            case .jump(let target): stack.append(Int32(target))
            case .split(let first, let second):
                stack.append(Int32(second))
                stack.append(Int32(first))
            case .assert(let number):
                if program.assertions[number].holds(text, start, end, at: place, traits) {
                    stack.append(instruction + 1)
                }
            }
        }
    }
}
