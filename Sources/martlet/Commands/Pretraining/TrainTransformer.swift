import ArgumentParser
import MartletText
import MartletTraining

/// A command that trains a Transformer on plain text.
protocol TrainTransformer: ParsableCommand {
    /// What is learned.
    static var task: PretrainingTask { get }
    var flags: PretrainingFlags { get }
    var place: RunFlags { get }

    /// The options with the flags that only this command has.
    func applied(to options: PretrainingOptions) -> PretrainingOptions
}

extension TrainTransformer {
    func validate() throws {
        if flags.data.isEmpty, flags.labelled == nil, !place.resume {
            throw ValidationError("--data is missing")
        }
        let options = applied(to: flags.applied(to: PretrainingOptions(Self.task)))
        if let problem = options.problem { throw ValidationError(problem) }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try PretrainingRecipe.savedRun(in: place.out) : nil
            if let saved, saved.options.task != Self.task {
                throw TrainingError.cannotResume(
                    "\(place.out) is a run of train \(saved.options.task.rawValue), not of train \(Self.task.rawValue)"
                )
            }
            let recipe = PretrainingRecipe(
                options: applied(
                    to: flags.applied(to: saved?.options ?? PretrainingOptions(Self.task))),
                data: flags.data.isEmpty && flags.labelled == nil
                    ? saved?.data ?? [] : flags.data,
                labelled: flags.labelled ?? saved?.labelled, folder: place.out,
                existing: place.existing, version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json)
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }

    /// What such commands say of themselves.
    static var discussion: String {
        """
        The first nine tenths of the text are for training, the next twentieth for validation, the last for testing; a \
        tokenizer is learned from the first part, unless one is given. The run folder gets model.safetensors and \
        config.json as Hugging Face's transformers reads them, tokenizer.json, training.json and report.html. The model \
        is judged every --evaluate-every steps, which the table calls an epoch. Ctrl-C leaves a checkpoint, from which \
        --resume goes on to the same result, bit for bit.
        """
    }
}

/// `martlet train gpt`: a decoder on plain text.
struct TrainGPT: TrainTransformer {
    static let task = PretrainingTask.gpt
    static let configuration = CommandConfiguration(
        commandName: "gpt",
        abstract: "Train a decoder (GPT-2, Llama, Qwen 2) on plain text or code.",
        discussion: discussion + " `martlet generate` writes with it.")

    @Option(help: "gpt2, llama or qwen2 (default: gpt2).")
    var architecture: DecoderKind?
    @Option(help: "Heads of keys and values, a divisor of --heads (default: as many).")
    var keyHeads: Int?
    @Option(
        help: "What a learned tokenizer cuts into: character, word or subword (default: subword).")
    var unit: TextUnit?
    @OptionGroup var flags: PretrainingFlags
    @OptionGroup var place: RunFlags

    func applied(to options: PretrainingOptions) -> PretrainingOptions {
        var options = options
        options.set(\.decoder, architecture)
        if let keyHeads { options.keyHeads = keyHeads }
        if let unit { options.unit = unit }
        return options
    }
}

/// `martlet train bert`: an encoder on plain text.
struct TrainBERT: TrainTransformer {
    static let task = PretrainingTask.bert
    static let configuration = CommandConfiguration(
        commandName: "bert",
        abstract: "Train an encoder (BERT) on plain text: masked words are guessed.",
        discussion: discussion
            + " A small encoder guesses by frequency alone for its first thousand steps or so.")

    @Option(help: "Share of tokens that are masked, whole words at a time (default: 0.15).")
    var maskedShare: Double?
    @OptionGroup var flags: PretrainingFlags
    @OptionGroup var place: RunFlags

    func applied(to options: PretrainingOptions) -> PretrainingOptions {
        var options = options
        options.set(\.maskedShare, maskedShare)
        return options
    }
}

/// `martlet train t5`: an encoder and a decoder on plain text.
struct TrainT5: TrainTransformer {
    static let task = PretrainingTask.t5
    static let configuration = CommandConfiguration(
        commandName: "t5",
        abstract:
            "Train an encoder and a decoder (T5) on plain text: spans that are left out are written.",
        discussion: discussion + " Ends of lines are read as spaces.")

    @Option(help: "Share of tokens that are left out (default: 0.15).")
    var maskedShare: Double?
    @Option(help: "Mean length of a span that is left out (default: 3).")
    var spanLength: Double?
    @OptionGroup var flags: PretrainingFlags
    @OptionGroup var place: RunFlags

    func applied(to options: PretrainingOptions) -> PretrainingOptions {
        var options = options
        options.set(\.maskedShare, maskedShare)
        options.set(\.spanLength, spanLength)
        return options
    }
}
