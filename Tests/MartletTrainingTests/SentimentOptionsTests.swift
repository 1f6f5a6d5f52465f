import MartletModels
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

extension SentimentOptionsTests {
    @Test func whatDoesNotGoWithAnArchitectureIsNamed() {
        func problem(_ change: (inout SentimentOptions) -> Void) -> String {
            var options = SentimentOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { $0.kernelSizes = [3] } == "--kernel-sizes needs --architecture cnn")
        #expect(
            problem {
                $0.architecture = .cnn
                $0.kernelSizes = []
            } == "--kernel-sizes is empty: expected at least one")
        #expect(
            problem {
                $0.architecture = .cnn
                $0.kernelSizes = [3, 0]
            } == "--kernel-sizes has 0: expected 1 … 64")
        #expect(
            problem {
                $0.architecture = .cnn
                $0.layers = 2
            } == "--layers is 2: expected 1 with --architecture cnn")
        #expect(
            problem {
                $0.architecture = .transformer
                $0.hidden = 9
            } == "--hidden is 9: expected an even number for a transformer")
        for architecture in TextArchitecture.allCases {
            #expect(problem { $0.architecture = architecture } == "none")
        }
        var cnn = SentimentOptions()
        cnn.architecture = .cnn
        #expect(
            cnn.difference(from: SentimentOptions())
                == "--architecture is cnn, the saved run has recurrent; --kernel-sizes is 3,4,5, the saved run has none"
        )
    }
}
