import ArgumentParser
import MartletData
import MartletModels
import MartletStore
import MartletTraining

/// `martlet detect-speech`: where in a recording somebody speaks.
struct DetectSpeechCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect-speech",
        abstract: "Say where in a recording somebody speaks.",
        discussion: """
            The recording is a WAV file of any sample rate and number of channels; or, with - or without a name, standard \
            input: raw samples of one channel, 16-bit little-endian at 16 kHz unless --rate and --float say otherwise, or a \
            WAV file. It is heard as it comes, 32 ms at a time, and a segment is printed as soon as it ends: its start and \
            end in seconds, and its mean probability. Ctrl-C ends the recording.

            The model is Silero VAD; Tools/fetch_silero.sh fetches it.
            """)

    @Argument(help: "The WAV file; - is standard input.")
    var recording = "-"
    @Option(help: "The model's folder (default: silero-vad in Martlet's cache).")
    var model: String?
    @OptionGroup var flags: SpeechFlags
    @Flag(help: "Print each segment as one JSON object.")
    var json = false
    @Flag(help: "Print the segments as subtitles (SubRip).")
    var srt = false
    @Option(help: "Write a CSV file with the probability of speech of every 32 ms.")
    var probabilities: String?
    @Option(help: "Write an SVG picture of the sound, the probability and the segments.")
    var picture: String?
    @Option(help: "Samples a second of raw samples on standard input (default: 16000).")
    var rate: Int?
    @Flag(help: "The raw samples on standard input are 32-bit floats.")
    var float = false

    private var isStandardInput: Bool { recording == "-" }

    func validate() throws {
        if json, srt { throw ValidationError("--json and --srt exclude each other") }
        if !isStandardInput, rate != nil || float {
            throw ValidationError(
                "--rate and --float are for raw samples on standard input; a WAV file says its own")
        }
        if let rate, !Resampler.rates.contains(rate) {
            throw ValidationError(
                "--rate is \(rate): expected \(Resampler.rates.lowerBound) … \(Resampler.rates.upperBound)"
            )
        }
        if let problem = flags.options.problem { throw ValidationError(problem) }
    }

    func run() throws {
        try Failure.exiting {
            let model = try ModelFolder.load(SileroVAD.self, from: ModelCache.silero(model))
            if isStandardInput { Interruption.listen() }
            try detect(with: model)
        }
        if Interruption.isWanted { throw ExitCode(130) }
    }

    /// The last part of a path, and no more of it than fits over a picture.
    private static func shortName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.count <= 70 ? name : name.prefix(34) + "…" + name.suffix(34)
    }

    private func detect(with model: SileroVAD) throws {
        var reader =
            isStandardInput
            ? try AudioReader(
                standardInputAt: rate ?? SileroVAD.sampleRate,
                float ? .float(bits: 32) : .integer(bits: 16), until: { Interruption.isWanted })
            : try AudioReader(path: recording)
        var detection = SpeechDetection(model, options: flags.options, rate: reader.rate)
        var drawing = SpeechPicture(
            title: isStandardInput ? "standard input" : Self.shortName(recording),
            threshold: flags.options.threshold)
        let keepsChunks = probabilities != nil || picture != nil
        var view = SpeechView(format: json ? .json : srt ? .subtitles : .lines)
        func hear(_ chunk: SpeechChunk) {
            if keepsChunks { drawing.chunks.append(chunk) }
        }
        func show(_ segments: [SpeechSegment]) throws {
            for segment in segments { try view.show(segment) }
            if picture != nil { drawing.segments += segments }
        }
        while let samples = try reader.next() { try show(detection.add(samples, hear: hear)) }
        try show(detection.finish(hear: hear))
        // What the user has stopped is not cut short.
        if !Interruption.isWanted { for warning in reader.warnings { Terminal.warn(warning) } }
        if let probabilities {
            try FileContents.text(SpeechView.table(drawing.chunks)).save(to: probabilities)
        }
        if let picture { try FileContents.text(drawing.svg).save(to: picture) }
    }
}

/// What counts as speech: the options of the reference.
struct SpeechFlags: ParsableArguments {
    @Option(help: "The probability from which on speech begins.")
    var threshold = 0.5
    @Option(help: "The probability below which speech ends (default: 0.15 below --threshold).")
    var negativeThreshold: Double?
    @Option(help: "Shorter segments are left out, in milliseconds.")
    var minimumSpeech = 250.0
    @Option(help: "The silence that ends a segment, in milliseconds.")
    var minimumSilence = 100.0
    @Option(help: "What is added on both sides of a segment, in milliseconds.")
    var padding = 30.0
    @Option(help: "Longer segments are cut at their longest pause, in seconds (default: never).")
    var maximumSpeech: Double?

    /// The options as the detector takes them.
    var options: SpeechDetector.Options {
        var options = SpeechDetector.Options()
        options.threshold = threshold
        options.negativeThreshold = negativeThreshold
        options.minimumSpeech = minimumSpeech
        options.minimumSilence = minimumSilence
        options.padding = padding
        options.maximumSpeech = maximumSpeech
        return options
    }
}
