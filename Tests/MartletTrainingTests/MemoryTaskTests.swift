import MartletTensor
import Testing

@testable import MartletTraining

/// The sequences of the memory tasks, and what counts as right.
@Suite struct MemoryTaskTests {
    private static func batch(
        _ task: MemoryTask, _ count: Int, _ length: Int, seed: UInt64 = 5
    ) -> MemoryBatch {
        var random = RandomGenerator(seed: seed)
        return task.batch(count, length: length, using: &random)
    }

    /// The steps of a row, each a vector.
    private static func steps(_ batch: MemoryBatch, row: Int) -> [[Float]] {
        let (steps, width) = (batch.inputs.shape[1], batch.inputs.shape[2])
        let all = batch.inputs.scalars(as: Float.self)
        return (0..<steps).map { step in
            let begin = (row * steps + step) * width
            return Array(all[begin..<begin + width])
        }
    }

    @Test(arguments: [2, 3, 20, 101])
    func addingAsksForTheSumOfTheTwoMarked(_ length: Int) {
        let batch = Self.batch(.adding, 40, length)
        #expect(batch.inputs.shape == [40, length, 2] && batch.targets.shape == [40, 1])
        let sums = batch.targets.scalars(as: Float.self)
        var places: Set<Int> = []
        for row in 0..<40 {
            let steps = Self.steps(batch, row: row)
            #expect(steps.allSatisfy { (0...1).contains($0[0]) })
            #expect(Set(steps.map { $0[1] }) == (length == 2 ? [1] : [0, 1]))
            let marked = steps.indices.filter { steps[$0][1] == 1 }
            #expect(marked.count == 2 && marked[0] < length / 2 && marked[1] >= length / 2)
            let sum: Float = steps[marked[0]][0] + steps[marked[1]][0]
            #expect(sum == sums[row])
            places.formUnion(marked)
        }
        // Marks go anywhere.
        #expect(places.count > length / 3)
    }

    @Test(arguments: [1, 2, 30])
    func copyingAsksForTheSymbolsAfterTheBlanks(_ length: Int) {
        let batch = Self.batch(.copying, 20, length)
        #expect(batch.inputs.shape == [20, length + 20, 10] && batch.targets.shape == [20, 10])
        #expect(MemoryTask.copying.steps(length: length) == length + 20)
        let targets = batch.targets.scalars(as: Int32.self)
        for row in 0..<20 {
            let symbols = Self.steps(batch, row: row).map { step -> Int in
                let zeros = step.count { $0 == 0 }
                #expect(zeros == 9)
                return step.firstIndex(of: 1) ?? -1
            }
            let asked = targets[row * 10..<row * 10 + 10].map { Int($0) }
            let (heard, rest) = (Array(symbols[0..<10]), symbols[10...])
            #expect(heard == asked && heard.allSatisfy { $0 < 8 })
            // The blanks, the sign at their end, and blanks to answer in.
            let blanks = [Int](repeating: 8, count: length - 1)
            #expect(Array(rest) == blanks + [9] + [Int](repeating: 8, count: 10))
        }
        #expect(Set(targets).count == 8)
    }

    @Test(arguments: [1, 2, 33])
    func parityAsksWhetherTheOnesAreOdd(_ length: Int) {
        let batch = Self.batch(.parity, 64, length)
        #expect(batch.inputs.shape == [64, length, 1] && batch.targets.shape == [64, 1])
        let odd = batch.targets.scalars(as: Float.self)
        for row in 0..<64 {
            let steps = Self.steps(batch, row: row)
            #expect(steps.allSatisfy { $0 == [1] || $0 == [-1] })
            #expect(Int(odd[row]) == steps.count { $0 == [1] } % 2)
        }
        #expect(Set(odd).count == 2)
    }

    @Test(arguments: MemoryTask.allCases)
    func aSeedGivesTheSameBatchAndAnotherSeedAnother(_ task: MemoryTask) {
        let first = Self.batch(task, 8, 12)
        let again = Self.batch(task, 8, 12)
        let other = Self.batch(task, 8, 12, seed: 6)
        let values = { (batch: MemoryBatch) in batch.inputs.scalars(as: Float.self) }
        #expect(values(first) == values(again) && values(first) != values(other))
        #expect(first.inputs.shape[1] == task.steps(length: 12))
        #expect(first.inputs.shape[2] == task.inputSize)
        #expect(first.targets.shape[1] == task.answerCount)
    }

    /// Answers whose elements are right as far as `isRight` says.
    private static func answers(
        _ task: MemoryTask, _ batch: MemoryBatch, _ isRight: (Int) -> Bool
    ) -> Tensor {
        let shape: Shape = [batch.targets.shape[0], task.answerCount, task.outputSize]
        switch task {
        case .adding:
            // Just within the tolerance, or just beyond.
            let sums = batch.targets.scalars(as: Float.self)
            let said = sums.enumerated().map { place, sum -> Float in
                isRight(place) ? sum + 0.039 : sum - 0.041
            }
            return Tensor(said, shape: shape)
        case .copying:
            let symbols = batch.targets.scalars(as: Int32.self)
            let scores = symbols.enumerated().flatMap { place, symbol -> [Float] in
                let said = isRight(place) ? symbol : (symbol + 1) % 8
                return (0..<8).map { Float($0 == said ? 1 : 0) }
            }
            return Tensor(scores, shape: shape)
        case .parity:
            let odd = batch.targets.scalars(as: Float.self)
            let said = odd.enumerated().map { place, odd -> Float in
                (odd == 1) == isRight(place) ? 0.5 : -0.5
            }
            return Tensor(said, shape: shape)
        }
    }

    @Test(arguments: MemoryTask.allCases)
    func successIsTheShareOfRightAnswers(_ task: MemoryTask) {
        let batch = Self.batch(task, 12, 6)
        #expect(task.success(Self.answers(task, batch) { _ in true }, batch) == 1)
        #expect(task.success(Self.answers(task, batch) { _ in false }, batch) == 0)
        #expect(task.success(Self.answers(task, batch) { $0 % 4 == 0 }, batch) == 0.25)
        let (right, wrong) = (
            task.loss(Self.answers(task, batch) { _ in true }, batch).item,
            task.loss(Self.answers(task, batch) { _ in false }, batch).item
        )
        #expect(right < wrong)
    }

    @Test(arguments: MemoryTask.allCases)
    func chanceIsWhatTheBestConstantAnswerReaches(_ task: MemoryTask) {
        let batch = Self.batch(task, 4000, 4)
        let shape: Shape = [4000, task.answerCount, task.outputSize]
        let success = task.success(Tensor.ones(shape), batch)
        // Five standard deviations of a share of that many answers.
        let count = Double(batch.targets.count)
        let tolerance = 5 * (task.chance * (1 - task.chance) / count).squareRoot()
        #expect(abs(success - task.chance) < tolerance, "\(success)")
    }
}
