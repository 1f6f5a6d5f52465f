public import ArgumentParser
import MartletData
public import MartletText
import MartletTraining

extension TokenizerRecipe.Kind: ExpressibleByArgument {}
extension TokenizerRecipe.Normalization: ExpressibleByArgument {}

/// `martlet tokenizer train`: from text files to a tokenizer.json.
struct TokenizerTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Learn a tokenizer from text files.",
        discussion: """
            bpe        byte pairs of bytes, as GPT-2: any text comes back as it was. With --characters, of characters, as \
            Llama 2: spaces become ▁, and bytes stand for rare characters
            unigram    pieces with probabilities, as SentencePiece
            wordpiece  pieces of words, as BERT
            words      whole words, for Chinese: from files whose words have spaces between them (--segmented; a tenth of \
            the lines is held out to tell how well they are found), or found in running text

            The files are read once from start to end and may be larger than memory (words from running text: not). The \
            same files and options give the same tokenizer.json, to the byte, on any number of threads (MARTLET_THREADS). \
            --out gets tokenizer.json, which Hugging Face's libraries load; words also gets words.txt, the dictionary.
            """)

    @Option(help: "How the pieces are learned.")
    var type: TokenizerRecipe.Kind
    @Option(parsing: .upToNextOption, help: "Text files (UTF-8), or folders of .txt files.")
    var data: [String]
    @Option(help: "How many pieces there shall be in all.")
    var size = 16_000
    @Option(help: "The folder to write tokenizer.json into.")
    var out: String
    @Option(
        parsing: .upToNextOption,
        help: "Special tokens, which get the first numbers (default: those that go with the type).")
    var special: [String] = []
    @Flag(help: "bpe: of characters instead of bytes.")
    var characters = false
    @Option(
        help:
            "The least number of times a pair is seen to become a piece, or a word to be one (not with unigram)."
    )
    var minimumFrequency = 0
    @Option(
        help: "The most characters that become pieces, the most frequent (bpe: with --characters).")
    var alphabet: Int?
    @Option(
        help: """
            What is done to the text first (default: none; unigram: nfkc; wordpiece: bert, in lower case; not with words, \
            which are in lower case where they are found in running text). Only with none every text comes back as it was.
            """)
    var normalization: TokenizerRecipe.Normalization?
    @Flag(help: "words: the files have a space between words.")
    var segmented = false
    @Option(help: "words: a file of words that always win, one a line.")
    var userWords: String?
    @Flag(help: "Replace the tokenizer that --out holds.")
    var overwrite = false
    @Flag(help: "Print each event as one JSON object on standard output.")
    var json = false

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data is missing") }
        if size < 1 { throw ValidationError("--size is \(size): expected at least 1") }
        if minimumFrequency < 0 {
            throw ValidationError("--minimum-frequency is \(minimumFrequency): expected at least 0")
        }
        if let alphabet, alphabet < 1 {
            throw ValidationError("--alphabet is \(alphabet): expected at least 1")
        }
        if characters, type != .bpe { throw ValidationError("--characters goes with --type bpe") }
        if alphabet != nil, type == .words || type == .bpe && !characters {
            throw ValidationError(
                "--alphabet goes with --type bpe --characters, unigram and wordpiece")
        }
        if minimumFrequency > 0, type == .unigram {
            throw ValidationError("--minimum-frequency goes with --type bpe, wordpiece and words")
        }
        if normalization != nil, type == .words {
            throw ValidationError("--normalization goes with --type bpe, unigram and wordpiece")
        }
        if type != .words, segmented || userWords != nil {
            throw ValidationError("--segmented and --user-words go with --type words")
        }
        if type == .words, !special.isEmpty {
            throw ValidationError("--type words has no special tokens but <unk>")
        }
    }

    private var recipe: TokenizerRecipe {
        var recipe = TokenizerRecipe(type)
        recipe.size = size
        recipe.specialTokens = special.isEmpty ? nil : special
        recipe.hasCharacters = characters
        recipe.minimumFrequency = minimumFrequency
        recipe.alphabetLimit = alphabet
        recipe.normalization = normalization
        recipe.isSegmented = segmented
        recipe.userWords = userWords
        return recipe
    }

    func run() throws {
        try Failure.exiting {
            let target = TokenizerTarget(folder: out)
            try target.check(overwrite: overwrite)
            let files = try data.flatMap(TextCorpus.files)
            var listener = TokenizerListener(json: json)
            let outcome: TokenizerRecipe.Outcome
            do {
                defer { listener.clear() }
                outcome = try recipe.run(files) { listener.hear($0) }
            }
            try listener.check()
            try target.makeFolder()
            // The dictionary first: where there is a tokenizer.json, all is there.
            try outcome.dictionary?.save(to: "\(out)/words.txt")
            try target.write(outcome.tokenizer)
            try listener.end(outcome, path: target.path)
        }
    }
}
