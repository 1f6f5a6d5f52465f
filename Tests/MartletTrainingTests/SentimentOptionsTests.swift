import MartletTraining
import Testing

struct SentimentOptionsTests {
    /// Few texts need more epochs to make as many steps; many do not need fewer than five.
    @Test(arguments: [(6, 100), (40, 50), (434, 5), (3, 100), (0, 100), (10_000, 5), (300, 7)])
    func epochsMakeTwoThousandSteps(stepsPerEpoch: Int, epochs: Int) {
        #expect(SentimentOptions().epochs(stepsPerEpoch: stepsPerEpoch) == epochs)
    }

    @Test func askedForEpochsAreKept() {
        var options = SentimentOptions()
        options.epochs = 3
        #expect(options.epochs(stepsPerEpoch: 6) == 3)
        #expect(
            options.difference(from: SentimentOptions())
                == "--epochs is 3, the saved run has automatic")
    }
}
