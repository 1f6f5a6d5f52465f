import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train image-classifier`: from labelled images to a run folder.
struct TrainImageClassifier: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image-classifier",
        abstract:
            "Train a small convolutional network on labelled images: hand-written digits, clothes.",
        discussion: """
            Images are grey and of one size, in files as MNIST's: train-images-idx3-ubyte, train-labels-idx1-ubyte, \
            t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, and if there is one labels.txt with a name for each label. Every \
            tenth image to learn from is kept back to choose the best epoch by. Two convolutions with pooling and two affine \
            maps learn; images are moved a little in training. The run folder gets model.safetensors, config.json, \
            training.json and report.html; `martlet evaluate` and `martlet predict` know it. Ctrl-C leaves a checkpoint, from \
            which --resume goes on to the same result, bit for bit.
            """)

    private static let defaults = ImageClassifierOptions()

    @Option(help: "The folder of images. With --resume it may be left out.")
    var data: String?
    @Option(help: "Results of each convolution, with commas between (default: 16,32).")
    var channels: NumberList?
    @Option(
        help: "Side of a convolution's window (default: 5, or 3 for images of less than 16 points)."
    )
    var kernel: Int?
    @Option(help: "Width of the hidden vector (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Share of the hidden vector dropped in training (default: \(defaults.dropout)).")
    var dropout: Double?
    @Option(help: "Points by which an image is moved at most (default: \(defaults.shift)).")
    var shift: Int?
    @Option(help: "Certainty spread over all labels (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Double?
    @OptionGroup var flags: TrainingFlags<ImageClassifierOptions>
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if let problem = applied(to: ImageClassifierOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try ImageClassifierRecipe.savedRun(in: place.out) : nil
            let recipe = ImageClassifierRecipe(
                options: applied(to: saved?.options ?? ImageClassifierOptions()),
                data: data ?? saved?.data ?? "", folder: place.out, existing: place.existing,
                version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json, words: .init(unit: "images"))
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }

    /// The options with what was given.
    private func applied(to options: ImageClassifierOptions) -> ImageClassifierOptions {
        var options = options
        options.set(\.channels, channels?.values)
        if let kernel { options.kernel = kernel }
        options.set(\.hidden, hidden)
        options.set(\.dropout, dropout)
        options.set(\.shift, shift)
        options.set(\.labelSmoothing, labelSmoothing)
        flags.apply(to: &options)
        return options
    }
}
