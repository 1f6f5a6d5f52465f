import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train encoder-contrastive`: from a pretrained encoder and pairs of texts to a run folder.
struct TrainEncoderContrastive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder-contrastive",
        abstract: "Fine-tune a sentence encoder on pairs of texts that belong together.",
        discussion: """
            The encoder is a folder of Hugging Face's, or of `martlet train bert`: config.json, model.safetensors, \
            tokenizer.json. A text's vector is the mean of its tokens', 1 long. In a batch each pair has the targets of all others \
            as counter-examples (InfoNCE, both ways); texts that are the same are none. A tenth of the sources is for testing, a \
            tenth to choose the best epoch by: how many find their target first among all is said before and after. `martlet embed` \
            knows the run folder. Ctrl-C leaves a checkpoint, from which --resume goes on to the same result, bit for bit.
            """)

    private static let defaults = ContrastiveOptions()

    @Option(help: "The encoder's folder. With --resume it may be left out.")
    var encoder: String?
    @Option(
        help: """
            Pairs: two texts a line with a tab between them, or a .jsonl file with "source" and "target". With --resume it may \
            be left out.
            """)
    var data: String?
    @Option(
        help: "The most tokens that are read of a text (default: as many as the encoder reads).")
    var longest: Int?
    @Option(help: "What cosines are divided by (default: \(defaults.temperature)).")
    var temperature: Double?
    @OptionGroup var flags: TrainingFlags<ContrastiveOptions>
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if encoder == nil, !place.resume { throw ValidationError("--encoder is missing") }
        if let problem = applied(to: ContrastiveOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try ContrastiveRecipe.savedRun(in: place.out) : nil
            let recipe = ContrastiveRecipe(
                options: applied(to: saved?.options ?? ContrastiveOptions()),
                data: data ?? saved?.data ?? "", folder: place.out, existing: place.existing,
                version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json, words: .init(answers: "found first"))
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }

    /// The options with what was given.
    private func applied(to options: ContrastiveOptions) -> ContrastiveOptions {
        var options = options
        options.set(\.encoder, encoder)
        if let longest { options.longest = longest }
        options.set(\.temperature, temperature)
        flags.apply(to: &options)
        return options
    }
}
