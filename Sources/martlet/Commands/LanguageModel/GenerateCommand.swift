import ArgumentParser
import MartletModels
import MartletStore
import MartletTensor
import MartletText
import MartletTraining

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `martlet generate`: text from a language model.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write text with a trained language model.",
        discussion: """
            The prompt is printed, then what the model adds to it, token by token. The same --seed gives the same text, \
            and with --temperature 0 any seed does. --save-state keeps where the model and its random numbers stand at the \
            end; with --state a later call goes on from there as if there had been no break. Of subwords, a character that is \
            not whole at the end is left out.
            """)

    @Option(help: "The run folder of the language model.")
    var model: String
    @Option(help: "What the text begins with (default: a new line).")
    var prompt = ""
    @Option(
        parsing: .unconditional,
        help: "How many tokens to write: characters, words or subwords, as the model was trained.")
    var length = 200
    @Option(
        parsing: .unconditional,
        help: "Below 1: likelier tokens still likelier; 0: always the likeliest.")
    var temperature = 0.8
    @Option(
        parsing: .unconditional,
        help: "Choose among so many of the likeliest tokens (default: all).")
    var topK: Int?
    @Option(
        parsing: .unconditional,
        help: "Choose among the likeliest tokens that share this probability.")
    var topP = 1.0
    @Option(
        help: "Where all random numbers come from (default: 0; with --state, where they stood).")
    var seed: UInt64?
    @Option(help: "A file of --save-state to go on from.")
    var state: String?
    @Option(help: "A file to keep where the model stands at the end.")
    var saveState: String?
    @Flag(help: "Print one JSON object instead.")
    var json = false

    private var sampler: Sampler { Sampler(temperature: temperature, topK: topK, topP: topP) }

    func validate() throws {
        if let problem = sampler.problem { throw ValidationError(problem) }
        if length < 0 { throw ValidationError("--length is \(length): expected at least 0") }
    }

    func run() throws {
        try Failure.exiting {
            if try ModelFolder.architecture(of: model) == LanguageModel.Configuration.architecture {
                var generator = try TextGenerator(contentsOf: model)
                var before: RandomGenerator?
                if let state {
                    let saved: SavedTextGenerator = try Self.saved(state)
                    try generator.restore(saved)
                    before = saved.random
                }
                warn(ofUnknown: try generator.read(prompt))
                let random = try write(from: before) { try generator.next(sampler, using: &$0) }
                if let saveState {
                    var saved = generator.saved
                    saved.random = random
                    try Self.save(saved, saveState)
                }
                return
            }
            guard let decoder = try DecoderFolder.load(from: model) else {
                throw ModelError(
                    "\(model): the architecture is \"\(try ModelFolder.architecture(of: model))\", which does not write from left to right: give a language model"
                )
            }
            try write(with: decoder.model, decoder.tokenizer)
        }
    }

    /// Writes with a Transformer.
    private func write<Model: CausalLanguageModel>(
        with model: Model, _ tokenizer: RunningTokenizer
    ) throws {
        var writer = CausalWriter(tokenizer: tokenizer, model: model)
        var before: RandomGenerator?
        if let state {
            let saved: SavedTokens = try Self.saved(state)
            try writer.restore(saved.tokens)
            before = saved.random
        }
        warn(ofUnknown: try writer.read(prompt))
        let random = try write(from: before) { try writer.next(sampler, using: &$0) }
        if writer.forgotten > 0, let context = model.contextLength {
            Terminal.warn(
                "the model reads at most \(context) tokens at a time: it went on from the last \(max(1, context / 2)) whenever they were full, and forgot the first \(writer.forgotten)"
            )
        }
        if let saveState {
            try Self.save(SavedTokens(tokens: writer.tokens, random: random), saveState)
        }
    }

    /// What a Transformer goes on from.
    private struct SavedTokens: Codable {
        var tokens: [Int32]
        /// nil in files of before it was kept.
        var random: RandomGenerator?
    }

    private func warn(ofUnknown tokens: Int) {
        guard tokens > 0 else { return }
        Terminal.warn(
            "\(tokens) token\(tokens == 1 ? "" : "s") of the prompt never occurred in the text that the model learned from"
        )
    }

    /// Prints the prompt and what `next` adds to it; nil is the end of the text. Gives where the random numbers stand then.
    private func write(
        from before: RandomGenerator?, _ next: (inout RandomGenerator) throws -> String?
    ) throws -> RandomGenerator {
        var random = seed.map { RandomGenerator(seed: $0) } ?? before ?? RandomGenerator(seed: 0)
        var text = ""
        if !json { try Output.write(prompt) }
        let clock = ContinuousClock()
        let start = clock.now
        Interruption.listen()
        var written = 0
        while written < length, !Interruption.isWanted {
            guard let piece = try next(&random) else { break }
            if json { text += piece } else { try Output.write(piece) }
            written += 1
        }
        let seconds = (clock.now - start) / .seconds(1)
        if json {
            try JSONOutput.print(
                Answer(
                    prompt: prompt, text: text, tokens: written,
                    seed: seed ?? (before == nil ? 0 : nil),
                    tokensPerSecond: Double(written) / max(seconds, 1e-9)))
        } else {
            try Output.line("")
        }
        return random
    }

    /// What `--json` prints.
    private struct Answer: Encodable {
        var prompt: String
        var text: String
        var tokens: Int
        /// nil if the random numbers go on from those of a saved state.
        var seed: UInt64?
        var tokensPerSecond: Double

        enum CodingKeys: String, CodingKey {
            case prompt, text, tokens, seed
            case tokensPerSecond = "tokens_per_second"
        }
    }

    private static func saved<State: Decodable>(
        _ path: String
    ) throws -> State {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(
                description: "\(path): cannot be read; give a file of --save-state")
        }
        do {
            return try JSONDecoder().decode(State.self, from: data)
        } catch {
            throw InputError(
                description:
                    "\(path): is no saved state, or damaged; save it anew with --save-state")
        }
    }

    private static func save(_ state: some Encodable, _ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try FileContents.bytes(Array(try encoder.encode(state))).save(to: path)
    }
}
