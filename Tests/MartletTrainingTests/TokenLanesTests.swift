import MartletTensor
import Testing

@testable import MartletTraining

@Suite struct TokenLanesTests {
    /// Tokens that are their own places, so that a guess names the place it is of.
    private func lanes(_ count: Int, lanes: Int, window: Int) -> TokenLanes {
        TokenLanes((0..<Int32(count)).map { $0 }, lanes: lanes, window: window)
    }

    @Test(arguments: [2, 3, 11, 12, 13, 100, 257], [1, 2, 3, 7, 32])
    func everyTokenButTheFirstIsGuessedOnce(count: Int, wanted: Int) {
        for window in [1, 2, 5, 16, 1_000] {
            let text = lanes(count, lanes: wanted, window: window)
            var guessed: [Int32] = []
            var announced = 0
            for place in 0..<text.windowCount {
                let (tokens, next, guesses) = text.window(at: place)
                #expect(tokens.shape == next.shape && tokens.shape[0] == text.lanes)
                #expect(tokens.dtype == .int32 && next.dtype == .int32)
                #expect((1...window).contains(tokens.shape[1]))
                announced += guesses
                let pairs = zip(tokens.scalars(as: Int32.self), next.scalars(as: Int32.self))
                for (token, label) in pairs where label != TokenLanes.ignored {
                    #expect(label == token + 1)
                    guessed.append(label)
                }
            }
            #expect(guessed.sorted() == Array(1..<Int32(count)))
            #expect(announced == count - 1 && text.guesses == count - 1)
        }
    }

    @Test(arguments: [(1, 3), (2, 3), (4, 5)])
    func aLaneGoesOnFromWindowToWindow(wanted: Int, window: Int) {
        let text = lanes(50, lanes: wanted, window: window)
        #expect(text.lanes == wanted)
        var last: [Int32?] = .init(repeating: nil, count: wanted)
        for place in 0..<text.windowCount {
            let tokens = text.window(at: place).tokens
            let (values, steps) = (tokens.scalars(as: Int32.self), tokens.shape[1])
            for lane in 0..<wanted {
                for value in values[lane * steps..<(lane + 1) * steps]
                where value != 0 || place == 0 {
                    #expect(last[lane].map { $0 + 1 == value } ?? true)
                    last[lane] = value
                }
            }
        }
        #expect(last[wanted - 1] == 48)
    }

    @Test func theDocumentedExample() {
        let text = lanes(11, lanes: 2, window: 3)
        #expect(text.windowCount == 2)
        let (first, second) = (text.window(at: 0), text.window(at: 1))
        #expect(first.tokens.shape == [2, 3] && second.tokens.shape == [2, 2])
        #expect(first.tokens.scalars(as: Int32.self) == [0, 1, 2, 5, 6, 7])
        #expect(first.next.scalars(as: Int32.self) == [1, 2, 3, 6, 7, 8])
        #expect(second.tokens.scalars(as: Int32.self) == [3, 4, 8, 9])
        #expect(second.next.scalars(as: Int32.self) == [4, 5, 9, 10])
    }

    @Test func whatIsBeyondTheTextIsIgnored() {
        // 11 guesses in 2 lanes of 6: one place is beyond.
        let text = lanes(12, lanes: 2, window: 4)
        let last = text.window(at: text.windowCount - 1)
        #expect(last.next.scalars(as: Int32.self) == [5, 6, 11, TokenLanes.ignored])
        #expect(last.tokens.scalars(as: Int32.self) == [4, 5, 10, 0])
        #expect(last.guesses == 3)
    }

    @Test func shortTextsHaveFewerLanes() {
        #expect(lanes(2, lanes: 8, window: 10).lanes == 1)
        #expect(lanes(11, lanes: 8, window: 10).lanes == 1)
        #expect(lanes(21, lanes: 8, window: 10).lanes == 2)
        #expect(lanes(30, lanes: 8, window: 10).lanes == 2)
        #expect(lanes(1_000, lanes: 8, window: 10).lanes == 8)
    }
}
