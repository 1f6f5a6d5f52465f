import MartletTestSupport
import Synchronization
import Testing

@testable import MartletTensor

@Suite struct MachineTests {
    /// Each piece is done once and stands where its number says, whether the threads are busy with others or not.
    @Test(arguments: [0, 1, 2, 7, 40])
    func piecesSideBySideAreInTheirOrder(count: Int) {
        var random = RandomGenerator(seed: 4)
        let (a, b) = (random.normal([70, 90]), random.normal([90, 50]))
        let expected = a.matmul(b)
        let turns = Mutex([Int](repeating: 0, count: count))
        let found = Machine.sideBySide(count) { index in
            turns.withLock { $0[index] += 1 }
            // Pieces may have pieces.
            let inner = Machine.sideBySide(2) { $0 + index }
            return (index: index, inner: inner, product: a.matmul(b))
        }
        #expect(found.map(\.index) == Array(0..<count))
        #expect(turns.withLock { $0.allSatisfy { $0 == 1 } })
        for piece in found {
            #expect(piece.inner == [piece.index, piece.index + 1])
            #expect(largestDifference(piece.product, expected) == 0)
        }
    }

    /// Threads that are done help with the last piece, whichever it is, and its bits are those that it has alone.
    @Test func threadsThatAreDoneHelp() {
        var random = RandomGenerator(seed: 5)
        let (a, b) = (random.normal([160, 200]), random.normal([200, 170]))
        let x = random.normal([3, 150, 4, 16])
        @Sendable func work(_ turns: Int) -> [Tensor] {
            var (product, attended) = (Tensor.zeros([160, 170]), x)
            for _ in 0..<turns {
                product = a.matmul(b) + product
                attended = .attention(query: attended, key: x, value: x)
            }
            return [product, attended, Machine.alone { a.matmul(b) }]
        }
        let expected = (0..<30).map(work)
        for turn in 0..<20 {
            let long = turn % 3
            let found = Machine.sideBySide(3) { work($0 == long ? 29 : $0) }
            for (piece, tensors) in found.enumerated() {
                for (one, other) in zip(tensors, expected[piece == long ? 29 : piece]) {
                    #expect(largestDifference(one, other) == 0)
                }
            }
        }
    }

    /// Products are as precise in pieces as the caller wants them.
    @Test func piecesHaveTheCallersPrecision() {
        let found = ProductPrecision.bfloat16.applied {
            Machine.sideBySide(6) { _ in ProductPrecision.current }
        }
        #expect(
            found.allSatisfy { $0 == (ProductPrecision.bfloat16.isHere ? .bfloat16 : .float32) })
        #expect(
            Machine.sideBySide(6) { _ in ProductPrecision.current }
                == Array(repeating: .float32, count: 6))
    }

    /// What is sparse is like any other memory, small or large, also when it is changed and copied.
    @Test(arguments: [3, 5_000_000])
    func sparseMemoryKeepsWhatIsWritten(count: Int) {
        let bytes = count * 4
        var tensor = Tensor(shape: [count], dtype: .float32, isSparse: true) { memory in
            #expect(memory.count == bytes)
            memory.storeBytes(of: 2, toByteOffset: 0, as: Float.self)
            memory.storeBytes(of: 3, toByteOffset: bytes - 4, as: Float.self)
        }
        let before = tensor
        tensor.mutateBytes { $0.storeBytes(of: 5, toByteOffset: 4, as: Float.self) }
        func element(_ tensor: Tensor, _ place: Int) -> Double {
            tensor.slice(axis: 0, place..<place + 1).item
        }
        #expect(element(before, 0) == 2 && element(before, count - 1) == 3)
        #expect(
            element(tensor, 0) == 2 && element(tensor, 1) == 5 && element(tensor, count - 1) == 3)
    }
}
